package scaling

import (
	"fmt"

	"homeostat/shared/sim/traffic"
	"homeostat/shared/sim/workload"
)

// MaxPeak is the highest number of tasks that a trace can be scaled to.
const MaxPeak = 100

// ServiceFor is the benchmark's service, with room for twice the peak.
func ServiceFor(peak int) workload.Service {
	service := workload.Standard()
	service.Max = max(service.Max, 2*peak)
	return service
}

// Scaled are traces whose 99.5th percentile minute needs so many tasks. Days
// above 0 leaves only so many days from the start.
func Scaled(traces []traffic.Trace, service workload.Service, peak, days int) ([]traffic.Trace, error) {
	const day = 24 * hour
	rate := service.Capacities()[peak]
	out := make([]traffic.Trace, len(traces))
	for i, t := range traces {
		if days > 0 {
			t.Requests = t.Requests[:min(len(t.Requests), max(1, days*day/t.Step))]
		}
		if t.Seconds() < 2*settle || len(t.Requests) < 4 {
			return nil, fmt.Errorf("%s lasts %d s; it is halved to tune on one half, so it must last %d s and have four intervals: give a longer one", t.Name, t.Seconds(), 2*settle)
		}
		var err error
		if out[i], err = t.ScaledTo(rate); err != nil {
			return nil, err
		}
	}
	return out, nil
}
