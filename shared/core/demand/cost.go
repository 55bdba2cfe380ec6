package demand

import (
	"math"

	"homeostat/shared/core/fleet"
)

// requestCount is the number of requests in one period. Times are in seconds
// since 1970.
type requestCount struct {
	end, seconds int64
	n            float64
}

// Cost is the learned cost of a request, as sums that fade with costHalfLife. The
// zero Cost is unknown.
type Cost struct {
	// busy is in task-seconds, seconds is the observed time.
	busy, requests, seconds float64
	// newest is the end of the newest CPU value, in seconds since 1970.
	newest int64
}

// PerRequest returns the busy task-seconds of a request; ok is false before
// costKnownAfter.
func (c Cost) PerRequest() (cost float64, ok bool) {
	if c.seconds < costKnownAfter.Seconds() || c.requests <= 0 {
		return 0, false
	}
	return c.busy / c.requests, true
}

// learnCost relates the busy tasks of each new CPU value to the requests of the
// same time.
func (s *State) learnCost(o Observation) {
	for _, p := range o.Requests {
		if valid(p, maxCount) && !p.At.After(o.Now) {
			s.keep(requestCount{p.At.Unix(), int64(p.Period.Seconds()), p.Value})
		}
	}
	for _, p := range o.CPU {
		running, ok := fleet.During(o.Running, p.At)
		if !ok || !valid(p, unsaturated) || p.At.Unix() <= s.cost.newest || running <= 0 {
			continue
		}
		n, covered := s.counted(p.At.Unix()-int64(p.Period.Seconds()), p.At.Unix())
		if !covered || n < 1 || s.cost.suspectUnit(p, running, n) {
			continue
		}
		seconds := p.Period.Seconds()
		fade := math.Exp2(-seconds / costHalfLife.Seconds())
		s.cost = Cost{
			busy:     s.cost.busy*fade + p.Value/100*running*seconds,
			requests: s.cost.requests*fade + n, seconds: s.cost.seconds*fade + seconds, newest: p.At.Unix(),
		}
	}
}

// keep stores a count in place of the oldest one. It drops a count that is known,
// or older than all others.
func (s *State) keep(c requestCount) {
	oldest := 0
	for i, known := range s.requests {
		if known.end == c.end {
			return
		}
		if known.end < s.requests[oldest].end {
			oldest = i
		}
	}
	if c.end > s.requests[oldest].end {
		s.requests[oldest] = c
	}
}

// counted returns the number of requests between two times; covered is false if
// the counts leave a gap.
func (s *State) counted(from, to int64) (n float64, covered bool) {
	seconds := int64(0)
	for _, c := range s.requests {
		if overlap := min(c.end, to) - max(c.end-c.seconds, from); overlap > 0 && c.seconds > 0 {
			n += c.n * float64(overlap) / float64(c.seconds)
			seconds += overlap
		}
	}
	return n, seconds >= to-from
}

// suspectUnit reports whether the cost of a request fell as if the CPU had changed
// its unit within the last suspectFor.
func (c Cost) suspectUnit(p Point, running, requests float64) bool {
	cost, known := c.PerRequest()
	return known && unitLike(cost*requests, p.Value/100*running*p.Period.Seconds()) && p.At.Unix()-c.newest < int64(suspectFor.Seconds())
}
