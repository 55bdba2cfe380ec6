package engine_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/simtest/fixture"
)

// inventory returns the names of the services in the inventory.
func (w *world) inventory() (names []string) {
	r, err := w.store.Inventory(w.t.Context(), fixture.Home())
	require.NoError(w.t, err)
	for _, m := range r.Members() {
		names = append(names, m.Service)
	}
	return names
}

func (w *world) tag(service, value string) {
	arn := aws.String("arn:aws:ecs:eu-central-1:123456789012:service/shop/" + service)
	_, err := w.Client.TagResource(w.t.Context(), &ecs.TagResourceInput{
		ResourceArn: arn, Tags: []ecstypes.Tag{{Key: aws.String(contract.TagMode), Value: aws.String(value)}},
	})
	require.NoError(w.t, err)
}

func (w *world) untag(service string) {
	arn := aws.String("arn:aws:ecs:eu-central-1:123456789012:service/shop/" + service)
	_, err := w.Client.UntagResource(w.t.Context(), &ecs.UntagResourceInput{ResourceArn: arn, TagKeys: []string{contract.TagMode}})
	require.NoError(w.t, err)
}

func TestTheInventoryFollowsTheEnrolledServices(t *testing.T) {
	w := newWorld(t, "act")
	assert.Empty(t, w.deliver(w.sweep("t-1")))
	assert.Equal(t, []string{"web"}, w.inventory())
	w.tag("foreign", "observe")
	w.Sim.RunUntil(w.Sim.Now().Add(2 * time.Minute))
	assert.Empty(t, w.deliver(w.sweep("t-2")))
	assert.ElementsMatch(t, []string{"web", "foreign"}, w.inventory())
	w.untag("web")
	w.Sim.RunUntil(w.Sim.Now().Add(2 * time.Minute))
	assert.Empty(t, w.deliver(w.sweep("t-3")))
	assert.Equal(t, []string{"foreign"}, w.inventory())
}

func TestAPushFindsItsServicesInTheInventory(t *testing.T) {
	w := newWorld(t, "act")
	assert.Empty(t, w.deliver(w.sweep("t-1")))
	listed := w.Sim.Calls("ecs", "ListServices").Made
	w.Sim.PushImage("web", "live", ecssim.Behaviour{})
	w.run(10 * time.Second)
	assert.Equal(t, listed, w.Sim.Calls("ecs", "ListServices").Made, "nothing is listed for it")
	assert.True(t, slices.ContainsFunc(w.episodes, func(e fleet.Episode) bool { return e.Decision.Kind == fleet.Redeploy }))
}

func TestOnePartIsReadAtATime(t *testing.T) {
	w := newWorld(t, "act")
	lease, ok, err := w.store.Acquire(t.Context(), fixture.Home().Ref("*", "inventory"), "other", w.Sim.Now())
	require.NoError(t, err)
	require.True(t, ok)
	assert.Empty(t, w.deliver(w.sweep("t-1")))
	assert.Zero(t, w.Sim.Calls("ecs", "ListServices").Made, "another invocation holds the lease")
	require.NoError(t, w.store.Abandon(t.Context(), lease))
	assert.Empty(t, w.deliver(w.sweep("t-2")))
	assert.Equal(t, []string{"web"}, w.inventory())
}

func TestAnUnreadablePartBlocksNoEvaluation(t *testing.T) {
	w := newWorld(t, "act")
	assert.Empty(t, w.deliver(w.sweep("t-1")))
	w.busy()
	w.Sim.SetThrottle("ecs", "ListServices", 1)
	assert.Empty(t, w.deliver(w.sweep("t-2")), "the next tick reads on")
	assert.Equal(t, 1, w.metrics.counts["Retries/throttled"])
	assert.Equal(t, fleet.ScaleOut, w.last().Decision.Kind)
	assert.Equal(t, []string{"web"}, w.inventory(), "what was not read is not gone")
}

func TestADeploymentMarksItsServiceAsChanged(t *testing.T) {
	w := newWorld(t, "act")
	assert.Empty(t, w.deliver(w.sweep("t-1")))
	w.Sim.RunUntil(w.Sim.Now().Add(time.Minute))
	_, err := w.Client.UpdateService(t.Context(), &ecs.UpdateServiceInput{
		Cluster: aws.String("shop"), Service: aws.String("web"), ForceNewDeployment: true,
	})
	require.NoError(t, err)
	w.run(10 * time.Second)
	news, err := w.store.Changed(t.Context(), fixture.Home(), w.Sim.Now().Add(-time.Minute))
	require.NoError(t, err)
	assert.Equal(t, []fleet.ServiceRef{fixture.Web()}, news)
}

func TestAPanicInASweepBreaksNoOtherEvaluation(t *testing.T) {
	w := newWorld(t, "act")
	w.tag("foreign", "act")
	w.busy()
	w.set(2)
	_, err := w.Client.UpdateService(t.Context(), &ecs.UpdateServiceInput{
		Cluster: aws.String("shop"), Service: aws.String("foreign"), DesiredCount: aws.Int32(4),
	})
	require.NoError(t, err)
	w.observer.during = func() { panic("a nil map") }
	assert.Empty(t, w.deliver(w.sweep("t-1")))
	assert.Equal(t, 1, w.metrics.counts["Failed/panic"])
	assert.Len(t, w.episodes, 1, "the other is looked at all the same")
}

func TestAPushForANewServiceIsFoundWithTheService(t *testing.T) {
	w := newWorld(t, "act")
	assert.Empty(t, w.deliver(w.sweep("t-1")))
	definition, err := w.Sim.RegisterTaskDefinition(ecssim.TaskDefinitionSpec{Family: "young", Containers: []ecssim.ContainerSpec{{Name: "app", Image: w.Sim.RegistryHost() + "/young:live"}}})
	require.NoError(t, err)
	w.Sim.PushImage("young", "live", ecssim.Behaviour{})
	_, err = w.Sim.CreateService(ecssim.ServiceSpec{Cluster: "shop", Name: "young", TaskDefinition: definition, Desired: 1, Tags: map[string]string{contract.TagMode: "act"}})
	require.NoError(t, err)
	w.Sim.RunUntil(w.Sim.Now().Add(10 * time.Second))
	w.events = nil
	w.Sim.PushImage("young", "live", ecssim.Behaviour{})
	w.episodes = nil
	w.run(5 * time.Second)
	assert.Empty(t, w.episodes, "the push finds nobody")

	w.timers.all = nil
	assert.Empty(t, w.deliver(w.sweep("t-2")))
	require.Contains(t, w.timers.all, fleet.Timer{Cluster: "shop", Service: "young", Why: contract.TimerNew}, "the tick asks for a look at what is new")
	w.timers.all, w.timers.whys = nil, nil
	look := func(id string) string {
		return strings.Replace(strings.Replace(w.timerMessage(id), `"service":"web"`, `"service":"young"`, 1), "after-check", contract.TimerNew, 1)
	}
	assert.Empty(t, w.deliver(look("n-1")))
	assert.Contains(t, fixture.ReasonNames(w.last().Decision.Reasons), "deploying")
	assert.Equal(t, []string{contract.TimerNew}, w.timers.whys, "the next look compares the image again")
	w.Sim.RunUntil(w.Sim.Now().Add(5 * time.Minute))
	assert.Empty(t, w.deliver(look("n-2")))
	assert.Equal(t, fleet.Redeploy, w.last().Decision.Kind)
	assert.Equal(t, "young", w.last().Ref.Service)

	w.timers.all = nil
	assert.Empty(t, w.deliver(w.sweep("t-3")))
	for _, timer := range w.timers.all {
		assert.NotEqual(t, contract.TimerNew, timer.Why, "what is known is not new")
	}
}
