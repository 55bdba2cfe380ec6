package cause

import "homeostat/shared/core/fleet"

// The sources of the texts in the table.
const (
	guide      = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/"
	docStopped = guide + "stopped-task-errors.html"
	docCodes   = guide + "stopped-task-error-codes.html"
	docSpot    = guide + "fargate-capacity-providers.html"
	docRetire  = guide + "task-maintenance.html"
	docBalance = guide + "service-rebalancing.html"
	docPull    = guide + "task_cannot_pull_image.html"
	docInit    = guide + "resource-initialization-error.html"
	docStart   = guide + "failed-to-start-error.html"
	docOOM     = guide + "out-of-memory.html"
	docService = guide + "ecs_service_events.html"
	docEvents  = guide + "service-event-messages-list.html"
	agent      = "https://github.com/aws/amazon-ecs-agent"
	agentNames = agent + " agent/dockerclient/dockerapi/errors.go"
	rfcHTTP    = "https://www.rfc-editor.org/rfc/rfc9110"
	apiCodes   = "ECS API, Task.stopCode"
)

// orderRows returns the rows for ordered stops. The containers of such a task are
// not at fault, at any exit code or text.
func orderRows() []Row {
	return []Row{
		{
			ID: "forced-deregistration", Codes: "*", Place: TaskReason, All: "deregistration forced by user", Cause: fleet.HostDraining,
			Source: docStopped, Note: "a user removed the container instance from the cluster",
		},
		{
			ID: "user", Codes: codeUser, Cause: fleet.UserStopped,
			Source: apiCodes, Note: "a user called StopTask; the reason is the caller's own text and is ignored",
		},
		{
			ID: "scaling-activity", Codes: "*", Place: TaskReason, All: "scaling activity initiated by", Cause: fleet.ScalingActivity,
			Source: docStopped, Note: "a scale-in or a rollout; both have this text",
		},
		{
			ID: "az-rebalancing", Codes: "*", Place: TaskReason, Any: "availability-zone rebalancing|availability zone rebalancing", Cause: fleet.AZRebalancing,
			Source: docBalance, Note: "ECS moves the task to another availability zone",
		},
		{
			ID: "maintenance", Codes: "*", Place: TaskReason, Any: "performing maintenance on the underlying|task retirement|task patching", Cause: fleet.Maintenance,
			Source: docRetire, Note: "AWS retires the task's host",
		},
		{
			ID: "draining", Codes: "*", Place: TaskReason, Any: "in draining state|is draining|set to draining|instance draining|status draining", Cause: fleet.HostDraining,
			Source: docStopped, Note: "the container instance is drained",
		},
		{
			ID: "user-text", Place: TaskReason, Any: "stopped by user|stopped by the user", Cause: fleet.UserStopped,
			Source: docStopped, Note: "a user stopped the task; the event has no code",
		},
	}
}

// healthRows returns the rows for stops after a failed health check.
func healthRows() []Row {
	return []Row{
		{
			ID: "elb-health", Codes: "*", Place: TaskReason, Any: "elb health check|unhealthy in (target-group|unhealthy in (elb|target group health|load balancer health|lattice health", Cause: fleet.ELBHealth,
			Source: docStopped, Note: "the load balancer found the task unhealthy",
		},
		{
			ID: rowContainerHealth, Codes: "*", Place: TaskReason, Any: "container health check|health check", Cause: fleet.ContainerHealth,
			Source: docStopped, Note: "a container's own health check failed",
		},
	}
}

// hostRows returns the rows for lost capacity and lost hosts.
func hostRows() []Row {
	return []Row{
		{
			ID: "spot-text", Codes: "*", Place: TaskReason, Any: "spot task was interrupted|spot interruption|spotinterruption", Cause: fleet.SpotInterruption,
			Source: docSpot, Note: "AWS interrupts the Spot capacity",
		},
		{
			ID: "spot-code", Codes: codeSpot, Cause: fleet.SpotInterruption,
			Source: apiCodes, Note: "AWS interrupts the Spot capacity, or has none",
		},
		{
			ID: "host-ec2", Codes: "*", Place: TaskReason, All: "host ec2", Any: "terminated|stopped", Cause: fleet.HostLost,
			Source: docStopped, Note: "the task's EC2 instance does not exist any more",
		},
		{
			ID: "host-notice", Codes: codeNotice, Launch: "EC2", Cause: fleet.HostLost,
			Source: apiCodes, Note: "the task's EC2 instance is terminating",
		},
		{
			ID: "spot-notice", Codes: codeNotice, Cause: fleet.SpotInterruption,
			Source: docSpot, Note: "the two-minute notice of Fargate Spot, without its text",
		},
		{
			ID: "infrastructure", Codes: codeHealth, Cause: fleet.HostLost,
			Source: apiCodes, Note: "the task's host is unhealthy; the meaning is inferred from the name of the code",
		},
	}
}

// runtimeRows returns the rows for running containers.
func runtimeRows() []Row {
	return []Row{
		{
			ID: "oom", Any: "outofmemoryerror|out of memory|killed due to memory usage|oom-killed|oomkilled", Cause: fleet.OutOfMemory,
			Source: docOOM + " and " + agent + "/issues/2467", Note: "a container was killed for its memory use; the exit code may be 0",
		},
		{
			ID: "stop-timeout", Any: "cannotstopcontainererror|could not transition to stopped", Cause: fleet.StopTimeout,
			Source: agentNames, Note: "the host could not stop a container",
		},
	}
}
