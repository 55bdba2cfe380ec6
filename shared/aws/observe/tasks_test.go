package observe_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/simtest/fixture"
)

func taskARN(id string) string { return "arn:aws:ecs:eu-central-1:123456789012:task/shop/" + id }

func TestTheServicesRunningTasksAreRead(t *testing.T) {
	w := newWorld(t)
	w.steady()
	listed, err := w.Client.ListTasks(t.Context(), &ecs.ListTasksInput{Cluster: aws.String("shop"), ServiceName: aws.String("web")})
	require.NoError(t, err)
	require.Len(t, listed.TaskArns, 3)
	ids := make([]string, 3)
	for i, arn := range listed.TaskArns {
		ids[i] = arn[strings.LastIndexByte(arn, '/')+1:]
	}
	_, err = w.Client.UpdateTaskProtection(t.Context(), &ecs.UpdateTaskProtectionInput{
		Cluster: aws.String("shop"), Tasks: ids[1:2], ProtectionEnabled: true,
	})
	require.NoError(t, err)
	s := w.read(fleet.Needs{Tasks: true})
	require.Len(t, s.Tasks, 3)
	primary, _ := s.Primary()
	for i, task := range s.Tasks {
		assert.Equal(t, ids[i], task.ID)
		assert.Equal(t, primary.ID, task.Deployment)
		assert.WithinDuration(t, w.Sim.Now(), task.StartedAt, 5*time.Minute)
		assert.Equal(t, i == 1, task.Protected)
	}
	assert.Empty(t, s.Unread)
	calls := w.Sim.Calls("ecs", "GetTaskProtection").Made
	w.read(fleet.Needs{})
	assert.Equal(t, 1, calls)
	assert.Equal(t, calls, w.Sim.Calls("ecs", "GetTaskProtection").Made, "what is not needed is not read")
}

func TestATaskOfUnknownProtectionIsProtected(t *testing.T) {
	w := newWorld(t)
	w.steady()
	w.answer(map[string]string{"GetTaskProtection": `{"protectedTasks": [], "failures": [{"reason": "TASK_NOT_VALID"}]}`})
	s := w.read(fleet.Needs{Tasks: true})
	require.Len(t, s.Tasks, 3)
	for _, task := range s.Tasks {
		assert.True(t, task.Protected)
	}
}

func TestAServiceWithoutTasksHasNoneAndTheyAreRead(t *testing.T) {
	w := newWorld(t)
	w.steady(func(s *ecssim.ServiceSpec) { s.Desired = 0 })
	s := w.read(fleet.Needs{Tasks: true})
	assert.NotNil(t, s.Tasks)
	assert.Empty(t, s.Tasks)
}

func TestProtectedTasksAreCounted(t *testing.T) {
	protected := func(w *world) fleet.Reading { return w.Protected(t.Context(), fixture.Web(), w.Sim.Now()) }
	t.Run("those that ask for it", func(t *testing.T) {
		w := newWorld(t)
		w.steady()
		assert.Equal(t, fleet.Known(0, w.Sim.Now(), "GetTaskProtection"), protected(w))
		listed, err := w.Client.ListTasks(t.Context(), &ecs.ListTasksInput{Cluster: aws.String("shop"), ServiceName: aws.String("web")})
		require.NoError(t, err)
		_, err = w.Client.UpdateTaskProtection(t.Context(), &ecs.UpdateTaskProtectionInput{
			Cluster: aws.String("shop"), Tasks: listed.TaskArns[:2], ProtectionEnabled: true,
		})
		require.NoError(t, err)
		assert.Equal(t, fleet.Known(2, w.Sim.Now(), "GetTaskProtection"), protected(w))
	})
	t.Run("a service without tasks has none, and nothing is asked", func(t *testing.T) {
		w := newWorld(t)
		w.steady(func(s *ecssim.ServiceSpec) { s.Desired = 0 })
		assert.Equal(t, fleet.Known(0, w.Sim.Now(), "GetTaskProtection"), protected(w))
		assert.Zero(t, w.Sim.Calls("ecs", "GetTaskProtection").Made)
	})
	for name, c := range map[string]struct {
		operation, body string
		want            fleet.Reading
	}{
		"a task of which nothing is said may be": {
			"GetTaskProtection", `{"protectedTasks": [], "failures": [{"reason": "TASK_NOT_VALID"}]}`, fleet.Reading{Known: true, Value: 3, Why: "GetTaskProtection"},
		},
		"a denial is not none": {
			"GetTaskProtection", `{"__type": "AccessDeniedException", "message": "no"}`, fleet.Unknown("AccessDeniedException: no"),
		},
		"tasks that cannot be listed are not none": {
			"ListTasks", `{"__type": "ThrottlingException", "message": "slow"}`, fleet.Unknown("ThrottlingException: slow"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.steady()
			w.answer(map[string]string{c.operation: c.body})
			got := protected(w)
			got.At = time.Time{}
			assert.Equal(t, c.want.Known, got.Known)
			assert.InDelta(t, c.want.Value, got.Value, 0)
			assert.Contains(t, got.Why, c.want.Why)
		})
	}
}

func TestTasksOfUnknownProtectionAreUnread(t *testing.T) {
	for name, body := range map[string]struct{ operation, body, why string }{
		"the list":       {"ListTasks", `{"__type": "AccessDeniedException", "message": "no"}`, "listing tasks of shop/web"},
		"the tasks":      {"DescribeTasks", `{"__type": "ThrottlingException", "message": "slow"}`, "describing tasks of shop/web"},
		"the protection": {"GetTaskProtection", `{"__type": "AccessDeniedException", "message": "no"}`, "reading the task protection of shop/web"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.steady()
			w.answer(map[string]string{body.operation: body.body})
			s := w.read(fleet.Needs{Tasks: true})
			assert.Nil(t, s.Tasks)
			assert.Contains(t, s.Unread["tasks"], body.why)
		})
	}
}

func TestManyTasksAreDescribedAHundredAtATime(t *testing.T) {
	w := newWorld(t)
	w.steady()
	var arns, tasks []string
	for i := range 150 {
		arns = append(arns, fmt.Sprintf("%q", taskARN(fmt.Sprint("t", i))))
		status := "RUNNING"
		if i == 0 {
			status = "PENDING"
		}
		tasks = append(tasks, fmt.Sprintf(`{"taskArn": %q, "lastStatus": %q}`, taskARN(fmt.Sprint("t", i)), status))
	}
	a := w.answer(map[string]string{
		"ListTasks":     `{"taskArns": [` + strings.Join(arns, ",") + `]}`,
		"DescribeTasks": `{"tasks": [` + strings.Join(tasks[:2], ",") + `]}`, "GetTaskProtection": `{}`,
	})
	s := w.read(fleet.Needs{Tasks: true})
	require.Len(t, a.Sent["DescribeTasks"], 2)
	for i, request := range a.Sent["DescribeTasks"] {
		var in struct{ Tasks []string }
		require.NoError(t, json.Unmarshal([]byte(request), &in))
		assert.Len(t, in.Tasks, []int{100, 50}[i])
	}
	assert.Equal(t, []fleet.RunningTask{{ID: "t1", Protected: true}, {ID: "t1", Protected: true}}, s.Tasks, "one that is not up yet does not run")
}

func TestAProbeIsSeenFromStartToEnd(t *testing.T) {
	w := newWorld(t)
	w.steady()
	sick := w.Define("sick", ecssim.Behaviour{Exit: ecssim.Exit{Probability: 1, After: ecssim.Fixed(time.Second), Code: 3}})
	out, err := w.Client.RunTask(t.Context(), &ecs.RunTaskInput{
		Cluster: aws.String("shop"), TaskDefinition: &sick, Group: aws.String("probes"),
		NetworkConfiguration: w.network(),
	})
	require.NoError(t, err)
	require.Len(t, out.Tasks, 1)
	id := strings.TrimPrefix(aws.ToString(out.Tasks[0].TaskArn), taskARN(""))
	s := w.read(fleet.Needs{Probe: id})
	require.NotNil(t, s.Probe)
	assert.NotEqual(t, "STOPPED", s.Probe.LastStatus)
	assert.Equal(t, "probes", s.Probe.Group)
	assert.False(t, s.Probe.CreatedAt.IsZero())

	w.Run(5 * time.Minute)
	s = w.read(fleet.Needs{Probe: id})
	require.NotNil(t, s.Probe)
	assert.Equal(t, "STOPPED", s.Probe.LastStatus)
	assert.Equal(t, "EssentialContainerExited", s.Probe.Code)
	assert.NotEmpty(t, s.Probe.Reason)
	require.Len(t, s.Probe.Containers, 1)
	require.NotNil(t, s.Probe.Containers[0].ExitCode)
	assert.Equal(t, 3, *s.Probe.Containers[0].ExitCode)
	assert.Equal(t, w.Digests["sick"], s.Probe.Containers[0].Digest)
	assert.False(t, s.Probe.StoppedAt.IsZero())

	s = w.read(fleet.Needs{Probe: "0123456789abcdef0123456789abcdef"})
	assert.Nil(t, s.Probe, "ECS does not know it")
	assert.Empty(t, s.Unread)
	w.answer(map[string]string{"DescribeTasks": `{}`})
	s = w.read(fleet.Needs{Probe: id})
	assert.Nil(t, s.Probe)
	assert.Contains(t, s.Unread["probe"], "ECS named neither the task nor a failure")
}

func TestTheHealthOfAContainerIsThatOfECS(t *testing.T) {
	w := newWorld(t)
	w.steady()
	const arn = "arn:aws:ecs:eu-central-1:123456789012:task/shop/0123456789abcdef0123456789abcdef"
	w.answer(map[string]string{"DescribeTasks": `{"tasks": [{"taskArn": "` + arn + `", "group": "service:web", "executionStoppedAt": 1793600000,
		"containers": [{"name": "app", "healthStatus": "UNHEALTHY"}, {"name": "proxy", "healthStatus": "HEALTHY"}, {"name": "log", "healthStatus": "UNKNOWN"}, {"name": "old"}]}]}`})
	described, err := w.Described(t.Context(), fleet.ServiceRef{Cluster: "shop", Service: "web"}, []string{"0123456789abcdef0123456789abcdef"})
	require.NoError(t, err)
	stop := described["0123456789abcdef0123456789abcdef"].Stop
	var health []string
	for _, c := range stop.Containers {
		health = append(health, c.Health)
	}
	assert.Equal(t, []string{"UNHEALTHY", "HEALTHY", "", ""}, health)
	assert.Equal(t, int64(1793600000), stop.ExecutionStoppedAt.Unix())
}
