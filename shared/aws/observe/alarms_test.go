package observe_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
)

// alarm makes an alarm on the CPU of the service, in a state.
func (w *world) alarm(name string, state cwtypes.StateValue) {
	client := w.CloudWatch.(*cloudwatch.Client)
	_, err := client.PutMetricAlarm(w.t.Context(), &cloudwatch.PutMetricAlarmInput{
		AlarmName: &name, Namespace: aws.String("Shop"), MetricName: aws.String("errors"), Statistic: cwtypes.StatisticSum,
		Period: aws.Int32(60), EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(1),
		ComparisonOperator: cwtypes.ComparisonOperatorGreaterThanThreshold, TreatMissingData: aws.String("ignore"),
	})
	require.NoError(w.t, err)
	_, err = client.SetAlarmState(w.t.Context(), &cloudwatch.SetAlarmStateInput{AlarmName: &name, StateValue: state, StateReason: aws.String("test")})
	require.NoError(w.t, err)
}

func TestAlarmsOfThePolicyAndOfTheServiceAreReadInOneCall(t *testing.T) {
	w := newWorld(t)
	w.alarm("web-own", cwtypes.StateValueOk)
	w.steady(func(s *ecssim.ServiceSpec) { s.Alarms = []string{"web-own", "web-both"} })
	w.alarm("web-5xx", cwtypes.StateValueAlarm)
	since := w.Sim.Now()
	w.alarm("web-both", cwtypes.StateValueOk)
	w.alarm("other", cwtypes.StateValueAlarm)
	w.Run(10 * time.Second)

	own := fleet.WatchedAlarm{Name: "web-own", State: "OK", Takes: time.Minute, OfDeployment: true}
	both := fleet.WatchedAlarm{Name: "web-both", State: "OK", Takes: time.Minute, OfDeployment: true}
	errors := fleet.WatchedAlarm{
		Name: "web-5xx", State: "ALARM", Since: since, Takes: time.Minute,
		Doubt: "0 of the last 0 values of its metric breach the threshold, 1 are needed",
	}
	for name, c := range map[string]struct {
		needs fleet.Needs
		want  []fleet.WatchedAlarm
		calls int
	}{
		"nothing is needed but the names": {
			fleet.Needs{}, []fleet.WatchedAlarm{{Name: "web-own", OfDeployment: true}, {Name: "web-both", OfDeployment: true}}, 0,
		},
		"the policy's and the service's": {fleet.Needs{Alarms: []string{"web-both", "web-5xx"}}, []fleet.WatchedAlarm{errors, both, own}, 1},
		"the service's alone":            {fleet.Needs{DeploymentAlarms: true}, []fleet.WatchedAlarm{both, own}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			before := w.Sim.Calls("monitoring", "DescribeAlarms").Made
			s := w.read(c.needs)
			for i := range s.Alarms {
				assert.Equal(t, c.calls == 0, s.Alarms[i].Since.IsZero())
				if s.Alarms[i].State == "OK" {
					s.Alarms[i].Since = time.Time{}
				}
			}
			assert.Equal(t, c.want, s.Alarms)
			assert.Empty(t, s.Unread)
			assert.Equal(t, c.calls, w.Sim.Calls("monitoring", "DescribeAlarms").Made-before)
		})
	}
}

func TestAServiceWithoutAlarmsCostsNoCall(t *testing.T) {
	w := newWorld(t)
	w.steady()
	assert.Empty(t, w.read(fleet.Needs{DeploymentAlarms: true}).Alarms)
	assert.Zero(t, w.Sim.Calls("monitoring", "DescribeAlarms").Made)
}

func TestAnAlarmThatCannotBeReadIsNamedAndNeverOK(t *testing.T) {
	w := newWorld(t)
	w.steady()
	w.alarm("web-5xx", cwtypes.StateValueOk)
	s := w.read(fleet.Needs{Alarms: []string{"web-5xx", "web-latency"}})
	require.Len(t, s.Alarms, 1, "the others are read all the same")
	assert.Equal(t, "web-5xx", s.Alarms[0].Name)
	assert.Equal(t, "CloudWatch has no alarm with these names: web-latency", s.Unread["alarms"])

	w.Sim.SetThrottle("monitoring", "DescribeAlarms", 1)
	s = w.read(fleet.Needs{Alarms: []string{"web-5xx"}})
	assert.Nil(t, s.Alarms)
	assert.Contains(t, s.Unread["alarms"], "describing the alarms web-5xx")
	assert.Contains(t, s.Unread["alarms"], "Throttling")
}

func TestACompositeAlarmFiresWithItsParts(t *testing.T) {
	w := newWorld(t)
	w.steady()
	w.alarm("web-5xx", cwtypes.StateValueAlarm)
	_, err := w.CloudWatch.(*cloudwatch.Client).PutCompositeAlarm(t.Context(), &cloudwatch.PutCompositeAlarmInput{
		AlarmName: aws.String("web-sick"), AlarmRule: aws.String(`ALARM("web-5xx")`),
	})
	require.NoError(t, err)
	w.Run(time.Minute)
	s := w.read(fleet.Needs{Alarms: []string{"web-sick"}})
	require.Len(t, s.Alarms, 1)
	assert.Equal(t, "ALARM", s.Alarms[0].State)
	assert.False(t, s.Alarms[0].Since.IsZero())
	assert.Empty(t, s.Unread)
}

// fakeAlarms is a CloudWatch with these alarms.
type fakeAlarms struct {
	*cloudwatch.Client
	requests *cloudwatch.DescribeAlarmsInput
	out      cloudwatch.DescribeAlarmsOutput
}

func (c *fakeAlarms) DescribeAlarms(_ context.Context, in *cloudwatch.DescribeAlarmsInput, _ ...func(*cloudwatch.Options)) (*cloudwatch.DescribeAlarmsOutput, error) {
	c.requests = in
	return &c.out, nil
}

func TestAnAlarmHasTheTimeOfItsTransition(t *testing.T) {
	w := newWorld(t)
	w.steady()
	transitioned, updated := w.Sim.Now().Add(-time.Hour), w.Sim.Now().Add(-time.Minute)
	c := &fakeAlarms{out: cloudwatch.DescribeAlarmsOutput{
		MetricAlarms: []cwtypes.MetricAlarm{{
			AlarmName: aws.String("metric"), StateValue: cwtypes.StateValueInsufficientData, StateUpdatedTimestamp: &updated,
		}},
		CompositeAlarms: []cwtypes.CompositeAlarm{{
			AlarmName: aws.String("composite"), StateValue: cwtypes.StateValueAlarm,
			StateTransitionedTimestamp: &transitioned, StateUpdatedTimestamp: &updated,
		}},
	}}
	w.CloudWatch = c
	assert.Equal(t, []fleet.WatchedAlarm{
		{Name: "composite", State: "ALARM", Since: transitioned, Doubt: "its rule names no alarm"},
		{Name: "metric", State: "INSUFFICIENT_DATA", Since: updated},
	}, w.read(fleet.Needs{Alarms: []string{"metric", "composite"}}).Alarms)
	assert.Equal(t, []cwtypes.AlarmType{cwtypes.AlarmTypeMetricAlarm, cwtypes.AlarmTypeCompositeAlarm, cwtypes.AlarmTypeLogAlarm}, c.requests.AlarmTypes)
}

func TestOfTooManyAlarmsAHundredAreRead(t *testing.T) {
	w := newWorld(t)
	w.steady()
	c := &fakeAlarms{}
	var names []string
	for i := range 102 {
		name := fmt.Sprintf("alarm-%03d", i)
		names = append(names, name)
		c.out.MetricAlarms = append(c.out.MetricAlarms, cwtypes.MetricAlarm{AlarmName: &name, StateValue: cwtypes.StateValueOk})
	}
	c.out.MetricAlarms = c.out.MetricAlarms[:100]
	w.CloudWatch = c
	s := w.read(fleet.Needs{Alarms: names})
	assert.Len(t, c.requests.AlarmNames, 100)
	assert.Len(t, s.Alarms, 100)
	assert.Equal(t, "only 100 alarms are read at once, not read: alarm-100, alarm-101", s.Unread["alarms"])
}

// logAlarm makes an alarm on a query of logs, in a state.
func (w *world) logAlarm(name string, state cwtypes.StateValue) {
	client, role := w.CloudWatch.(*cloudwatch.Client), aws.String("arn:aws:iam::123456789012:role/queries")
	_, err := client.PutLogAlarm(w.t.Context(), &cloudwatch.PutLogAlarmInput{
		AlarmName: &name, Threshold: aws.Float64(1), ComparisonOperator: cwtypes.ComparisonOperatorGreaterThanThreshold,
		QueryResultsToEvaluate: aws.Int32(1), QueryResultsToAlarm: aws.Int32(1),
		ScheduledQueryConfiguration: &cwtypes.ScheduledQueryConfiguration{
			QueryString: aws.String("filter @message like /panic/"), AggregationExpression: aws.String("count(*)"),
			ScheduledQueryRoleARN: role, ScheduleConfiguration: &cwtypes.ScheduleConfiguration{ScheduleExpression: aws.String("rate(1 minute)"), StartTimeOffset: aws.Int64(300)},
			LogGroupIdentifiers: []string{"/ecs/web"},
		},
	})
	require.NoError(w.t, err)
	_, err = client.SetAlarmState(w.t.Context(), &cloudwatch.SetAlarmStateInput{AlarmName: &name, StateValue: state, StateReason: aws.String("test")})
	require.NoError(w.t, err)
}

func TestAnAlarmOnLogsIsRead(t *testing.T) {
	w := newWorld(t)
	w.steady()
	w.logAlarm("web-panics", cwtypes.StateValueAlarm)
	s := w.read(fleet.Needs{Alarms: []string{"web-panics"}})
	assert.Equal(t, []fleet.WatchedAlarm{{
		Name: "web-panics", State: "ALARM", Since: w.Sim.Now(), Doubt: "its data cannot be compared, and its state lasts for less than 2m",
	}}, s.Alarms)
	assert.Empty(t, s.Unread)
}

func TestAnAlarmThatCannotBeEvaluatedHasNoState(t *testing.T) {
	w := newWorld(t)
	w.steady()
	for name, state := range map[string]cwtypes.StateValue{"web-5xx": cwtypes.StateValueAlarm, "web-slow": cwtypes.StateValueOk} {
		w.alarm(name, state)
	}
	w.logAlarm("web-panics", cwtypes.StateValueAlarm)
	assert.True(t, w.Sim.SetEvaluation("web-5xx", "PARTIAL_DATA"))
	assert.True(t, w.Sim.SetEvaluation("web-panics", "EVALUATION_ERROR"))
	s := w.read(fleet.Needs{Alarms: []string{"web-5xx", "web-slow", "web-panics"}})
	states := map[string]string{}
	for _, a := range s.Alarms {
		states[a.Name] = a.State + a.Evaluation
	}
	assert.Equal(t, map[string]string{"web-5xx": "PARTIAL_DATA", "web-panics": "EVALUATION_ERROR", "web-slow": "OK"}, states)
	assert.Equal(t, "CloudWatch cannot evaluate these alarms: web-5xx (PARTIAL_DATA), web-panics (EVALUATION_ERROR)", s.Unread["alarms"])
}

func TestAPromQLAlarmFiresAfterItsPendingPeriod(t *testing.T) {
	w := newWorld(t)
	w.steady()
	w.CloudWatch = &fakeAlarms{out: cloudwatch.DescribeAlarmsOutput{MetricAlarms: []cwtypes.MetricAlarm{{
		AlarmName: aws.String("query"), StateValue: cwtypes.StateValueOk, EvaluationInterval: aws.Int32(30),
		EvaluationCriteria: &cwtypes.EvaluationCriteriaMemberPromQLCriteria{Value: cwtypes.AlarmPromQLCriteria{
			Query: aws.String("rate(errors[5m]) > 1"), PendingPeriod: aws.Int32(120),
		}},
	}}}}
	assert.Equal(t, 2*time.Minute, w.read(fleet.Needs{Alarms: []string{"query"}}).Alarms[0].Takes)
}
