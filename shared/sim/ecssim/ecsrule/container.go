package ecsrule

import (
	"slices"

	"homeostat/shared/sim/ecssim/wire"
)

// fargateLogDrivers are the log drivers of Fargate. AWS: API reference of
// LogConfiguration, logDriver.
func fargateLogDrivers() []string { return []string{"awslogs", "splunk", "awsfirelens"} }

// rangeOf is the range of a number in a request.
type rangeOf struct {
	member      string
	least, most int
}

// holds reports whether the member is absent or in the range.
func (r rangeOf) holds(in wire.Object) bool {
	n, ok := in.Int(r.member)
	return !ok || n >= r.least && n <= r.most
}

func memoryOrder(in wire.Object) *wire.Error {
	for _, c := range in.Objects("containerDefinitions") {
		hard, both := c.Int("memory")
		if soft, ok := c.Int("memoryReservation"); ok && both && soft > hard {
			return wire.Errorf("ClientException", "Invalid setting for container '%s'. The 'memory' must be greater than or equal to the 'memoryReservation'.", c.String("name"))
		}
	}
	return nil
}

func equalPorts(in wire.Object) *wire.Error {
	if in.String("networkMode") != "awsvpc" {
		return nil
	}
	for _, c := range in.Objects("containerDefinitions") {
		for _, p := range c.Objects("portMappings") {
			inner, _ := p.Int("containerPort")
			if outer, ok := p.Int("hostPort"); ok && outer != 0 && outer != inner {
				return wire.Errorf("ClientException", "When networkMode=awsvpc, the host ports and container ports in port mappings must match.")
			}
		}
	}
	return nil
}

func checkRanges(in wire.Object) *wire.Error {
	for _, c := range in.Objects("containerDefinitions") {
		check := c.Object("healthCheck")
		for _, r := range []rangeOf{{"interval", 5, 300}, {"timeout", 2, 60}, {"retries", 1, 10}, {"startPeriod", 0, 300}} {
			if check != nil && !r.holds(check) {
				return wire.Errorf("ClientException", "Health check %s for container '%s' must be between %d and %d.", r.member, c.String("name"), r.least, r.most)
			}
		}
	}
	return nil
}

// onFargateEach returns a rule about each container of a definition for Fargate.
func onFargateEach(refuse func(container wire.Object) *wire.Error) func(wire.Object) *wire.Error {
	return func(in wire.Object) *wire.Error {
		if !onFargate(in) {
			return nil
		}
		for _, c := range in.Objects("containerDefinitions") {
			if err := refuse(c); err != nil {
				return err
			}
		}
		return nil
	}
}

func fargateLog(container wire.Object) *wire.Error {
	driver := container.Object("logConfiguration").String("logDriver")
	if driver == "" || slices.Contains(fargateLogDrivers(), driver) {
		return nil
	}
	return wire.Errorf("ClientException", "Fargate compatible task definitions do not support the log driver '%s'.", driver)
}

func fargatePrivileged(container wire.Object) *wire.Error {
	if privileged, _ := container.Bool("privileged"); !privileged {
		return nil
	}
	return wire.Errorf("ClientException", "Fargate compatible task definitions do not support privileged containers.")
}

func fargateStop(container wire.Object) *wire.Error {
	if (rangeOf{"stopTimeout", 0, maxFargateStop}).holds(container) {
		return nil
	}
	return wire.Errorf("ClientException", "The stopTimeout of container '%s' must be between 0 and %d on Fargate.", container.String("name"), maxFargateStop)
}

func ephemeralSize(in wire.Object) *wire.Error {
	size := in.Object("ephemeralStorage")
	if size == nil || (rangeOf{"sizeInGiB", leastEphemeralGiB, mostEphemeralGiB}).holds(size) {
		return nil
	}
	return wire.Errorf("ClientException", "The ephemeral storage size must be between %d and %d GiB.", leastEphemeralGiB, mostEphemeralGiB)
}

func fargateProcesses(in wire.Object) *wire.Error {
	if mode := in.String("pidMode"); !onFargate(in) || mode == "" || mode == "task" {
		return nil
	}
	return wire.Errorf("ClientException", "Tasks using the Fargate launch type do not support pidMode '%s'. The supported value for pidMode is 'task'.", in.String("pidMode"))
}
