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

// truth is what can be known of a trace and a seed only afterwards.
type realizedDemand struct {
	// needed is the least number of tasks that keep the objective in each second,
	// and arrived the requests that came in it.
	needed  []int
	arrived []float64
	// restart is what it costs in task-seconds to stop a task and start one again
	// later: what is billed while it drains and while the other starts.
	restart int
}

// truthOf plays the trace to see what arrives. The objective is missed where the
// rate is beyond the tasks' capacity, and where so much more than the mean arrives
// that it would wait too long for what one second serves; both are counted as
// needed. Nothing that keeps the objective does with less.
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

// after is what is known from a second on.
func (t realizedDemand) after(second int) realizedDemand {
	t.needed, t.arrived = t.needed[second:], t.arrived[second:]
	return t
}

// restartOf is the mean of a lognormal start and of the wait for the check, and
// the draining. The minimum of the bill, which only tasks of seconds feel, is left
// to those who pay it.
func restartOf(service workload.Service) int {
	start := service.StartMedian.Seconds()*math.Exp(service.StartSigma*service.StartSigma/2) + service.HealthInterval.Seconds()/2
	return int(math.Round(start + service.Deregistration.Seconds()))
}

// levels is the least cost in task-seconds of never having less than needed, and
// the fleet that has it. Each level is a problem of its own: the k-th task runs
// while k are needed, and through gaps that cost no more than a restart (ski
// rental with a known season). Before the first second anything may run already.
func optimalPlan(needed []int, restart int) (cost int, plan []int) {
	plan = slices.Clone(needed)
	if len(needed) == 0 {
		return 0, plan
	}
	ended := make([]int, slices.Max(needed)+1) // when each level was needed last
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

// limits are what nobody can have better, with one seed: the task-hours of the
// optimum without violations, and the least CostScore at the three prices.
type limits struct {
	hours  float64
	bounds [3]float64
}

// optimum is the cost of the oracle's plan from a second on, in task-hours.
func optimum(t traffic.Trace, service workload.Service, seed uint64, from int) float64 {
	known := realizedDemandOf(t, service, seed).after(from)
	cost, _ := optimalPlan(known.needed, known.restart)
	return float64(cost) / hour
}

// limits are those of the second half, for each seed.
func (m Suite) limits(ctx context.Context, t traffic.Trace) ([]limits, error) {
	cut, from := Second.Cut(t)
	out := make([]limits, len(m.Seeds))
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
