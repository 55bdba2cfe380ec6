package whatif

import (
	"fmt"
	"math"
)

// The architectures, as ECS names them.
const (
	X86 = "X86_64"
	ARM = "ARM64"
)

// Task is the size and the price of a task.
type Task struct {
	// CPU is in units, Memory in MiB.
	CPU          int     `json:"cpu"`
	Memory       int     `json:"memory"`
	Architecture string  `json:"architecture"`
	HourUSD      float64 `json:"hour_usd"`
	// Price describes the source of the price.
	Price string `json:"price"`
}

// FargateTask returns a task at the list price.
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
