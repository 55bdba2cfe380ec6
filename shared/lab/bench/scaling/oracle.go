package scaling

import (
	"math"
	"slices"

	"homeostat/shared/sim/traffic"
	"homeostat/shared/sim/workload"
)

// Oracle and RateOracle are the names of those who know the future.
const (
	Oracle     = "oracle"
	RateOracle = "rate-oracle"
)

// oracle knows what will arrive and how long each task will take to start.
func oracle() Contestant {
	return Contestant{
		Name:  Oracle,
		About: "knows every arrival and every start-up beforehand: the exact optimum without violations, played",
		Settings: []Setting{{Name: "clairvoyant", New: func(s Start) workload.Scaler {
			return newForeseer(s)
		}}},
	}
}

// foreseer has the tasks of a plan ready in time.
type foreseer struct {
	plan []int
	// ahead is the most of the plan from each second on for as long as the
	// slowest start takes, or a restart costs.
	ahead  []int
	delays *delays
}

func newForeseer(s Start) *foreseer {
	known := truthOf(s.Trace, s.Service, s.Seed)
	_, plan := levels(known.needed, known.restart)
	slowest := s.Service.StartMedian.Seconds()*math.Exp(4*s.Service.StartSigma) + s.Service.HealthInterval.Seconds()
	return &foreseer{
		plan: plan, ahead: mostAhead(plan, max(known.restart, int(math.Ceil(slowest)))),
		delays: newDelays(s),
	}
}

// Scale starts each task as long before it is needed as it will take, and stops
// one where none is needed for so long that another one is cheaper.
func (f *foreseer) Scale(s *workload.Sim) {
	now, have := s.Second(), s.Desired()
	wanted := f.ahead[now]
	if wanted < have {
		s.SetDesired(wanted)
		return
	}
	grow := 0
	for j := 1; j <= wanted-have; j++ {
		until := min(now+f.delays.of(j-1), len(f.plan)-1)
		if slices.Max(f.plan[now:until+1]) >= have+j {
			grow = j
		}
	}
	if grow > 0 {
		f.delays.took(grow)
		s.SetDesired(have + grow)
	}
}

// mostAhead is the highest value from each place on over so many more.
func mostAhead(values []int, more int) []int {
	out := make([]int, len(values))
	var falling []int // places with falling values from the right
	for i := len(values) - 1; i >= 0; i-- {
		for len(falling) > 0 && values[falling[len(falling)-1]] <= values[i] {
			falling = falling[:len(falling)-1]
		}
		falling = append(falling, i)
		if falling[0] > i+more {
			falling = falling[1:]
		}
		out[i] = values[falling[0]]
	}
	return out
}

// delays are the start-up times of the next tasks, which a simulation with the
// same seed draws in the same order.
type delays struct {
	sim  *workload.Sim
	next []int
}

func newDelays(s Start) *delays {
	return &delays{sim: workload.New(s.Service, s.Trace, s.Service.Min, s.Seed)}
}

// of is the delay of the n-th of the next tasks, from 0.
func (d *delays) of(n int) int {
	low, high := d.sim.Service.Min, d.sim.Service.Max
	for len(d.next) <= n && high > low {
		d.sim.SetDesired(high)
		for _, t := range d.sim.Tasks()[low:] {
			d.next = append(d.next, t.Ready-t.Created)
		}
		d.sim.SetDesired(low)
	}
	return d.next[n]
}

func (d *delays) took(n int) { d.next = d.next[n:] }

// rateOracle knows how the rate will go, but neither its noise nor how long a
// task will take to start. It plans with a price of violations, and takes so much
// time and so much room for what it does not know. It is made for one trace and
// one service.
func rateOracle(trace traffic.Trace) Contestant {
	c := Contestant{
		Name:  RateOracle,
		About: "knows the smooth rate of the whole trace beforehand, but neither the noise nor the start-up times",
		// Its plan is made already.
		Forgets: true,
	}
	rooms := []float64{0}
	if _, exact := trace.Rate(0); exact {
		rooms = []float64{0, 1, 2, 3}
	}
	for _, price := range []float64{math.Inf(1), 3, 1, 0.3, 0.1, 0.03, 0.01} {
		for _, quantile := range []float64{0.5, 0.95} {
			for _, room := range rooms {
				v := foresight{price: price, quantile: quantile, room: room}
				c.Settings = append(c.Settings, Setting{Name: v.String(), New: v.scalers()})
			}
		}
	}
	return c
}

// startQuantile is in how many seconds this share of the tasks is ready, by draws
// that no run has.
func startQuantile(service workload.Service, share float64) int {
	const draws = 2000
	d := newDelays(Start{Service: service, Trace: traffic.Trace{Step: 1, Requests: []float64{0}}, Seed: math.MaxUint64})
	if service.Max <= service.Min {
		return 0
	}
	d.of(draws - 1)
	drawn := slices.Sorted(slices.Values(d.next[:draws]))
	return drawn[min(int(share*draws), draws-1)]
}
