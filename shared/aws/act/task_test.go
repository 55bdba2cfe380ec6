package act_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"
)

// task returns the id of one running task of the service.
func (w *world) task() string {
	out, err := w.Client.ListTasks(w.t.Context(), &ecs.ListTasksInput{Cluster: aws.String("shop"), ServiceName: aws.String("web")})
	require.NoError(w.t, err)
	require.NotEmpty(w.t, out.TaskArns)
	return fleet.NameOf(out.TaskArns[0])
}

func (w *world) described(task string) ecstypes.Task {
	out, err := w.Client.DescribeTasks(w.t.Context(), &ecs.DescribeTasksInput{
		Cluster: aws.String("shop"), Tasks: []string{task}, Include: []ecstypes.TaskField{ecstypes.TaskFieldTags},
	})
	require.NoError(w.t, err)
	require.Len(w.t, out.Tasks, 1)
	return out.Tasks[0]
}

func TestATaskIsStoppedOnceAndReplaced(t *testing.T) {
	w := newWorld(t)
	task := w.task()
	protect := func(is bool) {
		_, err := w.Client.UpdateTaskProtection(t.Context(), &ecs.UpdateTaskProtectionInput{
			Cluster: aws.String("shop"), Tasks: []string{task}, ProtectionEnabled: is,
		})
		require.NoError(t, err)
	}
	protect(true)
	a := fleet.Action{Kind: fleet.StopTask, Task: task}
	assert.Equal(t, fleet.Result{Status: fleet.Skipped, Text: "the task " + task + " is protected, or its protection is unknown"}, w.apply(a))
	protect(false)
	assert.Equal(t, fleet.Result{Status: fleet.Done, Text: "task " + task + " stopped, ECS starts another"}, w.apply(a))
	assert.Equal(t, "Stopped by Homeostat: the service replaces it", aws.ToString(w.described(task).StoppedReason))
	assert.Equal(t, fleet.Result{Status: fleet.Skipped, Text: "the task " + task + " does not run any more"}, w.apply(a))
	w.Run(10 * time.Minute)
	assert.EqualValues(t, 3, w.Service().RunningCount)
	assert.Equal(t, 1, w.made("StopTask"))
}

func TestATaskThatMayNotBeStoppedIsLeftAlone(t *testing.T) {
	running := `{"tasks": [{"group": "service:web", "lastStatus": "RUNNING", "desiredStatus": "RUNNING"}]}`
	for name, c := range map[string]struct{ described, protection, text string }{
		"it is gone":           {`{"tasks": [], "failures": [{"reason": "MISSING"}]}`, `{}`, "the task t1 is gone"},
		"it is ending already": {`{"tasks": [{"group": "service:web", "lastStatus": "RUNNING", "desiredStatus": "STOPPED"}]}`, `{}`, "the task t1 does not run any more"},
		"it has not started":   {`{"tasks": [{"group": "service:web", "lastStatus": "PENDING", "desiredStatus": "RUNNING"}]}`, `{}`, "the task t1 does not run any more"},
		"it is protected":      {running, `{"protectedTasks": [{"protectionEnabled": true}]}`, "the task t1 is protected, or its protection is unknown"},
		"nobody knows whether it is protected": {
			running, `{"failures": [{"reason": "TASK_NOT_VALID"}]}`, "the task t1 is protected, or its protection is unknown",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			a := w.answer(map[string]string{"DescribeTasks": c.described, "GetTaskProtection": c.protection})
			assert.Equal(t, fleet.Result{Status: fleet.Skipped, Text: c.text}, w.apply(fleet.Action{Kind: fleet.StopTask, Task: "t1"}))
			assert.Empty(t, a.Sent["StopTask"])
		})
	}
}

func TestATaskOfAnotherServiceIsNeverStopped(t *testing.T) {
	w := newWorld(t)
	ref := fixture.Ref("other")
	_, err := w.Sim.CreateService(other())
	require.NoError(t, err)
	_, err = w.Apply(t.Context(), ref, fleet.Action{Kind: fleet.StopTask, Task: w.task()})
	require.Error(t, err)
	assert.Equal(t, fault.Terminal, fault.ClassOf(err))
	assert.Equal(t, "foreign-task", fault.CodeOf(err))
	assert.Zero(t, w.made("StopTask"))
}

func TestAProbeRunsWhereTheServiceRunsPinnedByDigest(t *testing.T) {
	w := newWorld(t)
	w.forward()
	a := w.answer(nil)
	action := fleet.Action{
		Kind: fleet.RunProbe, Intent: "probe web:1 for ecs-svc/2", TaskDefinition: "web:1",
		Images: []fleet.ContainerImage{{Name: "app", Image: w.image("v1")}},
	}
	got := w.apply(action)
	assert.Equal(t, fleet.Done, got.Status)
	assert.Equal(t, "web:3", got.TaskDefinition)
	assert.Equal(t, "probe "+got.Task+" of web:3 was started", got.Text)

	task := w.described(got.Task)
	assert.Equal(t, "homeostat-probe", aws.ToString(task.StartedBy))
	assert.Equal(t, "family:web", aws.ToString(task.Group), "not the service's: ECS does not count it")
	assert.Equal(t, []ecstypes.Tag{{Key: aws.String("homeostat:probe"), Value: aws.String("web")}}, task.Tags)
	assert.Equal(t, w.image("v1").String(), aws.ToString(task.Containers[0].Image))
	assert.Contains(t, aws.ToString(w.Service().TaskDefinition), "web:2", "the service is not touched")

	in := requests(t, a, "RunTask")[0]
	assert.EqualValues(t, 1, in["count"])
	assert.Equal(t, "FARGATE", in["launchType"])
	assert.NotContains(t, in, "capacityProviderStrategy")
	assert.Equal(t, w.Service().NetworkConfiguration.AwsvpcConfiguration.Subnets, texts(in["networkConfiguration"].(map[string]any)["awsvpcConfiguration"].(map[string]any)["subnets"]))
	assert.Regexp(t, `^[0-9a-f]{64}$`, in["clientToken"])
	w.Run(10 * time.Minute)
	assert.EqualValues(t, 3, w.Service().RunningCount)
}

func TestTheSameProbeHasTheSameToken(t *testing.T) {
	w := newWorld(t)
	a := w.answer(nil)
	action := fleet.Action{Kind: fleet.RunProbe, Intent: "probe web:1 for ecs-svc/2", TaskDefinition: "web:1"}
	w.apply(action)
	w.apply(action)
	action.Intent = "probe web:1 for ecs-svc/3"
	w.apply(action)
	asked := requests(t, a, "RunTask")
	require.Len(t, asked, 3)
	assert.Equal(t, asked[0]["clientToken"], asked[1]["clientToken"], "ECS then runs one task")
	assert.NotEqual(t, asked[0]["clientToken"], asked[2]["clientToken"])
}

func TestAProbeOfAServiceWithProvidersHasNoLaunchType(t *testing.T) {
	w := newWorld(t)
	w.update(ecs.UpdateServiceInput{ForceNewDeployment: true, CapacityProviderStrategy: []ecstypes.CapacityProviderStrategyItem{{CapacityProvider: aws.String("FARGATE_SPOT"), Weight: 1}}})
	a := w.answer(nil)
	got := w.apply(fleet.Action{Kind: fleet.RunProbe, Intent: "x", TaskDefinition: "web:1"})
	assert.NotContains(t, requests(t, a, "RunTask")[0], "launchType")
	assert.Equal(t, "FARGATE_SPOT", aws.ToString(w.described(got.Task).CapacityProviderName))
}

func TestAProbeWithoutCapacityIsAFault(t *testing.T) {
	for name, c := range map[string]struct {
		answer, text string
		class        fault.Class
	}{
		"there is no room": {
			`{"failures": [{"reason": "RESOURCE:MEMORY"}]}`, "running a probe of web:1: ECS could not place it: RESOURCE:MEMORY", fault.Terminal,
		},
		"ECS says nothing": {`{}`, "running a probe of web:1: ECS named neither a task nor a failure", fault.Retry},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.answer(map[string]string{"RunTask": c.answer})
			_, err := w.Apply(t.Context(), fixture.Web(), fleet.Action{Kind: fleet.RunProbe, Intent: "x", TaskDefinition: "web:1"})
			require.EqualError(t, err, c.text)
			assert.Equal(t, c.class, fault.ClassOf(err))
		})
	}
}

func texts(list any) []string {
	var out []string
	for _, v := range list.([]any) {
		out = append(out, v.(string))
	}
	return out
}
