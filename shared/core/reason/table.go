package reason

import "slices"

// Entry is one reason with its text for the docs page.
type Entry struct {
	Name Name
	// Group is the heading above the reason.
	Group string
	// Means is the condition of the reason, in one sentence. Advice is the step for
	// an operator.
	Means, Advice string
}

// All returns every reason in the order of the docs page.
func All() []Entry {
	return slices.Concat(
		rollbacks(), otherCauses(), images(), scaling(), suppressions(), massFailures(), evaluation(),
	)
}

func rollbacks() []Entry {
	const group = "Rollbacks and the evidence for them"
	return []Entry{
		{BadRevision, group, "The tasks of the revision fail, the tasks of older revisions do not, and the evidence is past the threshold.", "Read the log lines in the episode, and push a fixed image."},
		{LastGood, group, "The rollback goes to the newest proven revision.", "Nothing."},
		{Quarantine, group, "The image of the failed revision is quarantined: no push, tag or sweep brings it back.", "Push a fixed image. `homeostat quarantine lift` allows the old one again."},
		{NotEnoughEvidence, group, "Tasks failed, but the evidence is below the threshold: it may be chance.", "Nothing. The next failures count."},
		{Healthy, group, "The revision runs, and its tasks fail no more often than those of older revisions.", "Nothing."},
		{CommonCause, group, "Tasks of several revisions, services or places fail alike, so the revision is not at fault.", "Look for the shared cause: a dependency, a zone, a secret."},
		{Counted, group, "The cause counts as evidence against the revision.", "Nothing."},
		{NotCausedByChange, group, "No change of the revision can bring this cause about.", "Fix the cause in the text. A rollback would not help."},
		{OnePlace, group, "The failures are in one zone, host or capacity provider only.", "Look at that place. A rollback would not help."},
		{Overload, group, "The tasks may be too busy to answer, so tasks are added before anything is rolled back.", "Check the maximum and the CPU size of the task."},
		{ObservingPeers, group, "A rollback waits a little, because other services may fail of the same cause.", "Nothing."},
		{LongLived, group, "The revision ran well for longer than `heal.suspect_for`, so something else changed.", "Find the change outside of the deployment: data, a dependency, a parameter."},
		{EnvironmentChanged, group, "New starts fail and older tasks run, or a parameter or secret changed at the right time: something outside of the revision changed.", "Look at the parameters, secrets and dependencies that a start reads."},
		{ValueOutdated, group, "Running tasks started before a parameter or secret changed, and later starts succeed.", "Force a deployment, so that all tasks read the new value."},
		{Probe, group, "One task of the last good revision runs first, because no older task is left to compare with.", "Nothing."},
		{Probing, group, "The probe task runs, and its outcome is awaited.", "Nothing."},
		{ProbeInconclusive, group, "The probe task gave no outcome in time.", "Decide by hand: `homeostat explain` shows the evidence."},
		{RollbackForbidden, group, "The policy or the tag `homeostat:rollback` forbids rollbacks of the service.", "Roll back or fix forward by hand."},
		{RollbackIneffective, group, "The revision that was rolled back to fails as well.", "Look for a cause outside of the revisions."},
		{RolledBackBefore, group, "The revision was rolled back before, and is never rolled back twice.", "Fix the revision, or remove it from the deployment pipeline."},
		{RollbackInProgress, group, "The rollback is under way.", "Nothing."},
		{NoRollbackTarget, group, "The revision fails, and there is no proven revision to go back to.", "Deploy a revision that works."},
		{CannotRestore, group, "The bad revision changed only settings of the service that a rollback does not restore.", "Restore the named settings. `heal.restore_network` permits Homeostat to restore the network."},
		{ECSRollsBack, group, "ECS itself rolls the deployment back. The image is quarantined only if the judge blames the revision.", "Push a fixed image, or fix the cause in the text."},
		{DeploymentFailed, group, "ECS gave the deployment up without a rollback, and starts no more tasks of it.", "Push a fixed image. Let the circuit breaker of the service roll back."},
		{NoWayBack, group, "Nothing fails now, but no earlier revision that ran well could be restored.", "Restore or keep its image, or deploy with `-c pin=true`."},
		{DeploymentWaits, group, "The deployment is not done, and its wait is not the fault of the revision.", "Fix the cause in the text."},
		{DeploymentStuck, group, "The deployment is not done after `heal.stuck_after`, and ECS has not ended it.", "Look at the deployment. Turn the circuit breaker on if it is off."},
		{DeploymentSlow, group, "The deployment is late, and its tasks get more time.", "Nothing."},
		{AlarmsUnwatched, group, "ECS watches no alarm during this deployment, because one was in ALARM before it began.", "Clear the alarm before the next deployment."},
		{AlarmUnproven, group, "The alarm is in ALARM, and its own data do not bear that. It is no evidence.", "If it lasts, look at the metric of the alarm. Somebody may have set the state."},
		{AlarmUnevaluated, group, "CloudWatch cannot evaluate the alarm, so its state is unknown and no evidence.", "Look at the `EvaluationState` and the `StateReason` of the alarm."},
		{RouteFailed, group, "ECS could not make or change the gateway's route to the service, so no alarm and no failed health check counts.", "Look at the `gatewayConnections` of the service revision, and repair the route."},
		{HookWaiting, group, "The deployment waits at a lifecycle hook.", "Answer the hook, or set `heal.proceed`."},
		{NoDeployment, group, "ECS shows no deployment of the service.", "Nothing."},
	}
}

func otherCauses() []Entry {
	const group = "Causes that a rollback does not fix"
	return []Entry{
		{AWSIssue, group, "AWS reports an issue outside of the revisions: an operational issue of a service, or a managed daemon that fails or is deployed.", "Nothing. Later failures are read with it."},
		{NormalStop, group, "The stop is part of normal operation, and is not counted as a failure.", "Nothing."},
		{Capacity, group, "The cause is a lack of capacity: ECS replaces the task.", "Nothing, unless it lasts."},
		{Transient, group, "The cause usually passes: ECS retries.", "Nothing, unless it lasts."},
		{TransientPersists, group, "A normally transient cause persists.", "Fix the cause in the text."},
		{UnknownCause, group, "The cause of the failure is unknown, so it is evidence only.", "Read the event in the episode."},
		{OutOfMemory, group, "Tasks are killed for lack of memory, and get more.", "Look for a leak. Raise the memory in the task definition."},
		{MemoryUnconfirmed, group, "Tasks are killed for lack of memory, but the memory metric does not confirm it.", "Check the limit of each container."},
		{MemoryGrows, group, "The memory grows steadily since the deployment, and is full within hours.", "Look for a leak. Roll back, or give the tasks more memory."},
		{MemoryGrownToday, group, "Tasks are killed for lack of memory, and it was raised within a day already.", "Look for a leak."},
		{MemoryAtMaximum, group, "Tasks are killed for lack of memory, and `heal.memory_max` allows no more.", "Raise `heal.memory_max`, or fix the leak."},
		{RestartCap, group, "All new tasks fail, so restarts are capped to a few at a time.", "Fix the cause. The count returns by itself."},
		{RestartCapLifted, group, "A task stays up again, so the count from before the restart cap returns.", "Nothing."},
		{ImageGone, group, "The image of the running revision can no longer be pulled.", "Push the image again, or keep it from the registry's lifecycle rules."},
		{ImageArchived, group, "The image is archived in the registry, so it cannot be pulled before its restoration.", "Restore it, or set `heal.restore_images`."},
		{SubnetFull, group, "A subnet has no free addresses, so no task is added for a while.", "Free addresses, or add a subnet."},
		{PullThrottled, group, "The registry throttles pulls, so no task is added for a while.", "Use a pull-through cache, or authenticated pulls."},
		{SpotHost, group, "EC2 takes the instance of some tasks back within two minutes.", "Nothing. ECS_ENABLE_SPOT_INSTANCE_DRAINING of the ECS agent moves the tasks before the end."},
		{SpotWait, group, "Spot capacity is not available, and ECS retries.", "Nothing."},
		{SpotUnavailable, group, "Spot capacity stays unavailable, so new tasks run on demand.", "Nothing. They return to Spot by themselves."},
		{OnDemandFallback, group, "New tasks run on demand until Spot is available again.", "Nothing."},
		{SpotRestored, group, "Spot capacity was available for long enough, so new tasks may use it again.", "Nothing."},
		{TaskAge, group, "The task is older than `heal.max_task_age`, and is replaced.", "Nothing."},
		{Down, group, "No task has run for `alert.down_after`.", "Look at the cause in the text, or at the events of the service."},
		{Degraded, group, "Fewer tasks than desired have run for `alert.degraded_after`.", "Look at the cause in the text, or at the events of the service."},
		{Recovered, group, "All desired tasks run again, after the operator was notified that they did not.", "Nothing."},
		{RecycleAlone, group, "The task is older than the policy allows, but it is the only one.", "Run two tasks, or replace it by hand."},
	}
}

func images() []Entry {
	const group = "Images"
	return []Entry{
		{ImagePushed, group, "The watched tag points to an image that the service does not run.", "Nothing."},
		{ImageRetried, group, "ECS took the image back for a cause that is not the image, and no start failed since. It is deployed again.", "Nothing."},
		{AlreadyRunning, group, "The service runs the pushed image already.", "Nothing."},
		{Quarantined, group, "The pushed image is quarantined.", "Push a fixed image, or lift the quarantine."},
		{NotThisImage, group, "No container of the service runs the pushed repository.", "Nothing."},
		{NoTagWatched, group, "The policy watches no tag for the service.", "Set `redeploy.tag` to follow a tag."},
		{TagNotWatched, group, "The push was of a tag that the policy does not watch.", "Nothing."},
		{Deploying, group, "A deployment is in progress, so the change waits for its end.", "Nothing."},
	}
}

func scaling() []Entry {
	const group = "Scaling"
	return []Entry{
		{AtNeed, group, "The desired count fits the demand.", "Nothing."},
		{DemandAboveCount, group, "The demand is above the desired count.", "Nothing."},
		{DemandBelowCount, group, "The demand is below the desired count.", "Nothing."},
		{SignalUnknown, group, "The policy names a queue or a metric without a recent value, so no task is removed.", "Check the name, and that the metric is published."},
		{WarmingUp, group, "The tasks that were added last do not show in the metrics yet.", "Nothing."},
		{Schedule, group, "A schedule of the policy raises the count.", "Nothing."},
		{NoDemand, group, "The service had no demand for longer than `scale.to_zero`.", "Nothing."},
		{DemandReturned, group, "There is demand for a service that was scaled to zero.", "Nothing."},
		{ScaledToZero, group, "The service was scaled to zero, and there is no demand.", "Nothing."},
		{StoppedByHand, group, "The desired count is 0, and Homeostat did not set it.", "Start the service by hand."},
		{NoRunningTasks, group, "No task runs, so the metrics do not show the demand.", "See the other reasons of the episode."},
		{MetricUnknown, group, "No signal of demand could be read.", "Check the metric in the text."},
		{MetricStale, group, "The newest CPU metric is too old to act on.", "Nothing, unless it lasts: CloudWatch is late."},
		{SuspectMetric, group, "No load explains the change of a metric, so the metric is not used.", "Check the publisher of the metric."},
		{ScalingOff, group, "The policy turns scaling off.", "Set `scale.enabled` to turn it on."},
		{DaemonService, group, "The service is a daemon: ECS runs one task on each instance and refuses another count.", "Nothing. Scale the instances instead."},
		{ManagedByApplicationAutoScaling, group, "A scaling policy of Application Auto Scaling sets the count.", "Remove that policy, or set `scale.own`."},
		{TakeOver, group, "The policy sets `scale.own`: the scaling policies of AWS are suspended.", "Nothing."},
		{ExternalModification, group, "Another user or program keeps changing the desired count, so it stays as it is.", "Turn one of the two off."},
	}
}

func suppressions() []Entry {
	const group = "Suppressed and limited actions"
	return []Entry{
		{ModeOff, group, "The service is off.", "Set the mode to turn it on."},
		{ModeObserve, group, "The mode is observe: the decision is recorded, and nothing is changed.", "Set the mode to `act` to let it happen."},
		{ModePropose, group, "The mode is propose: the operator approves first.", "Approve, or do it by hand."},
		{UnsupportedController, group, "A deployment controller other than ECS owns the service.", "Use the ECS deployment controller."},
		{Frozen, group, "A freeze covers the service.", "`homeostat unfreeze` ends it."},
		{AlreadyDone, group, "The same action was carried out before.", "Nothing."},
		{Suppressed, group, "An earlier evaluation suppressed this kind of action for a while.", "See the text."},
		{SelfTriggered, group, "The event follows an action of Homeostat itself.", "Nothing."},
		{BoundsConflict, group, "The minimum is above the maximum.", "Fix the bounds in the policy or in Application Auto Scaling."},
		{ClampedToMax, group, "The count was cut to the maximum.", "Raise the maximum if the demand is real."},
		{ClampedToMin, group, "The count was raised to the minimum.", "Nothing."},
		{ClampedToStep, group, "The change was cut to `scale.step_out` or `scale.step_in`.", "Nothing."},
		{ClampedToRate, group, "The scale-in was cut to `scale.rate_in`.", "Nothing."},
		{ClampedToProtected, group, "The count was raised to the number of protected tasks.", "Nothing."},
		{AtBound, group, "The count is at its bound already.", "Raise the maximum if the demand is real."},
		{OutsideBounds, group, "Another user or program set the count outside of the bounds, so it stays as it is.", "Nothing."},
		{TasksProtected, group, "Tasks are protected against scale-in, so the count stays.", "Nothing."},
		{ProtectionUnread, group, "The number of protected tasks could not be read, so the count stays.", "Check the permissions."},
		{Cooldown, group, "The last change was too recent.", "Nothing."},
		{Flapping, group, "The count changed direction too often.", "Look at the metric, or raise the cooldown."},
		{BudgetSpent, group, "The actions of this hour are spent.", "See the text. `limits` in the policy sets the budget."},
	}
}

func massFailures() []Entry {
	const group = "Mass failures"
	return []Entry{
		{MassFailure, group, "Many services fail at once, so all actions in the scope are suspended.", "Look for the shared cause."},
		{MassFailureGoesOn, group, "The mass failure lasts, so the freeze is prolonged.", "Look for the shared cause."},
		{MassFailureOver, group, "The mass failure is over, so the freeze ends.", "Nothing."},
		{SharedImage, group, "Several services fail with one image after its rollout. It is no mass failure: each of them is rolled back.", "Push a fixed image."},
		{MassFailureUnknown, group, "Services fail, but the number of services is not known, so nothing is frozen.", "Nothing."},
		{MassFailureUnfrozen, group, "An operator ended the freeze, and it is not set again for a while.", "Nothing."},
		{CoveredByMassFailure, group, "The notification is dropped, because the mass failure was reported once for all.", "Nothing."},
		{WaitingForPeers, group, "Other services fail as well, so the notification waits a minute for a mass failure.", "Nothing."},
	}
}

func evaluation() []Entry {
	const group = "The evaluation itself"
	return []Entry{
		{NoOp, group, "The event asks for no change of the service.", "Nothing."},
		{StaleEvent, group, "The event is too old to act on. It is kept as evidence.", "Nothing."},
		{UnconfirmedEvent, group, "AWS does not confirm the event: it does not know the task, or describes it otherwise.", "Nothing. If it repeats, find the sender of the messages, and check the right ecs:DescribeTasks."},
		{Unread, group, "A part of the service could not be read, and unknown is never a reason to act.", "Check the permissions, unless it passes."},
		{NotFound, group, "The service does not exist in ECS, or it is inactive.", "Nothing."},
		{Interrupted, group, "An evaluation was interrupted before its action was carried out.", "Nothing."},
		{Finished, group, "An evaluation was interrupted after its action, and is finished now.", "Nothing."},
		{PolicyBroken, group, "The policy could not be read, so no action is taken.", "Fix the policy and deploy it."},
	}
}

// Current returns the present name of a reason of an older release. A name without
// a change is returned as it is. Scenarios and stored episodes may hold older
// names.
func Current(old string) Name {
	if name, ok := renamed()[old]; ok {
		return name
	}
	return Name(old)
}

// renamed maps the names from before the first release to the present ones.
func renamed() map[string]Name {
	return map[string]Name{
		"not-its-change":      NotCausedByChange,
		"listening":           ObservingPeers,
		"probe-silent":        ProbeInconclusive,
		"rollback-in-vain":    RollbackIneffective,
		"rolling-back":        RollbackInProgress,
		"no-fit-target":       NoRollbackTarget,
		"fell-back":           OnDemandFallback,
		"spot-quiet":          SpotRestored,
		"work-fits":           AtNeed,
		"work-above-count":    DemandAboveCount,
		"work-below-count":    DemandBelowCount,
		"settling":            WarmingUp,
		"idle":                NoDemand,
		"woken":               DemandReturned,
		"asleep":              ScaledToZero,
		"nothing-running":     NoRunningTasks,
		"metric-doubted":      SuspectMetric,
		"aws-steers":          ManagedByApplicationAutoScaling,
		"two-hands":           ExternalModification,
		"controller-not-ours": UnsupportedController,
		"done-before":         AlreadyDone,
		"held-back":           Suppressed,
		"own-echo":            SelfTriggered,
		"mass-failure-thawed": MassFailureUnfrozen,
		"told-of-all":         CoveredByMassFailure,
		"not-alone":           WaitingForPeers,
		"nothing-to-do":       NoOp,
	}
}
