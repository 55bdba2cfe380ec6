package ecsrule

import (
	"reflect"
	"strings"

	"homeostat/shared/sim/ecssim/wire"
)

const (
	daemon            = "DAEMON"
	daemonCountDenied = "The daemon scheduling strategy does not support a desired count for services. Remove the desired count value and try again."
)

func clusterProviders(w World) func(wire.Object) *wire.Error {
	return func(in wire.Object) *wire.Error {
		for _, item := range in.Objects("capacityProviderStrategy") {
			name := item.String("capacityProvider")
			exists, usable := w.Provider(in.String("cluster"), name)
			switch {
			case usable:
			case !exists:
				return wire.Errorf("InvalidParameterException", "The specified capacity provider %s does not exist. Specify a valid capacity provider and try again.", name)
			default:
				return wire.Errorf("InvalidParameterException", "The capacity provider %s is not associated with the cluster. Associate it and try again.", name)
			}
		}
		return nil
	}
}

func forcedStrategy(w World) func(wire.Object) *wire.Error {
	return func(in wire.Object) *wire.Error {
		if forced, _ := in.Bool("forceNewDeployment"); forced || !in.Has("capacityProviderStrategy") {
			return nil
		}
		service := w.Service(in.String("cluster"), in.String("service"))
		if service == nil || sameStrategy(service.Objects("capacityProviderStrategy"), in.Objects("capacityProviderStrategy")) {
			return nil
		}
		return wire.Errorf("InvalidParameterException", "When switching from launch type to capacity provider strategy, "+
			"or making a change to a capacity provider strategy, you must force a new deployment.")
	}
}

// sameStrategy reports whether two strategies have the same items in the same order.
func sameStrategy(a, b []wire.Object) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !reflect.DeepEqual(itemOf(a[i]), itemOf(b[i])) {
			return false
		}
	}
	return true
}

func itemOf(item wire.Object) [3]any {
	base, _ := item.Int("base")
	weight, _ := item.Int("weight")
	return [3]any{item.String("capacityProvider"), base, weight}
}

func daemonCount(in wire.Object) *wire.Error {
	if in.String("schedulingStrategy") == daemon && in.Has("desiredCount") {
		return wire.Errorf("InvalidParameterException", daemonCountDenied)
	}
	return nil
}

func daemonUpdate(w World) func(wire.Object) *wire.Error {
	return func(in wire.Object) *wire.Error {
		if in.Has("desiredCount") && w.Service(in.String("cluster"), in.String("service")).String("schedulingStrategy") == daemon {
			return wire.Errorf("InvalidParameterException", daemonCountDenied)
		}
		return nil
	}
}

func daemonOnFargate(in wire.Object) *wire.Error {
	there := in.String("launchType") == fargate
	for _, item := range in.Objects("capacityProviderStrategy") {
		there = there || strings.HasPrefix(item.String("capacityProvider"), fargate)
	}
	if there && in.String("schedulingStrategy") == daemon {
		return wire.Errorf("InvalidParameterException", "The daemon scheduling strategy is not supported with the FARGATE launch type.")
	}
	return nil
}
