package cause

import "homeostat/shared/core/fleet"

// exitRows are the last resort: the exit code of the container that tells
// most.
func exitRows() []Row {
	return []Row{
		{
			ID: "exit-zero", Place: ExitCode, Exit: "0", Cause: fleet.AppExitZero,
			Source: docStopped, Note: "it ended by itself and calls that success",
		},
		{
			ID: "exit-kill", Place: ExitCode, Exit: "137", Cause: fleet.Killed,
			Source: docStopped, Note: "it was killed; that alone does not mean memory",
		},
		{
			ID: "exit-term", Place: ExitCode, Exit: "143", Cause: fleet.AppExit,
			Source: docStopped, Note: "it was asked to end, by something other than ECS",
		},
		{
			ID: "exit-other", Place: ExitCode, Exit: "*", Cause: fleet.AppExit,
			Source: docStopped, Note: "it failed",
		},
	}
}

// noticeRows are about the service actions that are failures. Those that read
// are decided by the rows about tasks, where their reason says enough.
func noticeRows() []Row {
	return []Row{
		{
			ID: "configuration-role", Codes: "SERVICE_TASK_CONFIGURATION_FAILURE", Place: ServiceEvent, Any: "role",
			None: "opted in|opt in|arn format", Cause: fleet.RoleUnusable,
			Source: docService, Note: "ECS cannot use the task's role",
		},
		{
			ID: "configuration", Codes: "SERVICE_TASK_CONFIGURATION_FAILURE", Place: ServiceEvent, Cause: fleet.ConfigInvalid,
			Source: docService, Note: "the service's settings do not allow a task",
		},
		{
			ID: "daemon-constraint", Codes: "SERVICE_DAEMON_PLACEMENT_CONSTRAINT_VIOLATED", Place: ServiceEvent, Cause: fleet.ConfigInvalid,
			Source: docService, Note: "a daemon's task no longer meets its placement constraint",
		},
		{
			ID: "placement-unsaid", Codes: "SERVICE_TASK_PLACEMENT_FAILURE", Place: ServiceEvent, Reads: true, Cause: fleet.UnknownCause,
			Source: docService, Note: "no place for a task, and the event does not say why",
		},
		{
			ID: "impaired-unsaid", Codes: "SERVICE_TASK_START_IMPAIRED", Place: ServiceEvent, Reads: true, Cause: fleet.UnknownCause,
			Source: docService, Note: "tasks do not start reliably, and the event does not say why",
		},
		{
			ID: "service-error", Codes: "ECS_OPERATION_THROTTLED|SERVICE_DISCOVERY_OPERATION_THROTTLED|SERVICE_HEALTH_UNKNOWN", Place: ServiceEvent, Cause: fleet.UnknownCause,
			Source: docService, Note: "ECS could not do its work; nothing is said about a task",
		},
	}
}

func spotWarningRow() Row {
	return Row{
		ID: "ec2-spot-warning", Place: Kind, Cause: fleet.SpotInterruption,
		Source: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html",
		Note:   "EC2 takes the Spot instance back in two minutes",
	}
}

func retirementRow() Row {
	return Row{
		ID: "health-retirement", Place: Kind, Cause: fleet.Maintenance,
		Source: docRetire, Note: "AWS retires the task to patch its host",
	}
}

func unknownRow() Row {
	return Row{
		ID: "unknown", Codes: "*", Cause: fleet.UnknownCause,
		Source: "no source", Note: "nothing that AWS said is known to mean anything",
	}
}
