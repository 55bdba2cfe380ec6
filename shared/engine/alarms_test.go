package engine_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	aastypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/engine"
	"homeostat/shared/sim/simtest/fixture"
)

// syncAlarms lets the sweep synchronize the trigger alarms with a complete
// inventory.
func (w *world) syncAlarms() {
	w.t.Helper()
	require.Empty(w.t, w.deliver(w.sweep("inventory-"+w.Sim.Now().String())))
	require.Empty(w.t, w.deliver(w.armTimer()))
}

func (w *world) armTimer() string {
	return fmt.Sprintf(`{"source":%q,"id":"arm-%d","account":%q,"region":%q,"time":%q,"detail":{"why":"arm"}}`,
		contract.TimerSource, w.Sim.Now().Unix(), fixture.Account, fixture.Region, w.Sim.Now().UTC().Format(time.RFC3339))
}

// alarmNames returns the names of the existing trigger alarms.
func (w *world) alarmNames() (names []string) {
	out, err := w.watch().DescribeAlarms(w.t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: aws.String(fleet.TriggerAlarmPrefix)})
	require.NoError(w.t, err)
	for _, a := range out.MetricAlarms {
		names = append(names, aws.ToString(a.AlarmName))
	}
	return names
}

func (w *world) watch() *cloudwatch.Client { return cloudwatch.NewFromConfig(w.Config) }

// rules puts another policy in force.
func (w *world) rules(text string) {
	parsed, err := policy.Parse("homeostat.yaml", []byte(text))
	require.NoError(w.t, err)
	w.reassemble(func(_ *engine.Deps, o *engine.Options) { o.Policy = parsed })
}

const webArm = "homeostat/arm/shop/web"

func TestAnEnrolledServiceGetsItsTriggerAlarmOnce(t *testing.T) {
	w := newWorld(t, "act")
	w.syncAlarms()
	assert.Equal(t, []string{webArm}, w.alarmNames(), "one without the tag gets none")
	assert.Equal(t, 1, w.Sim.Calls("monitoring", "PutMetricAlarm").Made)
	out, err := w.watch().DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{webArm}})
	require.NoError(t, err)
	a := out.MetricAlarms[0]
	assert.InDelta(t, 67, aws.ToFloat64(a.Threshold), 0, "three tasks")
	assert.EqualValues(t, 60, aws.ToInt32(a.Period))
	assert.Empty(t, a.AlarmActions, "EventBridge tells of it")
	assert.Equal(t, "notBreaching", aws.ToString(a.TreatMissingData))

	w.syncAlarms()
	assert.Equal(t, 1, w.Sim.Calls("monitoring", "PutMetricAlarm").Made, "what stands is not made again")
	standing, err := w.store.AlarmIndex(t.Context(), fixture.Home())
	require.NoError(t, err)
	assert.True(t, standing.Has(fleet.TriggerAlarm{Cluster: "shop", Service: "web", Threshold: 67, Period: time.Minute}))
	assert.False(t, standing.Has(fleet.TriggerAlarm{Cluster: "shop", Service: "web", Threshold: 60, Period: time.Minute}))
}

func TestServicesWithoutATriggerAlarm(t *testing.T) {
	for name, c := range map[string]struct{ mode, rules string }{
		"one that is only observed":            {"observe", "version: 1\n"},
		"one for which a person is asked":      {"propose", "version: 1\n"},
		"one that is off":                      {"off", "version: 1\n"},
		"one that is not scaled":               {"act", "version: 1\nscale: {enabled: false}\n"},
		"one whose policy wants none":          {"act", "version: 1\nscale: {arm: false}\n"},
		"one whose bounds leave nothing to do": {"act", "version: 1\nscale: {min: 3, max: 3}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, c.mode)
			w.rules(c.rules)
			w.syncAlarms()
			assert.Empty(t, w.alarmNames())
			assert.Zero(t, w.Sim.Calls("monitoring", "PutMetricAlarm").Made)
		})
	}
}

func TestATriggerAlarmIsRemovedWithItsReason(t *testing.T) {
	for name, change := range map[string]func(*world){
		"the policy turns it off":  func(w *world) { w.rules("version: 1\nscale: {arm: false}\n") },
		"the policy turns all off": func(w *world) { w.rules("version: 1\nscale: {enabled: false}\n") },
		"the tag is taken away":    func(w *world) { w.untag("web") },
		"the tag says observe":     func(w *world) { w.tag("web", "observe") },
		"the installation is capped": func(w *world) {
			w.reassemble(func(_ *engine.Deps, o *engine.Options) { o.Limit = policy.Observe })
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "act")
			w.syncAlarms()
			require.Equal(t, []string{webArm}, w.alarmNames())
			require.NoError(t, w.alarmOfAPerson("homeostat/mine"))
			change(w)
			w.Sim.RunUntil(w.Sim.Now().Add(time.Minute))
			w.syncAlarms()
			assert.Empty(t, w.alarmNames())
			out, err := w.watch().DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{"homeostat/mine"}})
			require.NoError(t, err)
			assert.Len(t, out.MetricAlarms, 1, "what was not made here is not removed")
		})
	}
}

func (w *world) alarmOfAPerson(name string, change ...func(*cloudwatch.PutMetricAlarmInput)) error {
	in := &cloudwatch.PutMetricAlarmInput{
		AlarmName: aws.String(name), Namespace: aws.String("AWS/ECS"), MetricName: aws.String("CPUUtilization"), Statistic: cwtypes.StatisticAverage,
		Dimensions: []cwtypes.Dimension{{Name: aws.String("ClusterName"), Value: aws.String("shop")}, {Name: aws.String("ServiceName"), Value: aws.String("web")}},
		Period:     aws.Int32(60), EvaluationPeriods: aws.Int32(1), DatapointsToAlarm: aws.Int32(1), Threshold: aws.Float64(70),
		ComparisonOperator: cwtypes.ComparisonOperatorGreaterThanThreshold, TreatMissingData: aws.String("notBreaching"),
	}
	for _, f := range change {
		f(in)
	}
	_, err := w.watch().PutMetricAlarm(w.t.Context(), in)
	return err
}

func TestAChangedTriggerAlarmIsCorrected(t *testing.T) {
	for name, change := range map[string]func(*cloudwatch.PutMetricAlarmInput){
		"another threshold": func(in *cloudwatch.PutMetricAlarmInput) { in.Threshold = aws.Float64(99) },
		"another period":    func(in *cloudwatch.PutMetricAlarmInput) { in.Period = aws.Int32(300) },
		"more periods":      func(in *cloudwatch.PutMetricAlarmInput) { in.EvaluationPeriods = aws.Int32(3) },
		"another metric":    func(in *cloudwatch.PutMetricAlarmInput) { in.MetricName = aws.String("MemoryUtilization") },
		"another statistic": func(in *cloudwatch.PutMetricAlarmInput) { in.Statistic = cwtypes.StatisticMaximum },
		"another service":   func(in *cloudwatch.PutMetricAlarmInput) { in.Dimensions[1].Value = aws.String("other") },
		"another comparison": func(in *cloudwatch.PutMetricAlarmInput) {
			in.ComparisonOperator = cwtypes.ComparisonOperatorLessThanThreshold
		},
		"missing data rings": func(in *cloudwatch.PutMetricAlarmInput) { in.TreatMissingData = aws.String("breaching") },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "act")
			w.syncAlarms()
			require.NoError(t, w.alarmOfAPerson(webArm, change))
			before := w.Sim.Calls("monitoring", "PutMetricAlarm").Made
			w.syncAlarms()
			assert.Equal(t, before+1, w.Sim.Calls("monitoring", "PutMetricAlarm").Made)
			w.syncAlarms()
			assert.Equal(t, before+1, w.Sim.Calls("monitoring", "PutMetricAlarm").Made, "once mended it is as it was made")
		})
	}
}

// threshold returns the threshold of the alarm of shop/web.
func (w *world) threshold() float64 {
	out, err := w.watch().DescribeAlarms(w.t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{webArm}})
	require.NoError(w.t, err)
	require.Len(w.t, out.MetricAlarms, 1)
	return aws.ToFloat64(out.MetricAlarms[0].Threshold)
}

func TestATriggerAlarmFollowsASteadyCount(t *testing.T) {
	for name, c := range map[string]struct {
		count  int32
		steady bool
		want   float64
	}{
		"one at its minimum":                 {1, false, 41},
		"one above its minimum that moves":   {2, false, 67},
		"one above its minimum that is calm": {2, true, 62},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "act")
			w.syncAlarms()
			require.InDelta(t, 67, w.threshold(), 0, "three tasks")
			w.set(c.count)
			w.Sim.RunUntil(w.Sim.Now().Add(5 * time.Minute))
			require.Empty(t, w.deliver(w.sweep("t")))
			if c.steady {
				require.NoError(t, w.store.SaveDemandStates(t.Context(), []fleet.DemandState{{Ref: fixture.Web(), SteadySince: w.Sim.Now()}}))
			}
			before := w.Sim.Calls("monitoring", "PutMetricAlarm").Made
			require.Empty(t, w.deliver(w.armTimer()))
			assert.InDelta(t, c.want, w.threshold(), 0)
			require.Empty(t, w.deliver(w.armTimer()))
			made := w.Sim.Calls("monitoring", "PutMetricAlarm").Made - before
			assert.LessOrEqual(t, made, 1, "what stands is not made again")
			standing, err := w.store.AlarmIndex(t.Context(), fixture.Home())
			require.NoError(t, err)
			assert.Equal(t, made == 1, standing.Has(fleet.TriggerAlarm{Cluster: "shop", Service: "web", Threshold: c.want, Period: time.Minute}),
				"one of another count lets nobody be asked less often")
		})
	}
}

func TestAServiceScaledByAWSGetsNoTriggerAlarm(t *testing.T) {
	w := newWorld(t, "act")
	scaling := applicationautoscaling.NewFromConfig(w.Config)
	_, err := scaling.RegisterScalableTarget(t.Context(), &applicationautoscaling.RegisterScalableTargetInput{
		ServiceNamespace: aastypes.ServiceNamespaceEcs, ResourceId: aws.String("service/shop/web"),
		ScalableDimension: aastypes.ScalableDimensionECSServiceDesiredCount, MinCapacity: aws.Int32(1), MaxCapacity: aws.Int32(9),
	})
	require.NoError(t, err)
	_, err = scaling.PutScalingPolicy(t.Context(), &applicationautoscaling.PutScalingPolicyInput{
		ServiceNamespace: aastypes.ServiceNamespaceEcs, ResourceId: aws.String("service/shop/web"), PolicyName: aws.String("cpu"),
		ScalableDimension: aastypes.ScalableDimensionECSServiceDesiredCount, PolicyType: aastypes.PolicyTypeTargetTrackingScaling,
		TargetTrackingScalingPolicyConfiguration: &aastypes.TargetTrackingScalingPolicyConfiguration{
			TargetValue: aws.Float64(70), PredefinedMetricSpecification: &aastypes.PredefinedMetricSpecification{
				PredefinedMetricType: aastypes.MetricTypeECSServiceAverageCPUUtilization,
			},
		},
	})
	require.NoError(t, err)
	w.syncAlarms()
	assert.Empty(t, w.alarmNames())
	asked := w.Sim.Calls("application-autoscaling", "DescribeScalingPolicies").Made
	require.Empty(t, w.deliver(w.armTimer()))
	assert.Equal(t, asked, w.Sim.Calls("application-autoscaling", "DescribeScalingPolicies").Made, "it is asked once a day")

	w.rules("version: 1\nscale: {own: true}\n")
	w.syncAlarms()
	assert.Equal(t, []string{webArm}, w.alarmNames(), "what will be taken over is armed")
}

// refusing is an alarm manager that CloudWatch refuses.
type refusing struct{ err error }

func (r refusing) Put(context.Context, fleet.TriggerAlarm) error { return r.err }
func (r refusing) Delete(context.Context, []string) error        { return r.err }

func TestAServiceWithoutItsAlarmIsPolledMoreOften(t *testing.T) {
	w := newWorld(t, "act")
	real := w.deps.AlarmManager
	w.reassemble(func(d *engine.Deps, _ *engine.Options) {
		d.AlarmManager = refusing{fault.Retryf("quota", "no more alarms")}
	})
	w.syncAlarms()
	assert.Positive(t, w.metrics.counts["Retries/quota"])
	standing, err := w.store.AlarmIndex(t.Context(), fixture.Home())
	require.NoError(t, err)
	assert.Equal(t, w.Sim.Now(), standing.At)
	assert.False(t, standing.Has(fleet.TriggerAlarm{Cluster: "shop", Service: "web", Threshold: 67, Period: time.Minute}))
	w.reassemble(func(d *engine.Deps, _ *engine.Options) { d.AlarmManager = real })
	w.syncAlarms()
	assert.Equal(t, []string{webArm}, w.alarmNames())
}

func TestAlarmsAreNotRemovedWithAnIncompleteInventory(t *testing.T) {
	w := newWorld(t, "act")
	require.NoError(t, w.alarmOfAPerson("homeostat/arm/shop/unknown"))
	require.Empty(t, w.deliver(w.armTimer()))
	assert.Equal(t, []string{"homeostat/arm/shop/unknown"}, w.alarmNames(), "nothing was read yet")
	w.syncAlarms()
	assert.Equal(t, []string{webArm}, w.alarmNames())
	w.tag("web", "observe")
	w.Sim.RunUntil(w.Sim.Now().Add(time.Hour))
	require.Empty(t, w.deliver(w.armTimer()))
	assert.Equal(t, []string{webArm}, w.alarmNames(), "what was read is old")
}

func TestAnIdleServiceWithAnAlarmIsPolledEvery15Minutes(t *testing.T) {
	for name, c := range map[string]struct {
		rules string
		asked int
	}{
		"with an alarm": {"version: 1\n", 4},
		"without one":   {"version: 1\nscale: {arm: false}\n", 12},
		"with a queue, of which the CPU does not tell": {"version: 1\nscale: {queue: jobs, backlog_per_task: 10}\n", 12},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "act")
			w.reassemble(func(_ *engine.Deps, o *engine.Options) { o.Every = time.Minute })
			w.rules(c.rules)
			w.set(1)
			w.Sim.RunUntil(w.Sim.Now().Add(5 * time.Minute).Truncate(time.Minute))
			w.syncAlarms()
			before := w.Sim.Calls("monitoring", "GetMetricData").Made
			for n := range 60 {
				w.Sim.RunUntil(w.Sim.Now().Add(time.Minute))
				require.Empty(t, w.deliver(w.sweep(fmt.Sprint("t-", n))))
			}
			assert.Equal(t, c.asked, w.Sim.Calls("monitoring", "GetMetricData").Made-before)
			assert.EqualValues(t, 1, w.Service().DesiredCount)
		})
	}
}

// No alarm covers a schedule: it takes effect in its own minute, also out of turn.
func TestAStableServiceIsEvaluatedWhenItsScheduleBegins(t *testing.T) {
	for minute := 42; minute < 45; minute++ {
		t.Run(fmt.Sprint("at minute ", minute), func(t *testing.T) {
			w := newWorld(t, "act")
			w.reassemble(func(_ *engine.Deps, o *engine.Options) { o.Every = time.Minute })
			w.rules(fmt.Sprintf("version: 1\nscale:\n  schedules:\n    - {cron: \"%d * * * *\", for: 10m, min: 3}\n", minute))
			w.set(1)
			w.Sim.RunUntil(w.Sim.Now().Add(time.Hour).Truncate(time.Hour))
			require.NoError(t, w.Sim.SetLoad("shop", "web", func(time.Time) float64 { return 10 }, time.Second))
			w.syncAlarms()
			begins := time.Duration(0)
			for n := range 50 {
				w.Sim.RunUntil(w.Sim.Now().Add(time.Minute))
				require.Empty(t, w.deliver(w.sweep(fmt.Sprint("t-", n))))
				if w.Service().DesiredCount == 3 && begins == 0 {
					begins = time.Duration(n+1) * time.Minute
				}
			}
			lead := time.Duration(minute)*time.Minute - begins
			assert.Equal(t, time.Minute, lead, "a task is given a minute to start")
		})
	}
}
