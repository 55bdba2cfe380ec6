package scaling

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sync"

	"homeostat/shared/sim/traffic"
	"homeostat/shared/sim/workload"
)

// foresight is a setting of the oracle that knows the rate.
type foresight struct {
	// price is that of a percent of violating requests, as a share of the cost;
	// infinite: none is planned.
	price float64
	// quantile is the share of start-ups that it allows the time for.
	quantile float64
	// room is added to the rate, in standard deviations of a second's arrivals.
	room float64
}

// String names the setting.
func (v foresight) String() string {
	return fmt.Sprintf("price=%g ahead=p%g room=%g", v.price, 100*v.quantile, v.room)
}

// smoothing is over how many seconds a trace of counts is averaged to be a rate.
const smoothing = 60

// smooth is the rate of each second as it would be without noise.
func smooth(trace traffic.Trace) []float64 {
	rates := make([]float64, trace.Seconds())
	exact := false
	for s := range rates {
		rates[s], exact = trace.Rate(s)
	}
	if !exact {
		return rates
	}
	sums := make([]float64, len(rates)+1)
	for s, r := range rates {
		sums[s+1] = sums[s] + r
	}
	for s := range rates {
		from, to := max(0, s-smoothing/2), min(len(rates), s+smoothing/2)
		rates[s] = (sums[to] - sums[from]) / float64(to-from)
	}
	return rates
}

// program is what is to be decided, in slots: a sixth of the trace's interval is
// short enough for a rate that runs straight in between.
func (v foresight) program(s Start) program {
	capacities := s.Service.Capacities()
	p := program{
		seconds: max(1, s.Trace.Step/6), restart: restartOf(s.Service), least: s.Service.Min, price: v.price,
	}
	requests := 0.0
	for i, rate := range smooth(s.Trace) {
		if i%p.seconds == 0 {
			p.needed, p.weight = append(p.needed, s.Service.Min), append(p.weight, 0)
		}
		last := len(p.needed) - 1
		n := workload.Needed(capacities, rate+v.room*math.Sqrt(rate))
		p.needed[last] = max(p.needed[last], min(n, s.Service.Max))
		p.weight[last] += rate
		requests += rate
	}
	if !math.IsInf(p.price, 1) {
		free := p
		free.price = math.Inf(1)
		optimum, _ := free.solve(false)
		p.price = 100 * v.price * optimum / math.Max(1, requests)
	}
	return p
}

// scalers makes the plan once: it is the same with each seed.
func (v foresight) scalers() func(Start) workload.Scaler {
	var once sync.Once
	var made planned
	return func(s Start) workload.Scaler {
		once.Do(func() { made = v.planned(s) })
		return made
	}
}

func (v foresight) planned(s Start) planned {
	p := v.program(s)
	_, slots := p.solve(true)
	plan := make([]int, s.Trace.Seconds())
	for i := range plan {
		plan[i] = slots[i/p.seconds]
	}
	return planned{mostAhead(plan, startQuantile(s.Service, v.quantile))}
}

// planned follows a plan that was made beforehand.
type planned struct{ plan []int }

// Scale sets what the plan says.
func (p planned) Scale(s *workload.Sim) { s.SetDesired(p.plan[s.Second()]) }

// Point is what can be had: so many violating requests at such a cost.
type Point struct {
	Violating float64 `json:"violating_requests_pct"`
	CostRatio float64 `json:"cost_ratio"`
}

// Frontier is the lower hull of points, by rising violations and falling cost:
// what one point or a mixture of two attains.
func Frontier(points []Point) []Point {
	sorted := slices.SortedFunc(slices.Values(points), func(a, b Point) int {
		return cmp.Or(cmp.Compare(a.Violating, b.Violating), cmp.Compare(a.CostRatio, b.CostRatio))
	})
	var hull []Point
	for _, p := range sorted {
		if len(hull) > 0 && p.CostRatio >= hull[len(hull)-1].CostRatio {
			continue
		}
		for len(hull) > 1 && !below(hull[len(hull)-2], hull[len(hull)-1], p) {
			hull = hull[:len(hull)-1]
		}
		hull = append(hull, p)
	}
	return hull
}

// below reports whether the middle point lies below the line between the others.
func below(a, middle, b Point) bool {
	return (middle.CostRatio-a.CostRatio)*(b.Violating-a.Violating) < (b.CostRatio-a.CostRatio)*(middle.Violating-a.Violating)
}

// costAt is the frontier's cost at so many violations. Beyond its ends it is that
// of the end: fewer violations cost it at least as much, and more spare nothing
// that was seen.
func costAt(frontier []Point, violating float64) float64 {
	for i, p := range frontier {
		switch {
		case violating > p.Violating && i+1 < len(frontier):
			continue
		case i == 0 || violating > p.Violating:
			return p.CostRatio
		}
		a := frontier[i-1]
		part := (violating - a.Violating) / (p.Violating - a.Violating)
		return a.CostRatio + part*(p.CostRatio-a.CostRatio)
	}
	return math.NaN()
}
