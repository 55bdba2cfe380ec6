package policy

import "time"

// The bounds and the default of a key stand in its row of the table, not here.
const (
	// formatVersion is the version of the file's format, the key version.
	formatVersion = 1
	// maxTasks bounds the tasks of a service.
	// Source: ECS service quota "tasks per service", 5,000,
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
	maxTasks = 5000
	// maxNames bounds the names in one list, such as the alarms of a service. One
	// call of DescribeAlarms takes 100 names. The account has 9 calls a second.
	// Source: own choice, from
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
	maxNames = 20
	// maxChanges bounds the changes of the desired count in an hour. The state of a
	// service keeps the times of the last 60 changes.
	// Source: own choice, one change a minute.
	maxChanges = 60

	// maxSchedules bounds the schedules of one block. The check compares each pair.
	// Source: own choice.
	maxSchedules = 20
	// shortestFor is the shortest window of a schedule: the sweep runs each minute.
	shortestFor = time.Minute
	// longestFor is the longest window of a schedule, the longest month.
	longestFor = 31 * 24 * time.Hour
	// maxForeseen bounds the search for the next rise of the minimum, in changes of
	// the schedules. A schedule that opens and closes each minute has 120 changes in
	// one hour, and the start of a task takes less than that.
	// Source: own choice.
	maxForeseen = 128
	// maxOpenings bounds the search for two schedules that are open at once, in
	// openings of one of them. A daily window is followed for two years. A later
	// overlap is resolved by BoundsAt.
	// Source: own choice.
	maxOpenings = 800

	// maxExpression bounds a metric math expression, in characters. CloudWatch
	// accepts 2,048.
	// Source: own choice of half of it, from
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
	maxExpression = 1024
	// maxMetrics bounds the metrics of one expression. One call of GetMetricData
	// takes 500 queries, and the sweep reads many services in one call.
	// Source: own choice, from
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
	maxMetrics = 10
	// maxDimensions bounds the dimensions of a metric.
	// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Metric.html
	maxDimensions = 30
	// maxName bounds namespaces, names and ids of metrics, in characters.
	// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Metric.html
	maxName = 255
	// longestPeriod is the longest period of a metric, one day.
	// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricStat.html
	longestPeriod = 24 * time.Hour
)
