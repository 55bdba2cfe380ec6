package workload

import "math"

// Ledger is what a run cost and how it served. From says from which second on
// things are booked, so that a scaler may learn before it is measured.
type Ledger struct {
	From int

	Requests  float64
	Rejected  float64
	Violating float64 // requests in seconds that miss the objective, and rejected ones
	Seconds   float64
	// ViolatingSeconds are those in which the objective was missed.
	ViolatingSeconds float64
	// TaskSeconds are billed: from a task's creation, with draining and the
	// minimum.
	TaskSeconds float64
	// Actions are changes of the desired count, ActionsIn those to less.
	Actions, ActionsIn int

	// The SPEC group's measures of elasticity, as sums; see Elasticity.
	Under, Over, UnderTime, OverTime, Unstable float64
	Adaptations, DemandAdaptations             int

	quiet  []float64 // requests by ready tasks and utilisation, without a backlog
	late   []float64 // requests by tenths of a second that they waited
	demand int
	supply int
	sim    *Sim
}

const (
	utilisations = 50
	lateSteps    = 128
)

func newLedger(s *Sim) *Ledger {
	return &Ledger{
		sim: s, demand: -1, supply: -1,
		quiet: make([]float64, (s.Service.Max+1)*(utilisations+1)),
		late:  make([]float64, lateSteps+1),
	}
}

func (l *Ledger) counts() bool { return l.sim.second >= l.From }

func (l *Ledger) action(from, to int) {
	if !l.counts() {
		return
	}
	l.Actions++
	if to < from {
		l.ActionsIn++
	}
}

func (l *Ledger) billed(seconds int) {
	if l.counts() {
		l.TaskSeconds += float64(max(0, seconds))
	}
}

// second books one second.
func (l *Ledger) second(s *Sim, rate, arrived, served, rejected float64) {
	if !l.counts() {
		return
	}
	capacity := float64(s.ready) * s.Service.Rate
	wait := math.Inf(1)
	if capacity > 0 {
		wait = s.backlog / capacity
	}
	l.Seconds++
	l.Requests += arrived
	l.Rejected += rejected
	l.TaskSeconds += float64(len(s.tasks))
	objective := s.Service.Objective.Wait * s.Service.ServiceTime().Seconds()
	if rate > s.capacities[s.ready] || wait > objective {
		l.Violating += arrived
		l.ViolatingSeconds++
	}
	if s.backlog > 0 || capacity == 0 {
		l.late[int(min(wait*10, lateSteps))] += arrived
	} else {
		l.quiet[s.ready*(utilisations+1)+int(min(rate/capacity, 1)*utilisations)] += arrived
	}
	l.elasticity(Needed(s.capacities, rate), s.ready)
}

// elasticity books demand against supply, in tasks (Herbst, Kounev and
// Reussner, "Elasticity in Cloud Computing", ICAC 2013; Bauer et al., "Chameleon",
// IEEE TPDS 2019).
func (l *Ledger) elasticity(demand, supply int) {
	if demand > supply {
		l.Under += float64(demand-supply) / float64(demand)
		l.UnderTime++
	} else if demand < supply {
		l.Over += float64(supply-demand) / float64(max(1, demand))
		l.OverTime++
	}
	if l.demand >= 0 {
		ds, dd := sign(supply-l.supply), sign(demand-l.demand)
		if ds != dd {
			l.Unstable++
		}
		l.Adaptations += ds * ds
		l.DemandAdaptations += dd * dd
	}
	l.demand, l.supply = demand, supply
}

func sign(n int) int {
	switch {
	case n > 0:
		return 1
	case n < 0:
		return -1
	}
	return 0
}
