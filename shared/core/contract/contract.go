// Package contract holds the names that two sides need to agree on: the
// functions and the stack that deploys them, the store and its readers, the
// services and the operators who tag them.
package contract

// TagPrefix begins the name of every tag of ours.
const TagPrefix = "homeostat:"

// Tags that operators put on an ECS service.
const (
	// TagMode enrols a service: off, observe, propose or act. A service without
	// it is not touched and not decided about.
	TagMode = "homeostat:mode"
	// TagRollback with the value "never" forbids rollbacks: a schema migration
	// makes the older revision unsafe.
	TagRollback = "homeostat:rollback"
	// RollbackNever is the value of TagRollback that forbids rollbacks.
	RollbackNever = "never"
)

// A probe is a task that Homeostat runs beside a service.
const (
	// TagProbe marks the task with the service's name.
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
	EnvNotifyTopic   = "HOMEOSTAT_NOTIFY_TOPIC"   // ARN of the SNS topic; empty sends nothing
	EnvMode          = "HOMEOSTAT_MODE"           // caps every service's mode; empty caps nothing
	EnvAccounts      = "HOMEOSTAT_ACCOUNTS"       // accounts whose events count, comma-separated; empty: the function's own
	EnvLogs          = "HOMEOSTAT_LOGS"           // "true" where the function may read tasks' log lines
	EnvMetricsPrefix = "HOMEOSTAT_METRICS_PREFIX" // namespace of the EMF metrics; empty is Homeostat
)

// MetricNamespace is the namespace of the metrics where EnvMetricsPrefix names
// no other.
const MetricNamespace = "Homeostat"

// Dimensions of the metrics.
const (
	DimensionFunction = "Function"
	DimensionReason   = "Reason"
)

// Metrics of the functions, with what the dimension Reason says of each.
const (
	MetricEvents        = "Events"          // the trigger
	MetricDropped       = "Dropped"         // why an event is not ours
	MetricDuplicates    = "Duplicates"      // the trigger
	MetricRetries       = "Retries"         // the fault for which a message comes again
	MetricFailed        = "Failed"          // the fault for which an event was given up
	MetricDecisions     = "Decisions"       // the kind of the decision
	MetricReasons       = "DecisionReasons" // the first reason of a recorded decision
	MetricActions       = "Actions"         // what the guard said: "act", or why it was suppressed
	MetricActionsFailed = "ActionsFailed"   // the kind of the decision
	MetricRollbacks     = "Rollbacks"       // what became of it, RollbackHelped or RollbackInVain
	MetricLatency       = "ReactionLatency" // no reason: from the event's time to the decision
	MetricBudgetLeft    = "BudgetLeft"      // no reason: actions that a service has left in its hour
	MetricDenied        = "Denied"          // no reason: AWS denied a call, and the event or action was given up
	MetricFrozen        = "Frozen"          // what a mass failure froze: "account", "cluster", "zone" or "dependency"
	MetricPolicyBroken  = "PolicyBroken"    // no reason: an invocation without a policy that can be read
)

// What became of a rollback.
const (
	// RollbackHelped: the tasks of the revision that came back stay up.
	RollbackHelped = "helped"
	// RollbackInVain: that revision dies too.
	RollbackInVain = "in-vain"
)

// The deployed functions. Each name is a folder of functions/ and of dist/.
const (
	FunctionHeal     = "heal"
	FunctionScale    = "scale"
	FunctionRedeploy = "redeploy"
	FunctionSweep    = "sweep"
)

// Functions lists the deployed functions in the order they are drawn.
func Functions() []string {
	return []string{FunctionHeal, FunctionScale, FunctionRedeploy, FunctionSweep}
}

// TimerSource is the source of the timer messages that Homeostat sends itself.
const TimerSource = "homeostat.timer"

// What timers are for.
const (
	// TimerNew asks for the first look at a service that was not known before.
	TimerNew = "new"
	// TimerShard asks for a look over a shard of the roster.
	TimerShard = "shard"
	// TimerInventory asks for the next part of the account to be read.
	TimerInventory = "roster"
	// TimerAlarms asks for the arming alarms to be brought up to date.
	TimerAlarms = "arm"
)

// AlarmPrefix begins the name of every alarm that Homeostat makes.
const AlarmPrefix = "homeostat/"
