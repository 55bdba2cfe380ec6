package sweep

import "time"

// The inventory.
const (
	// partCalls is the largest number of ECS calls for one part of the account, and
	// partEvery the time between two parts. Chosen: 80 calls and 15 seconds. ECS
	// gives an account 20 calls a second for describing and listing services. This
	// is a quarter of it, and never more at once than its burst
	// (docs/designs/0005).
	partCalls = 80
	partEvery = 15 * time.Second
	// inventoryFor is the largest age of a complete inventory that stands for the
	// account. Chosen: 15 minutes.
	inventoryFor = 15 * time.Minute
	// newPerPart is the number of new services that one part schedules. Chosen: 50.
	newPerPart = 50
	// changesOverlap is the time that is read twice, because clocks differ. Chosen: 10
	// seconds.
	changesOverlap = 10 * time.Second
)

// The polling of services, in ticks of one minute (docs/costs.md has the prices).
const (
	// idleEvery is the polling interval of an idle service. A service with an unknown
	// state is evaluated at the same interval. Chosen: 5 ticks.
	idleEvery = 5
	// withAlarmEvery is the polling interval of an idle service with a trigger alarm.
	// Chosen: 15 ticks (docs/designs/0009).
	withAlarmEvery = 15
	// stableEvery is the polling interval of a service above its minimum with a trigger
	// alarm and a steady count. Chosen: 3 ticks (docs/designs/0009).
	stableEvery = 3
	// reconcileEvery is the interval of the evaluations of a service above its minimum,
	// whatever its load: they show lost events and timers. Chosen: 60 ticks.
	reconcileEvery = 60
	// loadSince is the maximum age of the load that is read. Chosen: 18 minutes,
	// the longest polling interval and the delay of the metrics, up to 3 minutes.
	loadSince = 18 * time.Minute
)

// The bounds of one invocation.
const (
	// deadlineMargin is the remaining time of an invocation without a further
	// evaluation. Chosen: 15 seconds.
	deadlineMargin = 15 * time.Second
	// evaluationsPerMinute is the number of evaluations of all shards in a minute.
	// Chosen: 600, half of the quota of ECS for describing services, 20 calls a second
	// (docs/designs/0005).
	evaluationsPerMinute = 600
	// minEvaluations is the smallest share of a shard in evaluationsPerMinute.
	// Chosen: 10.
	minEvaluations = 10
)

// The trigger alarms (docs/designs/0009).
const (
	// alarmSyncEvery is the interval of the synchronization of the trigger alarms, and
	// alarmSyncAt the minute in it. Chosen: every 15 minutes, in the fifth, not in the
	// minute of the comparison of all tags.
	alarmSyncEvery, alarmSyncAt = 15, 5
	// alarmPause is the pause between two calls for alarms. Chosen: 400 milliseconds.
	// CloudWatch takes 3 calls a second that change alarms, from the whole account
	// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html).
	alarmPause = 400 * time.Millisecond
	// alarmsPerInvocation is the number of alarms that one invocation makes; the next
	// one continues. Chosen: 75.
	alarmsPerInvocation = 75
	// deleteLimit is the number of alarms of one DeleteAlarms: 100
	// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html).
	deleteLimit = 100
	// scalingOld is the largest age of a reading of Application Auto Scaling for the
	// decision about an alarm. Chosen: 24 hours.
	scalingOld = 24 * time.Hour
)
