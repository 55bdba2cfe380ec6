package ecssim

import (
	"testing"
	"time"

	"homeostat/shared/sim/ecssim/wire"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatStartsADeployment(t *testing.T) {
	for _, c := range []struct {
		name   string
		update func(w *world) ecs.UpdateServiceInput
		starts bool
	}{
		{"a new task definition does", func(w *world) ecs.UpdateServiceInput {
			return ecs.UpdateServiceInput{TaskDefinition: aws.String(w.define("web:1"))}
		}, true},
		{"the same task definition does not", func(w *world) ecs.UpdateServiceInput {
			return ecs.UpdateServiceInput{TaskDefinition: w.service().TaskDefinition}
		}, false},
		{"forceNewDeployment does", func(*world) ecs.UpdateServiceInput {
			return ecs.UpdateServiceInput{ForceNewDeployment: true}
		}, true},
		{"another network does", func(*world) ecs.UpdateServiceInput {
			return ecs.UpdateServiceInput{NetworkConfiguration: &ecstypes.NetworkConfiguration{
				AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{Subnets: []string{"subnet-9"}},
			}}
		}, true},
		{"another platform version does", func(*world) ecs.UpdateServiceInput {
			return ecs.UpdateServiceInput{PlatformVersion: aws.String("1.3.0")}
		}, true},
		{"a load balancer does", func(w *world) ecs.UpdateServiceInput {
			return ecs.UpdateServiceInput{LoadBalancers: []ecstypes.LoadBalancer{{
				TargetGroupArn: aws.String(w.TargetGroup("web")), ContainerName: aws.String("app"), ContainerPort: aws.Int32(80),
			}}}
		}, true},
		{"monitoring does", func(*world) ecs.UpdateServiceInput {
			return ecs.UpdateServiceInput{Monitoring: &ecstypes.MonitoringConfiguration{
				MetricConfigurations: []ecstypes.MetricConfiguration{{MetricNames: []string{"CPUUtilization"}, ResolutionSeconds: aws.Int32(20)}},
			}}
		}, true},
		{"the desired count does not", func(*world) ecs.UpdateServiceInput {
			return ecs.UpdateServiceInput{DesiredCount: aws.Int32(3)}
		}, false},
		{"capacity providers need a forced one", func(*world) ecs.UpdateServiceInput {
			return ecs.UpdateServiceInput{ForceNewDeployment: true, CapacityProviderStrategy: []ecstypes.CapacityProviderStrategyItem{
				{CapacityProvider: aws.String("FARGATE"), Weight: 1},
			}}
		}, true},
		{"the deployment configuration does not", func(*world) ecs.UpdateServiceInput {
			return ecs.UpdateServiceInput{DeploymentConfiguration: &ecstypes.DeploymentConfiguration{MaximumPercent: aws.Int32(150)}}
		}, false},
		{"the grace period does not", func(*world) ecs.UpdateServiceInput {
			return ecs.UpdateServiceInput{HealthCheckGracePeriodSeconds: aws.Int32(90)}
		}, false},
		{"zone rebalancing does not", func(*world) ecs.UpdateServiceInput {
			return ecs.UpdateServiceInput{AvailabilityZoneRebalancing: ecstypes.AvailabilityZoneRebalancingDisabled}
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 2})
			before := *w.service().Deployments[0].Id
			w.update(c.update(w))
			assert.Equal(t, c.starts, before != *w.service().Deployments[0].Id)
			assert.Equal(t, c.starts, len(w.named("SERVICE_DEPLOYMENT_IN_PROGRESS")) == 1)
			w.run(10 * time.Minute)
			w.assertSteady(int(w.service().DesiredCount))
		})
	}
}

func TestARollingDeploymentKeepsItsLimits(t *testing.T) {
	for _, c := range []struct {
		name                    string
		minimum, maximum        int
		desired                 int
		fewest, most            int
		impossible, atOnceStops bool
	}{
		{name: "100 and 200: all new beside all old", minimum: 100, maximum: 200, desired: 4, fewest: 4, most: 8},
		{name: "50 and 100: stop first, start after", minimum: 50, maximum: 100, desired: 4, fewest: 2, most: 4},
		{name: "0 and 100 on a single task", minimum: 0, maximum: 100, desired: 1, fewest: 0, most: 1},
		{name: "100 and 150", minimum: 100, maximum: 150, desired: 4, fewest: 4, most: 6},
		{name: "75 and 125", minimum: 75, maximum: 125, desired: 4, fewest: 3, most: 5},
		{name: "100 and 100 leaves no way", minimum: 100, maximum: 100, desired: 2, fewest: 2, most: 2, impossible: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			w.steady(ServiceSpec{
				TaskDefinition: w.image("1", Behaviour{}), Desired: c.desired, LoadBalanced: true,
				MinimumHealthyPercent: &c.minimum, MaximumPercent: &c.maximum,
			})
			w.deploy(w.image("2", Behaviour{}))
			fewest, most := c.desired, 0
			for range 600 {
				w.run(time.Second)
				st := w.Stats("shop", "web")
				now := st.History[len(st.History)-1]
				fewest, most = min(fewest, now.Healthy), max(most, len(w.running()))
			}
			assert.Equal(t, c.fewest, fewest, "healthy at the lowest")
			assert.Equal(t, c.most, most, "wanted at the highest")
			if c.impossible {
				assert.Equal(t, ecstypes.ServiceDeploymentStatusInProgress, w.record().Status)
				return
			}
			w.assertSteady(c.desired)
			assert.Equal(t, ecstypes.ServiceDeploymentStatusSuccessful, w.record().Status)
		})
	}
}

func TestADeploymentTellsItsStory(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 2})
	w.deploy(w.image("2", Behaviour{}))
	pending := w.record()
	assert.Equal(t, ecstypes.ServiceDeploymentStatusPending, pending.Status)
	w.run(5 * time.Second)
	assert.Equal(t, ecstypes.ServiceDeploymentStatusInProgress, w.record().Status)
	assert.Equal(t, pending.ServiceDeploymentArn, w.service().CurrentServiceDeployment)
	w.run(5 * time.Minute)
	d := w.service().Deployments[0]
	assert.Equal(t, "ECS deployment "+*d.Id+" completed.", *d.RolloutStateReason)
	var names []string
	for _, e := range w.events {
		if e.Detail.EventName != "" {
			names = append(names, e.Detail.EventName)
		}
	}
	assert.Equal(t, []string{"SERVICE_DEPLOYMENT_IN_PROGRESS", "SERVICE_DEPLOYMENT_COMPLETED", "SERVICE_STEADY_STATE"}, names)
	for _, e := range w.stops() {
		assert.Equal(t, "Scaling activity initiated by (deployment "+*d.Id+")", e.Detail.StoppedReason)
		assert.Equal(t, "ServiceSchedulerInitiated", e.Detail.StopCode)
	}
	assert.Len(t, w.stops(), 2)
	record := w.record()
	assert.Equal(t, ecstypes.ServiceDeploymentStatusSuccessful, record.Status)
	assert.NotEqual(t, *record.SourceServiceRevisions[0].Arn, *record.TargetServiceRevision.Arn)
}

func TestTheSteadyStateIsRepeatedEverySixHours(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 1})
	w.run(25 * time.Hour)
	assert.Len(t, w.named("SERVICE_STEADY_STATE"), 4)
}

func TestANewerDeploymentStopsTheOneInProgress(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 2})
	w.deploy(w.image("2", Behaviour{StartDelay: Fixed(time.Hour)}))
	w.run(time.Minute)
	first := w.record()
	w.deploy(w.image("3", Behaviour{}))
	w.run(10 * time.Minute)
	out, err := w.ecs.DescribeServiceDeployments(t.Context(), &ecs.DescribeServiceDeploymentsInput{
		ServiceDeploymentArns: []string{*first.ServiceDeploymentArn},
	})
	require.NoError(t, err)
	assert.Equal(t, ecstypes.ServiceDeploymentStatusStopped, out.ServiceDeployments[0].Status)
	assert.Equal(t, ecstypes.ServiceDeploymentStatusSuccessful, w.record().Status)
	w.assertSteady(2)
}

func TestStopServiceDeployment(t *testing.T) {
	stop := func(w *world, kind ecstypes.StopServiceDeploymentStopType) error {
		_, err := w.ecs.StopServiceDeployment(w.t.Context(), &ecs.StopServiceDeploymentInput{
			ServiceDeploymentArn: w.record().ServiceDeploymentArn, StopType: kind,
		})
		return err
	}
	t.Run("rolls back, though rollback was never configured", func(t *testing.T) {
		w := newWorld(t, Config{})
		good := w.image("1", Behaviour{})
		w.steady(ServiceSpec{TaskDefinition: good, Desired: 2})
		w.deploy(w.image("2", Behaviour{StartDelay: Fixed(time.Hour)}))
		w.run(time.Minute)
		require.NoError(t, stop(w, ecstypes.StopServiceDeploymentStopTypeRollback))
		assert.Equal(t, ecstypes.ServiceDeploymentStatusRollbackRequested, w.record().Status)
		w.run(10 * time.Minute)
		assert.Equal(t, ecstypes.ServiceDeploymentStatusRollbackSuccessful, w.record().Status)
		assert.Equal(t, good, *w.service().TaskDefinition)
		assert.Empty(t, w.named("SERVICE_DEPLOYMENT_FAILED"))
		w.assertSteady(2)
	})
	t.Run("is no answer to a deployment that succeeded", func(t *testing.T) {
		w := newWorld(t, Config{})
		w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 1})
		var conflict *ecstypes.ConflictException
		assert.ErrorAs(t, stop(w, ecstypes.StopServiceDeploymentStopTypeRollback), &conflict)
	})
	t.Run("cannot abort", func(t *testing.T) {
		w := newWorld(t, Config{})
		w.create(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 1})
		var invalid *ecstypes.InvalidParameterException
		assert.ErrorAs(t, stop(w, ecstypes.StopServiceDeploymentStopTypeAbort), &invalid)
	})
	t.Run("has nowhere to go on the first deployment", func(t *testing.T) {
		w := newWorld(t, Config{})
		w.create(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 1})
		var conflict *ecstypes.ConflictException
		assert.ErrorAs(t, stop(w, ecstypes.StopServiceDeploymentStopTypeRollback), &conflict)
	})
	t.Run("does not know a deployment that never was", func(t *testing.T) {
		w := newWorld(t, Config{})
		_, err := w.ecs.StopServiceDeployment(t.Context(), &ecs.StopServiceDeploymentInput{ServiceDeploymentArn: aws.String("arn:aws:ecs:x")})
		var unknown *ecstypes.ServiceDeploymentNotFoundException
		assert.ErrorAs(t, err, &unknown)
	})
}

// errorsAlarm returns an alarm on a custom metric that tests can change.
func errorsAlarm(name string) wire.Object {
	return wire.Object{
		"AlarmName": name, "Namespace": "Test", "MetricName": "Errors", "Statistic": "Sum", "Period": 60,
		"EvaluationPeriods": 1, "Threshold": 5.0, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching",
	}
}

func TestAlarmsOfADeployment(t *testing.T) {
	prepare := func(t *testing.T) *world {
		w := newWorld(t, Config{})
		require.NoError(t, w.PutAlarm(errorsAlarm("errors")))
		w.create(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 2, Alarms: []string{"errors"}})
		w.run(10 * time.Minute)
		w.assertSteady(2)
		return w
	}
	t.Run("one that fires rolls the deployment back", func(t *testing.T) {
		w := prepare(t)
		good := *w.service().TaskDefinition
		w.deploy(w.image("2", Behaviour{}))
		w.run(2 * time.Minute)
		assert.Equal(t, ecstypes.ServiceDeploymentRollbackMonitorsStatusMonitoring, w.record().Alarms.Status)
		w.fire("errors")
		record := w.record()
		assert.Equal(t, []string{"errors"}, record.Alarms.TriggeredAlarmNames)
		assert.Equal(t, ecstypes.ServiceDeploymentRollbackMonitorsStatusTriggered, record.Alarms.Status)
		w.run(10 * time.Minute)
		assert.Equal(t, ecstypes.ServiceDeploymentStatusRollbackSuccessful, w.record().Status)
		assert.Equal(t, good, *w.service().TaskDefinition)
	})
	t.Run("one that was in ALARM from the start is ignored", func(t *testing.T) {
		w := prepare(t)
		w.fire("errors")
		next := w.image("2", Behaviour{})
		w.deploy(next)
		w.run(10 * time.Minute)
		assert.Equal(t, ecstypes.ServiceDeploymentRollbackMonitorsStatusDisabled, w.record().Alarms.Status)
		assert.Equal(t, next, *w.service().TaskDefinition)
		w.assertSteady(2)
	})
	t.Run("the deployment stays IN_PROGRESS while it bakes", func(t *testing.T) {
		w := prepare(t)
		w.deploy(w.image("2", Behaviour{}))
		w.run(2 * time.Minute)
		svc := w.service()
		assert.EqualValues(t, 2, svc.RunningCount)
		assert.Equal(t, ecstypes.ServiceDeploymentLifecycleStageBakeTime, w.record().LifecycleStage)
		w.run(5 * time.Minute)
		assert.Equal(t, ecstypes.ServiceDeploymentStatusSuccessful, w.record().Status)
	})
}
