package observe_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/fault"
	"homeostat/shared/sim/ecssim"
)

func TestTheServicesOfAnInstanceAreFound(t *testing.T) {
	w := newWorld(t)
	w.Sim.AddInstances("shop", ecssim.InstancesSpec{Count: 3, Slots: 4})
	w.steady(func(s *ecssim.ServiceSpec) { s.LaunchType = "EC2" })
	id := w.Sim.HostOf("shop", "web")
	for name, c := range map[string]struct {
		cluster, instance string
		services          []string
	}{
		"the instance of a task":              {"shop", id, []string{"web"}},
		"an instance of no cluster":           {"shop", "i-0123456789abcdef0", nil},
		"a cluster that does not exist":       {"closed", id, nil},
		"an expression instead of an id":      {"shop", id + " or ec2InstanceId != x", nil},
		"an event without an id":              {"shop", "", nil},
		"an id of something else than a host": {"shop", "i-XYZ", nil},
	} {
		t.Run(name, func(t *testing.T) {
			host, services, err := w.Hosted(t.Context(), c.cluster, c.instance)
			require.NoError(t, err)
			assert.Equal(t, c.services != nil, host != "")
			assert.Equal(t, c.services, services)
		})
	}
	w.Sim.SetThrottle("ecs", "ListContainerInstances", 1)
	_, _, err := w.Hosted(t.Context(), "shop", id)
	assert.Equal(t, fault.Retry, fault.ClassOf(err), "an unread cluster is not an empty one")
}

func TestTheServiceOfATaskIsFound(t *testing.T) {
	w := newWorld(t)
	w.steady()
	listed, err := w.Client.ListTasks(t.Context(), &ecs.ListTasksInput{Cluster: aws.String("shop"), ServiceName: aws.String("web")})
	require.NoError(t, err)
	task := listed.TaskArns[0][strings.LastIndexByte(listed.TaskArns[0], '/')+1:]
	for name, c := range map[string]struct{ cluster, task, service string }{
		"a task of a service":           {"shop", task, "web"},
		"a task that ECS does not know": {"shop", strings.Repeat("0", 32), ""},
		"a cluster that does not exist": {"closed", task, ""},
	} {
		t.Run(name, func(t *testing.T) {
			service, err := w.ServiceOf(t.Context(), c.cluster, c.task)
			require.NoError(t, err)
			assert.Equal(t, c.service, service)
		})
	}
	w.Sim.SetThrottle("ecs", "DescribeTasks", 1)
	_, err = w.ServiceOf(t.Context(), "shop", task)
	assert.Equal(t, fault.Retry, fault.ClassOf(err), "an unread task has not no service")
}
