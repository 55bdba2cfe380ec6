package ecssim

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/sim/ecssim/wire"
)

// ask calls an operation of ECS with a request in JSON.
func (w *world) ask(operation, request string) wire.Object {
	w.t.Helper()
	out, err := w.asked(operation, request)
	require.NoError(w.t, err, request)
	return out
}

func (w *world) asked(operation, request string) (wire.Object, error) {
	var in wire.Object
	require.NoError(w.t, json.Unmarshal([]byte(request), &in), request)
	return w.Server().Invoke("ecs", operation, in)
}

const (
	onFargate = `"cpu":"256","memory":"512","networkMode":"awsvpc","requiresCompatibilities":["FARGATE"],`
	inSubnets = `"networkConfiguration":{"awsvpcConfiguration":{"subnets":["subnet-1","subnet-2"]}},`
	oneApp    = `"containerDefinitions":[{"name":"app","image":"web:1","memory":64}]`
)

func TestRunTaskHonoursItsRequest(t *testing.T) {
	w := newWorld(t, Config{})
	w.ask("RegisterTaskDefinition", `{"family":"job",`+onFargate+oneApp+`,"tags":[{"key":"team","value":"shop"},{"key":"tier","value":"batch"}],
		"runtimePlatform":{"cpuArchitecture":"ARM64"},"ephemeralStorage":{"sizeInGiB":40}}`)
	run := func(more string) wire.Object {
		return w.ask("RunTask", `{"cluster":"shop","taskDefinition":"job",`+inSubnets+more+`"launchType":"FARGATE"}`).Objects("tasks")[0]
	}

	plain := run("")
	assert.Equal(t, "256", plain.String("cpu"))
	assert.Equal(t, []wire.Object{{"name": "ecs.cpu-architecture", "value": "arm64"}}, plain.Objects("attributes"))
	storage, _ := plain.Object("ephemeralStorage").Int("sizeInGiB")
	assert.Equal(t, 40, storage)
	assert.Equal(t, "subnet-1", plain.Objects("attachments")[0].Objects("details")[0].String("value"))
	assert.Empty(t, plain.Objects("tags"))

	changed := run(`"overrides":{"cpu":"512","memory":"1024","ephemeralStorage":{"sizeInGiB":60},
		"containerOverrides":[{"name":"app","command":["migrate"],"environment":[{"name":"A","value":"1"}]}]},
		"propagateTags":"TASK_DEFINITION","enableECSManagedTags":true,"enableExecuteCommand":true,"tags":[{"key":"tier","value":"now"}],`)
	assert.Equal(t, []string{"512", "1024"}, []string{changed.String("cpu"), changed.String("memory")})
	override := changed.Object("overrides").Objects("containerOverrides")[0]
	assert.Equal(t, []string{"migrate"}, override.Strings("command"))
	assert.Equal(t, "1", override.Objects("environment")[0].String("value"))
	on, _ := changed.Bool("enableExecuteCommand")
	assert.True(t, on)
	assert.Equal(t, []wire.Object{
		{"key": "team", "value": "shop"}, {"key": "tier", "value": "now"}, {"key": "aws:ecs:clusterName", "value": "shop"},
	}, changed.Objects("tags"), "the request's tag wins")

	_, err := w.asked("RunTask", `{"cluster":"shop","taskDefinition":"job",`+inSubnets+`"overrides":{"containerOverrides":[{"name":"other"}]}}`)
	assert.ErrorContains(t, err, "Override for container named other is not a container in the TaskDefinition.")
}

func TestATaskWithoutASizeHasThatOfItsContainers(t *testing.T) {
	w := newWorld(t, Config{})
	w.ask("RegisterTaskDefinition", `{"family":"old","containerDefinitions":[
		{"name":"app","image":"web:1","cpu":100,"memory":300},{"name":"log","image":"log:1","cpu":50,"memoryReservation":64}]}`)
	task := w.ask("RunTask", `{"cluster":"shop","taskDefinition":"old","launchType":"EC2"}`).Objects("tasks")[0]
	assert.Equal(t, []string{"150", "364"}, []string{task.String("cpu"), task.String("memory")})
	assert.Empty(t, task.Objects("attachments"), "the network mode bridge has no interface")
	described := w.ask("DescribeTaskDefinition", `{"taskDefinition":"old"}`).Object("taskDefinition")
	assert.Equal(t, []string{"EC2"}, described.Strings("compatibilities"))
}

func TestTasksOfAServiceGetItsTags(t *testing.T) {
	w := newWorld(t, Config{})
	w.ask("RegisterTaskDefinition", `{"family":"web",`+onFargate+oneApp+`}`)
	w.ask("CreateService", `{"cluster":"shop","serviceName":"web","taskDefinition":"web",`+inSubnets+`"desiredCount":1,
		"propagateTags":"SERVICE","enableECSManagedTags":true,"enableExecuteCommand":true,"tags":[{"key":"team","value":"shop"}]}`)
	w.run(time.Minute)
	require.Len(t, w.running(), 1)
	task := w.ask("DescribeTasks", `{"cluster":"shop","tasks":["`+*w.running()[0].TaskArn+`"],"include":["TAGS"]}`).Objects("tasks")[0]
	assert.Equal(t, []wire.Object{
		{"key": "team", "value": "shop"}, {"key": "aws:ecs:clusterName", "value": "shop"}, {"key": "aws:ecs:serviceName", "value": "web"},
	}, task.Objects("tags"))
	on, _ := task.Bool("enableExecuteCommand")
	assert.True(t, on)
}

func TestTasksRunInTheZonesOfTheirSubnets(t *testing.T) {
	w := newWorld(t, Config{})
	w.ask("RegisterTaskDefinition", `{"family":"web",`+onFargate+oneApp+`}`)
	w.ask("CreateService", `{"cluster":"shop","serviceName":"web","taskDefinition":"web",`+inSubnets+`"desiredCount":4}`)
	w.run(3 * time.Minute)
	assert.Equal(t, map[string]int{"eu-central-1a": 2, "eu-central-1b": 2}, w.zones())
	w.LoseZone("a")
	w.run(5 * time.Minute)
	assert.Equal(t, map[string]int{"eu-central-1b": 4}, w.zones())
	w.LoseZone("b")
	w.run(5 * time.Minute)
	assert.Empty(t, w.running(), "the third zone has no subnet of the service")
	assert.NotEmpty(t, w.named("SERVICE_TASK_PLACEMENT_FAILURE"))
}

func TestContainersWaitForTheirDependencies(t *testing.T) {
	const start = 30 * time.Second
	ends := func(code int) Behaviour {
		return Behaviour{Exit: Exit{Probability: 1, After: Fixed(20 * time.Second), Code: code}}
	}
	for _, c := range []struct {
		name, condition string
		other           Behaviour
		more            string // further members of the other container
		wait            time.Duration
		reason          string // of a start that fails
	}{
		{"START waits for nothing", "START", Behaviour{}, "", 0, ""},
		{"HEALTHY waits for the first passed probe", "HEALTHY", Behaviour{}, `"healthCheck":{"command":["CMD","true"],"interval":15},`, 15 * time.Second, ""},
		{"COMPLETE waits for the end", "COMPLETE", ends(1), "", 20 * time.Second, ""},
		{"SUCCESS waits for a good end", "SUCCESS", ends(0), "", 20 * time.Second, ""},
		{"SUCCESS fails after a bad end", "SUCCESS", ends(1), "", 20 * time.Second, "did not exit successfully"},
		{"COMPLETE fails after the start timeout", "COMPLETE", Behaviour{}, `"startTimeout":40,`, 40 * time.Second, "ordering dependency [init] for target [app] has timed out"},
		{"HEALTHY without a check never comes", "HEALTHY", Behaviour{}, "", defaultStartTimeout, "has timed out"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			w.PushImage("web", "1", Behaviour{StartDelay: Fixed(start)})
			w.PushImage("init", "1", c.other)
			host := w.RegistryHost()
			w.ask("RegisterTaskDefinition", `{"family":"web",`+onFargate+`"containerDefinitions":[
				{"name":"app","image":"`+host+`/web:1","dependsOn":[{"containerName":"init","condition":"`+c.condition+`"}]},
				{"name":"init","image":"`+host+`/init:1",`+c.more+`"essential":false}]}`)
			task := w.ask("RunTask", `{"cluster":"shop","taskDefinition":"web",`+inSubnets+`"launchType":"FARGATE"}`).Objects("tasks")[0]
			w.run(10 * time.Minute)
			got := w.describe(task.String("taskArn"))
			require.NotNil(t, got)
			if c.reason != "" {
				assert.EqualValues(t, stopFailedToStart, got.StopCode)
				assert.Contains(t, *got.Containers[0].Reason, c.reason)
				assert.Equal(t, start+c.wait, got.StoppingAt.Sub(*got.CreatedAt))
				return
			}
			assert.Equal(t, start+c.wait, got.StartedAt.Sub(*got.CreatedAt))
		})
	}
}
