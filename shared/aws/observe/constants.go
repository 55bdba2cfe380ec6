package observe

import "time"

// The sizes of one call, as the API reference of AWS gives them.
const (
	// alarmsLimit is the number of alarms of one DescribeAlarms: 100
	// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html).
	// No more alarms of a service are read. The quota of that call is 9 a second
	// for the whole account, shared with ECS's own deployments
	// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html).
	alarmsLimit = 100
	// queriesLimit is the number of queries of one GetMetricData: 500
	// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html).
	queriesLimit = 500
	// describeLimit is the number of services of one DescribeServices: 10
	// (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html).
	describeLimit = 10
	// listLimit is the number of services on one page of ListServices: 100
	// (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServices.html).
	listLimit = 100
	// tasksLimit is the number of tasks of one ListTasks, DescribeTasks or
	// GetTaskProtection: 100
	// (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html).
	tasksLimit = 100
	// revisionsLimit is the number of revisions of one DescribeServiceRevisions: 20
	// (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceRevisions.html).
	revisionsLimit = 20
	// answerLimit is the number of bytes that are read of an answer of a jsonService: 2
	// MiB. Chosen: CloudWatch Logs sends at most 1 MB
	// (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html).
	answerLimit = 2 << 20
	// parametersLimit is the number of names in a filter and of parameters on a page of
	// DescribeParameters: 50
	// (https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html).
	// No more parameters of a service are read.
	parametersLimit = 50
	// parameterLength is the length of a name in such a filter: 1024 characters
	// (https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html).
	parameterLength = 1024
)

// The history of a service.
const (
	// historyDepth is the number of rollouts on one page. Chosen: 10, well below the 20
	// ARNs of one DescribeServiceRevisions.
	historyDepth = 10
	// historyPages is the highest number of pages. Chosen: 10, so that 100 forced
	// deployments in a row do not hide the revision before them.
	historyPages = 10
	// maxTargets is the number of revisions that are checked as targets of a rollback
	// until they can run, and maxChecked that of all checked ones. Chosen: 2 and 5. Each
	// costs a call for its task definition and one for each image.
	maxTargets = 2
	maxChecked = 5
	// serviceTask begins the startedBy of a task of a service
	// (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html).
	serviceTask = "ecs-svc/"
	// digestLength is the number of bytes that are kept of the digest of a value.
	// Chosen: 8 tell two values apart, and are too few to find one by trying.
	digestLength = 8
)

// The data of an alarm.
const (
	// spareAlarmPeriods is the number of periods beyond those of an alarm that are read.
	// CloudWatch looks at more values if some are missing. Chosen: 3, as it does for short
	// alarms (CloudWatch user guide, "Configuring how CloudWatch alarms treat missing data").
	spareAlarmPeriods = 3
	// alarmDataDelay is the longest delay of a metric. Chosen: 5 minutes.
	alarmDataDelay = 5 * time.Minute
)

// The metrics.
const (
	// highResolutionSeconds is the period of high-resolution utilization, in seconds.
	highResolutionSeconds = 20
	// loadWindow is the maximum age of the metrics that are read. Chosen: 18
	// minutes. A service that is evaluated every 15 minutes missed that time, and
	// data of one minute is visible one to three minutes late. AWS bills the
	// metric, not its values.
	loadWindow = 18 * time.Minute
	// peakWindow is the maximum age of a high value that describes the present load.
	// Chosen: 6 minutes.
	peakWindow = 6 * time.Minute
	// armWindow is the time of the traffic that is compared by target group. Chosen:
	// 6 minutes, the default time of a step of a linear deployment.
	armWindow = 6 * time.Minute
)

// The past of a deployment.
const (
	// beforeWindow is the time before a deployment whose load is compared with the
	// present one. Chosen: half an hour of minutes is enough for a mean.
	beforeWindow = 30 * time.Minute
	// trendPeriod is the period of the memory values. Chosen: 15 minutes, so that a day
	// has 96 values.
	trendPeriod = 15 * time.Minute
)

// The log lines.
const (
	// linesLimit is the number of log events that are read. Chosen: 50.
	linesLimit = 50
	// logTimeout is the time that an evaluation waits for log lines. Chosen: 2 seconds.
	// Log lines explain a decision, and no decision waits for them.
	logTimeout = 2 * time.Second
	// mask replaces a secret. It is one byte long, so that a text never grows.
	mask = "*"
	// readLimit is the number of bytes of log lines that are searched for secrets.
	// Chosen: 64 KiB.
	readLimit = 64 << 10
	// keepLimit is the number of bytes of log lines that are kept, and lineLimit that
	// of one line. Chosen: 8 KiB and 2 KiB.
	keepLimit = 8 << 10
	lineLimit = 2 << 10
	// secretKeyLength is the number of characters of an AWS secret access key.
	secretKeyLength = 40
)

// The sources of secrets.
const (
	// parameterPages is the highest number of pages of one read. Chosen: 3, because
	// DescribeParameters may return less than a page.
	parameterPages = 3
	// secretsRead is the highest number of secrets of one read. Chosen: 10, because each
	// costs a call.
	secretsRead = 10
	// sourcesTimeout is the time that an evaluation waits for the sources. Chosen: 2
	// seconds. They explain a failure, and no decision waits for them.
	sourcesTimeout = 2 * time.Second
	// sourcesNamed is the number of sources that a reason names. Chosen: 5.
	sourcesNamed = 5
)
