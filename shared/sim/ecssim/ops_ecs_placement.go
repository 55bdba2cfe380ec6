package ecssim

import "homeostat/shared/sim/ecssim/wire"

// The limits of a capacity provider strategy.
const (
	strategyItems  = 20
	strategyWeight = 1000
	strategyBase   = 100000
)

// validPlacement refuses what ECS refuses about where tasks are placed.
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
