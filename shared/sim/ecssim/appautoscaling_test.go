package ecssim

import (
	"testing"
	"time"

	"homeostat/shared/sim/ecssim/wire"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	aastypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tracked is a service of two tasks of 100 requests/s. Its policy tracks 50 %
// CPU.
func tracked(t *testing.T, minimum, maximum int) *world {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 2})
	require.NoError(t, w.RegisterScalableTarget("shop", "web", minimum, maximum))
	require.NoError(t, w.PutTargetTracking("shop", "web", "cpu", 50))
	return w
}

func (w *world) desired() int { return int(w.service().DesiredCount) }

func (w *world) scaledToMax() int {
	n := 0
	for _, e := range w.events {
		if e.DetailType == "Application Auto Scaling Scaling Activity State Change" {
			n++
		}
	}
	return n
}

func TestTargetTracking(t *testing.T) {
	t.Run("scales out after three minutes above the target, and once", func(t *testing.T) {
		w := tracked(t, 1, 10)
		w.load(100)
		w.run(10 * time.Minute)
		require.Equal(t, 2, w.desired())
		w.load(190)
		w.run(3 * time.Minute)
		assert.Equal(t, 2, w.desired(), "three data points have to be there first")
		w.run(3 * time.Minute)
		assert.Equal(t, 4, w.desired())
		w.run(20 * time.Minute)
		assert.Equal(t, 4, w.desired())
		require.Len(t, w.named("SERVICE_DESIRED_COUNT_UPDATED"), 1)
	})
	t.Run("stops at the maximum and says so", func(t *testing.T) {
		w := tracked(t, 1, 3)
		w.load(200)
		w.run(20 * time.Minute)
		assert.Equal(t, 3, w.desired())
		assert.Equal(t, 1, w.scaledToMax())
		out, err := w.aas.DescribeScalingActivities(t.Context(), &applicationautoscaling.DescribeScalingActivitiesInput{
			ServiceNamespace: "ecs", IncludeNotScaledActivities: aws.Bool(true),
		})
		require.NoError(t, err)
		assert.Equal(t, "AlreadyAtMaxCapacity", *out.ScalingActivities[0].NotScaledReasons[0].Code)
	})
	t.Run("scales in after fifteen minutes below nine tenths of it, down to the minimum", func(t *testing.T) {
		w := tracked(t, 1, 10)
		w.load(20)
		w.run(12 * time.Minute) // the three minutes before had no load
		assert.Equal(t, 2, w.desired())
		w.run(6 * time.Minute)
		assert.Equal(t, 1, w.desired())
		w.load(0)
		w.run(time.Hour)
		assert.Equal(t, 1, w.desired())
	})
	t.Run("does nothing just below the target", func(t *testing.T) {
		w := tracked(t, 1, 10)
		w.load(92)
		w.run(time.Hour)
		assert.Equal(t, 2, w.desired())
	})
	t.Run("does not scale in during a deployment", func(t *testing.T) {
		w := tracked(t, 1, 10)
		w.load(20)
		w.deploy(w.image("2", Behaviour{StartDelay: Fixed(2 * time.Hour)}))
		w.run(time.Hour)
		assert.Equal(t, 2, w.desired())
	})
	t.Run("does nothing without data", func(t *testing.T) {
		w := tracked(t, 1, 10)
		w.update(ecs.UpdateServiceInput{DesiredCount: aws.Int32(0)})
		w.run(time.Hour)
		assert.Zero(t, w.desired())
	})
	t.Run("obeys its suspension", func(t *testing.T) {
		w := tracked(t, 1, 10)
		_, err := w.aas.RegisterScalableTarget(t.Context(), &applicationautoscaling.RegisterScalableTargetInput{
			ServiceNamespace: "ecs", ResourceId: aws.String("service/shop/web"), ScalableDimension: "ecs:service:DesiredCount",
			SuspendedState: &aastypes.SuspendedState{DynamicScalingOutSuspended: aws.Bool(true)},
		})
		require.NoError(t, err)
		w.load(200)
		w.run(time.Hour)
		assert.Equal(t, 2, w.desired())
		out, err := w.aas.DescribeScalableTargets(t.Context(), &applicationautoscaling.DescribeScalableTargetsInput{
			ServiceNamespace: "ecs", ResourceIds: []string{"service/shop/web"},
		})
		require.NoError(t, err)
		assert.True(t, *out.ScalableTargets[0].SuspendedState.DynamicScalingOutSuspended)
		assert.EqualValues(t, 10, *out.ScalableTargets[0].MaxCapacity)
	})
	t.Run("takes its alarms with it", func(t *testing.T) {
		w := tracked(t, 1, 10)
		policies, err := w.aas.DescribeScalingPolicies(t.Context(), &applicationautoscaling.DescribeScalingPoliciesInput{ServiceNamespace: "ecs"})
		require.NoError(t, err)
		require.Len(t, policies.ScalingPolicies, 1)
		require.Len(t, policies.ScalingPolicies[0].Alarms, 2)
		high := w.alarmState(*policies.ScalingPolicies[0].Alarms[0].AlarmName)
		assert.EqualValues(t, 3, *high.EvaluationPeriods)
		low := w.alarmState(*policies.ScalingPolicies[0].Alarms[1].AlarmName)
		assert.EqualValues(t, 15, *low.EvaluationPeriods)
		assert.InDelta(t, 45, *low.Threshold, 1e-9)
		_, err = w.aas.DeregisterScalableTarget(t.Context(), &applicationautoscaling.DeregisterScalableTargetInput{
			ServiceNamespace: "ecs", ResourceId: aws.String("service/shop/web"), ScalableDimension: "ecs:service:DesiredCount",
		})
		require.NoError(t, err)
		assert.Empty(t, w.alarmNames())
	})
}

func TestStepScaling(t *testing.T) {
	t.Run("acts on the caller's alarm", func(t *testing.T) {
		w := newWorld(t, Config{})
		w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 2})
		require.NoError(t, w.RegisterScalableTarget("shop", "web", 1, 10))
		arn := w.stepPolicy("step", aastypes.StepScalingPolicyConfiguration{
			AdjustmentType: "ChangeInCapacity",
			StepAdjustments: []aastypes.StepAdjustment{
				{MetricIntervalLowerBound: aws.Float64(0), MetricIntervalUpperBound: aws.Float64(20), ScalingAdjustment: aws.Int32(1)},
				{MetricIntervalLowerBound: aws.Float64(20), ScalingAdjustment: aws.Int32(3)},
			},
		})
		require.NoError(t, w.PutAlarm(wire.Object{
			"AlarmName": "hot", "Namespace": "AWS/ECS", "MetricName": "CPUUtilization", "Statistic": "Average", "Period": 60,
			"Dimensions":        []wire.Object{{"Name": "ServiceName", "Value": "web"}, {"Name": "ClusterName", "Value": "shop"}},
			"EvaluationPeriods": 2, "Threshold": 60.0, "ComparisonOperator": "GreaterThanThreshold",
			"AlarmActions": []string{arn},
		}))
		w.load(180)
		w.run(6 * time.Minute)
		assert.Equal(t, 5, w.desired(), "90 is 30 above the threshold: the second step")
	})
}

// stepPolicy puts a step policy and returns its ARN.
func (w *world) stepPolicy(name string, config aastypes.StepScalingPolicyConfiguration) string {
	out, err := w.aas.PutScalingPolicy(w.t.Context(), &applicationautoscaling.PutScalingPolicyInput{
		PolicyName: &name, ServiceNamespace: "ecs", ResourceId: aws.String("service/shop/web"),
		ScalableDimension: "ecs:service:DesiredCount", PolicyType: "StepScaling", StepScalingPolicyConfiguration: &config,
	})
	require.NoError(w.t, err)
	return *out.PolicyARN
}
