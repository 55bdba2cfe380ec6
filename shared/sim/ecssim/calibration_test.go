package ecssim

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	aastypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// reactsToAStep plays AWS's published test of target tracking once. The load
// steps up at a moment of the metric's period. It returns the time until the
// count is raised and the time until the new task runs.
func (w *world) reactsToAStep(metric string, offset, period time.Duration) (trigger, total time.Duration) {
	w.steady(ServiceSpec{
		// A new task runs 23 s after the trigger, as in AWS's test. The scheduler
		// needs 2 s of them.
		TaskDefinition: w.image("1", Behaviour{StartDelay: Fixed(21 * time.Second)}), Desired: 1,
		HighResolution: period < time.Minute,
	})
	require.NoError(w.t, w.RegisterScalableTarget("shop", "web", 1, 10))
	require.NoError(w.t, w.track("cpu", aastypes.TargetTrackingScalingPolicyConfiguration{
		TargetValue: aws.Float64(50), PredefinedMetricSpecification: predefined(metric, ""),
	}))
	w.run(10 * time.Minute)
	w.RunUntil(w.Now().Truncate(period).Add(period + offset))
	// The load is just above the target, so that the period with the step does
	// not breach.
	w.load(51)
	began := w.Now()
	for w.service().RunningCount < 2 {
		w.run(500 * time.Millisecond)
		if trigger == 0 && w.desired() > 1 {
			trigger = w.Now().Sub(began)
		}
		require.Less(w.t, w.Now().Sub(began), time.Hour, "it never scales")
	}
	return trigger, w.Now().Sub(began)
}

// TestTargetTrackingActsWhenAWSMeasuredIt compares the model with the test that
// AWS published, as the mean over the moments of the step.
func TestTargetTrackingActsWhenAWSMeasuredIt(t *testing.T) {
	for _, c := range []struct {
		name, metric           string
		period                 time.Duration
		trigger, total, within float64
	}{
		{"metrics of a minute", "ECSServiceAverageCPUUtilization", time.Minute, 363, 386, 4},
		{"metrics of 20 seconds", "ECSServiceAverageCPUUtilizationHighResolution", 20 * time.Second, 86, 109, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			var trigger, total float64
			const moments = 10
			for i := range moments {
				w := newWorld(t, Config{Seed: uint64(i)})
				offset := c.period * time.Duration(2*i+1) / (2 * moments)
				a, b := w.reactsToAStep(c.metric, offset, c.period)
				trigger += a.Seconds() / moments
				total += b.Seconds() / moments
			}
			t.Logf("trigger %.1f s (AWS: %.0f), provisioned %.1f s (AWS: %.0f)", trigger, c.trigger, total, c.total)
			assert.InDelta(t, c.trigger, trigger, c.within)
			assert.InDelta(t, c.total, total, c.within)
		})
	}
}

// steps puts a step policy and an alarm for it on the metric Test/Load.
func (w *world) steps(name, comparison string, threshold float64, config aastypes.StepScalingPolicyConfiguration) {
	arn := w.stepPolicy(name, config)
	require.NoError(w.t, w.PutAlarm(map[string]any{
		"AlarmName": name, "Namespace": "Test", "MetricName": "Load", "Statistic": "Average", "Period": 60,
		"EvaluationPeriods": 1, "Threshold": threshold, "ComparisonOperator": comparison, "AlarmActions": []string{arn},
	}))
}

func between(lower, upper *float64, change int32) aastypes.StepAdjustment {
	return aastypes.StepAdjustment{MetricIntervalLowerBound: lower, MetricIntervalUpperBound: upper, ScalingAdjustment: &change}
}

// observeLoad runs a minute at a load and four minutes without data, until tasks
// run.
func (w *world) observeLoad(v float64) int {
	w.RunUntil(w.Now().Truncate(time.Minute).Add(time.Minute))
	w.put("Load", v)
	w.run(70 * time.Second)
	for range 3 {
		w.put("Load", 50)
		w.run(time.Minute)
	}
	return w.desired()
}

// TestStepsAsTheGuideCountsThem plays the example of the user guide of
// Application Auto Scaling: a threshold of 50, and steps of 10 % and 30 % in both
// directions.
func TestStepsAsTheGuideCountsThem(t *testing.T) {
	at := aws.Float64
	percent := func(steps ...aastypes.StepAdjustment) aastypes.StepScalingPolicyConfiguration {
		return aastypes.StepScalingPolicyConfiguration{AdjustmentType: "PercentChangeInCapacity", Cooldown: aws.Int32(0), StepAdjustments: steps}
	}
	t.Run("10, 11, 14, 13, 10", func(t *testing.T) {
		w := newWorld(t, Config{})
		w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 10})
		require.NoError(t, w.RegisterScalableTarget("shop", "web", 1, 100))
		w.steps("out", "GreaterThanOrEqualToThreshold", 50, percent(between(at(0), at(10), 0), between(at(10), at(20), 10), between(at(20), nil, 30)))
		w.steps("in", "LessThanOrEqualToThreshold", 50, percent(between(at(-10), at(0), 0), between(at(-20), at(-10), -10), between(nil, at(-20), -30)))
		counts := []int{w.desired()}
		for _, load := range []float64{60, 70, 40, 30} {
			counts = append(counts, w.observeLoad(load))
		}
		assert.Equal(t, []int{10, 11, 14, 13, 10}, counts)
	})
	t.Run("25 % of 4 tasks are 1, and with a minimum of 2 they are 2", func(t *testing.T) {
		w := newWorld(t, Config{})
		w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 4})
		require.NoError(t, w.RegisterScalableTarget("shop", "web", 1, 100))
		config := percent(between(at(0), nil, 25))
		config.MinAdjustmentMagnitude = aws.Int32(2)
		w.steps("out", "GreaterThanThreshold", 50, config)
		assert.Equal(t, 6, w.observeLoad(60))
	})
	t.Run("of a step of 3 during a cooldown that added 2, 1 is added", func(t *testing.T) {
		w := newWorld(t, Config{})
		w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{StartDelay: Fixed(3 * time.Minute)}), Desired: 0})
		w.update(ecs.UpdateServiceInput{DesiredCount: aws.Int32(10)})
		w.run(10 * time.Minute)
		require.NoError(t, w.RegisterScalableTarget("shop", "web", 1, 100))
		w.steps("out", "GreaterThanThreshold", 50, aastypes.StepScalingPolicyConfiguration{
			AdjustmentType: "ChangeInCapacity", Cooldown: aws.Int32(300),
			StepAdjustments: []aastypes.StepAdjustment{between(at(0), at(20), 2), between(at(20), nil, 3)},
		})
		w.RunUntil(w.Now().Truncate(time.Minute).Add(time.Minute))
		w.put("Load", 60)
		w.run(70 * time.Second)
		assert.Equal(t, 12, w.desired())
		w.put("Load", 80)
		w.run(time.Minute)
		assert.Equal(t, 13, w.desired())
		w.put("Load", 80)
		w.run(time.Minute)
		assert.Equal(t, 13, w.desired(), "no more until the cooldown is over")
	})
}
