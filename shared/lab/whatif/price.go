package whatif

import (
	"fmt"
	"math"
)

// The architectures, in ECS's words.
const (
	X86 = "X86_64"
	ARM = "ARM64"
)

// Task is the size of a task, which is what Fargate asks for.
type Task struct {
	// CPU is in units, Memory in MiB.
	CPU          int     `json:"cpu"`
	Memory       int     `json:"memory"`
	Architecture string  `json:"architecture"`
	HourUSD      float64 `json:"hour_usd"`
	// Price says where the price comes from.
	Price string `json:"price"`
}

// FargateTask is a task at the list price.
func FargateTask(cpu, memory int, architecture string) Task {
	vcpu, gb := x86VCPUHour, x86GBHour
	if architecture == ARM {
		vcpu, gb = armVCPUHour, armGBHour
	} else {
		architecture = X86
	}
	return Task{
		CPU: cpu, Memory: memory, Architecture: architecture,
		HourUSD: math.Round((float64(cpu)/1024*vcpu+float64(memory)/1024*gb)*1e9) / 1e9,
		Price:   fmt.Sprintf("Fargate's list price of %s, Linux %s, on demand, as of %s", PriceRegion, architecture, PriceSeen),
	}
}
