package cause

import "homeostat/shared/core/fleet"

// exitRows returns the rows for exit codes. They come last, and the container with
// the most specific code decides.
func exitRows() []Row {
	return []Row{
		{
			ID: "exit-zero", Place: ExitCode, Exit: "0", Cause: fleet.AppExitZero,
			Source: docStopped, Note: "it ended by itself with success",
		},
		{
			ID: "exit-kill", Place: ExitCode, Exit: "137", Cause: fleet.Killed,
			Source: docStopped, Note: "it was killed; the code alone does not mean memory",
		},
		{
			ID: "exit-term", Place: ExitCode, Exit: "143", Cause: fleet.AppExit,
			Source: docStopped, Note: "it received SIGTERM, but not from ECS",
		},
		{
			ID: "exit-other", Place: ExitCode, Exit: "*", Cause: fleet.AppExit,
			Source: docStopped, Note: "it failed",
		},
	}
}

// noticeRows returns the rows for failed service actions. If Reads is set, the
// rows for tasks decide first by the reason.
func noticeRows() []Row {
	return []Row{
		{
			ID: "configuration-role", Codes: "SERVICE_TASK_CONFIGURATION_FAILURE", Place: ServiceEvent, Any: "role",
			None: "opted in|opt in|arn format", Cause: fleet.RoleUnusable,
			Source: docService, Note: "ECS cannot assume the task's role",
		},
		{
			ID: "configuration", Codes: "SERVICE_TASK_CONFIGURATION_FAILURE", Place: ServiceEvent, Cause: fleet.ConfigInvalid,
			Source: docService, Note: "the settings of the service permit no task",
		},
		{
			ID: "daemon-constraint", Codes: "SERVICE_DAEMON_PLACEMENT_CONSTRAINT_VIOLATED", Place: ServiceEvent, Cause: fleet.ConfigInvalid,
			Source: docService, Note: "a daemon's task no longer meets its placement constraint",
		},
		{
			ID: "placement-unsaid", Codes: "SERVICE_TASK_PLACEMENT_FAILURE", Place: ServiceEvent, Reads: true, Cause: fleet.UnknownCause,
			Source: docService, Note: "a task was not placed, and the event has no reason",
		},
		{
			ID: "impaired-unsaid", Codes: "SERVICE_TASK_START_IMPAIRED", Place: ServiceEvent, Reads: true, Cause: fleet.UnknownCause,
			Source: docService, Note: "tasks do not start reliably, and the event has no reason",
		},
		{
			ID: "service-error", Codes: "ECS_OPERATION_THROTTLED|SERVICE_DISCOVERY_OPERATION_THROTTLED|SERVICE_HEALTH_UNKNOWN", Place: ServiceEvent, Cause: fleet.UnknownCause,
			Source: docService, Note: "ECS failed, and the event names no task",
		},
	}
}

func spotWarningRow() Row {
	return Row{
		ID: "ec2-spot-warning", Place: Kind, Cause: fleet.SpotInterruption,
		Source: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html",
		Note:   "EC2 interrupts the Spot instance in two minutes",
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
		ID: rowUnknown, Codes: "*", Cause: fleet.UnknownCause,
		Source: "no source", Note: "no text of AWS matches a row of the table",
	}
}
