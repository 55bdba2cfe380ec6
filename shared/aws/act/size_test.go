package act_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/simtest/fixture"
)

// limited registers a revision with a memory, in MiB, and limits of its containers.
func (w *world) limited(memory int) {
	w.Digests["v1"] = w.Sim.PushImage("web", "v1", ecssim.Behaviour{})
	_, err := w.Sim.RegisterTaskDefinition(ecssim.TaskDefinitionSpec{
		Family: "web", CPU: 512, Memory: memory,
		Containers: []ecssim.ContainerSpec{
			{Name: "app", Image: "web:v1", Extra: map[string]any{"memory": 768, "memoryReservation": 512}},
			{Name: "proxy", Image: "public.ecr.aws/envoy:1", Sidecar: true},
		},
	})
	require.NoError(w.t, err)
}

func TestATaskGrowsWithTheLimitsOfItsContainers(t *testing.T) {
	w := newWorld(t)
	w.limited(1024)
	a := fleet.Action{Kind: fleet.RunRevision, TaskDefinition: "web:2", CPU: 1024, Memory: 2048}
	assert.Equal(t, fleet.Result{Status: fleet.Done, Text: "runs web:3 with 1024 CPU units and 2048 MiB", TaskDefinition: "web:3"}, w.apply(a))
	grown := w.definition("web:3").TaskDefinition
	assert.Equal(t, "1024", aws.ToString(grown.Cpu))
	assert.Equal(t, "2048", aws.ToString(grown.Memory))
	app, proxy := grown.ContainerDefinitions[0], grown.ContainerDefinitions[1]
	assert.EqualValues(t, 1536, aws.ToInt32(app.Memory))
	assert.EqualValues(t, 1024, aws.ToInt32(app.MemoryReservation))
	assert.Nil(t, proxy.Memory, "what has no limit gets none")
	old := w.definition("web:2").TaskDefinition
	assert.Equal(t, old.ContainerDefinitions[0].Image, app.Image)
	assert.EqualValues(t, 768, aws.ToInt32(old.ContainerDefinitions[0].Memory))

	assert.Equal(t, fleet.Result{Status: fleet.Skipped, Text: "the service runs web:3 already", TaskDefinition: "web:3"}, w.apply(a))
	assert.Equal(t, 1, w.made("RegisterTaskDefinition"))
	w.Run(10 * time.Minute)
	assert.EqualValues(t, 3, w.Service().RunningCount)
}

func TestASizeAndAPinMakeOneCopy(t *testing.T) {
	w := newWorld(t)
	a := fleet.Action{Kind: fleet.RunRevision, TaskDefinition: "web:1", Memory: 2048, Images: []fleet.ContainerImage{{Name: "app", Image: w.image("v1")}}}
	w.Sim.SetThrottle("ecs", "UpdateService", 1)
	_, err := w.Apply(t.Context(), fixture.Web(), a)
	require.Error(t, err)
	w.Sim.SetThrottle("ecs", "UpdateService", 0)
	got := w.apply(a)
	assert.Equal(t, "web:2", got.TaskDefinition, "the copy of the first try")
	assert.Regexp(t, `^runs web:2 with web@[0-9a-f]{12}, 2048 MiB$`, got.Text)
	assert.Equal(t, "512", aws.ToString(w.definition("web:2").TaskDefinition.Cpu))
	a.Memory = 3072
	assert.Equal(t, "web:3", w.apply(a).TaskDefinition, "another size is another copy")
}

func TestTheSizeThatATaskHasNeedsNoCopy(t *testing.T) {
	w := newWorld(t)
	got := w.apply(fleet.Action{Kind: fleet.RunRevision, TaskDefinition: "web:1", CPU: 512, Memory: 1024})
	assert.Equal(t, fleet.Result{Status: fleet.Skipped, Text: "the service runs web:1 already", TaskDefinition: "web:1"}, got)
	assert.Zero(t, w.made("RegisterTaskDefinition"))
}

// bare returns a task definition for EC2 without a size of its own.
func bare(memory string) map[string]string {
	return map[string]string{
		"DescribeTaskDefinition": `{"taskDefinition": {"taskDefinitionArn": "arn:aws:ecs:eu-central-1:123456789012:task-definition/web:1",
			"family": "web", "containerDefinitions": [{"name": "app", "image": "a"` + memory + `}, {"name": "log", "image": "b"` + memory + `}]}}`,
		"RegisterTaskDefinition": `{"taskDefinition": {"taskDefinitionArn": "arn:aws:ecs:eu-central-1:123456789012:task-definition/web:9"}}`,
		"UpdateService":          `{}`,
	}
}

func TestWhereTheTaskHasNoLimitItsContainersGrow(t *testing.T) {
	w := newWorld(t)
	a := w.answer(bare(`, "memory": 200`))
	w.apply(fleet.Action{Kind: fleet.RunRevision, TaskDefinition: "web:1", Memory: 500})
	in := requests(t, a, "RegisterTaskDefinition")[0]
	assert.NotContains(t, in, "memory")
	text, err := json.Marshal(in["containerDefinitions"])
	require.NoError(t, err)
	assert.Contains(t, string(text), `"memory":250`)
	assert.NotContains(t, string(text), `"memory":200`)
}

func TestLimitsAreNeverLowered(t *testing.T) {
	w := newWorld(t)
	w.limited(3072)
	w.apply(fleet.Action{Kind: fleet.RunRevision, TaskDefinition: "web:2", Memory: 2048})
	smaller := w.definition("web:3").TaskDefinition
	assert.Equal(t, "2048", aws.ToString(smaller.Memory))
	assert.EqualValues(t, 768, aws.ToInt32(smaller.ContainerDefinitions[0].Memory))
}

func TestATaskWithoutAnyLimitCannotGrow(t *testing.T) {
	w := newWorld(t)
	a := w.answer(bare(""))
	_, err := w.Apply(t.Context(), fixture.Web(), fleet.Action{Kind: fleet.RunRevision, TaskDefinition: "web:1", Memory: 500})
	require.EqualError(t, err, "web:1 has no memory limit that could be changed to 500 MiB")
	assert.Equal(t, fault.Terminal, fault.ClassOf(err))
	assert.Empty(t, a.Sent["RegisterTaskDefinition"])
}
