package ecsrule

import (
	"slices"
	"strconv"
	"strings"

	"homeostat/shared/sim/ecssim/wire"
)

// ecsName reports whether a text is a name of ECS.
func ecsName(text string) bool {
	return len(text) <= maxName && !strings.ContainsFunc(text, func(r rune) bool {
		return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

func familyName(in wire.Object) *wire.Error {
	if ecsName(in.String("family")) {
		return nil
	}
	return wire.Errorf("ClientException", "Family contains invalid characters when it should only contain letters, digits, -, and _.")
}

func containerImage(in wire.Object) *wire.Error {
	for _, c := range in.Objects("containerDefinitions") {
		if c.String("name") != "" && c.String("image") == "" {
			return wire.Errorf("ClientException", "Container.image should not be null or empty.")
		}
	}
	return nil
}

func containerNames(in wire.Object) *wire.Error {
	var names []string
	for _, c := range in.Objects("containerDefinitions") {
		name := c.String("name")
		if slices.Contains(names, name) {
			return wire.Errorf("ClientException", "Container names must be unique within a task definition. %q occurs twice.", name)
		}
		names = append(names, name)
	}
	return nil
}

func essentialContainer(in wire.Object) *wire.Error {
	containers := in.Objects("containerDefinitions")
	for _, c := range containers {
		if essential, ok := c.Bool("essential"); !ok || essential {
			return nil
		}
	}
	if len(containers) == 0 {
		return nil
	}
	return wire.Errorf("ClientException", "A task definition must have at least one essential container.")
}

// onFargate reports whether a task definition must be able to run on Fargate.
func onFargate(in wire.Object) bool {
	return slices.Contains(in.Strings("requiresCompatibilities"), fargate)
}

func fargateSizeSet(in wire.Object) *wire.Error {
	if !onFargate(in) {
		return nil
	}
	for _, member := range []string{"cpu", "memory"} {
		if in.String(member) == "" {
			return wire.Errorf("ClientException", "Fargate requires that '%s' be defined at the task level.", member)
		}
	}
	return nil
}

func fargateSize(in wire.Object) *wire.Error {
	if !onFargate(in) {
		return nil
	}
	cpu, okCPU := sizeOf(in.String("cpu"), "VCPU", 1024)
	memory, okMemory := sizeOf(in.String("memory"), "GB", 1024)
	if okCPU && okMemory && fargateHas(cpu, memory) {
		return nil
	}
	return wire.Errorf("ClientException", "No Fargate configuration exists for given values: %s CPU, %s memory. See the Amazon ECS documentation for the valid values.",
		in.String("cpu"), in.String("memory"))
}

// sizeOf returns a size: a whole number of CPU units or MiB, or a number with a unit
// such as "1 vCPU" or "0.5GB".
func sizeOf(text, unit string, factor float64) (size int, ok bool) {
	number, whole := strings.CutSuffix(strings.ToUpper(text), unit)
	if !whole {
		size, err := strconv.Atoi(text)
		return size, err == nil
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	return int(n * factor), err == nil
}

// fargateHas reports whether Fargate has a size, in CPU units and MiB.
func fargateHas(cpu, memory int) bool {
	for _, row := range fargateSizes() {
		if row.cpu == cpu {
			return slices.Contains(row.memory, memory) ||
				row.step > 0 && memory >= row.least && memory <= row.most && (memory-row.least)%row.step == 0
		}
	}
	return false
}

func fargateNetwork(in wire.Object) *wire.Error {
	if mode := in.String("networkMode"); !onFargate(in) || mode == "" || mode == "awsvpc" {
		return nil
	}
	return wire.Errorf("ClientException", "Fargate only supports network mode 'awsvpc'.")
}

func containerMemory(in wire.Object) *wire.Error {
	if onFargate(in) || in.String("memory") != "" {
		return nil
	}
	for _, c := range in.Objects("containerDefinitions") {
		_, hard := c.Int("memory")
		_, soft := c.Int("memoryReservation")
		if !hard && !soft {
			return wire.Errorf("ClientException", "Invalid setting for container '%s'. At least one of 'memory' or 'memoryReservation' must be specified.", c.String("name"))
		}
	}
	return nil
}

// reservedTags returns the rule about tags, with the code of the operation.
func reservedTags(code string) func(wire.Object) *wire.Error {
	return func(in wire.Object) *wire.Error {
		for _, tag := range in.Objects("tags") {
			if strings.HasPrefix(strings.ToLower(tag.String("key")), "aws:") {
				return wire.Errorf(code, "Invalid tag key %q: the prefix aws: is reserved.", tag.String("key"))
			}
		}
		return nil
	}
}
