package demand

import (
	"math"
	"time"

	"homeostat/shared/core/fleet"
)

// sample is the demand in one period, in busy tasks.
type sample struct {
	end    time.Time
	period time.Duration
	demand float64
	// least and most bound the demand if only its range is known; else they are 0.
	least, most float64
	// noise is the variance of the demand in steady traffic.
	noise float64
	// late is the time from the end of the period until its value can be read.
	late time.Duration
	// utilisation is true if the demand depends on the unit of a utilisation.
	utilisation bool
	// full is true at a saturated signal: the demand was at least that.
	full bool
}

// valid reports whether a point has a period, and a number from 0 to most.
func valid(p Point, most float64) bool {
	return p.Period > 0 && !math.IsNaN(p.Value) && p.Value >= 0 && p.Value <= most
}

// signal returns the signal with a code; nil if there is none.
func (k *Controller) signal(code Code) Signal {
	for _, signal := range k.signals {
		if signal.Code() == code {
			return signal
		}
	}
	return nil
}

// samples returns the new samples of the best signal, oldest first, with the
// signal; nil if no signal is known. It also learns the cost of a request.
func (k *Controller) samples(s *State, o Observation, c Settings) (list []sample, best Signal) {
	s.learnCost(o)
	if best = k.best(s, o, c); best == nil {
		return nil, nil
	}
	after, oldest := s.Newest, catchUp
	if best.Code() != s.Signal {
		after, oldest = time.Time{}, maxAge
	}
	for _, p := range best.Points(o) {
		if !p.At.After(after) || p.At.After(o.Now) || o.Now.Sub(p.At) > oldest {
			continue
		}
		one, ok := best.sample(s.cost, p, o, c)
		if !ok || one.utilisation && !s.trusts(p, one.demand, o) {
			continue
		}
		one.end, one.period = p.At, p.Period
		list, after = append(list, one), p.At
	}
	return list, best
}

// best returns the first usable signal with a fresh value; nil if there is none.
// The followed signal counts as fresh for maxAge after its newest sample: a
// switch for one missing value would lose the learned state.
func (k *Controller) best(s *State, o Observation, c Settings) Signal {
	for _, signal := range k.signals {
		if !signal.Usable(s.cost, c) {
			continue
		}
		if signal.Code() == s.Signal && o.Now.Sub(s.Newest) <= maxAge || fresh(signal, o) {
			return signal
		}
	}
	return nil
}

// fresh reports whether the newest value of a signal is valid and of now.
func fresh(signal Signal, o Observation) bool {
	newest, ok := fleet.Newest(signal.Points(o))
	return ok && signal.Valid(newest) && o.Now.Sub(newest.At) <= maxAge && !newest.At.After(o.Now)
}
