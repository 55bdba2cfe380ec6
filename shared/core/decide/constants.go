package decide

import (
	"time"

	"homeostat/shared/core/polling"
)

// The numbers of the deciders. Each comment gives the meaning and the source. The
// word "chosen" marks a number without a measurement or a document behind it.
const (
	// maxHeadline is the length of a headline in characters (fleet.Reason), so that
	// it fits one line of a terminal.
	maxHeadline = 80
	// minHeadline is the least length of a headline that was cut. Chosen: a shorter
	// one has no content.
	minHeadline = 20
	// followUpIn is the time to the evaluation that follows a wait. Chosen: the period
	// of the one-minute metrics, so that new values exist.
	followUpIn = time.Minute
)

// The evidence about a revision (docs/judge.md).
const (
	// peerLead is the time by which the failures of a peer may precede the first
	// failure of the service. Chosen: health checks need minutes to fail a task.
	peerLead = 10 * time.Minute
	// ownRollout is the time after the rollout of a peer in which its failures may
	// come from that rollout. Chosen: longer than most rollouts.
	ownRollout = time.Hour
	// leastPeers is the number of failing peers that share only a zone or a capacity
	// provider. Chosen: all services of a cluster share these, so one is chance.
	leastPeers = 2
	// peerWait is the longest wait of a rollback for failures of peers, from the first
	// failure on. Chosen: longer than most tasks take to start and fail.
	peerWait = 90 * time.Second
	// healthPeerWait is peerWait for failed health checks. Chosen: a health check
	// fails a task after several intervals of up to 30 s.
	healthPeerWait = 3 * time.Minute
	// probeRuns is the time for which a probe must run to pass. Chosen: the judge
	// counts a task as started after 2 min.
	probeRuns = 2 * time.Minute
	// probeTimeout is the time after which a probe without a result is inconclusive.
	// Chosen: a task that starts does so within 10 min.
	probeTimeout = 10 * time.Minute
	// stuckPending is the time for which tasks must be seen pending before a
	// deployment is stuck. Chosen: longer than a slow pull of an image.
	stuckPending = 10 * time.Minute
	// recentChanges is the highest age of the changes in the diagnostics, and
	// maxRecentChanges is their highest number. Chosen: they fit one screen.
	recentChanges    = time.Hour
	maxRecentChanges = 20
)

// A changed environment (docs/judge.md).
const (
	// environmentHold is the time for which the older tasks are kept. Chosen: longer
	// than the hour after which the failures are judged again.
	environmentHold = 70 * time.Minute
	// environmentRetry is the time for which restarts are capped. Chosen: a few starts
	// an hour show when the environment is repaired.
	environmentRetry = 15 * time.Minute
	// provenFor is the time in service from which a target of a rollback is proven.
	// Chosen: one hour. If a younger target fails too, it may be bad itself.
	provenFor = time.Hour
)

// An overload (docs/remedies.md).
const (
	// overloadEffect is the time until a scale-out can end the failures: one start of a
	// task with its health checks. Chosen.
	overloadEffect = 5 * time.Minute
	// overloadStep is the least growth in an overload, as a share of the desired
	// count. Chosen: failures reduce the capacity while the new tasks start.
	overloadStep = 0.5
	// alarmDuration is the least time for which an alarm's condition lasts before the
	// alarm fires, if the alarm does not say. Source: one period of one minute.
	alarmDuration = time.Minute
	// alarmMetricDelay is the time until the metric of an alarm can be read. Chosen:
	// the load balancer's metrics have a period of one minute.
	alarmMetricDelay = time.Minute
	// alarmMemory is the time for which an alarm without new data still looks at old
	// values. Source: CloudWatch evaluates some more periods than the alarm has. Chosen:
	// three of one minute.
	alarmMemory = 3 * time.Minute
	// loadTime is the time from the start of a task until it carries its share of the
	// load. Chosen: two probes of a load balancer.
	loadTime = time.Minute
	// takesOver is the time from the first task of a revision until the metrics show its
	// tasks alone. Chosen: a period of the metrics, and one more for the older tasks.
	takesOver = 2 * time.Minute
	// sameLoad is the highest ratio of the requests now to those before the deployment
	// that is the same load. Chosen: traffic varies by a quarter within an hour.
	sameLoad = 1.25
	// costlier is the ratio of the costs of a request from which a revision is slower.
	// Chosen: noise does not double the CPU of a request.
	costlier = 2.0
	// costlierAtLimit is that ratio while the CPU is at its limit, which hides the rest of
	// the cost. Chosen: half a service more than before at the same requests.
	costlierAtLimit = 1.5
	// saturatedCPU is the utilisation of a CPU at its limit, in percent. Chosen: the mean of
	// a minute seldom reaches 100.
	saturatedCPU = 95
	// startLead is the time from the end of a pause to the first RUNNING task. Chosen: a
	// pull of a large image takes minutes.
	startLead = 5 * time.Minute
	// regressionWithin is the time from the deployment to the first failure in which the
	// revision is the likelier cause, if the requests are unknown. Chosen.
	regressionWithin = 30 * time.Minute
	// maxPercent is the CPU of a task that is busy all the time.
	maxPercent = 100.0
	// unreadCPURetry is the time after which a missing CPU value is read again. Source:
	// the period of the high-resolution metrics of ECS, 20 s.
	unreadCPURetry = 20 * time.Second
)

// The remedies for causes that a rollback does not fix (docs/remedies.md).
const (
	// troubleFresh is the age up to which a failure without a task is acted on.
	// Chosen: an older failure may be over.
	troubleFresh = 5 * time.Minute
	// transientFailures is the number of failures from which a transient cause
	// persists. Chosen: two failures in a row can be chance.
	transientFailures = 3
	// spotPatience is the time that ECS has for its own retries to get Spot capacity.
	// Chosen.
	spotPatience = 2 * time.Minute
	// spotFailures is the number of failures that ends the wait early. Chosen.
	spotFailures = 2
	// spotFollowUp is the time from a fallback to its next evaluation. Chosen: the
	// return to Spot is due an hour later by default.
	spotFollowUp = 10 * time.Minute
	// addressPause is the time for which no task is added to a subnet without free
	// addresses. Chosen: addresses return when tasks stop.
	addressPause = 15 * time.Minute
	// pullPause is the time for which no image is pulled from a registry that
	// throttles. Chosen: each new task adds pulls.
	pullPause = 10 * time.Minute
	// growEvery is the shortest time between two increases of the memory. Chosen: with
	// a leak no size is enough, and each increase is a deployment.
	growEvery = 24 * time.Hour
	// growKills is the number of out-of-memory kills within an hour that starts an
	// increase. Chosen: a single kill can be a stale flag of the ECS agent.
	growKills = 2
	// memoryHigh is the memory utilization, in percent of the reservation, that
	// confirms the kills. Chosen: it is an average of all tasks over a minute.
	memoryHigh = 80
	// leakSpan is the least time of memory values for a trend, leakFit the least share of
	// their variance that a line explains, and leakFrom the least percentage. Chosen: a
	// heap that warms up is curved, or stays below.
	leakSpan = 3 * time.Hour
	leakFit  = 0.95
	leakFrom = 60.0
	// leakAhead is the time to a full memory from which on the operator is notified.
	// Chosen: half a working day.
	leakAhead = 4 * time.Hour
	// loopFailures is the number of task failures within an hour that make a crash
	// loop. Chosen: fewer can be one bad deployment of a dependency.
	loopFailures = 10
	// stableTask is the time for which a task must run to end a crash loop. Chosen:
	// longer than most tasks take to start and fail.
	stableTask = 5 * time.Minute
	// recycleEvery is the pause between two replacements of old tasks. Chosen: the
	// new task must be healthy before the next one stops.
	recycleEvery = 10 * time.Minute
)

// Scaling (docs/designs/0007).
const (
	// metricPeriod is the period of the CPU metric of ECS, one minute (Amazon ECS
	// developer guide, "CloudWatch metrics").
	metricPeriod = time.Minute
	// ranFor is the time for which the highest number of running tasks is kept.
	// Chosen: twice the age up to which a metric is used.
	ranFor = 2 * polling.MetricStaleAfter
	// ranFactor is the ratio of the tasks in a metric to the tasks that ran, from
	// which the metric is rejected. Chosen: a second publisher makes it 2.
	ranFactor = 1.5
	// externalChanges is the number of external changes of the count within
	// state.ExternalWithin that show a second controller. Chosen.
	externalChanges = 3
)

// The image that ECS took back.
const (
	// retryPause is the time without a failed start before the image is deployed again.
	// Chosen: most outages of a dependency of starts are over. maxAttempts bounds the
	// further attempts: the last one waits 2 h.
	retryPause  = 15 * time.Minute
	maxAttempts = 4
)

// The target of a rollback (docs/judge.md).
const (
	// minLife is the least run of a task that proves a revision. Chosen: the same time
	// ends a crash loop.
	minLife = stableTask
	// leastTasks is the number of recorded tasks that overrules the time in service.
	// Chosen: a single short task can be chance.
	leastTasks = 2
	// maxObstacles is the number of obstacles in a reason. Chosen: they fit an alert.
	maxObstacles = 3
)
