package ecssim

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/fleet"
)

// probe gives a container a health check with these numbers, in seconds.
func probe(interval, retries, timeout, startPeriod int) func(*ContainerSpec) {
	return func(c *ContainerSpec) {
		c.Extra = map[string]any{"healthCheck": map[string]any{
			"command": []string{"CMD", "true"}, "interval": interval, "retries": retries, "timeout": timeout, "startPeriod": startPeriod,
		}}
	}
}

// lived returns the time from RUNNING to the order to stop of the first stopped
// task. The service must leave no room for a replacement beside it.
func (w *world) lived() time.Duration {
	w.t.Helper()
	stops := w.stops()
	require.NotEmpty(w.t, stops)
	task := w.describe(stops[0].Detail.TaskArn)
	require.NotNil(w.t, task)
	return task.StoppingAt.Sub(*task.StartedAt)
}

func TestAContainerIsUnhealthyAfterItsOwnNumberOfProbes(t *testing.T) {
	dead, hangs := Health{FailProbability: 1}, Health{FailProbability: 1, Hangs: true}
	for _, c := range []struct {
		name                                    string
		interval, retries, timeout, startPeriod int
		health                                  Health
		want                                    time.Duration
	}{
		{"the defaults of ECS: three probes, 30 s apart", 30, 3, 5, 0, dead, 90 * time.Second},
		{"two probes, 5 s apart", 5, 2, 5, 0, dead, 10 * time.Second},
		{"ten probes, a minute apart", 60, 10, 5, 0, dead, 10 * time.Minute},
		{"a probe in the start period does not count", 30, 3, 5, 300, dead, 390 * time.Second},
		{"a probe that hangs lasts its timeout", 30, 3, 5, 0, hangs, 105 * time.Second},
		{"an application that fails later is found by the same number", 30, 3, 5, 0, Health{FailProbability: 1, FailAfter: Fixed(5*time.Minute + time.Second)}, 390 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			w.create(ServiceSpec{Desired: 1, MinimumHealthyPercent: new(0), MaximumPercent: new(100), TaskDefinition: w.image("1", Behaviour{Health: c.health}, probe(c.interval, c.retries, c.timeout, c.startPeriod))})
			w.run(15 * time.Minute)
			assert.InDelta(t, (c.want + reaction).Seconds(), w.lived().Seconds(), 0.1)
			assert.Contains(t, w.stops()[0].Detail.StoppedReason, "failed container health checks")
		})
	}
}

func TestATargetIsUnhealthyAfterTwoProbes(t *testing.T) {
	for _, c := range []struct {
		name        string
		health      Health
		least, most time.Duration
	}{
		{"one that never answers, by AWS's interval", Health{FailProbability: 1}, 30 * time.Second, time.Minute},
		{"one that never answers, by an interval of 10 s", Health{FailProbability: 1, Interval: 10 * time.Second}, 10 * time.Second, 20 * time.Second},
		{"one that fails later", Health{FailProbability: 1, FailAfter: Fixed(5 * time.Minute)}, 330 * time.Second, 6 * time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			for seed := range uint64(5) {
				w := newWorld(t, Config{Seed: seed})
				w.create(ServiceSpec{
					Desired: 1, LoadBalanced: true, MinimumHealthyPercent: new(0), MaximumPercent: new(100),
					TaskDefinition: w.image("1", Behaviour{Health: c.health}),
				})
				w.run(15 * time.Minute)
				got := w.lived() - reaction
				assert.GreaterOrEqual(t, got, c.least)
				assert.LessOrEqual(t, got, c.most)
			}
		})
	}
}

func TestTheStopTimeoutEndsAProcess(t *testing.T) {
	for _, c := range []struct {
		name          string
		timeout, ends int // seconds
		code          int
		took          time.Duration
	}{
		{"without one a process has 30 s", 0, 90, exitKilled, 30 * time.Second},
		{"a longer one lets it end", 120, 90, exitTerminated, 90 * time.Second},
		{"a shorter one kills it", 5, 20, exitKilled, 5 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			ends := Behaviour{StopDelay: Fixed(time.Duration(c.ends) * time.Second)}
			w.steady(ServiceSpec{Desired: 2, TaskDefinition: w.image("1", ends, func(s *ContainerSpec) {
				if c.timeout > 0 {
					s.Extra = map[string]any{"stopTimeout": c.timeout}
				}
			})})
			w.update(ecs.UpdateServiceInput{DesiredCount: aws.Int32(1)})
			w.run(5 * time.Minute)
			require.Len(t, w.stops(), 1)
			task := w.describe(w.stops()[0].Detail.TaskArn)
			assert.EqualValues(t, c.code, *task.Containers[0].ExitCode)
			assert.InDelta(t, c.took.Seconds(), task.ExecutionStoppedAt.Sub(*task.StoppingAt).Seconds(), 0.01)
		})
	}
}

func TestAWorkerCounts40SecondsAfterItRuns(t *testing.T) {
	for _, c := range []struct {
		name  string
		exit  time.Duration
		count int32 // running tasks of the old revision at the end
	}{
		{"one that exits before is never counted, and the old tasks stay", 30 * time.Second, 3},
		{"one that exits after is counted, and replaces an old task", 50 * time.Second, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 3, Breaker: &BreakerSpec{Rollback: true}})
			old := *w.service().TaskDefinition
			w.deploy(w.image("2", Behaviour{Exit: Exit{Probability: 1, Code: 1, After: Fixed(c.exit)}}))
			w.run(20 * time.Minute)
			running := int32(0)
			for _, d := range w.service().Deployments {
				if *d.TaskDefinition == old {
					running += d.RunningCount
				}
			}
			assert.Equal(t, c.count, running)
			assert.Equal(t, c.count == 0, w.record().Status == ecstypes.ServiceDeploymentStatusSuccessful)
		})
	}
}

func TestFailedTasksStopsWithTheFirstHealthyTask(t *testing.T) {
	w := newWorld(t, Config{})
	w.create(ServiceSpec{TaskDefinition: w.image("1", Behaviour{FailToStart: StartFailure{Cause: fleet.LogDriver, Probability: 1}}), Desired: 1})
	w.run(3 * time.Minute)
	assert.Positive(t, w.service().Deployments[0].FailedTasks)
	w.SetBehaviour(w.RegistryHost()+"/web:1", Behaviour{})
	w.run(10 * time.Minute)
	assert.Zero(t, w.service().Deployments[0].FailedTasks)
	w.SetBehaviour(w.RegistryHost()+"/web:1", Behaviour{FailToStart: StartFailure{Cause: fleet.LogDriver, Probability: 1}})
	w.LoseHost("shop", "web", 1)
	w.run(10 * time.Minute)
	assert.Zero(t, w.service().Deployments[0].FailedTasks, "it is no longer evaluated")
}

func TestTheFirstStageOfTheBreakerEndsWithTheFirstRunningTask(t *testing.T) {
	for _, c := range []struct {
		name string
		one  bool
		want ecstypes.DeploymentRolloutState
	}{
		{"as documented: a start that fails later does not count", false, ecstypes.DeploymentRolloutStateInProgress},
		{"in one stage it does", true, ecstypes.DeploymentRolloutStateFailed},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{Model: Model{OneStage: c.one}})
			w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 4, Breaker: &BreakerSpec{}})
			// The first task runs and never becomes healthy within the test, so nothing resets the count.
			w.deploy(w.image("2", Behaviour{Health: Health{Delay: Fixed(time.Hour)}}, func(s *ContainerSpec) { s.HealthCheck, s.StartPeriod = true, 5*time.Minute }))
			w.run(time.Minute)
			w.SetBehaviour(w.RegistryHost()+"/web:2", Behaviour{FailToStart: StartFailure{Cause: fleet.LogDriver, Probability: 1}})
			w.LoseHost("shop", "web", 8)
			w.run(5 * time.Minute)
			assert.Equal(t, c.want, w.service().Deployments[0].RolloutState)
		})
	}
}

func TestAProtectedTaskOutlastsADeployment(t *testing.T) {
	w := newWorld(t, Config{})
	old := w.image("1", Behaviour{})
	w.steady(ServiceSpec{TaskDefinition: old, Desired: 2})
	protected := *w.running()[0].TaskArn
	_, err := w.ecs.UpdateTaskProtection(t.Context(), &ecs.UpdateTaskProtectionInput{
		Cluster: aws.String("shop"), Tasks: []string{protected}, ProtectionEnabled: true, ExpiresInMinutes: aws.Int32(60),
	})
	require.NoError(t, err)
	w.deploy(w.image("2", Behaviour{}))
	w.run(50 * time.Minute)
	assert.Equal(t, "RUNNING", *w.describe(protected).LastStatus)
	assert.Equal(t, ecstypes.DeploymentRolloutStateInProgress, w.service().Deployments[0].RolloutState, "the deployment waits for it")
	w.run(20 * time.Minute)
	assert.Equal(t, ecstypes.DeploymentRolloutStateCompleted, w.service().Deployments[0].RolloutState, "it ends with the protection")
}
