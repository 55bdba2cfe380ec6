package ecssim

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	aastypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// stat returns a query of a metric that returns no data. A metric of the
// namespace Test has no dimensions, other metrics have those of the service.
func stat(id, namespace, name, statistic string, period int32) cwtypes.MetricDataQuery {
	metric := cwtypes.Metric{Namespace: &namespace, MetricName: &name}
	if namespace != "Test" {
		metric.Dimensions = []cwtypes.Dimension{
			{Name: aws.String("ClusterName"), Value: aws.String("shop")}, {Name: aws.String("ServiceName"), Value: aws.String("web")},
		}
	}
	return cwtypes.MetricDataQuery{Id: &id, ReturnData: aws.Bool(false), MetricStat: &cwtypes.MetricStat{Metric: &metric, Period: &period, Stat: &statistic}}
}

func formula(id, text string) cwtypes.MetricDataQuery {
	return cwtypes.MetricDataQuery{Id: &id, Expression: &text}
}

func (w *world) compute(queries ...cwtypes.MetricDataQuery) ([]cwtypes.MetricDataResult, error) {
	out, err := w.cw.GetMetricData(w.t.Context(), &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(w.Now().Add(-5 * time.Minute)), EndTime: aws.Time(w.Now()), MetricDataQueries: queries,
		ScanBy: cwtypes.ScanByTimestampAscending,
	})
	if err != nil {
		return nil, err
	}
	return out.MetricDataResults, nil
}

func TestMetricMath(t *testing.T) {
	w := newWorld(t, Config{})
	w.run(-w.Now().Sub(w.Now().Truncate(time.Minute)) + time.Minute)
	for i := range 5 {
		w.put("Requests", float64(100*(i+1)))
		if i%2 == 1 {
			w.put("Errors", float64(10*i))
		}
		w.run(time.Minute)
	}
	requests, errors := stat("r", "Test", "Requests", "Sum", 60), stat("e", "Test", "Errors", "Sum", 60)
	for _, c := range []struct {
		name, text string
		want       []float64
	}{
		{"a share, where both are known", "100 * e / r", []float64{5, 7.5}},
		{"a share, where nothing is no error", "100 * FILL(e, 0) / r", []float64{0, 5, 0, 7.5, 0}},
		{"an expression over another", "half * 2", []float64{100, 200, 300, 400, 500}},
		{"a rate", "RATE(r)", []float64{100.0 / 60, 100.0 / 60, 100.0 / 60, 100.0 / 60}},
	} {
		t.Run(c.name, func(t *testing.T) {
			half := formula("half", "r / 2")
			half.ReturnData = aws.Bool(false)
			got, err := w.compute(formula("x", c.text), half, requests, errors)
			require.NoError(t, err)
			require.Len(t, got, 1, "the others return no data")
			assert.Equal(t, "x", *got[0].Id)
			assert.InDeltaSlice(t, c.want, got[0].Values, 1e-9)
		})
	}
	for _, c := range []struct {
		name, err string
		queries   []cwtypes.MetricDataQuery
	}{
		{"a query that is not there", "names z", []cwtypes.MetricDataQuery{formula("x", "r + z"), requests}},
		{"itself", "made of itself", []cwtypes.MetricDataQuery{formula("x", "y"), formula("y", "x")}},
		{"no metric", "names no metric", []cwtypes.MetricDataQuery{formula("x", "1 + 1")}},
		{"a number", "is a number, expected a time series", []cwtypes.MetricDataQuery{formula("x", "AVG(r)"), requests}},
		{"two periods", "periods of 60 and 300 s", []cwtypes.MetricDataQuery{formula("x", "r + m"), requests, stat("m", "Test", "Errors", "Sum", 300)}},
		{"an unknown function", "SEARCH is not modelled", []cwtypes.MetricDataQuery{formula("x", "SEARCH('a', 'Sum', 60)")}},
		{"an id twice", "not the only one", []cwtypes.MetricDataQuery{requests, requests}},
		{"an id with a capital", "small letter", []cwtypes.MetricDataQuery{stat("R", "Test", "Requests", "Sum", 60)}},
		{"neither metric nor expression", "MetricDataQueries.member.1.MetricStat is required", []cwtypes.MetricDataQuery{{Id: aws.String("x")}}},
	} {
		t.Run("refused: "+c.name, func(t *testing.T) {
			_, err := w.compute(c.queries...)
			assert.ErrorContains(t, err, c.err)
		})
	}
}

func TestASearchFindsMetricsByTheirDimensions(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{CapacityRPS: 100}), Desired: 2, LoadBalanced: true})
	w.load(50)
	w.run(10 * time.Minute)
	group := groupOf(w.TargetGroup("web"))
	find := func(name, group string) string {
		return `SEARCH('{AWS/ApplicationELB,LoadBalancer,TargetGroup} MetricName="` + name + `" TargetGroup="` + group + `"', 'Sum', 60)`
	}
	got, err := w.compute(formula("x", find("RequestCount", group)))
	require.NoError(t, err)
	require.Len(t, got, 1, "the metric of the group, and not that of the load balancer")
	assert.Equal(t, "x", *got[0].Id)
	require.NotEmpty(t, got[0].Values)
	assert.InDelta(t, 3000, got[0].Values[len(got[0].Values)-1], 1e-6)
	for _, nothing := range []string{find("RequestCount", "targetgroup/other/1"), find("Other", group)} {
		got, err = w.compute(formula("x", nothing))
		require.NoError(t, err)
		assert.Empty(t, got)
	}
	_, err = w.compute(formula("x", find("RequestCount", group)), formula("y", "x * 2"))
	require.ErrorContains(t, err, "ecssim models no expression over the search x")
	_, err = w.cw.PutMetricAlarm(t.Context(), &cloudwatch.PutMetricAlarmInput{
		AlarmName: aws.String("found"), EvaluationPeriods: aws.Int32(2), Threshold: aws.Float64(5),
		ComparisonOperator: cwtypes.ComparisonOperatorGreaterThanThreshold, Metrics: []cwtypes.MetricDataQuery{formula("x", find("RequestCount", group))},
	})
	require.ErrorContains(t, err, "SEARCH is not supported on Metric Alarms")
}

func TestAnAlarmOnAnExpression(t *testing.T) {
	w := newWorld(t, Config{})
	put := func(queries ...cwtypes.MetricDataQuery) error {
		_, err := w.cw.PutMetricAlarm(t.Context(), &cloudwatch.PutMetricAlarmInput{
			AlarmName: aws.String("rate"), EvaluationPeriods: aws.Int32(2), Threshold: aws.Float64(5),
			ComparisonOperator: cwtypes.ComparisonOperatorGreaterThanThreshold, Metrics: queries,
		})
		return err
	}
	requests, errors := stat("r", "Test", "Requests", "Sum", 60), stat("e", "Test", "Errors", "Sum", 60)
	require.ErrorContains(t, put(formula("x", "e / r"), formula("y", "r / e"), requests, errors), "2 return data, expected one")
	require.ErrorContains(t, put(formula("x", "e / q"), requests, errors), "names q")
	require.ErrorContains(t, put(formula("x", "SUM(r)"), requests), "expected a time series")
	require.NoError(t, put(formula("x", "100 * FILL(e, 0) / r"), requests, errors))
	minute := func(requests, errors float64) {
		w.put("Requests", requests)
		w.put("Errors", errors)
		w.run(time.Minute)
	}
	minute(100, 4)
	minute(100, 4)
	minute(100, 4)
	assert.Equal(t, cwtypes.StateValueOk, w.alarmState("rate").StateValue)
	minute(10, 4)
	minute(10, 4)
	w.events = nil
	minute(10, 4)
	a := w.alarmState("rate")
	assert.Equal(t, cwtypes.StateValueAlarm, a.StateValue, "as many errors, of fewer requests")
	assert.Contains(t, *a.StateReason, "2 out of the last 2 datapoints [40.0")
	require.Len(t, a.Metrics, 3)
	assert.Equal(t, "100 * FILL(e, 0) / r", *a.Metrics[0].Expression)
	require.NotEmpty(t, w.events)
	var body alarmEvent
	require.NoError(t, json.Unmarshal(w.events[0].raw, &body))
	shown := body.Detail.Configuration.Metrics
	require.Len(t, shown, 3)
	assert.Equal(t, alarmMetric{ID: "x", Expression: "100 * FILL(e, 0) / r", ReturnData: true}, shown[0])
	assert.Equal(t, "Requests", shown[1].MetricStat.Metric.Name)
	minute(0, 4)
	w.run(10 * time.Minute)
	assert.Equal(t, cwtypes.StateValueInsufficientData, w.alarmState("rate").StateValue, "no query is left")
}

// TestTrackingAnExpression plays AWS's example of metric math in a scaling
// policy: the backlog of a queue for each task. The samples of the CPU give the
// number of tasks.
func TestTrackingAnExpression(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 2})
	require.NoError(t, w.RegisterScalableTarget("shop", "web", 1, 10))
	config := aastypes.TargetTrackingScalingPolicyConfiguration{
		TargetValue: aws.Float64(100), CustomizedMetricSpecification: &aastypes.CustomizedMetricSpecification{
			Metrics: []aastypes.TargetTrackingMetricDataQuery{
				{Id: aws.String("backlog"), ReturnData: aws.Bool(false), MetricStat: &aastypes.TargetTrackingMetricStat{
					Stat: aws.String("Maximum"), Metric: &aastypes.TargetTrackingMetric{Namespace: aws.String("Test"), MetricName: aws.String("Waiting")},
				}},
				{Id: aws.String("tasks"), ReturnData: aws.Bool(false), MetricStat: &aastypes.TargetTrackingMetricStat{
					Stat: aws.String("SampleCount"), Metric: &aastypes.TargetTrackingMetric{
						Namespace: aws.String("AWS/ECS"), MetricName: aws.String("CPUUtilization"), Dimensions: []aastypes.TargetTrackingMetricDimension{
							{Name: aws.String("ClusterName"), Value: aws.String("shop")}, {Name: aws.String("ServiceName"), Value: aws.String("web")},
						},
					},
				}},
				{Id: aws.String("each"), Expression: aws.String("backlog / tasks"), ReturnData: aws.Bool(true)},
			},
		},
	}
	require.NoError(t, w.track("backlog", config))
	for range 20 {
		w.put("Waiting", 500)
		w.run(30 * time.Second)
	}
	assert.Equal(t, 5, w.desired(), "500 that wait, 100 for each task")
	config.CustomizedMetricSpecification.Metrics[2].Expression = aws.String("backlog / task")
	require.ErrorContains(t, w.track("backlog", config), "names task")
}
