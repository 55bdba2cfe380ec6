// Package ecsrule is the table of the constraints of ECS that its service model does
// not state, such as those between two members of a request.
package ecsrule

import (
	"slices"

	"homeostat/shared/sim/ecssim/wire"
)

// The sources of the rules: the API reference by operation, and pages of the
// developer guide.
const (
	apiReference = "Amazon ECS API Reference, "
	guide        = "Amazon ECS Developer Guide, "
)

// World is the account that some rules look into.
type World interface {
	// Definition returns a task definition as ECS describes it; nil if there is none.
	Definition(reference string) wire.Object
	// Service returns a service as ECS describes it; nil if there is none.
	Service(cluster, name string) wire.Object
	// Provider reports whether a capacity provider exists, and whether the cluster may
	// use it.
	Provider(cluster, name string) (exists, usable bool)
}

// All returns the rules.
func All(w World) []wire.Rule {
	return slices.Concat(ofDefinitions(), ofServices(w), ofTasks(w), ofClusters())
}

func ofDefinitions() []wire.Rule {
	const define = "RegisterTaskDefinition"
	rule := wire.NewRule
	return []wire.Rule{
		rule(define, "A family has at most 255 letters, digits, hyphens and underscores.", apiReference+define, familyName),
		rule(define, "A container has an image.", apiReference+"ContainerDefinition", containerImage),
		rule(define, "No two containers have the same name.", apiReference+"ContainerDefinition", containerNames),
		rule(define, "At least one container is essential.", guide+"Task definition parameters, essential", essentialContainer),
		rule(define, "Fargate needs the CPU and the memory of the task.", guide+"Task definition parameters for Fargate, task size", fargateSizeSet),
		rule(define, "Fargate has a table of sizes.", guide+"Task definition parameters for Fargate, task size", fargateSize),
		rule(define, "Fargate needs the network mode awsvpc.", guide+"Task definition parameters for Fargate, network mode", fargateNetwork),
		rule(define, "On EC2 a container or its task has a memory limit.", guide+"Task definition parameters for EC2, memory", containerMemory),
		rule(define, "A tag does not begin with aws:.", guide+"Tagging, tag restrictions", reservedTags("ClientException")),
		rule(define, "A soft memory limit is at most the hard one.", apiReference+"ContainerDefinition, memoryReservation", memoryOrder),
		rule(define, "In the network mode awsvpc a host port is the port of the container.", apiReference+"PortMapping, hostPort", equalPorts),
		rule(define, "The numbers of a health check are in their ranges.", apiReference+"HealthCheck", checkRanges),
		rule(define, "Fargate has three log drivers.", apiReference+"LogConfiguration, logDriver", onFargateEach(fargateLog)),
		rule(define, "Fargate has no privileged containers.", apiReference+"ContainerDefinition, privileged", onFargateEach(fargatePrivileged)),
		rule(define, "Fargate waits at most 120 s for the stop of a container.", apiReference+"ContainerDefinition, stopTimeout", onFargateEach(fargateStop)),
		rule(define, "Fargate shares processes within a task only.", apiReference+define+", pidMode", fargateProcesses),
		rule(define, "The ephemeral storage has 21 to 200 GiB.", apiReference+"EphemeralStorage", ephemeralSize),
	}
}

func ofServices(w World) []wire.Rule {
	const create, update = "CreateService", "UpdateService"
	rule := wire.NewRule
	return []wire.Rule{
		rule(create, "A service name has at most 255 letters, digits, hyphens and underscores.", apiReference+create, serviceName),
		rule(create, "A minimum of 100 percent needs a maximum above it.", apiReference+"DeploymentConfiguration", deploymentRoom),
		rule(update, "A minimum of 100 percent needs a maximum above it.", apiReference+"DeploymentConfiguration", deploymentRoom),
		rule(create, "Early success criteria are complete, not below the minimum, and rolling only.", apiReference+"DeploymentEarlySuccessCriteria", earlySuccess),
		rule(update, "Early success criteria are complete, not below the minimum, and rolling only.", apiReference+"DeploymentEarlySuccessCriteria", earlySuccess),
		rule(create, "The network mode awsvpc needs a network configuration.", apiReference+create+", networkConfiguration", serviceNetwork(w)),
		rule(create, "A network configuration has a subnet.", apiReference+"AwsVpcConfiguration", someSubnets),
		rule(update, "A network configuration has a subnet.", apiReference+"AwsVpcConfiguration", someSubnets),
		rule(create, "A load balancer names a container of the task definition and one of its ports.", apiReference+"LoadBalancer", balancedContainer(w)),
		rule(create, "Fargate has no placement strategies and constraints.", guide+"Amazon ECS task placement", placementOnFargate),
		rule(create, "A tag does not begin with aws:.", guide+"Tagging, tag restrictions", reservedTags("InvalidParameterException")),
		rule(create, "A capacity provider exists and belongs to the cluster.", apiReference+create+", capacityProviderStrategy", clusterProviders(w)),
		rule(update, "A capacity provider exists and belongs to the cluster.", apiReference+update+", capacityProviderStrategy", clusterProviders(w)),
		rule(update, "A changed capacity provider strategy needs a forced deployment.", apiReference+update+", capacityProviderStrategy", forcedStrategy(w)),
		rule(create, "A daemon service has no desired count.", guide+"Service definition parameters, schedulingStrategy", daemonCount),
		rule(update, "A daemon service has no desired count.", guide+"Service definition parameters, schedulingStrategy", daemonUpdate(w)),
		rule(create, "A daemon service does not run on Fargate.", guide+"Service definition parameters, schedulingStrategy", daemonOnFargate),
	}
}

func ofTasks(w World) []wire.Rule {
	const run, start, protect = "RunTask", "StartTask", "UpdateTaskProtection"
	rule := wire.NewRule
	return []wire.Rule{
		rule(run, "A capacity provider exists and belongs to the cluster.", apiReference+run+", capacityProviderStrategy", clusterProviders(w)),
		rule(run, "A launch type excludes a capacity provider strategy.", apiReference+run+", capacityProviderStrategy", oneLaunch),
		rule(run, "A tag does not begin with aws:.", guide+"Tagging, tag restrictions", reservedTags("InvalidParameterException")),
		rule(run, "A network configuration has a subnet.", apiReference+"AwsVpcConfiguration", someSubnets),
		rule(start, "A network configuration has a subnet.", apiReference+"AwsVpcConfiguration", someSubnets),
		rule(run, "startedBy has at most 128 characters.", apiReference+run+", startedBy", starter),
		rule(start, "startedBy has at most 128 characters.", apiReference+start+", startedBy", starter),
		rule(start, "A request names 1 to 10 container instances.", apiReference+start+", containerInstances", startedInstances),
		rule(start, "A tag does not begin with aws:.", guide+"Tagging, tag restrictions", reservedTags("InvalidParameterException")),
		rule(protect, "A protection lasts 1 to 2,880 minutes.", apiReference+protect+", expiresInMinutes", protectionTime),
	}
}

func ofClusters() []wire.Rule {
	rule := wire.NewRule
	return []wire.Rule{
		rule("CreateCluster", "A cluster name has at most 255 letters, digits, hyphens and underscores.", apiReference+"CreateCluster", clusterName),
		rule("CreateCluster", "A tag does not begin with aws:.", guide+"Tagging, tag restrictions", reservedTags("InvalidParameterException")),
		rule("TagResource", "A tag does not begin with aws:.", guide+"Tagging, tag restrictions", reservedTags("InvalidParameterException")),
	}
}
