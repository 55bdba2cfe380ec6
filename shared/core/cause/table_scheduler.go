package cause

import "homeostat/shared/core/fleet"

// Where the table's texts are documented or were seen.
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
	apiCodes   = "ECS API, Task.stopCode"
)

// orderRows are about stops that somebody or something ordered. Containers that
// die of it are not to blame, whatever they say.
func orderRows() []Row {
	return []Row{
		{
			ID: "forced-deregistration", Codes: "*", Place: TaskReason, All: "deregistration forced by user", Cause: fleet.HostDraining,
			Source: docStopped, Note: "someone took the container instance out of the cluster",
		},
		{
			ID: "user", Codes: codeUser, Cause: fleet.UserStopped,
			Source: apiCodes, Note: "someone called StopTask; the reason is the caller's own words and is not read",
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
			Source: docStopped, Note: "someone stopped the task, told without a code",
		},
	}
}

// healthRows are about tasks that ECS stopped because a check failed.
func healthRows() []Row {
	return []Row{
		{
			ID: "elb-health", Codes: "*", Place: TaskReason, Any: "elb health check|unhealthy in (target-group|unhealthy in (elb|target group health|load balancer health|lattice health", Cause: fleet.ELBHealth,
			Source: docStopped, Note: "the load balancer found the task unhealthy",
		},
		{
			ID: "container-health", Codes: "*", Place: TaskReason, Any: "container health check|health check", Cause: fleet.ContainerHealth,
			Source: docStopped, Note: "a container's own health check failed",
		},
	}
}

// hostRows are about capacity and hosts that went away.
func hostRows() []Row {
	return []Row{
		{
			ID: "spot-text", Codes: "*", Place: TaskReason, Any: "spot task was interrupted|spot interruption|spotinterruption", Cause: fleet.SpotInterruption,
			Source: docSpot, Note: "AWS takes the Spot capacity back",
		},
		{
			ID: "spot-code", Codes: codeSpot, Cause: fleet.SpotInterruption,
			Source: apiCodes, Note: "AWS takes the Spot capacity back, or has none",
		},
		{
			ID: "host-ec2", Codes: "*", Place: TaskReason, All: "host ec2", Any: "terminated|stopped", Cause: fleet.HostLost,
			Source: docStopped, Note: "the EC2 instance under the task is gone",
		},
		{
			ID: "host-notice", Codes: codeNotice, Launch: "EC2", Cause: fleet.HostLost,
			Source: apiCodes, Note: "the EC2 instance under the task is about to go",
		},
		{
			ID: "spot-notice", Codes: codeNotice, Cause: fleet.SpotInterruption,
			Source: docSpot, Note: "the two minutes' notice of Fargate Spot, without its text",
		},
		{
			ID: "infrastructure", Codes: codeHealth, Cause: fleet.HostLost,
			Source: apiCodes, Note: "the host under the task is unwell; the meaning is inferred from the code's name",
		},
	}
}

// runtimeRows are about containers that ran.
func runtimeRows() []Row {
	return []Row{
		{
			ID: "oom", Any: "outofmemoryerror|out of memory|killed due to memory usage|oom-killed|oomkilled", Cause: fleet.OutOfMemory,
			Source: docOOM + " and " + agent + "/issues/2467", Note: "a container was killed for its memory; the exit code may even be 0",
		},
		{
			ID: "stop-timeout", Any: "cannotstopcontainererror|could not transition to stopped", Cause: fleet.StopTimeout,
			Source: agentNames, Note: "the host could not stop a container",
		},
	}
}
