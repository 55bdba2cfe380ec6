package ecsrule

import (
	"slices"
	"strings"

	"homeostat/shared/sim/ecssim/wire"
)

func serviceName(in wire.Object) *wire.Error {
	if ecsName(in.String("serviceName")) {
		return nil
	}
	return wire.Errorf("InvalidParameterException", "Invalid service name: it should only contain letters, digits, -, and _, and at most %d.", maxName)
}

func clusterName(in wire.Object) *wire.Error {
	if ecsName(in.String("clusterName")) {
		return nil
	}
	return wire.Errorf("InvalidParameterException", "Cluster names can only contain letters, digits, -, and _, and at most %d.", maxName)
}

func deploymentRoom(in wire.Object) *wire.Error {
	percent := in.Object("deploymentConfiguration")
	most, ok := percent.Int("maximumPercent")
	least, both := percent.Int("minimumHealthyPercent")
	if !ok || !both || most != 100 || least != 100 {
		return nil
	}
	return wire.Errorf("InvalidParameterException", "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.")
}

// earlySuccess refuses incomplete early success criteria, and those of a deployment that
// shifts traffic.
func earlySuccess(in wire.Object) *wire.Error {
	config := in.Object("deploymentConfiguration")
	early := config.Object("earlySuccessCriteria")
	if on, _ := early.Bool("enable"); !on {
		return nil
	}
	percent, ok := early.Int("healthyPercent")
	if !ok || early.String("sourceServiceRevisionCleanup") == "" {
		return wire.Errorf("InvalidParameterException", "healthyPercent and sourceServiceRevisionCleanup must be specified when earlySuccessCriteria is enabled.")
	}
	if least, known := config.Int("minimumHealthyPercent"); known && percent < least {
		return wire.Errorf("InvalidParameterException", "healthyPercent %d must be greater than or equal to minimumHealthyPercent %d.", percent, least)
	}
	if strategy := config.String("strategy"); strategy != "" && strategy != "ROLLING" {
		return wire.Errorf("InvalidParameterException", "earlySuccessCriteria can only be used with the ROLLING deployment strategy.")
	}
	return nil
}

func serviceNetwork(w World) func(wire.Object) *wire.Error {
	return func(in wire.Object) *wire.Error {
		if w.Definition(in.String("taskDefinition")).String("networkMode") != "awsvpc" || in.Object("networkConfiguration") != nil {
			return nil
		}
		return wire.Errorf("InvalidParameterException", "Network Configuration must be provided when networkMode 'awsvpc' is specified.")
	}
}

func balancedContainer(w World) func(wire.Object) *wire.Error {
	return func(in wire.Object) *wire.Error {
		definition := w.Definition(in.String("taskDefinition"))
		if definition == nil {
			return nil
		}
		containers := definition.Objects("containerDefinitions")
		for _, balancer := range in.Objects("loadBalancers") {
			name := balancer.String("containerName")
			i := slices.IndexFunc(containers, func(c wire.Object) bool { return c.String("name") == name })
			if i < 0 {
				return wire.Errorf("InvalidParameterException", "The container %s does not exist in the task definition.", name)
			}
			port, _ := balancer.Int("containerPort")
			if !hasPort(containers[i], port) {
				return wire.Errorf("InvalidParameterException", "The container %s did not have a container port %d defined.", name, port)
			}
		}
		return nil
	}
}

func hasPort(container wire.Object, port int) bool {
	return slices.ContainsFunc(container.Objects("portMappings"), func(p wire.Object) bool {
		n, ok := p.Int("containerPort")
		return ok && n == port
	})
}

func placementOnFargate(in wire.Object) *wire.Error {
	there := in.String("launchType") == fargate
	for _, item := range in.Objects("capacityProviderStrategy") {
		there = there || strings.HasPrefix(item.String("capacityProvider"), fargate)
	}
	switch {
	case there && len(in.Objects("placementStrategy")) > 0:
		return wire.Errorf("InvalidParameterException", "Placement strategies are not supported with FARGATE launch type.")
	case there && len(in.Objects("placementConstraints")) > 0:
		return wire.Errorf("InvalidParameterException", "Placement constraints are not supported with FARGATE launch type.")
	}
	return nil
}

func oneLaunch(in wire.Object) *wire.Error {
	if in.String("launchType") == "" || len(in.Objects("capacityProviderStrategy")) == 0 {
		return nil
	}
	return wire.Errorf("InvalidParameterException", "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.")
}
