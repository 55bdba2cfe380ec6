package ecssim

import (
	"slices"

	"homeostat/shared/sim/ecssim/ecsrule"
	"homeostat/shared/sim/ecssim/wire"
)

// allowedBy returns the members of UpdateService that a deployment controller of
// another kind accepts. All other changes go through CodeDeploy or task sets.
// After "UpdateService" in the API reference.
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

// refusedBy returns the error of an update that the service's controller does not
// accept.
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

// validController refuses settings that need ECS's own deployment controller, and
// shifts of traffic without a load balancer or Service Connect.
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

// validPlacement refuses the placements that ECS refuses.
func (s *Sim) validPlacement(in wire.Object, rollout rolloutConfig) error {
	strategy := in.Objects("capacityProviderStrategy")
	if len(strategy) > 0 && in.String("launchType") != "" {
		return wire.Errorf("InvalidParameterException",
			"Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.")
	}
	if in.String("availabilityZoneRebalancing") == rebalancingOn && rollout.maximum <= 100 {
		return wire.Errorf("InvalidParameterException",
			"Availability Zone rebalancing is not supported with a maximumPercent of 100 or less.")
	}
	return validStrategy(strategy)
}

func validStrategy(strategy []wire.Object) error {
	if len(strategy) > strategyItems {
		return wire.Errorf("InvalidParameterException", "The capacity provider strategy cannot have more than %d items.", strategyItems)
	}
	bases, weights, fargate := 0, 0, 0
	for _, item := range strategy {
		name := item.String("capacityProvider")
		base, _ := item.Int("base")
		weight, _ := item.Int("weight")
		if name == "" || base < 0 || base > strategyBase || weight < 0 || weight > strategyWeight {
			return wire.Errorf("InvalidParameterException", "The capacity provider strategy item %q is not valid.", name)
		}
		bases += count(base > 0)
		weights += weight
		fargate += count(providerType(name) == launchFargate)
	}
	switch {
	case bases > 1:
		return wire.Errorf("InvalidParameterException", "The capacity provider strategy cannot contain more than one item with a base value.")
	case len(strategy) > 0 && weights == 0:
		return wire.Errorf("InvalidParameterException", "The capacity provider strategy must contain an item with a weight greater than 0.")
	case fargate > 0 && fargate < len(strategy):
		return wire.Errorf("InvalidParameterException", "The capacity provider strategy cannot contain a mix of capacity providers "+
			"using Auto Scaling groups and Fargate providers. Specify one or the other and try again.")
	}
	return nil
}

// ruleWorld is the account that the rules look into.
type ruleWorld struct{ *Sim }

// Definition implements ecsrule.World.
func (w ruleWorld) Definition(reference string) wire.Object {
	if td := w.findTaskDefinition(reference); td != nil {
		return td.spec
	}
	return nil
}

// Service implements ecsrule.World.
func (w ruleWorld) Service(cluster, name string) wire.Object {
	if svc, err := w.mustService(cluster, name); err == nil {
		return svc.object()
	}
	return nil
}

// Provider implements ecsrule.World.
func (w ruleWorld) Provider(cluster, name string) (exists, usable bool) {
	c := w.findCluster(cluster)
	return w.knowsProvider(name), c == nil || c.usable(name)
}

// lockedRules returns the rules of ECS. They hold the lock of the model.
func (s *Sim) lockedRules() []wire.Rule {
	rules := ecsrule.All(ruleWorld{s})
	for i := range rules {
		refuse := rules[i].Refuse
		rules[i].Refuse = func(in wire.Object) (err *wire.Error) {
			s.locked(func() { err = refuse(in) })
			return err
		}
	}
	return rules
}
