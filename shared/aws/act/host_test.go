package act_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/simtest/fixture"
)

// hosts adds container instances to the cluster and returns their names.
func (w *world) hosts(n int) []string {
	w.Sim.AddInstances("shop", ecssim.InstancesSpec{Count: n})
	out, err := w.Client.ListContainerInstances(w.t.Context(), &ecs.ListContainerInstancesInput{Cluster: aws.String("shop")})
	require.NoError(w.t, err)
	require.Len(w.t, out.ContainerInstanceArns, n)
	ids := make([]string, n)
	for i, arn := range out.ContainerInstanceArns {
		ids[i] = fleet.NameOf(arn)
	}
	return ids
}

func (w *world) status(host string) string {
	out, err := w.Client.DescribeContainerInstances(w.t.Context(), &ecs.DescribeContainerInstancesInput{
		Cluster: aws.String("shop"), ContainerInstances: []string{host},
	})
	require.NoError(w.t, err)
	require.Len(w.t, out.ContainerInstances, 1)
	return aws.ToString(out.ContainerInstances[0].Status)
}

func TestAHostIsDrainedOnce(t *testing.T) {
	w := newWorld(t)
	hosts := w.hosts(2)
	a := fleet.Action{Kind: fleet.DrainHost, Host: hosts[0]}
	assert.Equal(t, fleet.Result{Status: fleet.Done, Text: "the host " + hosts[0] + " drains, ECS moves its 0 tasks"}, w.apply(a))
	assert.Equal(t, "DRAINING", w.status(hosts[0]))
	assert.Equal(t, "ACTIVE", w.status(hosts[1]), "the other stays")
	assert.Equal(t, fleet.Result{Status: fleet.Skipped, Text: "the host " + hosts[0] + " drains already"}, w.apply(a))
	assert.Equal(t, 1, w.made("UpdateContainerInstancesState"))
}

func TestAHostThatCannotBeDrainedIsLeftAlone(t *testing.T) {
	for name, c := range map[string]struct{ described, text string }{
		"it is gone":                  {`{"containerInstances": [], "failures": [{"reason": "MISSING"}]}`, "the host h1 is gone"},
		"it is being taken away":      {`{"containerInstances": [{"status": "DEREGISTERING"}]}`, "the host h1 is DEREGISTERING"},
		"somebody has drained it":     {`{"containerInstances": [{"status": "DRAINING"}]}`, "the host h1 drains already"},
		"it was taken out of service": {`{"containerInstances": [{"status": "INACTIVE"}]}`, "the host h1 is INACTIVE"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			a := w.answer(map[string]string{"DescribeContainerInstances": c.described})
			assert.Equal(t, fleet.Result{Status: fleet.Skipped, Text: c.text}, w.apply(fleet.Action{Kind: fleet.DrainHost, Host: "h1"}))
			assert.Empty(t, a.Sent["UpdateContainerInstancesState"])
		})
	}
}

func TestAHostThatECSDoesNotDrainIsAFault(t *testing.T) {
	w := newWorld(t)
	w.answer(map[string]string{
		"DescribeContainerInstances":    `{"containerInstances": [{"status": "` + string(ecstypes.ContainerInstanceStatusActive) + `"}]}`,
		"UpdateContainerInstancesState": `{"failures": [{"reason": "MISSING"}]}`,
	})
	_, err := w.Apply(t.Context(), fixture.Web(), fleet.Action{Kind: fleet.DrainHost, Host: "h1"})
	require.EqualError(t, err, "draining the host h1: ECS refused: MISSING")
	assert.Equal(t, fault.Terminal, fault.ClassOf(err))
}
