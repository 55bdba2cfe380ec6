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

// shifts creates a steady service of two tasks with a strategy, behind a load
// balancer with 100 requests a second. The tasks of the second revision have the
// given behaviour.
func (w *world) shifts(spec ShiftSpec, green Behaviour) (first, second string) {
	first = w.image("1", Behaviour{CapacityRPS: 100})
	w.steady(ServiceSpec{TaskDefinition: first, Desired: 2, LoadBalanced: true, Shift: &spec})
	w.load(100)
	w.run(5 * time.Minute)
	return first, w.image("2", green)
}

// visit is a lifecycle stage and the green share of traffic in it.
type visit struct {
	stage ecstypes.ServiceDeploymentLifecycleStage
	green float64
}

// way runs until the deployment has ended. It returns the visited stages and the
// largest number of running tasks.
func (w *world) way(limit time.Duration) (visits []visit, most int32) {
	for end := w.Now().Add(limit); w.Now().Before(end); w.run(time.Second) {
		r := w.record()
		most = max(most, w.service().RunningCount)
		if r.FinishedAt != nil {
			return visits, most
		}
		v := visit{r.LifecycleStage, aws.ToFloat64(r.TargetServiceRevision.RequestedProductionTrafficWeight)}
		if n := len(visits); n == 0 || visits[n-1] != v {
			visits = append(visits, v)
		}
	}
	return visits, most
}

func TestTheWayOfEachStrategy(t *testing.T) {
	const (
		up, test, shift = "SCALE_UP", "TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT"
		bake, clean     = "BAKE_TIME", "CLEAN_UP"
	)
	for _, c := range []struct {
		name string
		spec ShiftSpec
		want []visit
		took time.Duration // at least; in bake times
	}{
		{
			"all at once",
			ShiftSpec{Strategy: "BLUE_GREEN"},
			[]visit{{up, 0}, {test, 0}, {shift, 100}, {bake, 100}, {clean, 100}},
			15 * time.Minute,
		},
		{
			"a canary first",
			ShiftSpec{Strategy: "CANARY", Percent: 10, StepBake: 5 * time.Minute},
			[]visit{{up, 0}, {test, 0}, {shift, 10}, {shift, 100}, {bake, 100}, {clean, 100}},
			20 * time.Minute,
		},
		{
			"in equal steps",
			ShiftSpec{Strategy: "LINEAR", Percent: 40, StepBake: 3 * time.Minute},
			[]visit{{up, 0}, {test, 0}, {shift, 40}, {shift, 80}, {shift, 100}, {bake, 100}, {clean, 100}},
			21 * time.Minute,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			_, second := w.shifts(c.spec, Behaviour{CapacityRPS: 100})
			begin := w.Now()
			w.deploy(second)
			w.run(5 * time.Second)
			visits, most := w.way(2 * time.Hour)
			assert.Equal(t, c.want, visits)
			assert.EqualValues(t, 4, most, "both sets of tasks stand side by side")
			assert.Equal(t, ecstypes.ServiceDeploymentStatusSuccessful, w.record().Status)
			assert.GreaterOrEqual(t, w.Now().Sub(begin), c.took)
			assert.Equal(t, second, *w.service().TaskDefinition)
			w.assertSteady(2)
			assert.Zero(t, w.Stats("shop", "web").TasksFailed)
		})
	}
}

func TestTrafficFollowsItsShare(t *testing.T) {
	w := newWorld(t, Config{})
	first, second := w.shifts(ShiftSpec{Strategy: "CANARY", Percent: 10, StepBake: 20 * time.Minute}, Behaviour{CapacityRPS: 100, ErrorRate: 1})
	before := w.Stats("shop", "web").FailedRequests
	w.deploy(second)
	w.run(10 * time.Minute)
	alternate, all := w.AlternateGroup("web"), ""
	assert.InDelta(t, 600, w.readGroup(alternate, "HTTPCode_Target_5XX_Count")[0], 1e-6, "a tenth of 6000")
	assert.InDelta(t, 600, w.readGroup(all, "HTTPCode_Target_5XX_Count")[0], 1e-6)
	assert.InDelta(t, 600, w.readGroup(alternate, "RequestCount")[0], 1e-6)
	assert.InDelta(t, 5400, w.readGroup(w.TargetGroup("web"), "RequestCount")[0], 1e-6)
	assert.InDelta(t, 6000, w.readGroup(all, "RequestCount")[0], 1e-6)
	_, err := w.ecs.StopServiceDeployment(t.Context(), &ecs.StopServiceDeploymentInput{ServiceDeploymentArn: w.record().ServiceDeploymentArn})
	require.NoError(t, err)
	w.run(5 * time.Minute)
	r := w.record()
	assert.Equal(t, ecstypes.ServiceDeploymentStatusRollbackSuccessful, r.Status)
	assert.Zero(t, *r.TargetServiceRevision.RequestedProductionTrafficWeight)
	assert.EqualValues(t, 100, *r.SourceServiceRevisions[0].RequestedProductionTrafficWeight)
	assert.Equal(t, first, *w.service().TaskDefinition)
	w.assertSteady(2)
	failed := w.Stats("shop", "web").FailedRequests
	assert.Greater(t, failed, before)
	assert.Less(t, failed-before, 100*0.1*600.0)
	w.run(10 * time.Minute)
	assert.Equal(t, failed, w.Stats("shop", "web").FailedRequests, "the blue tasks never went")
	started := 0
	for _, e := range w.stops() {
		started += count(e.Detail.TaskDefinitionArn == first)
	}
	assert.Zero(t, started, "no blue task was stopped for it")
}

func TestBlueTasksAreKeptWhileBothStand(t *testing.T) {
	w := newWorld(t, Config{})
	_, second := w.shifts(ShiftSpec{Strategy: "BLUE_GREEN"}, Behaviour{})
	w.deploy(second)
	w.run(3 * time.Minute)
	require.EqualValues(t, 4, w.service().RunningCount)
	w.LoseHost("shop", "web", 1) // the oldest task is a blue one
	w.run(2 * time.Minute)
	assert.EqualValues(t, 4, w.service().RunningCount)
	w.update(ecs.UpdateServiceInput{DesiredCount: aws.Int32(3)})
	w.run(2 * time.Minute)
	assert.EqualValues(t, 6, w.service().RunningCount, "both sets follow the desired count")
	w.run(30 * time.Minute)
	w.assertSteady(3)
}

func TestWhatEndsAShift(t *testing.T) {
	for _, c := range []struct {
		name  string
		green Behaviour
		act   func(w *world)
		spec  func(*ServiceSpec)
	}{
		{"the circuit breaker", Behaviour{Exit: Exit{Probability: 1, After: Fixed(time.Millisecond), Code: 1}}, nil, func(s *ServiceSpec) {
			s.Breaker = &BreakerSpec{Rollback: true}
		}},
		{"an alarm in the bake time", Behaviour{}, func(w *world) { w.turn("errors", "ALARM") }, func(s *ServiceSpec) { s.Alarms = []string{"errors"} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			w.metricAlarms("errors")
			first := w.image("1", Behaviour{})
			spec := ServiceSpec{TaskDefinition: first, Desired: 2, LoadBalanced: true, Shift: &ShiftSpec{Strategy: "BLUE_GREEN"}}
			c.spec(&spec)
			w.create(spec)
			w.run(20 * time.Minute)
			w.assertSteady(2)
			w.deploy(w.image("2", c.green))
			w.run(4 * time.Minute)
			if c.act != nil {
				c.act(w)
			}
			w.run(5 * time.Minute)
			assert.Equal(t, ecstypes.ServiceDeploymentStatusRollbackSuccessful, w.record().Status)
			assert.Equal(t, first, *w.service().TaskDefinition)
			w.assertSteady(2)
			assert.Len(t, w.named("SERVICE_DEPLOYMENT_FAILED"), 1)
		})
	}
}

func TestANewerDeploymentReplacesTheGreenSet(t *testing.T) {
	w := newWorld(t, Config{})
	_, second := w.shifts(ShiftSpec{Strategy: "BLUE_GREEN"}, Behaviour{})
	w.deploy(second)
	w.run(3 * time.Minute)
	third := w.image("3", Behaviour{})
	w.deploy(third)
	w.run(2 * time.Minute)
	assert.EqualValues(t, 4, w.service().RunningCount, "blue and the newest")
	w.run(30 * time.Minute)
	assert.Equal(t, third, *w.service().TaskDefinition)
	w.assertSteady(2)
}

func TestStrategiesThatAreRefused(t *testing.T) {
	linear := func(percent float64) *ecstypes.DeploymentConfiguration {
		return &ecstypes.DeploymentConfiguration{
			Strategy: ecstypes.DeploymentStrategyLinear, LinearConfiguration: &ecstypes.LinearConfiguration{StepPercent: aws.Float64(percent)},
		}
	}
	hook := func(change func(*ecstypes.DeploymentLifecycleHook)) *ecstypes.DeploymentConfiguration {
		h := ecstypes.DeploymentLifecycleHook{
			TargetType:      ecstypes.DeploymentLifecycleHookTargetTypePause,
			LifecycleStages: []ecstypes.DeploymentLifecycleHookStage{ecstypes.DeploymentLifecycleHookStagePostScaleUp},
		}
		change(&h)
		return &ecstypes.DeploymentConfiguration{LifecycleHooks: []ecstypes.DeploymentLifecycleHook{h}}
	}
	for name, in := range map[string]*ecstypes.DeploymentConfiguration{
		"steps below three percent": linear(2),
		"steps above everything":    linear(101),
		"steps of another strategy": {Strategy: ecstypes.DeploymentStrategyBlueGreen, CanaryConfiguration: &ecstypes.CanaryConfiguration{}},
		"a Lambda hook": hook(func(h *ecstypes.DeploymentLifecycleHook) {
			h.TargetType = ecstypes.DeploymentLifecycleHookTargetTypeAwsLambda
		}),
		"a pause in the middle of a shift": hook(func(h *ecstypes.DeploymentLifecycleHook) {
			h.LifecycleStages = []ecstypes.DeploymentLifecycleHookStage{ecstypes.DeploymentLifecycleHookStageProductionTrafficShift}
		}),
		"a pause of a month": hook(func(h *ecstypes.DeploymentLifecycleHook) {
			h.TimeoutConfiguration = &ecstypes.DeploymentLifecycleHookTimeoutConfiguration{TimeoutInMinutes: aws.Int32(43200)}
		}),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, Config{})
			w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 1, LoadBalanced: true})
			_, err := w.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{
				Cluster: aws.String("shop"), Service: aws.String("web"), DeploymentConfiguration: in,
			})
			var invalid *ecstypes.InvalidParameterException
			assert.ErrorAs(t, err, &invalid)
		})
	}
}

func TestAStrategyIsShownAsItWasSet(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 1, LoadBalanced: true})
	set := func(in *ecstypes.DeploymentConfiguration) *ecstypes.DeploymentConfiguration {
		w.update(ecs.UpdateServiceInput{DeploymentConfiguration: in})
		return w.service().DeploymentConfiguration
	}
	got := set(&ecstypes.DeploymentConfiguration{Strategy: ecstypes.DeploymentStrategyCanary})
	assert.Equal(t, &ecstypes.CanaryConfiguration{CanaryPercent: aws.Float64(5), CanaryBakeTimeInMinutes: aws.Int32(10)}, got.CanaryConfiguration, "the defaults")
	got = set(&ecstypes.DeploymentConfiguration{LifecycleHooks: []ecstypes.DeploymentLifecycleHook{{
		TargetType:      ecstypes.DeploymentLifecycleHookTargetTypePause,
		LifecycleStages: []ecstypes.DeploymentLifecycleHookStage{ecstypes.DeploymentLifecycleHookStagePostScaleUp},
	}}})
	assert.Equal(t, ecstypes.DeploymentStrategyCanary, got.Strategy, "what is not said stays")
	assert.EqualValues(t, 1440, *got.LifecycleHooks[0].TimeoutConfiguration.TimeoutInMinutes)
	assert.Equal(t, ecstypes.DeploymentLifecycleHookActionRollback, got.LifecycleHooks[0].TimeoutConfiguration.Action)
	got = set(&ecstypes.DeploymentConfiguration{Strategy: ecstypes.DeploymentStrategyLinear})
	assert.Equal(t, &ecstypes.LinearConfiguration{StepPercent: aws.Float64(10), StepBakeTimeInMinutes: aws.Int32(6)}, got.LinearConfiguration)
	assert.Nil(t, got.CanaryConfiguration)
}
