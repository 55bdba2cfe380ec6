package engine_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/simtest"
	"homeostat/shared/sim/simtest/fixture"
)

// spotWarning is the warning of EC2 about an instance.
func spotWarning(id, instance string) string {
	return `{"id":"` + id + `","source":"aws.ec2","detail-type":"EC2 Spot Instance Interruption Warning","account":"` + fixture.Account +
		`","region":"` + fixture.Region + `","detail":{"instance-id":"` + instance + `","instance-action":"terminate"}}`
}

// An instance runs tasks of two enrolled services, and of one without the tag.
func TestASpotWarningIsEvaluatedForEachEnrolledServiceOnTheInstance(t *testing.T) {
	w := newWorld(t, "act")
	w.Sim.AddInstances("hosts", ecssim.InstancesSpec{Count: 1, Slots: 8})
	for name, tags := range map[string]map[string]string{"api": simtest.Mode("act"), "jobs": simtest.Mode("observe"), "foreign": nil} {
		_, err := w.Sim.CreateService(ecssim.ServiceSpec{
			Cluster: "hosts", Name: name, TaskDefinition: w.Define(name, ecssim.Behaviour{}), Desired: 1, LaunchType: "EC2", Tags: tags,
		})
		require.NoError(t, err)
	}
	w.Run(5 * time.Minute)
	instance := w.Sim.HostOf("hosts", "api")
	w.episodes = nil
	require.Empty(t, w.deliver(spotWarning("s-1", instance)))
	var services []string
	for _, e := range w.episodes {
		services = append(services, e.Ref.Service)
		assert.Equal(t, fleet.SpotInterruption, e.Cause)
		assert.NotEmpty(t, e.Trigger.Instance.Host)
	}
	assert.ElementsMatch(t, []string{"api", "jobs"}, services)

	require.Empty(t, w.deliver(spotWarning("s-2", "i-0123456789abcdef0")))
	assert.Len(t, w.episodes, 2)
	assert.Equal(t, 1, w.metrics.counts["Dropped/no-service"], "an instance of no cluster")

	w.Sim.SetThrottle("ecs", "ListContainerInstances", 1)
	assert.Len(t, w.deliver(spotWarning("s-3", instance)), 1, "an unread cluster is asked again")
}
