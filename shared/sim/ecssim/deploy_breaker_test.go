package ecssim

import (
	"testing"
	"time"

	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheBreakersThreshold(t *testing.T) {
	for _, c := range []struct {
		name                 string
		kind                 string
		value, desired, want int
	}{
		{"the default never goes below three", ThresholdBoundedPercent, 50, 1, 3},
		{"the default at four is three", ThresholdBoundedPercent, 50, 4, 3},
		{"half of 25 rounds up", ThresholdBoundedPercent, 50, 25, 13},
		{"half of 400 is exact", ThresholdBoundedPercent, 50, 400, 200},
		{"the default never goes above 200", ThresholdBoundedPercent, 50, 800, 200},
		{"ten percent of 100", ThresholdBoundedPercent, 10, 100, 10},
		{"seven percent of 100 is seven, whatever floating point says", ThresholdBoundedPercent, 7, 100, 7},
		{"unbounded goes below three", ThresholdUnboundedPercent, 50, 2, 1},
		{"unbounded goes above 200", ThresholdUnboundedPercent, 50, 800, 400},
		{"unbounded above one hundred percent", ThresholdUnboundedPercent, 150, 10, 15},
		{"unbounded of nothing is still one", ThresholdUnboundedPercent, 50, 0, 1},
		{"a count is taken literally", ThresholdCount, 1, 500, 1},
		{"a count of seven", ThresholdCount, 7, 1, 7},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.want, BreakerThreshold(c.kind, c.value, c.desired))
		})
	}
}

// rollout is one deployment of a new image over a good image.
type rollout struct {
	name     string
	bad      Behaviour
	breaker  *BreakerSpec
	checked  bool
	failures int
	tripped  bool
}

func TestWhatTheBreakerCounts(t *testing.T) {
	neverStarts := Behaviour{FailToStart: StartFailure{Cause: fleet.SecretMissing, Probability: 1}}
	neverHealthy := Behaviour{Health: Health{FailProbability: 1}}
	for _, c := range []rollout{
		{"tasks that never reach RUNNING trip it", neverStarts, &BreakerSpec{Rollback: true}, false, 3, true},
		{"a count of one trips at the first", neverStarts, &BreakerSpec{Rollback: true, Kind: ThresholdCount, Value: 1}, false, 1, true},
		{"tasks replaced for a failed check trip it", neverHealthy, &BreakerSpec{Rollback: true}, true, 3, true},
		{
			"a container that ends at once is never seen RUNNING",
			Behaviour{Exit: Exit{Probability: 1, After: Fixed(time.Second), Code: 1}},
			&BreakerSpec{Rollback: true}, false, 3, true,
		},
		{
			"tasks that end after RUNNING do not count",
			Behaviour{Exit: Exit{Probability: 1, After: Fixed(20 * time.Second), Code: 1}},
			&BreakerSpec{Rollback: true}, false, 0, false,
		},
		{"without a check an unhealthy task is not detected", neverHealthy, &BreakerSpec{Rollback: true}, false, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) { c.play(t) })
	}
}

func (c rollout) play(t *testing.T) {
	w := newWorld(t, Config{})
	var check []func(*ContainerSpec)
	if c.checked {
		check = append(check, withCheck)
	}
	good := w.image("1", Behaviour{}, check...)
	w.steady(ServiceSpec{TaskDefinition: good, Desired: 2, Breaker: c.breaker})
	w.deploy(w.image("2", c.bad, check...))
	w.run(30 * time.Minute)
	breaker := w.record().DeploymentCircuitBreaker
	assert.EqualValues(t, c.failures, breaker.FailureCount)
	if !c.tripped {
		assert.NotEqual(t, ecstypes.ServiceDeploymentRollbackMonitorsStatusTriggered, breaker.Status)
		assert.Empty(t, w.named("SERVICE_DEPLOYMENT_FAILED"))
		return
	}
	assert.Equal(t, ecstypes.ServiceDeploymentRollbackMonitorsStatusTriggered, breaker.Status)
	require.Len(t, w.named("SERVICE_DEPLOYMENT_FAILED"), 1)
	assert.Equal(t, "ECS deployment circuit breaker: tasks failed to start.", w.named("SERVICE_DEPLOYMENT_FAILED")[0].Detail.Reason)
	assert.Equal(t, ecstypes.ServiceDeploymentStatusRollbackSuccessful, w.record().Status)
	assert.Equal(t, good, *w.service().TaskDefinition)
	w.assertSteady(2)
}

func TestARollbackSaysSo(t *testing.T) {
	w := newWorld(t, Config{})
	good := w.image("1", Behaviour{})
	w.steady(ServiceSpec{TaskDefinition: good, Desired: 1, Breaker: &BreakerSpec{Rollback: true, Kind: ThresholdCount, Value: 1}})
	before := *w.service().Deployments[0].Id
	w.deploy(w.image("2", Behaviour{FailToStart: StartFailure{Cause: fleet.PullDenied, Probability: 1}}))
	for len(w.named("SERVICE_DEPLOYMENT_FAILED")) == 0 {
		w.run(time.Second)
	}
	deployments := w.service().Deployments
	require.Len(t, deployments, 3, "the rollback, the failed one, the one that still serves")
	reason := "ECS deployment circuit breaker: rolling back to deploymentId " + before + "."
	assert.Equal(t, reason, *deployments[0].RolloutStateReason)
	assert.Equal(t, ecstypes.DeploymentRolloutStateInProgress, deployments[0].RolloutState)
	assert.NotEqual(t, before, *deployments[0].Id, "a rollback is a new deployment")
	assert.Equal(t, ecstypes.DeploymentRolloutStateFailed, deployments[1].RolloutState)
	record := w.record()
	assert.Equal(t, ecstypes.ServiceDeploymentStatusRollbackInProgress, record.Status)
	assert.NotEmpty(t, *record.Rollback.ServiceRevisionArn)
	started := w.named("SERVICE_DEPLOYMENT_IN_PROGRESS")
	assert.Equal(t, reason, started[len(started)-1].Detail.Reason)
	w.run(5 * time.Minute)
	assert.Equal(t, ecstypes.ServiceDeploymentStatusRollbackSuccessful, w.record().Status)
	w.assertSteady(1)
}

func TestWithoutRollbackTheServiceStalls(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 2, Breaker: &BreakerSpec{}})
	w.deploy(w.image("2", Behaviour{FailToStart: StartFailure{Cause: fleet.LogDriver, Probability: 1}}))
	w.run(time.Hour)
	svc := w.service()
	assert.Equal(t, ecstypes.DeploymentRolloutStateFailed, svc.Deployments[0].RolloutState)
	assert.EqualValues(t, 2, svc.RunningCount, "the old tasks go on")
	assert.Equal(t, ecstypes.ServiceDeploymentStatusStopped, w.record().Status)
	starts := len(w.stops())
	w.run(time.Hour)
	assert.Len(t, w.stops(), starts, "nothing more is launched")
}

func TestTheFirstDeploymentHasNothingToRollBackTo(t *testing.T) {
	w := newWorld(t, Config{})
	bad := w.image("1", Behaviour{FailToStart: StartFailure{Cause: fleet.LogDriver, Probability: 1}})
	w.create(ServiceSpec{TaskDefinition: bad, Desired: 1, Breaker: &BreakerSpec{Rollback: true}})
	w.run(time.Hour)
	assert.Equal(t, ecstypes.ServiceDeploymentStatusRollbackFailed, w.record().Status)
	stops := len(w.stops())
	w.run(time.Hour)
	assert.Len(t, w.stops(), stops, "it launches nothing and stalls")
}

func TestAHealthyTaskResetsTheCount(t *testing.T) {
	for _, c := range []struct {
		name       string
		cumulative bool
		tripped    bool
	}{
		{"in a row: every second start fails and the breaker holds", false, false},
		{"cumulative: the same trips it", true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := New(Config{})
			d := &deployment{service: &service{sim: s, cluster: s.addCluster("shop"), desired: 1}, rollout: rolloutInProgress}
			d.record = &serviceDeployment{service: d.service, subject: d}
			d.service.deployments = []*deployment{d}
			d.service.rollout.breaker = defaultBreaker()
			d.service.rollout.breaker.enable, d.service.rollout.breaker.consecutive = true, !c.cumulative
			for range 4 {
				d.breakerCounts()
				d.breakerHealthy()
			}
			assert.Equal(t, c.tripped, d.rollout == rolloutFailed)
		})
	}
}

func TestTheLatestDesiredCountMovesTheThreshold(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 2, Breaker: &BreakerSpec{Rollback: true}})
	w.deploy(w.image("2", Behaviour{StartDelay: Fixed(time.Hour)}))
	w.run(time.Minute)
	assert.EqualValues(t, 3, w.record().DeploymentCircuitBreaker.Threshold)
	w.update(ecs.UpdateServiceInput{DesiredCount: new(int32(20))})
	assert.EqualValues(t, 10, w.record().DeploymentCircuitBreaker.Threshold)
}
