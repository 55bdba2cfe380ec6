package ecsrule

import (
	"homeostat/shared/sim/ecssim/wire"
)

func someSubnets(in wire.Object) *wire.Error {
	vpc := in.Object("networkConfiguration").Object("awsvpcConfiguration")
	if vpc == nil || len(vpc.Strings("subnets")) > 0 {
		return nil
	}
	return wire.Errorf("InvalidParameterException", "subnets can not be empty.")
}

func starter(in wire.Object) *wire.Error {
	if len(in.String("startedBy")) <= maxStarter {
		return nil
	}
	return wire.Errorf("InvalidParameterException", "startedBy must be at most %d characters long.", maxStarter)
}

func protectionTime(in wire.Object) *wire.Error {
	if (rangeOf{"expiresInMinutes", 1, maxProtection}).holds(in) {
		return nil
	}
	return wire.Errorf("InvalidParameterException", "expiresInMinutes must be between 1 and %d.", maxProtection)
}

func startedInstances(in wire.Object) *wire.Error {
	if n := len(in.Strings("containerInstances")); n < 1 || n > maxStarted {
		return wire.Errorf("InvalidParameterException", "Container instances must have 1 to %d elements.", maxStarted)
	}
	return nil
}
