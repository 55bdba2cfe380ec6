package workload

import "math"

// Ledger adds up the cost and the violations of a run, from the second From on.
// The time before From lets a scaler learn.
type Ledger struct {
	From int

	Requests  float64
	Rejected  float64
	Violating float64 // rejected requests and requests in seconds that miss the objective
	Seconds   float64
	// ViolatingSeconds is the number of seconds that miss the objective.
	ViolatingSeconds float64
	// TaskSeconds are billed from the creation of a task on, with draining and the
	// minimum charge.
	TaskSeconds float64
	// Actions counts changes of the desired count, ActionsIn the reductions.
	Actions, ActionsIn int
	Elasticity

	withoutBacklog []float64 // requests by ready tasks and utilization
	withBacklog    []float64 // requests by tenths of a second of waiting
	demand         int
	supply         int
	sim            *Sim
}

// Elasticity holds the sums for the SPEC group's measures of elasticity.
type Elasticity struct {
	Under, Over, UnderTime, OverTime, Unstable float64
	Adaptations, DemandAdaptations             int
}

func newLedger(s *Sim) *Ledger {
	return &Ledger{
		sim: s, demand: -1, supply: -1,
		withoutBacklog: make([]float64, (s.Service.Max+1)*(utilizationBuckets+1)),
		withBacklog:    make([]float64, backlogBuckets+1),
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

// second adds one second.
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
		l.withBacklog[int(min(wait*bucketsPerSecond, backlogBuckets))] += arrived
	} else {
		l.withoutBacklog[s.ready*(utilizationBuckets+1)+int(min(rate/capacity, 1)*utilizationBuckets)] += arrived
	}
	l.elasticity(Needed(s.capacities, rate), s.ready)
}

// elasticity compares demand and supply in tasks (Herbst, Kounev and Reussner,
// "Elasticity in Cloud Computing", ICAC 2013; Bauer et al., "Chameleon", IEEE TPDS
// 2019).
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
