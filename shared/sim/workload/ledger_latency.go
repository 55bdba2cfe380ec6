package workload

import (
	"math"

	"homeostat/shared/core/staffing"
)

// waitClass is a group of requests with equal waiting times.
type waitClass struct {
	requests float64
	// backlog is the common waiting time in seconds.
	backlog float64
	// waits is the share that also waits for a slot, and decay the rate of that
	// wait: P(W > t) = waits·exp(-decay·t).
	waits, decay float64
}

// Latencies returns quantiles of the response time in seconds. The waiting time
// comes from the simulated backlog, or from M/M/c without one, plus an exponential
// service time. A rejected request counts with its waiting time.
func (l *Ledger) Latencies(quantiles ...float64) []float64 {
	classes, total := l.classes()
	out := make([]float64, len(quantiles))
	if total == 0 {
		return out
	}
	rate := 1 / l.sim.Service.ServiceTime().Seconds()
	for i, q := range quantiles {
		low, high := 0.0, float64(backlogBuckets)/bucketsPerSecond+50/rate
		for range bisections {
			middle := (low + high) / 2
			longer := 0.0
			for _, c := range classes {
				longer += c.requests * c.longer(middle, rate)
			}
			if longer <= total*(1-q) {
				high = middle
			} else {
				low = middle
			}
		}
		out[i] = high
	}
	return out
}

// classes returns the classes with requests.
func (l *Ledger) classes() (out []waitClass, total float64) {
	slots := l.sim.Service.Objective.Slots
	rate := 1 / l.sim.Service.ServiceTime().Seconds()
	for i, requests := range l.withoutBacklog {
		if requests <= 0 {
			continue
		}
		servers := i / (utilizationBuckets + 1) * slots
		busy := min((float64(i%(utilizationBuckets+1))+0.5)/utilizationBuckets, maxUtilization)
		load := busy * float64(servers)
		out = append(out, waitClass{
			requests: requests, waits: staffing.Waits(servers, load), decay: (float64(servers) - load) * rate,
		})
		total += requests
	}
	for i, requests := range l.withBacklog {
		if requests > 0 {
			out = append(out, waitClass{requests: requests, backlog: (float64(i) + 0.5) / bucketsPerSecond})
			total += requests
		}
	}
	return out, total
}

// longer returns the share with a response time above t seconds, at a service rate
// of one slot in requests/s.
func (c waitClass) longer(t, rate float64) float64 {
	t -= c.backlog
	if t <= 0 {
		return 1
	}
	served := math.Exp(-rate * t)
	if c.waits == 0 {
		return served
	}
	// The wait is 0, exponential up to the longest wait, or the longest wait.
	until := min(t, longestWait)
	inner := until
	if gap := c.decay - rate; math.Abs(gap*until) > 1e-9 {
		inner = (1 - math.Exp(-gap*until)) / gap
	}
	return (1-c.waits)*served + c.waits*c.decay*served*inner + c.waits*math.Exp(-c.decay*until)*math.Exp(-rate*(t-until))
}
