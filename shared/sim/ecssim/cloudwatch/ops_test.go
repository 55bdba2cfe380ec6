package cloudwatch_test

import (
	"encoding/json"
	"testing"
	"time"

	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/ecssim/wire"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// account is a Sim. Its answers are checked against AWS's model.
type account struct {
	*ecssim.Sim
	t *testing.T
}

func newAccount(t *testing.T) account {
	a := account{ecssim.New(ecssim.Config{}), t}
	a.Server().Check(func(problem string) { t.Error(problem) })
	return a
}

// call calls an operation with a JSON request.
func (a account) call(operation, request string) (wire.Object, error) {
	var in wire.Object
	require.NoError(a.t, json.Unmarshal([]byte(request), &in), request)
	return a.Server().Invoke("monitoring", operation, in)
}

func (a account) ok(operation, request string) wire.Object {
	a.t.Helper()
	out, err := a.call(operation, request)
	require.NoError(a.t, err)
	return out
}

func (a account) alarm(name, more string) {
	a.t.Helper()
	a.ok("PutMetricAlarm", `{"AlarmName":"`+name+`","Namespace":"shop","MetricName":"m","Period":60,"EvaluationPeriods":1,
		"ComparisonOperator":"GreaterThanThreshold","Threshold":1,`+more+`}`)
}

func (a account) run(d time.Duration) { a.RunUntil(a.Now().Add(d)) }

func (a account) state(name string) string {
	return a.ok("DescribeAlarms", `{"AlarmNames":["`+name+`"]}`).Objects("MetricAlarms")[0].String("StateValue")
}

const datum = `{"Namespace":"shop","MetricData":[{"MetricName":"m","Value":8,"Unit":"Seconds"},{"MetricName":"m","Value":2}]}`

func TestDataOfOneMetricAreToldApartByTheirUnits(t *testing.T) {
	a := newAccount(t)
	a.ok("PutMetricData", datum)
	a.run(time.Minute)
	for unit, want := range map[string][]float64{"": {10}, `,"Unit":"Seconds"`: {8}, `,"Unit":"None"`: {2}, `,"Unit":"Bytes"`: {}} {
		out := a.ok("GetMetricData", `{"StartTime":"2026-01-05T06:00:00Z","EndTime":"2026-01-05T06:05:00Z","MetricDataQueries":[
			{"Id":"m","MetricStat":{"Metric":{"Namespace":"shop","MetricName":"m"},"Period":60,"Stat":"Sum"`+unit+`}}]}`)
		assert.Equal(t, want, out.Objects("MetricDataResults")[0]["Values"], unit)
	}
	points := a.ok("GetMetricStatistics", `{"Namespace":"shop","MetricName":"m","StartTime":"2026-01-05T06:00:00Z","EndTime":"2026-01-05T06:05:00Z","Period":60,"Statistics":["Sum"]}`)
	require.Len(t, points.Objects("Datapoints"), 2, "each unit has its own datapoints")
	assert.Equal(t, "Seconds", points.Objects("Datapoints")[0].String("Unit"))
	assert.Len(t, a.ok("ListMetrics", `{}`).Objects("Metrics"), 1)
}

func TestAnAlarmWithAnotherUnitHasNoData(t *testing.T) {
	a := newAccount(t)
	a.alarm("seconds", `"Statistic":"Maximum","Unit":"Seconds"`)
	a.alarm("bytes", `"Statistic":"Maximum","Unit":"Bytes"`)
	for range 5 {
		a.ok("PutMetricData", datum)
		a.run(time.Minute)
	}
	assert.Equal(t, "ALARM", a.state("seconds"))
	assert.Equal(t, "INSUFFICIENT_DATA", a.state("bytes"))
}

func TestAlarmsAreFoundByTheirMetric(t *testing.T) {
	a := newAccount(t)
	a.alarm("sum", `"Statistic":"Sum"`)
	a.alarm("p99", `"ExtendedStatistic":"p99","EvaluateLowSampleCountPercentile":"ignore"`)
	a.alarm("other", `"Statistic":"Sum","Dimensions":[{"Name":"d","Value":"1"}]`)
	for filter, want := range map[string][]string{
		"": {"sum", "p99"}, `,"Statistic":"Sum"`: {"sum"}, `,"ExtendedStatistic":"p99"`: {"p99"}, `,"Period":300`: nil, `,"Unit":"Bytes"`: nil,
		`,"Dimensions":[{"Name":"d","Value":"1"}]`: {"other"},
	} {
		var names []string
		for _, found := range a.ok("DescribeAlarmsForMetric", `{"Namespace":"shop","MetricName":"m"`+filter+`}`).Objects("MetricAlarms") {
			names = append(names, found.String("AlarmName"))
		}
		assert.Equal(t, want, names, filter)
	}
	p99 := a.ok("DescribeAlarms", `{"AlarmNames":["p99"]}`).Objects("MetricAlarms")[0]
	assert.Equal(t, "ignore", p99.String("EvaluateLowSampleCountPercentile"))
}

func TestTheHistoryOfAnAlarmHasItsChanges(t *testing.T) {
	a := newAccount(t)
	a.alarm("m", `"Statistic":"Sum"`)
	a.run(time.Hour)
	a.ok("SetAlarmState", `{"AlarmName":"m","StateValue":"ALARM","StateReason":"by hand"}`)
	a.alarm("m", `"Statistic":"Maximum"`)
	read := func(filter string) (out []string) {
		for _, item := range a.ok("DescribeAlarmHistory", `{"AlarmName":"m"`+filter+`}`).Objects("AlarmHistoryItems") {
			out = append(out, item.String("HistorySummary"))
		}
		return out
	}
	const created, updated, changed = `Alarm "m" created`, `Alarm "m" updated`, "Alarm updated from INSUFFICIENT_DATA to ALARM"
	assert.Equal(t, []string{updated, changed, created}, read(""), "newest first")
	assert.Equal(t, []string{created, changed, updated}, read(`,"ScanBy":"TimestampAscending"`))
	assert.Equal(t, []string{changed}, read(`,"HistoryItemType":"StateUpdate"`))
	assert.Equal(t, []string{created}, read(`,"EndDate":"2026-01-05T06:30:00Z"`))
	assert.Empty(t, read(`,"AlarmTypes":["CompositeAlarm"]`))
	data := a.ok("DescribeAlarmHistory", `{"HistoryItemType":"StateUpdate"}`).Objects("AlarmHistoryItems")[0].String("HistoryData")
	assert.Contains(t, data, `"newState":{"stateValue":"ALARM","stateReason":"by hand"}`)
	a.run(31 * 24 * time.Hour)
	assert.NotContains(t, read(""), created, "after 30 days an item is gone")
}

func TestTagsOfAlarms(t *testing.T) {
	a := newAccount(t)
	a.alarm("m", `"Statistic":"Sum","Tags":[{"Key":"a","Value":"1"}]`)
	const arn = `"ResourceARN":"arn:aws:cloudwatch:eu-central-1:123456789012:alarm:m"`
	a.ok("TagResource", `{`+arn+`,"Tags":[{"Key":"a","Value":"2"},{"Key":"b","Value":"3"}]}`)
	a.ok("UntagResource", `{`+arn+`,"TagKeys":["b"]}`)
	assert.Equal(t, []wire.Object{{"Key": "a", "Value": "2"}}, a.ok("ListTagsForResource", `{`+arn+`}`).Objects("Tags"))
	for _, operation := range []string{"TagResource", "UntagResource"} {
		_, err := a.call(operation, `{"ResourceARN":"arn:aws:cloudwatch:eu-central-1:123456789012:alarm:none","Tags":[],"TagKeys":[]}`)
		assert.ErrorContains(t, err, "ResourceNotFoundException")
	}
}

func TestDashboardsAreKept(t *testing.T) {
	a := newAccount(t)
	a.ok("PutDashboard", `{"DashboardName":"b","DashboardBody":"{}","Tags":[{"Key":"a","Value":"1"}]}`)
	const arn = `"ResourceARN":"arn:aws:cloudwatch::123456789012:dashboard/b"`
	a.ok("TagResource", `{`+arn+`,"Tags":[{"Key":"b","Value":"2"}]}`)
	assert.Len(t, a.ok("ListTagsForResource", `{`+arn+`}`).Objects("Tags"), 2)
	a.ok("PutDashboard", `{"DashboardName":"a","DashboardBody":"{\"widgets\":[]}"}`)
	assert.Equal(t, "arn:aws:cloudwatch::123456789012:dashboard/a", a.ok("GetDashboard", `{"DashboardName":"a"}`).String("DashboardArn"))
	assert.Len(t, a.ok("ListDashboards", `{}`).Objects("DashboardEntries"), 2)
	assert.Len(t, a.ok("ListDashboards", `{"DashboardNamePrefix":"b"}`).Objects("DashboardEntries"), 1)
	_, err := a.call("PutDashboard", `{"DashboardName":"c","DashboardBody":"{"}`)
	require.ErrorContains(t, err, "DashboardInvalidInputError")
	_, err = a.call("DeleteDashboards", `{"DashboardNames":["a","none"]}`)
	require.ErrorContains(t, err, "DashboardNotFoundError")
	assert.Len(t, a.ok("ListDashboards", `{}`).Objects("DashboardEntries"), 2, "none is deleted if one is missing")
	a.ok("DeleteDashboards", `{"DashboardNames":["a","b"]}`)
	_, err = a.call("GetDashboard", `{"DashboardName":"a"}`)
	assert.ErrorContains(t, err, "DashboardNotFoundError")
}

const logAlarm = `{"AlarmName":"panics","QueryResultsToEvaluate":2,"QueryResultsToAlarm":1,"Threshold":1,"ComparisonOperator":"GreaterThanThreshold",
	"ScheduledQueryConfiguration":{"QueryString":"fields @message","AggregationExpression":"count(*)","LogGroupIdentifiers":["/ecs/web"],
	"ScheduledQueryRoleARN":"arn:aws:iam::123456789012:role/queries","ScheduleConfiguration":{"ScheduleExpression":"rate(1 minute)","StartTimeOffset":300}}}`

func TestALogAlarmIsATypeOfItsOwn(t *testing.T) {
	a := newAccount(t)
	a.ok("PutLogAlarm", logAlarm)
	a.alarm("hot", `"Statistic":"Sum"`)
	a.ok("SetAlarmState", `{"AlarmName":"panics","StateValue":"ALARM","StateReason":"test"}`)
	for request, want := range map[string][3]int{
		`{}`:                          {1, 0, 0},
		`{"AlarmTypes":["LogAlarm"]}`: {0, 0, 1},
		`{"AlarmTypes":["LogAlarm","MetricAlarm"]}`: {1, 0, 1},
	} {
		out := a.ok("DescribeAlarms", request)
		assert.Equal(t, want, [3]int{len(out.Objects("MetricAlarms")), len(out.Objects("CompositeAlarms")), len(out.Objects("LogAlarms"))}, request)
	}
	found := a.ok("DescribeAlarms", `{"AlarmTypes":["LogAlarm"]}`).Objects("LogAlarms")[0]
	assert.Equal(t, "ALARM", found.String("StateValue"))
	assert.Equal(t, "fields @message", found.Object("ScheduledQueryConfiguration").String("QueryString"))
	_, err := a.call("PutMetricAlarm", `{"AlarmName":"panics","Namespace":"shop","MetricName":"m","Period":60,"EvaluationPeriods":1,
		"ComparisonOperator":"GreaterThanThreshold","Threshold":1,"Statistic":"Sum"}`)
	assert.ErrorContains(t, err, "panics is a log alarm")
}

func TestAnAlarmThatCannotBeEvaluatedKeepsItsState(t *testing.T) {
	a := newAccount(t)
	a.alarm("hot", `"Statistic":"Sum","TreatMissingData":"notBreaching"`)
	a.run(5 * time.Minute)
	assert.Equal(t, "OK", a.state("hot"))
	a.ok("SetAlarmState", `{"AlarmName":"hot","StateValue":"ALARM","StateReason":"test"}`)
	assert.True(t, a.SetEvaluation("hot", "EVALUATION_ERROR"))
	assert.False(t, a.SetEvaluation("cold", "EVALUATION_ERROR"))
	a.run(5 * time.Minute)
	assert.Equal(t, "ALARM", a.state("hot"))
	assert.Equal(t, "EVALUATION_ERROR", a.ok("DescribeAlarms", `{"AlarmNames":["hot"]}`).Objects("MetricAlarms")[0].String("EvaluationState"))
	a.SetEvaluation("hot", "")
	a.run(5 * time.Minute)
	assert.Equal(t, "OK", a.state("hot"))
}
