package scaling

import (
	"math"
	"slices"

	"homeostat/shared/sim/workload"
)

// Oracle and RateOracle name the policies that know the future.
const (
	Oracle     = "oracle"
	RateOracle = "rate-oracle"
)

// oracle returns the policy with exact knowledge of the arrivals and start-up times.
func oracle() Policy {
	return Policy{
		Name:  Oracle,
		About: "knows every arrival and every start-up time, and plays the exact optimum without violations",
		Settings: []Setting{{Name: "clairvoyant", New: func(s RunInput) workload.Scaler {
			return newOracleScaler(s)
		}}},
	}
}

// oracleScaler has the tasks of a plan ready in time.
type oracleScaler struct {
	plan []int
	// ahead is the maximum of the plan over the slowest start-up, or over the time
	// that costs as much as a restart.
	ahead  []int
	delays *delays
}

func newOracleScaler(s RunInput) *oracleScaler {
	known := realizedDemandOf(s.Trace, s.Service, s.Seed)
	_, plan := optimalPlan(known.needed, known.restart)
	slowest := s.Service.StartMedian.Seconds()*math.Exp(slowestSigmas*s.Service.StartSigma) + s.Service.HealthInterval.Seconds()
	return &oracleScaler{
		plan: plan, ahead: mostAhead(plan, max(known.restart, int(math.Ceil(slowest)))),
		delays: newDelays(s),
	}
}

// Scale starts each task early enough for its start-up time. It stops a task as
// soon as a restart is cheaper than keeping it.
func (f *oracleScaler) Scale(s *workload.Sim) {
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

// mostAhead returns the maximum of each value and the following ones.
func mostAhead(values []int, more int) []int {
	out := make([]int, len(values))
	var falling []int // indexes of falling values, seen from the right
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

// delays holds the start-up times of the next tasks, in the order of a simulation
// with the same seed.
type delays struct {
	sim  *workload.Sim
	next []int
}

func newDelays(s RunInput) *delays {
	return &delays{sim: workload.New(s.Service, s.Trace, s.Service.Min, s.Seed)}
}

// of returns the delay of the n-th next task, from 0.
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
