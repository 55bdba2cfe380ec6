// Package recording holds the recorded traffic of a service with facts about its
// tasks. The file is a trace in the format of package traffic. Comment lines of the
// form "# key: value" hold the facts.
package recording

import (
	"math"
	"slices"
	"time"

	"homeostat/shared/sim/traffic"
)

// Recording is a trace with facts about its service.
type Recording struct {
	traffic.Trace
	Facts
	// Notes holds remarks for the reader, such as gaps.
	Notes []string
}

// Facts describes the service. A zero value is unknown.
type Facts struct {
	// Service is CLUSTER/SERVICE.
	Service string
	Region  string
	// Begin is the start of the first interval.
	Begin time.Time
	// TaskRate is the capacity of a busy task in requests/s.
	TaskRate float64
	// TaskHours are the task-hours of the recorded time.
	TaskHours float64
	// TaskCPU is in CPU units, TaskMemory in MiB.
	TaskCPU, TaskMemory int
	// Architecture is X86_64 or ARM64.
	Architecture string
}

// TaskRate estimates the capacity of a busy task in requests/s. It is the median
// over the busier half of the periods, because the CPU of an idle task matters
// least there. Without enough usable periods it returns 0. The slice requests holds
// the requests of each period of a length in seconds. The slice cpu holds the average
// of the running tasks in percent, and tasks their number. NaN is unknown.
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
