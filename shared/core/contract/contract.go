// Package contract holds the names that two sides must agree on. The sides are
// functions and stack, the store and its readers, services and operators.
package contract

// TagPrefix begins the name of every tag of Homeostat.
const TagPrefix = "homeostat:"

// Tags that operators put on an ECS service.
const (
	// TagMode enrolls a service: off, observe, propose or act. Homeostat neither
	// evaluates nor changes a service without it.
	TagMode = "homeostat:mode"
	// TagRollback with the value "never" forbids rollbacks, for example after a
	// schema migration that makes the older revision unsafe.
	TagRollback = "homeostat:rollback"
	// RollbackNever is the value of TagRollback that forbids rollbacks.
	RollbackNever = "never"
)

// A probe is a task that Homeostat runs beside a service.
const (
	// TagProbe marks the task with the name of the service.
	TagProbe = "homeostat:probe"
	// ProbeStarter is the task's startedBy.
	ProbeStarter = "homeostat-probe"
)

// Environment variables of the functions.
const (
	EnvAccount       = "HOMEOSTAT_ACCOUNT"        // account that the function runs in
	EnvTable         = "HOMEOSTAT_TABLE"          // name of the DynamoDB table
	EnvPolicy        = "HOMEOSTAT_POLICY"         // path of the compiled policy in the bundle
	EnvTimerQueue    = "HOMEOSTAT_TIMER_QUEUE"    // URL of the queue for timers
	EnvNotifyTopic   = "HOMEOSTAT_NOTIFY_TOPIC"   // ARN of the SNS topic; if empty, nothing is sent
	EnvMode          = "HOMEOSTAT_MODE"           // caps the mode of every service; empty caps nothing
	EnvAccounts      = "HOMEOSTAT_ACCOUNTS"       // accounts with events that count, separated by commas; empty: the function's own
	EnvLogs          = "HOMEOSTAT_LOGS"           // "true" if the function may read log lines of tasks
	EnvSourceDates   = "HOMEOSTAT_SOURCE_DATES"   // "true" if the function may read the dates of parameters and secrets
	EnvPin           = "HOMEOSTAT_PIN"            // "false" if the function may register no task definition
	EnvMetricsPrefix = "HOMEOSTAT_METRICS_PREFIX" // namespace of the EMF metrics; empty is Homeostat
)

// NotPinning is the reason of an installation that may register no task definition.
const NotPinning = "the stack was deployed without -c pin=true"

// WithoutPin says what such an installation does not do.
const WithoutPin = "rollbacks after completion are off for images by tag once the tag points to another image, and for inactive task definitions"

// MetricNamespace is the namespace of the metrics unless EnvMetricsPrefix names
// another.
const MetricNamespace = "Homeostat"

// Dimensions of the metrics.
const (
	DimensionFunction = "Function"
	DimensionReason   = "Reason"
)

// Metrics of the functions. The comments give the value of the dimension Reason.
const (
	MetricEvents        = "Events"          // trigger
	MetricDropped       = "Dropped"         // reason for which an event is not handled
	MetricDuplicates    = "Duplicates"      // trigger
	MetricRetries       = "Retries"         // fault for which a message is delivered again
	MetricFailed        = "Failed"          // fault for which an event was given up
	MetricDecisions     = "Decisions"       // kind of the decision
	MetricReasons       = "DecisionReasons" // first reason of a recorded decision
	MetricActions       = "Actions"         // outcome of the guard: "act", or the outcome of a suppressed action
	MetricActionsFailed = "ActionsFailed"   // kind of the decision
	MetricRollbacks     = "Rollbacks"       // outcome, RollbackHelped or RollbackInVain
	MetricLatency       = "ReactionLatency" // none; time from the event to the decision
	MetricBudgetLeft    = "BudgetLeft"      // none; actions that a service may still take in the hour
	MetricDenied        = "Denied"          // none; a call that AWS denied, so that the event or action was given up
	MetricFrozen        = "Frozen"          // kind of the frozen scope: "account", "cluster", "zone" or "dependency"
	MetricPolicyBroken  = "PolicyBroken"    // none; an invocation without a readable policy
)

// Outcomes of a rollback.
const (
	// RollbackHelped: the tasks of the restored revision stay up.
	RollbackHelped = "helped"
	// RollbackInVain: the restored revision fails as well.
	RollbackInVain = "in-vain"
)

// The deployed functions. Each name is a folder of functions/ and of dist/.
const (
	FunctionHeal     = "heal"
	FunctionScale    = "scale"
	FunctionRedeploy = "redeploy"
	FunctionSweep    = "sweep"
)

// Functions lists the deployed functions in the order of the drawings.
func Functions() []string {
	return []string{FunctionHeal, FunctionScale, FunctionRedeploy, FunctionSweep}
}

// TimerSource is the source of the timer messages that Homeostat sends to itself.
const TimerSource = "homeostat.timer"

// Purposes of timers.
const (
	// TimerNew requests the first evaluation of a new service.
	TimerNew = "new"
	// TimerWayBack requests the daily evaluation of the revisions to go back to.
	TimerWayBack = "way-back"
	// TimerShard requests a pass over a shard of the inventory.
	TimerShard = "shard"
	// TimerInventory requests that the next part of the account is read.
	TimerInventory = "roster"
	// TimerAlarms requests a synchronization of the trigger alarms.
	TimerAlarms = "arm"
)

// AlarmPrefix begins the name of every alarm that Homeostat makes.
const AlarmPrefix = "homeostat/"
