package scaling

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"homeostat/shared/sim/traffic"
	"homeostat/shared/sim/workload"
)

// rateOracle knows how the rate will go, but neither its noise nor how long a
// task will take to start. It plans with a price of violations, and takes so much
// time and so much room for what it does not know. It is made for one trace and
// one service.
func rateOracle(trace traffic.Trace) Policy {
	c := Policy{
		Name:  RateOracle,
		About: "knows the smooth rate of the whole trace beforehand, but neither the noise nor the start-up times",
		// Its plan is made already.
		ShortMemory: true,
	}
	rooms := []float64{0}
	if _, exact := trace.Rate(0); exact {
		rooms = []float64{0, 1, 2, 3}
	}
	for _, price := range []float64{math.Inf(1), 3, 1, 0.3, 0.1, 0.03, 0.01} {
		for _, quantile := range []float64{0.5, 0.95} {
			for _, room := range rooms {
				v := rateSetting{price: price, quantile: quantile, room: room}
				c.Settings = append(c.Settings, Setting{Name: v.String(), New: v.scalers()})
			}
		}
	}
	return c
}

// startQuantile is in how many seconds this share of the tasks is ready, by draws
// that no run has.
func startQuantile(service workload.Service, share float64) int {
	d := newDelays(RunInput{Service: service, Trace: traffic.Trace{Step: 1, Requests: []float64{0}}, Seed: math.MaxUint64})
	if service.Max <= service.Min {
		return 0
	}
	d.of(startDraws - 1)
	drawn := slices.Sorted(slices.Values(d.next[:startDraws]))
	return drawn[min(int(share*startDraws), startDraws-1)]
}

// foresight is a setting of the oracle that knows the rate.
type rateSetting struct {
	// price is that of a percent of violating requests, as a share of the cost;
	// infinite: none is planned.
	price float64
	// quantile is the share of start-ups that it allows the time for.
	quantile float64
	// room is added to the rate, in standard deviations of a second's arrivals.
	room float64
}

// String names the setting.
func (v rateSetting) String() string {
	return fmt.Sprintf("price=%g ahead=p%g room=%g", v.price, 100*v.quantile, v.room)
}

// smooth is the rate of each second as it would be without noise.
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

// program is what is to be decided, in slots: a sixth of the trace's interval is
// short enough for a rate that runs straight in between.
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

// planned follows a plan that was made beforehand.
type planScaler struct{ plan []int }

// Scale sets what the plan says.
func (p planScaler) Scale(s *workload.Sim) { s.SetDesired(p.plan[s.Second()]) }
