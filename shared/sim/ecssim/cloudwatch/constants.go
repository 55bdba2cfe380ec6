package cloudwatch

import "time"

// The periods of AWS's own metrics, in seconds. AWS: metrics of Amazon ECS, and
// resolutionSeconds of a service's monitoring.
const (
	StandardSeconds       = 60
	HighResolutionSeconds = 20
)

// Evaluation and storage.
const (
	// extraPeriods is the number of periods that an evaluation reads beyond N, so
	// that a late or missing point does not decide. AWS documents such an
	// "evaluation range" without its size. Assumed.
	extraPeriods = 2
	// maxPhase is the largest offset of an alarm's evaluation from the full minute.
	// Assumed: each alarm has a second of its own.
	maxPhase = 5 * time.Second
	// retention is the time that points are kept, in seconds. AWS: API reference of
	// GetMetricData, 15 days for a period of one minute.
	retention = 15 * 24 * 60 * 60
	// historyKept is the time that the history of alarms is kept. AWS: CloudWatch
	// guide, "Common features of alarms", 30 days.
	historyKept = 30 * 24 * time.Hour
	// fewSamples is the number of samples that an evaluated percentile has on its
	// smaller side. AWS: CloudWatch guide, "Percentile-based alarms and low data
	// samples".
	fewSamples = 10
	// noUnit is the unit of data without one. AWS: API reference of MetricDatum.
	noUnit = "None"
)

// Limits of requests. AWS: API reference of the operations.
const (
	alarmHistoryLimit   = 100  // items of a page, DescribeAlarmHistory
	dashboardsLimit     = 1000 // dashboards of a page, ListDashboards
	describeAlarmsLimit = 100  // alarms of a page, DescribeAlarms
	getMetricDataLimit  = 500  // queries, GetMetricData
	listMetricsLimit    = 500  // metrics of a page, ListMetrics
	maxStatistics       = 1440 // data points, GetMetricStatistics
	maxQueryID          = 255  // characters of an id, MetricDataQuery
)
