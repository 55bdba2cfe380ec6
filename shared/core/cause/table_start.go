package cause

import "homeostat/shared/core/fleet"

// starting lists the texts of messages on a failed container start.
const starting = "cannotstartcontainer|cannotcreatecontainer|containerruntimeerror|dockerstateerror|oci runtime|runc create" +
	"|starting container process|start container process|failed to create shim|failed to create containerd task|exec user process"

// startRows returns the rows for containers that could not be created or started.
func startRows() []Row {
	return []Row{
		{
			ID: "exec-format", Any: "exec format error|cannot execute binary file|descriptor matching platform|does not match the detected host platform", Cause: fleet.PlatformMismatch,
			Source: "the kernel's ENOEXEC", Note: "the program was built for another architecture",
		},
		{
			ID: "dependency-health", All: "dependency", Any: "not healthy|unhealthy|become healthy|has timed out", Cause: fleet.ContainerHealth,
			Source: agent + " agent/engine/dependencygraph", Note: "a container waited for another one, and that one was never ready in time",
		},
		{
			ID: "dependency-exit", Any: "dependency did not exit successfully|dependent container", Cause: fleet.AppExit,
			Source: agent + " agent/engine/dependencygraph", Note: "a container waited for another one, and that one failed",
		},
		{
			ID: "runtime-timeout", Any: "dockertimeouterror|containerruntimetimeouterror|could not transition to|timed out after waiting|cannotinspectcontainer", Cause: fleet.RuntimeTimeout,
			Source: docCodes + " and " + agent + " agent/engine/errors.go", Note: "the host was too slow",
		},
		{
			ID: "start-timeout", About: starting, Any: "deadline exceeded|timeout|timed out", Cause: fleet.RuntimeTimeout,
			Source: docCodes, Note: "the host was too slow to start a container",
		},
		{
			ID: "container-network", Any: "containernetworkingerror|network namespace", Cause: fleet.RuntimeTimeout,
			Source: agent + " agent/engine/errors.go", Note: "the host could not set up the task's network",
		},
		{
			ID: "role", Any: unassumed + "|assume the role|assume role", Cause: fleet.RoleUnusable,
			Source: docEvents, Note: "ECS could not assume the task's role",
		},
		{
			ID: "compute-strategy", Any: "compatible with the selected compute strategy|not compatible with", Cause: fleet.ConfigInvalid,
			Source: docStart, Note: "the task definition does not match the capacity",
		},
	}
}

// containerRows returns the rows for the settings of a container. They follow the
// rows for all other errors.
func containerRows() []Row {
	return []Row{
		{
			ID: "start-image", About: starting, Any: "no such image", Cause: fleet.ImageMissing,
			Source: "Docker's message", Note: "the image is not on the host",
		},
		{
			ID: "start-exec", About: starting, Any: "permission denied|executable file not found|no such file or directory|not a directory|is a directory|exec:|exec user process" +
				"|no command specified|oci runtime|runc create|invalid|conflict|already in use|already allocated|not permitted|no such user|unable to find user" +
				"|gathering device|unknown capability|memory limit|unsupported|cannot start a container", Cause: fleet.ConfigInvalid,
			Source: "container runtimes' messages", Note: "the container cannot start: check its command, user, port, device and files",
		},
		{
			ID: "host-create", Launch: ownHosts, All: "cannotcreatecontainer", Cause: fleet.RuntimeTimeout,
			Source: docCodes + ", by inference", Note: "a container could not be created on the instance, and the message names no setting",
		},
		{
			ID: "create-unsaid", All: "cannotcreatecontainer", Cause: fleet.DiskFull,
			Source: docCodes + ", by inference", Note: "a container could not be created; if the message names no setting, the host's disk failed",
		},
		{
			ID: "start-unsaid", All: "cannotstartcontainer", Cause: fleet.ConfigInvalid,
			Source: docCodes, Note: "a container could not be started",
		},
		{
			ID: "runtime-internal", All: "containerruntimeerror", Cause: fleet.RuntimeTimeout,
			Source: docCodes, Note: "the host's container runtime failed",
		},
		{
			ID: "start-internal", Codes: codeStart, All: "internalerror", Cause: fleet.ProvisioningTimeout,
			Source: docStart, Note: "ECS failed to attach the network interface in time",
		},
	}
}

// placing lists the stop code and the service actions of failed placements.
const placing = codeStart + "|SERVICE_TASK_PLACEMENT_FAILURE|SERVICE_TASK_START_IMPAIRED"

// placementRows returns the rows for failed placements.
func placementRows() []Row {
	return []Row{
		{
			ID: "fargate-capacity", Any: "resource:fargate|capacity is unavailable|insufficient capacity|insufficientinstancecapacity", Cause: fleet.NoCapacity,
			Source: docService, Note: "AWS has no capacity at present",
		},
		{
			ID: "quota", Codes: placing, Any: "limit on the number of|reached the limit|vcpu limit", Cause: fleet.NoCapacity,
			Source: docEvents, Note: "the quota of the account is used up",
		},
		{
			ID: "constraint", Codes: placing, Any: "attribute|placement constraint|memberof|distinctinstance", Cause: fleet.ConfigInvalid,
			Source: docService, Note: "no instance has the attributes that the task requires",
		},
		{
			ID: "agent", Codes: placing, Any: "agent", None: "-agent|agent-|/agent", Cause: fleet.AgentLost,
			Source: docStart, Note: "the instance's ECS agent is not connected",
		},
		{
			ID: "no-instances", Any: "no container instances were found", Cause: fleet.ClusterFull,
			Source: docEvents, Note: "the cluster has no instance",
		},
		{
			ID: "cluster-full", Codes: placing, Any: "resource:|met all of its requirements|insufficient|have enough|not enough|capacity provider|already using a port|no active", Cause: fleet.ClusterFull,
			Source: docService, Note: "the cluster's instances are full",
		},
	}
}
