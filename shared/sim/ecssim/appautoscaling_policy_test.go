package ecssim

import (
	"testing"
	"time"

	"homeostat/shared/sim/ecssim/account"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	aastypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/sim/ecssim/wire"
)

func (w *world) track(name string, config aastypes.TargetTrackingScalingPolicyConfiguration) error {
	_, err := w.aas.PutScalingPolicy(w.t.Context(), &applicationautoscaling.PutScalingPolicyInput{
		PolicyName: &name, ServiceNamespace: "ecs", ResourceId: aws.String("service/shop/web"),
		ScalableDimension: "ecs:service:DesiredCount", PolicyType: "TargetTrackingScaling",
		TargetTrackingScalingPolicyConfiguration: &config,
	})
	return err
}

func predefined(name, label string) *aastypes.PredefinedMetricSpecification {
	spec := &aastypes.PredefinedMetricSpecification{PredefinedMetricType: aastypes.MetricType(name)}
	if label != "" {
		spec.ResourceLabel = &label
	}
	return spec
}

func TestWhatCanBeTracked(t *testing.T) {
	for _, c := range []struct {
		name   string
		config func(w *world) aastypes.TargetTrackingScalingPolicyConfiguration
		within time.Duration
		want   int
		err    string
	}{
		{"average CPU", func(*world) aastypes.TargetTrackingScalingPolicyConfiguration {
			return aastypes.TargetTrackingScalingPolicyConfiguration{TargetValue: aws.Float64(40), PredefinedMetricSpecification: predefined("ECSServiceAverageCPUUtilization", "")}
		}, 6 * time.Minute, 4, ""},
		{"CPU in high resolution answers within two minutes", func(*world) aastypes.TargetTrackingScalingPolicyConfiguration {
			return aastypes.TargetTrackingScalingPolicyConfiguration{TargetValue: aws.Float64(40), PredefinedMetricSpecification: predefined("ECSServiceAverageCPUUtilizationHighResolution", "")}
		}, 2 * time.Minute, 4, ""},
		{"requests per target", func(w *world) aastypes.TargetTrackingScalingPolicyConfiguration {
			group := w.TargetGroup("web")
			label := LoadBalancerName(group) + "/targetgroup/web/" + account.Digest("web")[7:23]
			return aastypes.TargetTrackingScalingPolicyConfiguration{TargetValue: aws.Float64(2400), PredefinedMetricSpecification: predefined("ALBRequestCountPerTarget", label)}
		}, 6 * time.Minute, 4, ""},
		{"a metric of one's own", func(*world) aastypes.TargetTrackingScalingPolicyConfiguration {
			return aastypes.TargetTrackingScalingPolicyConfiguration{TargetValue: aws.Float64(40), CustomizedMetricSpecification: &aastypes.CustomizedMetricSpecification{
				Namespace: aws.String("AWS/ECS"), MetricName: aws.String("CPUUtilization"), Statistic: "Maximum",
				Dimensions: []aastypes.MetricDimension{
					{Name: aws.String("ServiceName"), Value: aws.String("web")}, {Name: aws.String("ClusterName"), Value: aws.String("shop")},
				},
			}}
		}, 6 * time.Minute, 4, ""},
		{"memory, which load does not move", func(*world) aastypes.TargetTrackingScalingPolicyConfiguration {
			return aastypes.TargetTrackingScalingPolicyConfiguration{TargetValue: aws.Float64(31), PredefinedMetricSpecification: predefined("ECSServiceAverageMemoryUtilization", "")}
		}, 6 * time.Minute, 2, ""},
		{"not what the model does not know", func(*world) aastypes.TargetTrackingScalingPolicyConfiguration {
			return aastypes.TargetTrackingScalingPolicyConfiguration{TargetValue: aws.Float64(1), PredefinedMetricSpecification: predefined("KafkaBrokerStorageUtilization", "")}
		}, 0, 2, "does not model"},
		{"not a target of nothing", func(*world) aastypes.TargetTrackingScalingPolicyConfiguration {
			return aastypes.TargetTrackingScalingPolicyConfiguration{TargetValue: aws.Float64(0), PredefinedMetricSpecification: predefined("ECSServiceAverageCPUUtilization", "")}
		}, 0, 2, "TargetValue"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 2, LoadBalanced: true, HighResolution: c.within == 2*time.Minute})
			require.NoError(t, w.RegisterScalableTarget("shop", "web", 1, 10))
			err := w.track("policy", c.config(w))
			if c.err != "" {
				require.ErrorContains(t, err, c.err)
				return
			}
			require.NoError(t, err)
			w.RunUntil(w.Now().Truncate(time.Minute).Add(time.Minute))
			w.load(160)
			w.run(c.within)
			assert.Equal(t, c.want, w.desired())
		})
	}
}

func TestSeveralPolicies(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{Memory: Memory{Percent: 50}}), Desired: 4})
	require.NoError(t, w.RegisterScalableTarget("shop", "web", 1, 10))
	require.NoError(t, w.PutTargetTracking("shop", "web", "cpu", 50))
	require.NoError(t, w.track("memory", aastypes.TargetTrackingScalingPolicyConfiguration{
		TargetValue: aws.Float64(52), PredefinedMetricSpecification: predefined("ECSServiceAverageMemoryUtilization", ""),
	}))
	w.run(time.Hour)
	assert.Equal(t, 4, w.desired(), "the CPU is idle, but memory does not want to scale in")
	_, err := w.aas.DeleteScalingPolicy(t.Context(), &applicationautoscaling.DeleteScalingPolicyInput{
		PolicyName: aws.String("memory"), ServiceNamespace: "ecs", ResourceId: aws.String("service/shop/web"),
		ScalableDimension: "ecs:service:DesiredCount",
	})
	require.NoError(t, err)
	w.run(time.Hour)
	assert.Equal(t, 1, w.desired())
}

func TestScaleInCanBeDisabled(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 4})
	require.NoError(t, w.RegisterScalableTarget("shop", "web", 1, 10))
	require.NoError(t, w.track("cpu", aastypes.TargetTrackingScalingPolicyConfiguration{
		TargetValue: aws.Float64(50), DisableScaleIn: aws.Bool(true), PredefinedMetricSpecification: predefined("ECSServiceAverageCPUUtilization", ""),
	}))
	w.run(time.Hour)
	assert.Equal(t, 4, w.desired())
}

func TestAScaleInWaitsForItsCooldown(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 8})
	require.NoError(t, w.RegisterScalableTarget("shop", "web", 1, 10))
	require.NoError(t, w.PutTargetTracking("shop", "web", "cpu", 50))
	w.load(300)
	w.run(20 * time.Minute)
	require.Equal(t, 6, w.desired(), "37.5 % of eight is 50 % of six")
	w.load(100)
	w.run(10 * time.Minute)
	w.run(20 * time.Minute)
	assert.Equal(t, 2, w.desired())
	times := w.named("SERVICE_DESIRED_COUNT_UPDATED")
	assert.GreaterOrEqual(t, len(times), 2)
}

func TestAScaleOutAlarmRaisesToTheMinimum(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 1})
	require.NoError(t, w.RegisterScalableTarget("shop", "web", 5, 10))
	require.NoError(t, w.PutTargetTracking("shop", "web", "cpu", 50))
	w.run(30 * time.Minute)
	assert.Equal(t, 1, w.desired(), "registering alone changes nothing")
	w.load(60)
	w.run(10 * time.Minute)
	assert.Equal(t, 5, w.desired())
}

func TestAManualCountMayBeOverridden(t *testing.T) {
	w := tracked(t, 1, 10)
	w.load(100)
	w.run(5 * time.Minute)
	w.update(ecs.UpdateServiceInput{DesiredCount: aws.Int32(9)})
	w.run(30 * time.Minute)
	assert.Less(t, w.desired(), 9)
}

func TestAlarmsAreReplacedAndKeepTheirState(t *testing.T) {
	w := newWorld(t, Config{})
	require.NoError(t, w.PutAlarm(errorsAlarm("errors")))
	w.run(2 * time.Minute)
	require.Equal(t, cwtypes.StateValueOk, w.alarmState("errors").StateValue)
	changed := errorsAlarm("errors")
	changed["Threshold"] = 100.0
	require.NoError(t, w.PutAlarm(changed))
	assert.Equal(t, cwtypes.StateValueOk, w.alarmState("errors").StateValue)
	w.put("Errors", 50)
	w.run(3 * time.Minute)
	assert.Equal(t, cwtypes.StateValueOk, w.alarmState("errors").StateValue)
	assert.Len(t, w.alarmNames(), 1)
}

func TestAPolicyOnACustomMetricTracksItsUnit(t *testing.T) {
	w := scheduledWorld(t)
	_, err := w.scaling("PutScalingPolicy", scalingTarget(wire.Object{
		"PolicyName": "p", "PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": wire.Object{
			"TargetValue": 50.0, "CustomizedMetricSpecification": wire.Object{"Namespace": "shop", "MetricName": "m", "Statistic": "Average", "Unit": "Seconds"},
		},
	}))
	require.NoError(t, err)
	out, err := w.Server().Invoke("monitoring", "DescribeAlarmsForMetric", wire.Object{"Namespace": "shop", "MetricName": "m", "Unit": "Seconds"})
	require.NoError(t, err)
	assert.Len(t, out.Objects("MetricAlarms"), 2)
}
