package engine_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/aws/record"
	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/massfailure"
	"homeostat/shared/core/policy"
	"homeostat/shared/core/reason"
	"homeostat/shared/engine"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/simtest"
	"homeostat/shared/sim/simtest/fixture"
)

// needing adds n services of shop that need the database, also in the policy.
func needing(t *testing.T, w *world, n int) {
	rules, err := policy.Parse("homeostat.yaml", []byte("version: 1\nscale: {enabled: false}\nservices:\n  - match: {service: \"needy*\"}\n    heal: {depends_on: [database]}\n"))
	require.NoError(t, err)
	w.reassemble(func(_ *engine.Deps, o *engine.Options) { o.Policy = rules })
	w.Sim.PushImage("needy", "live", ecssim.Behaviour{DependsOn: []string{"database"}})
	for i := range n {
		name := fmt.Sprint("needy", i)
		definition, err := w.Sim.RegisterTaskDefinition(ecssim.TaskDefinitionSpec{
			Family: name, Containers: []ecssim.ContainerSpec{{Name: "app", Image: "needy:live"}},
		})
		require.NoError(t, err)
		_, err = w.Sim.CreateService(ecssim.ServiceSpec{
			Cluster: "shop", Name: name, TaskDefinition: definition, Desired: 3, Tags: map[string]string{contract.TagMode: "act"},
		})
		require.NoError(t, err)
	}
	w.Sim.RunUntil(w.Sim.Now().Add(5 * time.Minute))
	w.events, w.episodes = nil, nil
}

func (w *world) lost(word string, d time.Duration) {
	w.Sim.SetOutage(ecssim.Outage{Kind: word, Until: w.Sim.Now().Add(d)})
	w.run(d)
}

func notifiedReasons(w *world) []string {
	var out []string
	for _, e := range w.notifications.episodes {
		out = append(out, string(e.Decision.Reasons[0].Name)+" "+e.Ref.String())
	}
	return out
}

func TestAMassFailureAndItsEndAreReportedOnce(t *testing.T) {
	w := newWorld(t, "act")
	needing(t, w, 6)
	assert.Empty(t, w.deliver(w.sweep("t-1")))
	w.lost("database", 5*time.Minute)
	assert.Equal(t, []string{"mass-failure */*"}, notifiedReasons(w), "and not by each of the six")
	assert.Contains(t, w.notifications.episodes[0].Decision.Notify, "of 6 services with dependency database fail, limit 20 %")
	assert.Contains(t, w.notifications.episodes[0].Decision.Notify, "no action in dependency:database until ")
	assert.Equal(t, 1, w.metrics.counts["Frozen/dependency"])
	assert.Empty(t, w.actor.applied)

	var suppressed []string
	for _, e := range w.episodes {
		if slices.Contains(fixture.ReasonNames(e.Decision.Reasons), "covered-by-mass-failure") {
			suppressed = append(suppressed, e.Ref.Service)
		}
	}
	slices.Sort(suppressed)
	assert.Greater(t, len(slices.Compact(suppressed)), 3, "the record of each says why nobody was told of it")

	w.run(14 * time.Minute)
	assert.Empty(t, w.deliver(w.sweep("t-2")))
	w.run(2 * time.Minute)
	w.notifications.episodes = slices.DeleteFunc(w.notifications.episodes, func(e fleet.Episode) bool { return e.Ref.Service != "*" })
	assert.Equal(t, []string{"mass-failure */*"}, notifiedReasons(w), "some of them failed within the last quarter of an hour")
	assert.Empty(t, w.deliver(w.sweep("t-3"), w.sweep("t-4")))
	assert.Equal(t, []string{"mass-failure */*", "mass-failure-over */*"}, notifiedReasons(w))
	freezes, err := w.store.FreezesOf(t.Context(), fixture.Web(), "dependency:database")
	require.NoError(t, err)
	require.Len(t, freezes, 1)
	assert.False(t, freezes[0].Frozen)
	assert.Contains(t, freezes[0].Why, "0 of 6 services with dependency database fail")
}

func TestAFreezeAlsoCoversHealthyServices(t *testing.T) {
	w := newWorld(t, "act")
	rules, err := policy.Parse("homeostat.yaml", []byte("version: 1\nheal: {depends_on: [database]}\n"))
	require.NoError(t, err)
	w.reassemble(func(_ *engine.Deps, o *engine.Options) { o.Policy = rules })
	w.busy()
	changed, err := w.store.ChangeFreeze(t.Context(), fixture.Home(), fleet.Freeze{}, fleet.Freeze{
		Scope: fleet.ScopeDependency("database"), Frozen: true, Who: massfailure.Homeostat, Until: w.Sim.Now().Add(time.Minute),
	})
	require.NoError(t, err)
	require.True(t, changed)
	assert.Empty(t, w.deliver(w.alarm("a-1")))
	assert.Equal(t, fleet.Hold, w.last().Verdict.Outcome)
	assert.Equal(t, []string{"frozen"}, fixture.ReasonNames(w.last().Verdict.Reasons))
	assert.Empty(t, w.actor.applied)
}

func TestWithoutACountNothingIsFrozen(t *testing.T) {
	w := newWorld(t, "act")
	needing(t, w, 6)
	w.lost("database", 3*time.Minute)
	assert.Empty(t, w.metrics.counts["Frozen/dependency"])
	assert.True(t, slices.ContainsFunc(w.episodes, func(e fleet.Episode) bool {
		return slices.Contains(fixture.ReasonNames(e.Decision.Reasons), string(reason.MassFailureUnknown))
	}), "but it is said that the count is not known")
	freezes, err := w.store.Freezes(t.Context(), fixture.Home())
	require.NoError(t, err)
	assert.Empty(t, freezes)
}

func TestASweepCountsTheServices(t *testing.T) {
	w := newWorld(t, "act")
	needing(t, w, 2)
	assert.Empty(t, w.deliver(w.sweep("t-1")))
	_, counts, err := w.store.FailureReports(t.Context(), fixture.Home(), w.Sim.Now())
	require.NoError(t, err)
	assert.Equal(t, fleet.ServiceCounts{
		At: w.Sim.Now(), Services: 3, Clusters: map[string]int{"shop": 3}, Dependencies: map[string]int{"database": 2},
	}, counts, "one without the tag is not counted")
}

func TestOtherServicesFailuresReachTheDecision(t *testing.T) {
	w := newWorld(t, "act")
	needing(t, w, 2)
	w.lost("database", 2*time.Minute)
	reports, _, err := w.store.FailureReports(t.Context(), fixture.Home(), w.Sim.Now().Add(-massfailure.Window))
	require.NoError(t, err)
	require.Len(t, reports, 2)
	for _, p := range reports {
		assert.Equal(t, []string{"database"}, p.DependsOn)
		assert.Positive(t, p.Failures)
		assert.Greater(t, p.Tasks, p.Failures-1)
		assert.NotEmpty(t, p.Zones)
		assert.False(t, p.RolledOut.IsZero())
		assert.True(t, p.First.Before(p.Last))
	}
	assert.True(t, slices.ContainsFunc(w.episodes, func(e fleet.Episode) bool {
		return slices.Contains(fixture.ReasonNames(e.Decision.Reasons), "common-cause")
	}), "each is the other's control")
}

// counter counts requests by operation.
type counter struct {
	http.RoundTripper
	calls map[string]int
}

func (c *counter) RoundTrip(r *http.Request) (*http.Response, error) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	c.calls[operation]++
	return c.RoundTripper.RoundTrip(r)
}

func TestOnlyAFailureCostsACall(t *testing.T) {
	w := newWorld(t, "act")
	needing(t, w, 1)
	cfg := w.Config
	counted := &counter{w.Sim.Client().Transport, map[string]int{}}
	cfg.HTTPClient = &http.Client{Transport: counted}
	store := &record.Store{DynamoDB: dynamodb.NewFromConfig(cfg), Table: simtest.Table}
	w.Engine = w.instance("test/1", store, w.deps.Services)

	w.busy()
	assert.Empty(t, w.deliver(w.alarm("a-1")))
	assert.Equal(t, fleet.ScaleOut, w.last().Decision.Kind)
	assert.Equal(t, 2, counted.calls["Query"], "the evidence and the switches")
	assert.Equal(t, 1, counted.calls["GetItem"], "the memory")

	w.events = nil
	w.Sim.SetOutage(ecssim.Outage{Kind: "database", Until: w.Sim.Now().Add(time.Hour)})
	for len(w.events) == 0 {
		w.Sim.RunUntil(w.Sim.Now().Add(time.Second))
	}
	first := string(w.events[0])
	require.Contains(t, first, "EssentialContainerExited")
	clear(counted.calls)
	assert.Empty(t, w.deliver(first))
	assert.Equal(t, 2, counted.calls["Query"], "the evidence and the pulses; alone, it needs no switches")
	assert.Equal(t, 3, counted.calls["PutItem"], "the evidence, the pulse and the episode")
}
