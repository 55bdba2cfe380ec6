package scaling

import (
	"math"
	"slices"
)

// program chooses a fleet for each slot of time. It minimizes task-seconds,
// restarts and the price of requests in slots with too few tasks.
type program struct {
	needed  []int
	seconds int // length of a slot
	restart int
	// weight is the number of requests in each slot that a missing task violates.
	// price is the cost of one in task-seconds; an infinite price allows none.
	weight []float64
	price  float64
	least  int
}

// solve runs the dynamic programme f_t(n) = g_t(n) + min(min_{m<=n} f(m) +
// restart·(n-m), min_{m>n} f(m)). The running minima from below and from above need
// one pass over n for each slot. With wanted set, it also returns the fleet.
func (p program) solve(wanted bool) (cost float64, plan []int) {
	if len(p.needed) == 0 {
		return 0, nil
	}
	size := slices.Max(p.needed) + 1
	f, next := make([]float64, size), make([]float64, size)
	from := make([]uint8, size)
	var came [][]uint8
	for t := range p.needed {
		if t == 0 {
			for n := range next {
				next[n] = p.slot(0, n)
			}
		} else {
			p.step(f, next, from)
			for n := range next {
				next[n] += p.slot(t, n)
			}
			if wanted {
				came = append(came, slices.Clone(from))
			}
		}
		f, next = next, f
	}
	best := 0
	for n := range f {
		if f[n] < f[best] {
			best = n
		}
	}
	cost = f[best]
	if !wanted {
		return cost, nil
	}
	plan = make([]int, len(p.needed))
	plan[len(plan)-1] = best
	for t := len(plan) - 1; t > 0; t-- {
		plan[t-1] = int(came[t-1][plan[t]])
	}
	return cost, plan
}

// step computes the lowest cost to reach each n, and the previous n.
func (p program) step(f, next []float64, from []uint8) {
	best := 0
	for n := range f {
		if f[n] <= f[best]+float64(p.restart*(n-best)) {
			best = n
		}
		next[n], from[n] = f[best]+float64(p.restart*(n-best)), uint8(best)
	}
	best = len(f) - 1
	for n := len(f) - 2; n >= 0; n-- {
		if f[best] < next[n] {
			next[n], from[n] = f[best], uint8(best)
		}
		if f[n] < f[best] {
			best = n
		}
	}
}

// slot returns the cost of n tasks in a slot.
func (p program) slot(t, n int) float64 {
	if n < p.least {
		return math.Inf(1)
	}
	cost := float64(n * p.seconds)
	if n < p.needed[t] {
		if math.IsInf(p.price, 1) {
			return p.price
		}
		cost += p.price * p.weight[t]
	}
	return cost
}

// bound returns the lowest cost score of an oracle that knows every arrival, at a
// violation price.
func (t realizedDemand) bound(price float64, least int) float64 {
	optimum, _ := optimalPlan(t.needed, t.restart)
	if optimum == 0 {
		return 0
	}
	requests := 0.0
	for _, n := range t.arrived {
		requests += n
	}
	cost, _ := program{
		needed: t.needed, seconds: 1, restart: t.restart, weight: t.arrived, least: least,
		price: 100 * price * float64(optimum) / math.Max(1, requests),
	}.solve(false)
	return cost / float64(optimum)
}
