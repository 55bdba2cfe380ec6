// Package scaling benchmarks policies that scale a service. Each policy gets the
// same seeded traffic and the same start-up times, on the service model of package
// workload. The simulator measures the outcome. Oracles that know the future give
// the lower bounds.
package scaling

import (
	"math"

	"homeostat/shared/sim/traffic"
	"homeostat/shared/sim/workload"
)

// Run holds the figures of one policy on one trace with one seed. The peers'
// program returns it as JSON.
type Run struct {
	Hours    float64 `json:"hours"`
	Requests float64 `json:"requests"`
	Violations
	Rejected float64 `json:"rejected_pct"`
	P50      float64 `json:"p50_ms"`
	Latency
	// TaskHours are billed, with start-up, draining and the minimum charge.
	TaskHours float64 `json:"task_hours"`
	Actions   int     `json:"actions"`
	ActionsIn int     `json:"actions_in"`
	Elasticity
	// Jitter is the number of supply changes minus demand changes, per hour.
	Jitter float64 `json:"jitter"`
	// WorstHour is the highest percentage of violating requests in an hour.
	WorstHour float64 `json:"worst_hour_pct"`
	// Reaction is the time from a step of the traffic until enough tasks were
	// ready, in seconds. It is nil if the trace has no step, or without that.
	Reaction *float64 `json:"reaction_s"`
}

// Measure plays a trace with one scaler and measures it from the second from on.
// The time before lets the scaler learn. The run begins with the tasks that the
// first second needs.
func Measure(trace traffic.Trace, service workload.Service, seed uint64, from int, scaler workload.Scaler) Run {
	capacities := service.Capacities()
	first, _ := trace.Rate(0)
	sim := workload.New(service, trace, min(max(workload.Needed(capacities, first), service.Min), service.Max), seed)
	sim.Ledger().From = from
	step, high, stepped := stepOf(trace)
	needed := workload.Needed(capacities, high)
	hours := hours{from: from}
	var reaction *float64
	for !sim.Over() {
		hours.update(sim)
		scaler.Scale(sim)
		now := sim.Second()
		sim.Step()
		if stepped && reaction == nil && now >= step && sim.Ready() >= needed {
			after := float64(now - step)
			reaction = &after
		}
	}
	hours.end(sim.Ledger())
	run := runOf(sim.Ledger())
	run.WorstHour, run.Reaction = hours.worst, reaction
	return run
}

// runOf converts the sums of a ledger to figures.
func runOf(l *workload.Ledger) Run {
	latencies := l.Latencies(0.50, 0.95, 0.99)
	seconds := math.Max(1, l.Seconds)
	return Run{
		Hours: l.Seconds / hour, Requests: l.Requests,
		Violations: Violations{Violating: percent(l.Violating, l.Requests), ViolationMinutes: l.ViolatingSeconds / minute},
		Rejected:   percent(l.Rejected, l.Requests),
		P50:        1000 * latencies[0], Latency: Latency{P95: 1000 * latencies[1], P99: 1000 * latencies[2]},
		TaskHours: l.TaskSeconds / hour, Actions: l.Actions, ActionsIn: l.ActionsIn,
		Elasticity: Elasticity{
			ThetaU: 100 * l.Under / seconds, ThetaO: 100 * l.Over / seconds,
			TauU: 100 * l.UnderTime / seconds, TauO: 100 * l.OverTime / seconds,
			Instability: 100 * l.Unstable / math.Max(1, seconds-1),
		},
		Jitter: hour * float64(l.Adaptations-l.DemandAdaptations) / seconds,
	}
}
