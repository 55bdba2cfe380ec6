package fleet

// The lists of stable words, for texts of operators that name them. A test compares
// them with the constants.

// TriggerKinds returns all kinds of events.
func TriggerKinds() []TriggerKind {
	return []TriggerKind{
		TaskStopped, TaskStopping, TaskRunning, DeploymentStarted, DeploymentCompleted, DeploymentFailed, HookWaiting,
		ServiceAction, AlarmChanged, ImagePush, ImageReplicated, ImageScan, SpotWarning, TaskRetirement, HealthIssue,
		DaemonChanged, ScaledToMax, Tick, Ignored,
	}
}

// DecisionKinds returns all kinds of decisions.
func DecisionKinds() []DecisionKind {
	return []DecisionKind{
		DoNothing, ScaleOut, ScaleIn, RollBack, Redeploy, Notify, FallBack, ReturnToSpot, GrowMemory, Move, Recycle, Probe,
		Proceed, Restore, TakeOver,
	}
}

// Outcomes returns all results of the guard.
func Outcomes() []Outcome { return []Outcome{Act, Observe, Propose, Hold, Idle} }

// Statuses returns all statuses of a Result.
func Statuses() []string { return []string{Done, Skipped, Failed} }
