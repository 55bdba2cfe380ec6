package scaling

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"homeostat/shared/sim/traffic"
	"homeostat/shared/sim/workload"
)

// rateOracle returns the policy that knows the future rate, but neither its noise
// nor the start-up times. It plans with a violation price, a time for the start-up
// and a margin for the noise. It fits one trace and one service.
func rateOracle(trace traffic.Trace) Policy {
	c := Policy{
		Name:  RateOracle,
		About: "knows the smooth rate of the whole trace, but neither the noise nor the start-up times",
		// The plan is complete before the run.
		ShortMemory: true,
	}
	rooms := []float64{0}
	if _, exact := trace.Rate(0); exact {
		rooms = []float64{0, 1, 2, 3}
	}
	for _, price := range []float64{math.Inf(1), 3, 1, 0.3, 0.1, 0.03, 0.01} {
		for _, quantile := range []float64{0.5, 0.95} {
			for _, margin := range rooms {
				v := rateSetting{price: price, quantile: quantile, margin: margin}
				c.Settings = append(c.Settings, Setting{Name: v.String(), New: v.scalers()})
			}
		}
	}
	return c
}

// startQuantile returns a quantile of the start-up time in seconds, from draws of
// no run.
func startQuantile(service workload.Service, share float64) int {
	d := newDelays(RunInput{Service: service, Trace: traffic.Trace{Step: 1, Requests: []float64{0}}, Seed: math.MaxUint64})
	if service.Max <= service.Min {
		return 0
	}
	d.of(startDraws - 1)
	drawn := slices.Sorted(slices.Values(d.next[:startDraws]))
	return drawn[min(int(share*startDraws), startDraws-1)]
}

// rateSetting is a setting of the rate oracle.
type rateSetting struct {
	// price is the cost of one percentage point of violating requests, as a share
	// of the cost. An infinite price plans no violations.
	price float64
	// quantile is the share of start-ups that the plan allows time for.
	quantile float64
	// margin is added to the rate, in standard deviations of the arrivals of one
	// second.
	margin float64
}

// String returns the name of the setting.
func (v rateSetting) String() string {
	return fmt.Sprintf("price=%g ahead=p%g room=%g", v.price, 100*v.quantile, v.margin)
}

// smoothRates returns the rate of each second without noise.
func smoothRates(trace traffic.Trace) []float64 {
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
		from, to := max(0, s-smoothingSpan/2), min(len(rates), s+smoothingSpan/2)
		rates[s] = (sums[to] - sums[from]) / float64(to-from)
	}
	return rates
}

// program returns the decision problem of the trace in slots. The rate is linear
// within an interval of the trace, so a fraction of an interval is short enough.
func (v rateSetting) program(s RunInput) program {
	capacities := s.Service.Capacities()
	p := program{
		seconds: max(1, s.Trace.Step/slotsPerInterval), restart: restartOf(s.Service), least: s.Service.Min, price: v.price,
	}
	requests := 0.0
	for i, rate := range smoothRates(s.Trace) {
		if i%p.seconds == 0 {
			p.needed, p.weight = append(p.needed, s.Service.Min), append(p.weight, 0)
		}
		last := len(p.needed) - 1
		n := workload.Needed(capacities, rate+v.margin*math.Sqrt(rate))
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

// scalers computes the plan once, because all seeds share it.
func (v rateSetting) scalers() func(RunInput) workload.Scaler {
	var once sync.Once
	var made planScaler
	return func(s RunInput) workload.Scaler {
		once.Do(func() { made = v.planScaler(s) })
		return made
	}
}

func (v rateSetting) planScaler(s RunInput) planScaler {
	p := v.program(s)
	_, slots := p.solve(true)
	plan := make([]int, s.Trace.Seconds())
	for i := range plan {
		plan[i] = slots[i/p.seconds]
	}
	return planScaler{mostAhead(plan, startQuantile(s.Service, v.quantile))}
}

// planScaler follows a fixed plan.
type planScaler struct{ plan []int }

// Scale sets the planned count.
func (p planScaler) Scale(s *workload.Sim) { s.SetDesired(p.plan[s.Second()]) }
