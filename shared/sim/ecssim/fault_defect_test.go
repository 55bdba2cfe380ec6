package ecssim

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// exited returns the stops of tasks that ended by themselves.
func (w *world) exited() []event {
	var out []event
	for _, e := range w.stops() {
		if e.Detail.StopCode == stopEssential {
			out = append(out, e)
		}
	}
	return out
}

func TestADefectFailsAShareOfTheTasks(t *testing.T) {
	for _, c := range []struct {
		name        string
		probability float64
		least, most int
	}{
		{"all of them", 1, 20, 20},
		{"half of them", 0.5, 5, 15},
		{"none of them", 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			w.steady(ServiceSpec{Desired: 20, TaskDefinition: w.image("1", Behaviour{
				StartDelay: Fixed(30 * time.Second), Defect: Defect{After: 30 * time.Minute, Probability: c.probability, Spread: time.Minute, ErrorRate: 0.1}, Exit: Exit{After: Fixed(time.Hour), Code: 7},
			})})
			w.run(27*time.Minute + 20*time.Second)
			assert.Empty(t, w.exited(), "before the onset they are sound")
			w.run(2 * time.Minute)
			failed := len(w.exited())
			assert.GreaterOrEqual(t, failed, c.least)
			assert.LessOrEqual(t, failed, c.most)
			for _, e := range w.exited() {
				assert.Equal(t, 7, *e.Detail.Containers[0].ExitCode)
			}
			w.run(40 * time.Minute)
			assert.Len(t, w.exited(), failed, "those that start later live for an hour at least")
			w.run(25 * time.Minute)
			assert.Equal(t, c.probability == 1, len(w.exited()) == 2*failed && failed > 0, "and fail then, of the same share")
		})
	}
}

func TestTheOnsetIsTheImagesAndNotTheTasks(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{Desired: 2, TaskDefinition: w.image("1", Behaviour{
		Defect: Defect{After: 10 * time.Minute, Probability: 1}, Exit: Exit{After: Fixed(5 * time.Second), Code: 1},
	})})
	w.run(30 * time.Minute)
	failed := len(w.exited())
	assert.Greater(t, failed, 10, "every new start fails at once, with no minutes of grace")
	w.deploy(w.image("2", Behaviour{}))
	w.run(10 * time.Minute)
	w.assertSteady(2)
}

func TestDefectiveTasksCanRunOnAndAnswerBadly(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{Desired: 2, LoadBalanced: true, TaskDefinition: w.image("1", Behaviour{
		CapacityRPS: 100, ResponseTime: 50 * time.Millisecond, Slots: 50, // many slots, so that no request waits
		Defect: Defect{After: 20 * time.Minute, ErrorRate: 0.25, ResponseTime: time.Second},
	})})
	w.load(100)
	w.run(10 * time.Minute)
	assert.Empty(t, w.read("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "Sum", 60, 5), "no errors, no data")
	assert.InDelta(t, 0.05, w.read("AWS/ApplicationELB", "TargetResponseTime", "Average", 60, 5)[0], 1e-6)
	w.run(15 * time.Minute)
	assert.InDelta(t, 1500, w.read("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "Sum", 60, 5)[0], 1e-6, "a quarter of 6000")
	assert.InDelta(t, 1, w.read("AWS/ApplicationELB", "TargetResponseTime", "Average", 60, 5)[0], 1e-6)
	assert.Empty(t, w.stops(), "none failed")
}

func TestADefectCanFailHealthChecks(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{Desired: 2, LoadBalanced: true, TaskDefinition: w.image("1", Behaviour{
		Defect: Defect{After: 10 * time.Minute, Probability: 1, Unhealthy: true},
	})})
	w.run(30 * time.Minute)
	require.NotEmpty(t, w.stops())
	for _, e := range w.stops() {
		assert.Contains(t, e.Detail.StoppedReason, "Task failed ELB health checks")
	}
}

// network is the configuration for RunTask of a task with a network interface.
func network() *ecstypes.NetworkConfiguration {
	return &ecstypes.NetworkConfiguration{AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{Subnets: []string{"subnet-0a"}}}
}

func TestAStandaloneTaskIsDefectiveWithTheService(t *testing.T) {
	w := newWorld(t, Config{})
	definition := w.image("1", Behaviour{Defect: Defect{After: 10 * time.Minute, Probability: 1}, Exit: Exit{After: Fixed(5 * time.Second), Code: 1}})
	w.steady(ServiceSpec{Desired: 1, TaskDefinition: definition})
	probe := func() string {
		out, err := w.ecs.RunTask(t.Context(), &ecs.RunTaskInput{
			Cluster: aws.String("shop"), TaskDefinition: &definition, Group: aws.String("homeostat-probe"),
			NetworkConfiguration: network(),
		})
		require.NoError(t, err)
		w.run(3 * time.Minute)
		tasks, err := w.ecs.DescribeTasks(t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String("shop"), Tasks: []string{*out.Tasks[0].TaskArn}})
		require.NoError(t, err)
		assert.Equal(t, "homeostat-probe", *tasks.Tasks[0].Group)
		return *tasks.Tasks[0].LastStatus
	}
	assert.Equal(t, "RUNNING", probe())
	w.run(5 * time.Minute)
	assert.Equal(t, "STOPPED", probe())
}

// A task that is healthy for a moment resets the count, so that the circuit
// breaker never opens: containers-roadmap 1206.
func TestTheBreakerNeverOpensForTasksThatFailJustAfterTheyWereHealthy(t *testing.T) {
	for _, c := range []struct {
		name  string
		once  bool
		check func(*ContainerSpec)
		want  ecstypes.ServiceDeploymentStatus
	}{
		{"failed before the first health report: not counted either", false, withCheck, ecstypes.ServiceDeploymentStatusInProgress},
		{"failed just after it: the rollout even completes", true, withCheck, ecstypes.ServiceDeploymentStatusSuccessful},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}, c.check), Desired: 2, Breaker: &BreakerSpec{Rollback: true}})
			w.deploy(w.image("2", Behaviour{
				Exit:   Exit{Probability: 1, After: Fixed(3 * time.Second), Code: 1, OnceHealthy: c.once},
				Health: Health{Delay: Fixed(20 * time.Second)},
			}, c.check))
			w.run(time.Hour)
			assert.Equal(t, c.want, w.record().Status)
			exited := w.exited()
			require.NotEmpty(t, exited)
			lived := map[bool]int{false: 3, true: 33}[c.once] // the first probe comes 30 s after the start
			last := w.describe(exited[len(exited)-1].Detail.TaskArn)
			require.NotNil(t, last)
			assert.Equal(t, time.Duration(lived)*time.Second, last.ExecutionStoppedAt.Sub(*last.StartedAt))
		})
	}
}

// describe returns a task by its ARN, or nil.
func (w *world) describe(arn string) *ecstypes.Task {
	out, err := w.ecs.DescribeTasks(w.t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String("shop"), Tasks: []string{arn}})
	require.NoError(w.t, err)
	if len(out.Tasks) == 0 {
		return nil
	}
	return &out.Tasks[0]
}

func TestALeakIsKilledForMemoryLaterInABiggerTask(t *testing.T) {
	first := func(memory int) time.Duration {
		w := newWorld(t, Config{})
		w.PushImage("web", "1", Behaviour{Memory: Memory{MiB: 256, Growth: 128}})
		arn, err := w.RegisterTaskDefinition(TaskDefinitionSpec{
			Family: "web", CPU: 256, Memory: memory, Containers: []ContainerSpec{{Name: "app", Image: "web:1"}},
		})
		require.NoError(t, err)
		w.steady(ServiceSpec{Desired: 1, TaskDefinition: arn})
		begin := w.Now()
		w.run(time.Hour)
		values := w.read("AWS/ECS", "MemoryUtilization", "Average", 60, 50)
		require.NotEmpty(t, values)
		assert.Greater(t, values[0], values[len(values)-1], "it climbs")
		for range 24 * 60 {
			w.run(time.Minute)
			if stops := w.exited(); len(stops) > 0 {
				assert.Equal(t, oomReason, stops[0].Detail.Containers[0].Reason)
				assert.Equal(t, exitKilled, *stops[0].Detail.Containers[0].ExitCode)
				return w.Now().Sub(begin)
			}
		}
		t.Fatal("it was never killed")
		return 0
	}
	assert.InDelta(t, 2, first(512).Hours(), 0.5, "256 of 512 MiB, 128 more each hour")
	assert.InDelta(t, 6, first(1024).Hours(), 1.5)
}

func TestATaskThatNeedsMoreThanItsLimitIsKilledAtOnce(t *testing.T) {
	w := newWorld(t, Config{})
	w.create(ServiceSpec{Desired: 1, TaskDefinition: w.image("1", Behaviour{Memory: Memory{MiB: 600}})})
	w.run(3 * time.Minute)
	require.NotEmpty(t, w.exited())
	assert.Equal(t, oomReason, w.exited()[0].Detail.Containers[0].Reason)
}

func TestABiggerTaskServesMore(t *testing.T) {
	w := newWorld(t, Config{})
	w.PushImage("web", "1", Behaviour{CapacityRPS: 50, CPU: 256})
	arn, err := w.RegisterTaskDefinition(TaskDefinitionSpec{
		Family: "web", CPU: 512, Containers: []ContainerSpec{{Name: "app", Image: "web:1"}},
	})
	require.NoError(t, err)
	w.steady(ServiceSpec{Desired: 1, TaskDefinition: arn})
	w.load(50)
	w.run(10 * time.Minute)
	assert.InDelta(t, 50, w.read("AWS/ECS", "CPUUtilization", "Average", 60, 5)[0], 1e-6)
}

func TestDefectiveTasksThatRunMayDrawAnew(t *testing.T) {
	failed := func(again time.Duration) int {
		w := newWorld(t, Config{})
		w.steady(ServiceSpec{Desired: 10, TaskDefinition: w.image("1", Behaviour{
			Defect: Defect{After: 10 * time.Minute, Probability: 0.3, Again: again}, Exit: Exit{After: Fixed(time.Minute), Code: 1},
		})})
		w.run(3 * time.Hour)
		return len(w.exited())
	}
	assert.Greater(t, failed(10*time.Minute), 3*failed(0), "they go on failing, as long as the image runs")
}
