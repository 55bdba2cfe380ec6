package observe_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/fleet"
)

// publish gives the metric of the alarms a value for each of the last minutes.
func (w *world) publish(values ...float64) {
	client := w.CloudWatch.(*cloudwatch.Client)
	for i, v := range values {
		at := w.Sim.Now().Add(-time.Duration(len(values)-i) * time.Minute)
		_, err := client.PutMetricData(w.t.Context(), &cloudwatch.PutMetricDataInput{Namespace: aws.String("Shop"), MetricData: []cwtypes.MetricDatum{
			{MetricName: aws.String("errors"), Timestamp: aws.Time(at), Value: aws.Float64(v)},
		}})
		require.NoError(w.t, err)
	}
}

func TestAnAlarmCountsIfItsOwnDataBearIt(t *testing.T) {
	composite := func(w *world, child cwtypes.StateValue) {
		w.alarm("child", child)
		client := w.CloudWatch.(*cloudwatch.Client)
		_, err := client.PutCompositeAlarm(w.t.Context(), &cloudwatch.PutCompositeAlarmInput{AlarmName: aws.String("web"), AlarmRule: aws.String("ALARM(child)")})
		require.NoError(w.t, err)
		_, err = client.SetAlarmState(w.t.Context(), &cloudwatch.SetAlarmStateInput{AlarmName: aws.String("web"), StateValue: cwtypes.StateValueAlarm, StateReason: aws.String("test")})
		require.NoError(w.t, err)
	}
	for name, c := range map[string]struct {
		given func(w *world)
		doubt string
	}{
		"the metric breaches the threshold":    {func(w *world) { w.publish(0, 0, 5, 7); w.alarm("web", cwtypes.StateValueAlarm) }, ""},
		"the metric is below the threshold":    {func(w *world) { w.publish(0, 1, 0, 1); w.alarm("web", cwtypes.StateValueAlarm) }, "0 of the last 4 values"},
		"the metric has no data":               {func(w *world) { w.alarm("web", cwtypes.StateValueAlarm) }, "0 of the last 0 values"},
		"an alarm of a composite one breaches": {func(w *world) { w.publish(5, 7); composite(w, cwtypes.StateValueAlarm) }, ""},
		"no alarm of a composite one fires":    {func(w *world) { composite(w, cwtypes.StateValueOk) }, "no metric alarm of its rule is in ALARM"},
		"an alarm of a composite one was set":  {func(w *world) { w.publish(0, 0); composite(w, cwtypes.StateValueAlarm) }, "child: 0 of the last 2 values"},
		"the state of an alarm on logs lasts": {func(w *world) {
			w.logAlarm("web", cwtypes.StateValueAlarm)
			w.Sim.RunUntil(w.Sim.Now().Add(3 * time.Minute))
		}, ""},
		"the state of an alarm on logs is new": {func(w *world) { w.logAlarm("web", cwtypes.StateValueAlarm) }, "lasts for less than 2m"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.steady()
			c.given(w)
			found := w.read(fleet.Needs{Alarms: []string{"web"}}).Alarms
			require.Len(t, found, 1)
			if c.doubt == "" {
				assert.Empty(t, found[0].Doubt)
				return
			}
			assert.Equal(t, "ALARM", found[0].State)
			assert.Contains(t, found[0].Doubt, c.doubt)
		})
	}
}

func TestAnAlarmWithUnreadMetricsIsInDoubt(t *testing.T) {
	w := newWorld(t)
	w.steady()
	w.publish(5, 7)
	w.alarm("web", cwtypes.StateValueAlarm)
	w.Sim.SetThrottle("monitoring", "GetMetricData", 1)
	found := w.read(fleet.Needs{Alarms: []string{"web"}}).Alarms
	require.Len(t, found, 1)
	assert.Contains(t, found[0].Doubt, "its metrics could not be read")
}
