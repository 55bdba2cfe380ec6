package engine_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/decode"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
)

// taskID is a task of the tests.
const taskID = "0123456789abcdef0123456789abcdef"

// stopped returns the event of a stopped task of shop/web with these containers. ECS
// describes the task alike.
func (w *world) stopped(task, definition string, containers ...map[string]any) string {
	now := w.Sim.Now().UTC().Format(time.RFC3339)
	raw, err := json.Marshal(map[string]any{
		"version": "0", "id": "event-" + task, "source": "aws.ecs", "detail-type": "ECS Task State Change",
		"account": "123456789012", "region": "eu-central-1", "time": now, "resources": []string{},
		"detail": map[string]any{
			"clusterArn":        "arn:aws:ecs:eu-central-1:123456789012:cluster/shop",
			"taskArn":           "arn:aws:ecs:eu-central-1:123456789012:task/shop/" + task,
			"taskDefinitionArn": definition,
			"group":             "service:web", "startedBy": "ecs-svc/1", "launchType": "FARGATE",
			"lastStatus": "STOPPED", "desiredStatus": "STOPPED", "version": 5, "stoppedAt": now,
			"stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited",
			"containers": containers,
		},
	})
	require.NoError(w.t, err)
	trigger := decode.Events(raw)[0].Trigger
	w.observer.described = map[string]*fleet.DescribedTask{
		task: {Stop: *trigger.Stop, Deployment: trigger.Deployment, TaskDefinition: trigger.TaskDefinition},
	}
	return string(raw)
}

// several registers a definition of an application with a helper that is not
// essential, and with a log router that is.
func (w *world) several() string {
	return w.Define("several", ecssim.Behaviour{}, func(spec *ecssim.TaskDefinitionSpec) {
		spec.Containers = append(spec.Containers,
			ecssim.ContainerSpec{Name: "helper", Image: "helper:1", Sidecar: true},
			ecssim.ContainerSpec{Name: "log_router", Image: "router:1"})
	})
}

func TestEssentialContainersDecideTheCauseOfAnEvaluation(t *testing.T) {
	const oom = "OutOfMemoryError: Container killed due to memory usage"
	app := map[string]any{"name": "app", "exitCode": 0}
	for name, c := range map[string]struct {
		containers []map[string]any
		unread     error
		cause      fleet.Cause
		container  string
		notes      []string
	}{
		"a helper that is out of memory is a note": {
			[]map[string]any{app, {"name": "helper", "exitCode": 137, "reason": oom}},
			nil, fleet.AppExitZero, "app",
			[]string{`container "helper" (not essential) exited with 137: ` + oom},
		},
		"an essential log router decides": {
			[]map[string]any{app, {"name": "log_router", "exitCode": 137, "reason": oom}},
			nil, fleet.OutOfMemory, "log_router",
			[]string(nil),
		},
		"without the definition the event decides": {
			[]map[string]any{app, {"name": "helper", "exitCode": 137, "reason": oom}},
			errors.New("access denied"), fleet.OutOfMemory, "helper",
			[]string{"the essential containers are unknown: access denied"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "observe")
			w.observer.undefined = c.unread
			require.Empty(t, w.deliver(w.stopped(taskID, w.several(), c.containers...)))
			e := w.last()
			assert.Equal(t, c.cause, e.Cause)
			require.Len(t, e.Evidence, 1)
			assert.Equal(t, c.cause, e.Evidence[0].Cause)
			assert.Equal(t, c.container, e.Evidence[0].Container)
			assert.Equal(t, c.notes, e.Evidence[0].Notes)
			require.NotNil(t, e.Diagnostics)
			assert.Equal(t, c.container, e.Diagnostics.LogTail.Container)
			assert.Equal(t, c.notes, e.Diagnostics.Notes)
			m, err := w.store.Memory(t.Context(), e.Ref)
			require.NoError(t, err)
			assert.Equal(t, c.cause, m.Cohorts["ecs-svc/1"].Tasks[taskID].Cause, "the memory has the same cause")
		})
	}
}

func TestASingleContainerNeedsNoDefinition(t *testing.T) {
	w := newWorld(t, "observe")
	w.observer.undefined = errors.New("not to be read")
	require.Empty(t, w.deliver(w.stopped(taskID, w.several(), map[string]any{"name": "app", "exitCode": 3})))
	assert.Equal(t, fleet.AppExit, w.last().Cause)
	assert.Empty(t, w.last().Evidence[0].Notes)
}

func TestFortyContainersWithoutNamesAreOneFailure(t *testing.T) {
	w := newWorld(t, "observe")
	var containers []map[string]any
	for range 40 {
		containers = append(containers, map[string]any{"exitCode": 1, "reason": "x"})
	}
	require.Empty(t, w.deliver(w.stopped(taskID, w.several(), containers...)))
	assert.Equal(t, fleet.AppExit, w.last().Cause)
}
