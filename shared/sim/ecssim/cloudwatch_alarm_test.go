package ecssim

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (w *world) put(name string, value float64) {
	_, err := w.cw.PutMetricData(w.t.Context(), &cloudwatch.PutMetricDataInput{
		Namespace: aws.String("Test"), MetricData: []cwtypes.MetricDatum{{MetricName: &name, Value: &value, Timestamp: aws.Time(w.Now())}},
	})
	require.NoError(w.t, err)
}

func (w *world) alarmState(name string) cwtypes.MetricAlarm {
	out, err := w.cw.DescribeAlarms(w.t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{name}})
	require.NoError(w.t, err)
	require.Len(w.t, out.MetricAlarms, 1)
	return out.MetricAlarms[0]
}

func TestAnAlarmFollowsItsMetric(t *testing.T) {
	w := newWorld(t, Config{})
	require.NoError(t, w.PutAlarm(errorsAlarm("errors")))
	assert.Equal(t, cwtypes.StateValueInsufficientData, w.alarmState("errors").StateValue)
	w.run(2 * time.Minute)
	assert.Equal(t, cwtypes.StateValueOk, w.alarmState("errors").StateValue, "missing is not breaching")
	w.put("Errors", 6)
	w.run(70 * time.Second)
	a := w.alarmState("errors")
	assert.Equal(t, cwtypes.StateValueAlarm, a.StateValue)
	assert.Equal(t, "Threshold Crossed: 1 out of the last 1 datapoint [6.0 (05/01/26 06:02:00)] was greater than the threshold (5.0) "+
		"(minimum 1 datapoint for OK -> ALARM transition).", *a.StateReason)
	w.run(10 * time.Minute)
	assert.Equal(t, cwtypes.StateValueOk, w.alarmState("errors").StateValue)
}

// alarmEvent is the tested part of a CloudWatch Alarm State Change.
type alarmEvent struct {
	Detail struct {
		State         struct{ Value, ReasonData, Timestamp string }
		PreviousState struct{ Value string }
		Configuration struct{ Metrics []alarmMetric }
	}
}

type alarmMetric struct {
	ID, Expression string
	ReturnData     bool
	MetricStat     struct {
		Metric struct {
			Namespace, Name string
			Dimensions      map[string]string
		}
		Stat string
	}
}

func TestAlarmEventsHaveCloudWatchsShape(t *testing.T) {
	w := newWorld(t, Config{})
	require.NoError(t, w.PutAlarm(errorsAlarm("errors")))
	w.run(2 * time.Minute)
	w.events = nil
	w.put("Errors", 6)
	w.run(70 * time.Second)
	require.Len(t, w.events, 1)
	e := w.events[0]
	assert.Equal(t, "CloudWatch Alarm State Change", e.DetailType)
	assert.Equal(t, "aws.cloudwatch", e.Source)
	assert.Equal(t, []string{"arn:aws:cloudwatch:eu-central-1:123456789012:alarm:errors"}, e.Resources)
	var body alarmEvent
	require.NoError(t, json.Unmarshal(e.raw, &body))
	d := body.Detail
	assert.Equal(t, "ALARM", d.State.Value)
	assert.Equal(t, "OK", d.PreviousState.Value)
	assert.Regexp(t, `^2026-01-05T06:03:0\d\.\d{3}\+0000$`, d.State.Timestamp)
	metric := d.Configuration.Metrics[0].MetricStat
	assert.Equal(t, "Test/Errors", metric.Metric.Namespace+"/"+metric.Metric.Name)
	assert.Empty(t, metric.Metric.Dimensions)
	assert.NotNil(t, metric.Metric.Dimensions)
	assert.Equal(t, "Sum", metric.Stat)
	var data struct {
		RecentDatapoints []float64
		StartDate        string
	}
	require.NoError(t, json.Unmarshal([]byte(d.State.ReasonData), &data))
	assert.Equal(t, []float64{6}, data.RecentDatapoints)
	assert.Equal(t, "2026-01-05T06:02:00.000+0000", data.StartDate)
}

func TestActionsOfAlarms(t *testing.T) {
	w := newWorld(t, Config{})
	require.NoError(t, w.PutAlarm(errorsAlarm("errors")))
	require.NoError(t, w.PutAlarm(errorsAlarm("homeostat/web")))
	t.Run("a state set by hand lasts until the next evaluation", func(t *testing.T) {
		w.fire("errors")
		assert.Equal(t, "by hand", *w.alarmState("errors").StateReason)
		w.run(2 * time.Minute)
		assert.Equal(t, cwtypes.StateValueOk, w.alarmState("errors").StateValue)
	})
	t.Run("actions are switched off and on", func(t *testing.T) {
		_, err := w.cw.DisableAlarmActions(t.Context(), &cloudwatch.DisableAlarmActionsInput{AlarmNames: []string{"errors"}})
		require.NoError(t, err)
		assert.False(t, *w.alarmState("errors").ActionsEnabled)
		_, err = w.cw.EnableAlarmActions(t.Context(), &cloudwatch.EnableAlarmActionsInput{AlarmNames: []string{"errors"}})
		require.NoError(t, err)
		assert.True(t, *w.alarmState("errors").ActionsEnabled)
	})
	t.Run("they are found by the beginning of their names", func(t *testing.T) {
		out, err := w.cw.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: aws.String("homeostat/")})
		require.NoError(t, err)
		require.Len(t, out.MetricAlarms, 1)
	})
	t.Run("a deleted one is gone, and changes no more", func(t *testing.T) {
		_, err := w.cw.DeleteAlarms(t.Context(), &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{"errors", "never was"}})
		require.NoError(t, err)
		w.events = nil
		w.put("Errors", 100)
		w.run(5 * time.Minute)
		for _, e := range w.events {
			assert.NotContains(t, string(e.raw), `"alarmName":"errors"`)
		}
	})
}

func TestStatisticsAndLists(t *testing.T) {
	w := newWorld(t, Config{})
	for i := range 5 {
		w.put("Errors", float64(i))
		w.run(30 * time.Second)
	}
	out, err := w.cw.GetMetricStatistics(t.Context(), &cloudwatch.GetMetricStatisticsInput{
		Namespace: aws.String("Test"), MetricName: aws.String("Errors"), Period: aws.Int32(60),
		StartTime: aws.Time(w.Now().Add(-time.Hour)), EndTime: aws.Time(w.Now().Add(time.Minute)),
		Statistics: []cwtypes.Statistic{cwtypes.StatisticSum, cwtypes.StatisticMaximum, cwtypes.StatisticSampleCount},
	})
	require.NoError(t, err)
	require.Len(t, out.Datapoints, 3)
	assert.InDelta(t, 1, *out.Datapoints[0].Sum, 0)
	assert.InDelta(t, 5, *out.Datapoints[1].Sum, 0)
	assert.InDelta(t, 3, *out.Datapoints[1].Maximum, 0)
	assert.InDelta(t, 1, *out.Datapoints[2].SampleCount, 0)
	list, err := w.cw.ListMetrics(t.Context(), &cloudwatch.ListMetricsInput{Namespace: aws.String("Test")})
	require.NoError(t, err)
	assert.Len(t, list.Metrics, 1)
}
