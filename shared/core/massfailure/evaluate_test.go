package massfailure_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/massfailure"
	"homeostat/shared/core/reason"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatIsFrozen(t *testing.T) {
	const one, two, three, four = 1, 2, 3, 4
	for name, c := range map[string]struct {
		reports []fleet.FailureReport
		counts  func(*fleet.ServiceCounts)
		limit   float64
		want    []string
	}{
		"nothing fails":                    {nil, nil, 0.2, nil},
		"a single bad rollout among forty": {failing("a", one), nil, 0.2, nil},
		"two of forty, whatever the limit": {failing("a", two), nil, 0.001, nil},
		"three of ten in one cluster":      {failing("a", three), nil, 0.2, []string{"mass-failure cluster:a"}},
		"as many as the limit allows": {
			slices.Concat(failing("a", two), failing("b", two), failing("c", two), failing("d", two)), nil, 0.2, nil,
		},
		"more than the limit in several clusters": {
			slices.Concat(failing("a", three), failing("b", three), failing("c", three)), nil, 0.2, []string{"mass-failure account"},
		},
		"too many in one cluster, too few of the account": {
			slices.Concat(failing("a", four), failing("b", one)), nil, 0.2, []string{"mass-failure cluster:a"},
		},
		"a higher limit": {failing("a", three), nil, 0.5, nil},
		"what they depend on, not their cluster": {
			failing("a", three, dependsOn("database")), nil, 0.2, []string{"mass-failure dependency:database"},
		},
		"three of many that depend on something": {
			slices.Concat(failing("a", two, dependsOn("database")), failing("b", one, dependsOn("database"))), nil, 0.3, nil,
		},
		"two of the three that depend on something":  {failing("a", two, dependsOn("queue")), nil, 0.2, []string{"mass-failure dependency:queue"}},
		"two of the twelve that depend on something": {failing("a", two, dependsOn("database")), nil, 0.1, nil},
		"two dependencies, one of which explains more": {
			slices.Concat(failing("a", four, dependsOn("database")), failing("b", one, dependsOn("database", "queue"))), nil, 0.2,
			[]string{"mass-failure dependency:database"},
		},
		"a dependency without a count": {failing("a", two, dependsOn("mail")), nil, 0.2, nil},
		"what is left when a dependency explains the rest": {
			slices.Concat(failing("a", four, dependsOn("database")), failing("b", three)), nil, 0.2,
			[]string{"mass-failure dependency:database", "mass-failure cluster:b"},
		},
		"one zone, a failure each": {
			slices.Concat(failing("a", four, inZone("z", one)), failing("b", four, inZone("z", one)), failing("c", one, inZone("z", one))), nil, 0.2,
			[]string{"mass-failure zone:z"},
		},
		"each in one zone, but not all in the same": {
			slices.Concat(failing("a", four, inZone("y", one)), failing("b", four, inZone("z", one)), failing("c", four, inZone("x", one))), nil, 0.05, nil,
		},
		"half of them in one zone, half in another": {
			slices.Concat(
				failing("a", four, inZone("y", one)), failing("b", four, inZone("y", one)), failing("c", four, inZone("z", one)), failing("d", four, inZone("z", one)),
			), nil, 0.15, nil,
		},
		"enough for the account, but all in one cluster": {failing("a", 9), nil, 0.2, []string{"mass-failure cluster:a"}},
		"too few failures to tell a zone from chance": {
			slices.Concat(failing("a", two, inZone("z", one)), failing("b", three, inZone("z", one))), nil, 0.1, nil,
		},
		"one zone, of services that may have nothing elsewhere": {
			slices.Concat(failing("a", four, inZone("z", one), failures(one, two)), failing("b", four, inZone("z", one), failures(one, two))), nil, 0.1, nil,
		},
		"one task each of what depends on the same": {
			failing("a", three, dependsOn("database"), failures(one, 4)), nil, 0.2, []string{"mass-failure dependency:database"},
		},
		"a few of hundreds of what depends on the same": {failing("a", four, dependsOn("database"), failures(9, 100)), nil, 0.2, nil},
		"services that lose one task each": {
			slices.Concat(failing("a", four, failures(one, 4)), failing("b", four, failures(one, 4)), failing("c", four, failures(one, 4))), nil, 0.2, nil,
		},
		"services that lose a few of hundreds": {
			slices.Concat(failing("a", four, failures(9, 100)), failing("b", four, failures(9, 100)), failing("c", four, failures(9, 100))), nil, 0.2, nil,
		},
		"failures of a quarter of an hour ago": {failing("a", four, lastAt(15*time.Minute)), nil, 0.2, nil},
		"no sweep has counted":                 {failing("a", four), func(c *fleet.ServiceCounts) { *c = fleet.ServiceCounts{} }, 0.2, nil},
		"a count of more than an hour ago":     {failing("a", four), func(c *fleet.ServiceCounts) { c.At = fixture.Noon().Add(-61 * time.Minute) }, 0.2, nil},
		"a count of nothing":                   {failing("a", four), func(c *fleet.ServiceCounts) { c.Services = 0 }, 0.2, nil},
	} {
		t.Run(name, func(t *testing.T) {
			counts := forty()
			if c.counts != nil {
				c.counts(&counts)
			}
			changes, _ := massfailure.Evaluate(massfailure.Case{Reports: c.reports, Counts: counts, Limit: c.limit, Now: fixture.Noon()})
			assert.ElementsMatch(t, c.want, changed(changes))
			for _, change := range changes {
				assert.True(t, change.Notify)
				assert.Zero(t, change.Was)
				assert.Equal(t, fixture.Noon().Add(15*time.Minute), change.Is.Until)
				assert.Equal(t, massfailure.Homeostat, change.Is.Who)
				assert.True(t, change.Is.Active(fixture.Noon()))
			}
		})
	}
}

func failures(n, of int) func(*fleet.FailureReport) {
	return func(p *fleet.FailureReport) { p.Failures, p.Tasks = n, of }
}

func lastAt(ago time.Duration) func(*fleet.FailureReport) {
	return func(p *fleet.FailureReport) { p.Last = fixture.Noon().Add(-ago) }
}

func TestAFreezeTextNamesTheNumbers(t *testing.T) {
	rolledOut := func(p *fleet.FailureReport) { p.RolledOut = fixture.Noon().Add(-10 * time.Minute) }
	for name, c := range map[string]struct {
		reports []fleet.FailureReport
		want    string
	}{
		"account":    {slices.Concat(failing("a", 5), failing("b", 7)), "12 of 40 services of the account fail, limit 20 %"},
		"cluster":    {failing("a", 3), "3 of 10 services of cluster a fail, limit 20 %"},
		"dependency": {failing("a", 6, dependsOn("database")), "6 of 12 services with dependency database fail, limit 20 %"},
		"zone":       {slices.Concat(failing("a", 5, inZone("z", 1)), failing("b", 4, inZone("z", 1))), "9 of 40 services lose tasks in zone z only, limit 20 %"},
		"their own rollouts": {
			slices.Concat(failing("a", 2), failing("a", 3, rolledOut, func(p *fleet.FailureReport) { p.Ref.Service += "new" })),
			"5 of 10 services of cluster a fail, limit 20 %; 3 of them rolled out in the last hour and may fail for that reason",
		},
	} {
		t.Run(name, func(t *testing.T) {
			changes, _ := massfailure.Evaluate(massfailure.Case{Reports: c.reports, Counts: forty(), Limit: 0.2, Now: fixture.Noon()})
			require.Len(t, changes, 1)
			assert.Equal(t, c.want, changes[0].Is.Why)
			assert.Equal(t, fleet.Reason{Name: reason.MassFailure, Text: c.want}, changes[0].Reason)
		})
	}
}

func TestAFreezeLastsWhileHalfTheLimitFails(t *testing.T) {
	unknown := func(c *massfailure.Case) { c.Counts = fleet.ServiceCounts{} }
	for name, c := range map[string]struct {
		failing int // of ten services, with a limit of four
		left    time.Duration
		change  func(*massfailure.Case)
		want    []string
		notify  bool
	}{
		"above half, and it ends soon":      {3, 5 * time.Minute, nil, []string{"mass-failure-goes-on cluster:a"}, false},
		"above half, and it lasts yet":      {3, 11 * time.Minute, nil, nil, false},
		"above half, and it has expired":    {3, -time.Minute, nil, []string{"mass-failure-goes-on cluster:a"}, false},
		"half":                              {2, 11 * time.Minute, nil, []string{"mass-failure-over cluster:a"}, true},
		"none":                              {0, 11 * time.Minute, nil, []string{"mass-failure-over cluster:a"}, true},
		"none, and it has expired":          {0, -time.Minute, nil, []string{"mass-failure-over cluster:a"}, true},
		"not known, and it lasts yet":       {0, time.Minute, unknown, nil, false},
		"not known, though many fail":       {9, time.Minute, unknown, nil, false},
		"not known, and it has expired":     {9, -time.Minute, unknown, []string{"mass-failure-over cluster:a"}, true},
		"a cluster that is not counted":     {3, time.Minute, func(c *massfailure.Case) { delete(c.Counts.Clusters, "a") }, nil, false},
		"one that is not counted, run out":  {3, -time.Minute, func(c *massfailure.Case) { delete(c.Counts.Clusters, "a") }, []string{"mass-failure-over cluster:a"}, true},
		"a scope of a later version of us":  {3, time.Minute, func(c *massfailure.Case) { c.Freezes[0].Scope = "shelf:a" }, nil, false},
		"no freeze at all, and few failing": {3, time.Minute, func(c *massfailure.Case) { c.Freezes = nil }, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			in := massfailure.Case{
				Reports: failing("a", c.failing), Counts: forty(), Limit: 0.4,
				Freezes: []fleet.Freeze{ownFreeze("cluster:a", c.left)}, Now: fixture.Noon(),
			}
			if c.change != nil {
				c.change(&in)
			}
			changes, _ := massfailure.Evaluate(in)
			assert.ElementsMatch(t, c.want, changed(changes))
			for _, change := range changes {
				assert.Equal(t, c.notify, change.Notify, "the operator is alerted at its end and not when it goes on")
				assert.Equal(t, in.Freezes[0], change.Was)
				assert.Equal(t, change.Reason.Name != reason.MassFailureOver, change.Is.Active(fixture.Noon()))
			}
		})
	}
}

func TestAnOperatorsFreezeIsNeverChanged(t *testing.T) {
	for name, c := range map[string]struct {
		is      fleet.Freeze
		want    []string
		reasons []string
	}{
		"a freeze":                       {fleet.Freeze{Scope: "cluster:a", Frozen: true, Who: "ann"}, nil, nil},
		"a freeze of the account":        {fleet.Freeze{Scope: "account", Frozen: true, Who: "ann"}, nil, nil},
		"a freeze until later":           {fleet.Freeze{Scope: "cluster:a", Frozen: true, Who: "ann", Until: fixture.Noon().Add(time.Second)}, nil, nil},
		"an unfreeze of a minute ago":    {fleet.Freeze{Scope: "cluster:a", Who: "ann", At: fixture.Noon().Add(-time.Minute)}, nil, []string{string(reason.MassFailureUnfrozen)}},
		"an unfreeze at an unknown time": {fleet.Freeze{Scope: "cluster:a", Who: "ann"}, nil, []string{string(reason.MassFailureUnfrozen)}},
		"an unfreeze of yesterday":       {fleet.Freeze{Scope: "cluster:a", Who: "ann", At: fixture.Noon().Add(-24 * time.Hour)}, []string{"mass-failure cluster:a"}, nil},
		"a freeze that is over":          {fleet.Freeze{Scope: "cluster:a", Frozen: true, Who: "ann", Until: fixture.Noon().Add(-time.Second)}, []string{"mass-failure cluster:a"}, nil},
		"an unfreeze of Homeostat":       {fleet.Freeze{Scope: "cluster:a", Who: massfailure.Homeostat, At: fixture.Noon().Add(-time.Minute)}, []string{"mass-failure cluster:a"}, nil},
		"another cluster's":              {fleet.Freeze{Scope: "cluster:b", Frozen: true, Who: "ann"}, []string{"mass-failure cluster:a"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			changes, reasons := massfailure.Evaluate(massfailure.Case{
				Reports: failing("a", 5), Counts: forty(), Limit: 0.2, Freezes: []fleet.Freeze{c.is}, Now: fixture.Noon(),
			})
			assert.ElementsMatch(t, c.want, changed(changes))
			var names []string
			for _, r := range reasons {
				names = append(names, string(r.Name))
			}
			assert.Equal(t, c.reasons, names)
		})
	}
}

func TestUnknownCountsAreReported(t *testing.T) {
	old := forty()
	old.At = fixture.Noon().Add(-2 * time.Hour)
	_, reasons := massfailure.Evaluate(massfailure.Case{Reports: failing("a", 4), Counts: old, Limit: 0.2, Now: fixture.Noon()})
	assert.Equal(t, []fleet.Reason{{
		Name: reason.MassFailureUnknown, Text: "4 services fail, the number of all services is unknown: the last count is 120 min old",
	}}, reasons)
	_, reasons = massfailure.Evaluate(massfailure.Case{Reports: failing("a", 2), Counts: old, Limit: 0.2, Now: fixture.Noon()})
	assert.Empty(t, reasons, "two would freeze nothing anyway")
}

func TestASecondEvaluationChangesNothing(t *testing.T) {
	in := massfailure.Case{
		Reports: slices.Concat(failing("a", 5, dependsOn("database")), failing("b", 4), failing("c", 6)), Counts: forty(), Limit: 0.2, Now: fixture.Noon(),
	}
	changes, _ := massfailure.Evaluate(in)
	require.NotEmpty(t, changes)
	for _, c := range changes {
		in.Freezes = append(in.Freezes, c.Is)
	}
	again, _ := massfailure.Evaluate(in)
	assert.Empty(t, again)
	in.Reports = append(in.Reports, failing("d", 9)...)
	more, _ := massfailure.Evaluate(in)
	assert.Empty(t, more, "the account is frozen, which is the widest there is")
}

func TestServicesThatFailWithOneNewImageAreNotFrozen(t *testing.T) {
	with := func(digest string) func(*fleet.FailureReport) {
		return func(p *fleet.FailureReport) { p.Digests = []string{digest} }
	}
	few := fleet.ServiceCounts{At: fixture.Noon().Add(-time.Minute), Services: 8, Clusters: map[string]int{"a": 8}}
	evaluate := func(reports ...[]fleet.FailureReport) ([]string, []string) {
		changes, reasons := massfailure.Evaluate(massfailure.Case{Reports: slices.Concat(reports...), Counts: few, Limit: 0.2, Now: fixture.Noon()})
		return changed(changes), fixture.ReasonNames(reasons)
	}
	changes, reasons := evaluate(failing("a", 5, with("sha256:4d5e")))
	assert.Empty(t, changes)
	assert.Equal(t, []string{"shared-image"}, reasons)

	changes, reasons = evaluate(failing("a", 5))
	assert.Equal(t, []string{"mass-failure cluster:a"}, changes, "without a common image it is a mass failure")
	assert.Empty(t, reasons)

	others := failing("a", 4)
	for i := range others {
		others[i].Ref = service("a", fmt.Sprint("other", i))
	}
	changes, reasons = evaluate(failing("a", 2, with("sha256:4d5e")), others)
	assert.Equal(t, []string{"mass-failure cluster:a"}, changes, "the other services count")
	assert.Equal(t, []string{"shared-image"}, reasons)
}
