// Package recording is what was recorded of a service: its traffic, and what is
// known of the tasks that bore it. The file is a trace as package traffic reads
// it; what is known besides stands in comment lines of the form "# key: value".
package recording

import (
	"math"
	"slices"
	"time"

	"homeostat/shared/sim/traffic"
)

// Recording is a trace with what is known of its service.
type Recording struct {
	traffic.Trace
	Facts
	// Notes are what a reader should know, such as what was missing.
	Notes []string
}

// Facts are what is known of the service; a zero is not known.
type Facts struct {
	// Service is CLUSTER/SERVICE.
	Service string
	Region  string
	// Begin is when the first interval began.
	Begin time.Time
	// TaskRate is how many requests a second one task serves when it is busy all
	// the time.
	TaskRate float64
	// TaskHours are those of the tasks that ran in the time of the recording.
	TaskHours float64
	// TaskCPU are the CPU units of a task, TaskMemory its MiB.
	TaskCPU, TaskMemory int
	// Architecture is X86_64 or ARM64.
	Architecture string
}

// TaskRate is how many requests a second one busy task serves, as the CPU says:
// the median over the busier half of the periods, because the CPU that idling
// takes weighs least there. It is 0 where too few periods say so. requests are
// those of each period of so many seconds, cpu is the average of the running
// tasks in percent, tasks is how many ran; NaN is not known.
func TaskRate(requests, cpu, tasks []float64, seconds int) (rate float64, periods int) {
	type period struct{ cpu, rate float64 }
	var usable []period
	for i := range min(len(requests), len(cpu), len(tasks)) {
		busy := cpu[i] / 100 * tasks[i] * float64(seconds)
		if cpu[i] >= minCPU && cpu[i] <= maxCPU && busy > 0 && requests[i] > 0 && !math.IsInf(busy, 0) {
			usable = append(usable, period{cpu[i], requests[i] / busy})
		}
	}
	if len(usable) < minPeriods {
		return 0, len(usable)
	}
	slices.SortStableFunc(usable, func(a, b period) int {
		switch {
		case a.cpu < b.cpu:
			return 1
		case a.cpu > b.cpu:
			return -1
		}
		return 0
	})
	usable = usable[:(len(usable)+1)/2]
	rates := make([]float64, len(usable))
	for i, u := range usable {
		rates[i] = u.rate
	}
	slices.Sort(rates)
	return rates[len(rates)/2], len(usable)
}
