package ecssim

import (
	"slices"

	"homeostat/shared/sim/ecssim/wire"
)

// allowedBy are the members of UpdateService that a deployment controller of
// another kind lets through; everything else is for CodeDeploy, or for task
// sets. After "UpdateService" in the API reference.
func allowedBy(controller string) []string {
	both := []string{
		"cluster", "service", "desiredCount", "healthCheckGracePeriodSeconds", "enableECSManagedTags", "propagateTags",
		"deploymentController",
	}
	if controller == controllerCodeDeploy {
		return append(both, "deploymentConfiguration", "availabilityZoneRebalancing")
	}
	return append(both, "placementConstraints", "placementStrategy")
}

// refusedBy is the error of an update that the service's controller does not
// let through.
func refusedBy(controller string, in wire.Object) error {
	if controller == controllerECS {
		return nil
	}
	allowed := allowedBy(controller)
	for _, key := range updateMembers() {
		unset := in[key] == nil || in[key] == "" || in[key] == false
		if list, ok := in[key].([]any); ok && len(list) == 0 {
			unset = true
		}
		if !unset && !slices.Contains(allowed, key) {
			return wire.Errorf("InvalidParameterException",
				"Unable to update %s on services with a %s deployment controller.", updateWords(key), controller)
		}
	}
	return nil
}

// updateMembers are the members of UpdateService, in a fixed order.
func updateMembers() []string {
	return append([]string{
		"taskDefinition", "forceNewDeployment", "capacityProviderStrategy", "deploymentConfiguration",
		"availabilityZoneRebalancing", "placementConstraints", "placementStrategy", "enableExecuteCommand",
	}, setupKeys()...)
}

func updateWords(key string) string {
	switch key {
	case "taskDefinition", "forceNewDeployment":
		return "task definition"
	case "networkConfiguration":
		return "network parameters"
	case "loadBalancers":
		return "load balancers"
	}
	return key
}

// validController refuses what goes with ECS's own deployment controller only,
// and shifts of traffic without anything that could shift it.
func validController(controller string, rollout rolloutConfig, balanced bool) error {
	own := rollout.breaker.enable || rollout.alarms.enable || rollout.shift.shifts() || len(rollout.shift.hooks) > 0
	if controller != controllerECS && own {
		return wire.Errorf("InvalidParameterException",
			"The deployment circuit breaker, deployment alarms, deployment strategies and lifecycle hooks are not supported "+
				"with a %s deployment controller.", controller)
	}
	if kind := rollout.shift.kind; (kind == strategyLinear || kind == strategyCanary) && !balanced {
		return wire.Errorf("InvalidParameterException",
			"The deployment strategy %s requires a load balancer or Service Connect.", kind)
	}
	return nil
}
