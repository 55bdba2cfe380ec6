// Package reason names every reason of a decision, with its meaning and the advice
// for an operator. The names are stable, because metrics, alarms, scenarios and
// stored episodes use them. docs/reasons.md shows the table.
package reason

// Name is the stable name of a reason.
type Name string

// Rollbacks and the evidence for them.
const (
	BadRevision         Name = "bad-revision"
	LastGood            Name = "last-good"
	Quarantine          Name = "quarantine"
	NotEnoughEvidence   Name = "not-enough-evidence"
	Healthy             Name = "healthy"
	AWSIssue            Name = "aws-issue"
	CommonCause         Name = "common-cause"
	Counted             Name = "counted"
	NotCausedByChange   Name = "not-caused-by-change"
	OnePlace            Name = "one-place"
	Overload            Name = "overload"
	ObservingPeers      Name = "observing-peers"
	LongLived           Name = "long-lived"
	EnvironmentChanged  Name = "environment-changed"
	ValueOutdated       Name = "value-outdated"
	MemoryGrows         Name = "memory-grows"
	Probe               Name = "probe"
	Probing             Name = "probing"
	ProbeInconclusive   Name = "probe-inconclusive"
	RollbackForbidden   Name = "rollback-forbidden"
	RollbackIneffective Name = "rollback-ineffective"
	RolledBackBefore    Name = "rolled-back-before"
	RollbackInProgress  Name = "rollback-in-progress"
	NoRollbackTarget    Name = "no-rollback-target"
	CannotRestore       Name = "cannot-restore"
	ECSRollsBack        Name = "ecs-rolls-back"
	DeploymentWaits     Name = "deployment-waits"
	DeploymentStuck     Name = "deployment-stuck"
	DeploymentSlow      Name = "deployment-slow"
	DeploymentFailed    Name = "deployment-failed"
	NoWayBack           Name = "no-way-back"
	AlarmsUnwatched     Name = "alarms-unwatched"
	AlarmUnproven       Name = "alarm-unproven"
	AlarmUnevaluated    Name = "alarm-unevaluated"
	RouteFailed         Name = "route-failed"
	HookWaiting         Name = "hook-waiting"
	NoDeployment        Name = "no-deployment"
)

// Causes that a rollback does not fix.
const (
	NormalStop        Name = "normal-stop"
	Capacity          Name = "capacity"
	Transient         Name = "transient"
	TransientPersists Name = "transient-persists"
	UnknownCause      Name = "unknown-cause"
	OutOfMemory       Name = "out-of-memory"
	MemoryUnconfirmed Name = "memory-unconfirmed"
	MemoryGrownToday  Name = "memory-grown-today"
	MemoryAtMaximum   Name = "memory-at-maximum"
	RestartCap        Name = "restart-cap"
	RestartCapLifted  Name = "restart-cap-lifted"
	ImageGone         Name = "image-gone"
	ImageArchived     Name = "image-archived"
	SubnetFull        Name = "subnet-full"
	PullThrottled     Name = "pull-throttled"
	SpotHost          Name = "spot-host"
	SpotWait          Name = "spot-wait"
	SpotUnavailable   Name = "spot-unavailable"
	OnDemandFallback  Name = "on-demand-fallback"
	SpotRestored      Name = "spot-restored"
	TaskAge           Name = "task-age"
	RecycleAlone      Name = "recycle-alone"
)

// Images.
const (
	ImagePushed    Name = "image-pushed"
	ImageRetried   Name = "image-retried"
	AlreadyRunning Name = "already-running"
	Quarantined    Name = "quarantined"
	NotThisImage   Name = "not-this-image"
	NoTagWatched   Name = "no-tag-watched"
	TagNotWatched  Name = "tag-not-watched"
	Deploying      Name = "deploying"
)

// Scaling.
const (
	AtNeed                          Name = "at-need"
	DemandAboveCount                Name = "demand-above-count"
	DemandBelowCount                Name = "demand-below-count"
	WarmingUp                       Name = "warming-up"
	SignalUnknown                   Name = "signal-unknown"
	Schedule                        Name = "schedule"
	NoDemand                        Name = "no-demand"
	DemandReturned                  Name = "demand-returned"
	ScaledToZero                    Name = "scaled-to-zero"
	StoppedByHand                   Name = "stopped-by-hand"
	NoRunningTasks                  Name = "no-running-tasks"
	MetricUnknown                   Name = "metric-unknown"
	MetricStale                     Name = "metric-stale"
	SuspectMetric                   Name = "suspect-metric"
	ScalingOff                      Name = "scaling-off"
	Down                            Name = "down"
	Degraded                        Name = "degraded"
	Recovered                       Name = "recovered"
	DaemonService                   Name = "daemon-service"
	ManagedByApplicationAutoScaling Name = "managed-by-application-auto-scaling"
	TakeOver                        Name = "take-over"
	ExternalModification            Name = "external-modification"
)

// Suppressed and limited actions.
const (
	ModeOff               Name = "mode-off"
	ModeObserve           Name = "mode-observe"
	ModePropose           Name = "mode-propose"
	UnsupportedController Name = "unsupported-controller"
	Frozen                Name = "frozen"
	AlreadyDone           Name = "already-done"
	Suppressed            Name = "suppressed"
	SelfTriggered         Name = "self-triggered"
	BoundsConflict        Name = "bounds-conflict"
	ClampedToMax          Name = "clamped-to-max"
	ClampedToMin          Name = "clamped-to-min"
	ClampedToStep         Name = "clamped-to-step"
	ClampedToRate         Name = "clamped-to-rate"
	ClampedToProtected    Name = "clamped-to-protected"
	AtBound               Name = "at-bound"
	OutsideBounds         Name = "outside-bounds"
	TasksProtected        Name = "tasks-protected"
	ProtectionUnread      Name = "protection-unread"
	Cooldown              Name = "cooldown"
	Flapping              Name = "flapping"
	BudgetSpent           Name = "budget-spent"
)

// Mass failures.
const (
	MassFailure          Name = "mass-failure"
	MassFailureGoesOn    Name = "mass-failure-goes-on"
	MassFailureOver      Name = "mass-failure-over"
	SharedImage          Name = "shared-image"
	MassFailureUnknown   Name = "mass-failure-unknown"
	MassFailureUnfrozen  Name = "mass-failure-unfrozen"
	CoveredByMassFailure Name = "covered-by-mass-failure"
	WaitingForPeers      Name = "waiting-for-peers"
)

// The evaluation itself.
const (
	NoOp             Name = "no-op"
	StaleEvent       Name = "stale-event"
	UnconfirmedEvent Name = "unconfirmed-event"
	Unread           Name = "unread"
	NotFound         Name = "not-found"
	Interrupted      Name = "interrupted"
	Finished         Name = "finished"
	PolicyBroken     Name = "policy-broken"
)
