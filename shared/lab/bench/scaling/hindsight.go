package scaling

import (
	"context"
	"math"
	"runtime"
	"slices"
	"sync"

	"homeostat/shared/sim/traffic"
	"homeostat/shared/sim/workload"
)

// realizedDemand holds the arrivals and the need of a trace with one seed, known
// only after the run.
type realizedDemand struct {
	// needed is the lowest number of tasks that keep the objective in each second,
	// and arrived the number of requests in it.
	needed  []int
	arrived []float64
	// restart is the cost of a stop and a later start of one task, in task-seconds:
	// the draining and the start-up.
	restart int
}

// realizedDemandOf plays the trace and records the arrivals. The need covers two
// causes of a violation: a rate above the capacity of the tasks, and arrivals that
// wait too long at the service rate. No smaller fleet keeps the objective.
func realizedDemandOf(trace traffic.Trace, service workload.Service, seed uint64) realizedDemand {
	capacities := service.Capacities()
	most := service.Rate * (1 + service.Objective.Wait*service.ServiceTime().Seconds())
	sim := workload.New(service, trace, service.Max, seed)
	t := realizedDemand{
		needed: make([]int, trace.Seconds()), arrived: make([]float64, trace.Seconds()),
		restart: restartOf(service),
	}
	for s := range t.needed {
		sim.Step()
		rate := workload.ScoringRate(trace, s)
		t.arrived[s] = sim.Window(s, s+1).Arrived
		n := max(workload.Needed(capacities, rate), int(math.Ceil(t.arrived[s]/most-1e-9)))
		t.needed[s] = min(max(n, service.Min), service.Max)
	}
	return t
}

// after returns the part from a second on.
func (t realizedDemand) after(second int) realizedDemand {
	t.needed, t.arrived = t.needed[second:], t.arrived[second:]
	return t
}

// restartOf returns the mean of a lognormal start-up and of the wait for the health
// check, plus the draining. It ignores the minimum charge, because only tasks of
// seconds pay it.
func restartOf(service workload.Service) int {
	start := service.StartMedian.Seconds()*math.Exp(service.StartSigma*service.StartSigma/2) + service.HealthInterval.Seconds()/2
	return int(math.Round(start + service.Deregistration.Seconds()))
}

// optimalPlan returns the lowest cost in task-seconds without a missing task, and
// the fleet with that cost. Each level is independent: the k-th task runs while k
// tasks are needed, and through gaps that cost no more than a restart (ski rental
// with a known season). The tasks of the first second may run already.
func optimalPlan(needed []int, restart int) (cost int, plan []int) {
	plan = slices.Clone(needed)
	if len(needed) == 0 {
		return 0, plan
	}
	ended := make([]int, slices.Max(needed)+1) // the last second with a need of each level
	before := needed[0]
	for t, n := range needed {
		cost += n
		for k := n + 1; k <= before; k++ {
			ended[k] = t
		}
		for k := before + 1; k <= n; k++ {
			gap := t - ended[k]
			cost += min(gap, restart)
			if gap <= restart {
				for s := ended[k]; s < t; s++ {
					plan[s] = max(plan[s], k)
				}
			}
		}
		before = n
	}
	return cost, plan
}

// lowerBounds holds the best possible figures of one seed: the task-hours of the
// optimum without violations, and the lowest cost score at the three prices.
type lowerBounds struct {
	hours  float64
	bounds [3]float64
}

// optimum returns the task-hours of the oracle's plan from a second on.
func optimum(t traffic.Trace, service workload.Service, seed uint64, from int) float64 {
	known := realizedDemandOf(t, service, seed).after(from)
	cost, _ := optimalPlan(known.needed, known.restart)
	return float64(cost) / hour
}

// lowerBounds returns the bounds of the second half for each seed.
func (m Suite) lowerBounds(ctx context.Context, t traffic.Trace) ([]lowerBounds, error) {
	cut, from := Second.Cut(t)
	out := make([]lowerBounds, len(m.Seeds))
	next := make(chan int)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range next {
				known := realizedDemandOf(cut, m.Service, m.Seeds[i]).after(from)
				cost, _ := optimalPlan(known.needed, known.restart)
				out[i].hours = float64(cost) / hour
				for k, price := range [3]float64{PriceLow, PriceMid, PriceHigh} {
					out[i].bounds[k] = known.bound(price, m.Service.Min)
				}
			}
		})
	}
	defer workers.Wait()
	defer close(next)
	for i := range out {
		select {
		case next <- i:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	return out, nil
}
