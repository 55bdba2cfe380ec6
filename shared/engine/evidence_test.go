package engine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/simtest/fixture"
)

func TestAnAlarmScalesWhateverEventComesBesideIt(t *testing.T) {
	w := newWorld(t, "act")
	w.busy()
	second := w.instance("test/2", w.store, w.deps.Services)
	w.observer.during = func() {
		require.NoError(t, second.Handle(t.Context(), []byte(w.alarm("a-1"))))
		require.NoError(t, second.Handle(t.Context(), []byte(w.stopOne())))
	}
	require.Empty(t, w.deliver(w.stopOne()))

	require.Len(t, w.episodes, 2)
	assert.Equal(t, fleet.TaskStopped, w.last().Trigger.Kind, "the last event of the batch is that of a task")
	assert.Len(t, w.last().Evidence, 2)
	assert.Equal(t, fleet.ScaleOut, w.last().Decision.Kind)
	assert.EqualValues(t, 5, w.Service().DesiredCount)
}

// stopOne stops a task of shop/web and returns the event of its end.
func (w *world) stopOne() string {
	tasks := w.tasks()
	require.NotEmpty(w.t, tasks)
	w.stop(tasks[0])
	for range 60 {
		w.Sim.RunUntil(w.Sim.Now().Add(time.Second))
		for _, e := range w.events {
			if s := string(e); strings.Contains(s, tasks[0]) && strings.Contains(s, `"lastStatus":"STOPPED"`) {
				return s
			}
		}
	}
	w.t.Fatal("no event of the end of a task")
	return ""
}

func (w *world) tasks() []string { return w.tasksOf(fixture.Service) }

func (w *world) tasksOf(service string) []string {
	out, err := w.Client.ListTasks(w.t.Context(), &ecs.ListTasksInput{Cluster: aws.String(fixture.Cluster), ServiceName: aws.String(service)})
	require.NoError(w.t, err)
	return out.TaskArns
}

func (w *world) stop(task string) {
	_, err := w.Client.StopTask(w.t.Context(), &ecs.StopTaskInput{Cluster: aws.String(fixture.Cluster), Task: aws.String(task)})
	require.NoError(w.t, err)
}

// deploy rolls out a revision, or the present one by force, and waits until it is
// complete.
func (w *world) deploy(definition string) {
	in := &ecs.UpdateServiceInput{Cluster: aws.String(fixture.Cluster), Service: aws.String(fixture.Service), ForceNewDeployment: definition == ""}
	if definition != "" {
		in.TaskDefinition = aws.String(definition)
	}
	_, err := w.Client.UpdateService(w.t.Context(), in)
	require.NoError(w.t, err)
	w.run(8 * time.Minute)
}

func TestForcedDeploymentsDoNotClearABadRevision(t *testing.T) {
	for name, forced := range map[string]int{
		"no forced deployment": 0, "one forced deployment": 1, "three forced deployments": 3,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "act")
			bad := w.Define("v2", ecssim.Behaviour{})
			w.deploy(bad)
			for range forced {
				w.deploy("")
			}
			w.Sim.SetBehaviour(w.Sim.RegistryHost()+"/web:v2", ecssim.Behaviour{Exit: ecssim.Exit{Probability: 1, After: ecssim.Fixed(20 * time.Second), Code: 1}})
			for _, task := range w.tasks() {
				w.stop(task)
			}
			w.run(10 * time.Minute)
			assert.NotEqual(t, bad, aws.ToString(w.Service().TaskDefinition))
			assert.Contains(t, reasonsOf(w.episodes), "last-good")
		})
	}
}

func reasonsOf(episodes []fleet.Episode) []string {
	var out []string
	for _, e := range episodes {
		out = append(out, fixture.ReasonNames(e.Decision.Reasons)...)
	}
	return out
}

// Each change of the definition is one that ECS deploys. Its new tasks fail and the old
// ones run, so it is at fault.
func TestEachChangeOfADefinitionCanBeAtFault(t *testing.T) {
	for name, change := range map[string]func(*ecstypes.ContainerDefinition){
		"the command":      func(c *ecstypes.ContainerDefinition) { c.Command = []string{"serve", "--port=eighty"} },
		"the entry point":  func(c *ecstypes.ContainerDefinition) { c.EntryPoint = []string{"/bin/missing"} },
		"the user":         func(c *ecstypes.ContainerDefinition) { c.User = aws.String("1000") },
		"a read-only root": func(c *ecstypes.ContainerDefinition) { c.ReadonlyRootFilesystem = aws.Bool(true) },
		"the stop timeout": func(c *ecstypes.ContainerDefinition) { c.StopTimeout = aws.Int32(2) },
		"the health check": func(c *ecstypes.ContainerDefinition) {
			c.HealthCheck = &ecstypes.HealthCheck{Command: []string{"CMD-SHELL", "exit 1"}}
		},
		"the port": func(c *ecstypes.ContainerDefinition) {
			c.PortMappings = []ecstypes.PortMapping{{ContainerPort: aws.Int32(8081)}}
		},
		"a file of variables": func(c *ecstypes.ContainerDefinition) {
			c.EnvironmentFiles = []ecstypes.EnvironmentFile{{Type: ecstypes.EnvironmentFileTypeS3, Value: aws.String("arn:aws:s3:::settings/web.env")}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "act")
			good := aws.ToString(w.Service().TaskDefinition)
			described, err := w.Client.DescribeTaskDefinition(t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String(good)})
			require.NoError(t, err)
			d := described.TaskDefinition
			change(&d.ContainerDefinitions[0])
			made, err := w.Client.RegisterTaskDefinition(t.Context(), &ecs.RegisterTaskDefinitionInput{
				Family: d.Family, ContainerDefinitions: d.ContainerDefinitions, Cpu: d.Cpu, Memory: d.Memory,
				NetworkMode: d.NetworkMode, RequiresCompatibilities: d.RequiresCompatibilities, ExecutionRoleArn: aws.String("arn:aws:iam::123456789012:role/execution"),
			})
			require.NoError(t, err)
			w.Sim.SetBehaviour(w.Sim.RegistryHost()+"/web:live", ecssim.Behaviour{Exit: ecssim.Exit{Probability: 1, After: ecssim.Fixed(2 * time.Second), Code: 127}})
			w.deploy(aws.ToString(made.TaskDefinition.TaskDefinitionArn))
			assert.Equal(t, good, aws.ToString(w.Service().TaskDefinition))
			assert.Contains(t, reasonsOf(w.episodes), "bad-revision")
		})
	}
}
