package demand

import (
	"math"
	"time"

	"homeostat/shared/core/fleet"
)

// sample is the work that arrived in one period, in busy tasks.
type sample struct {
	end    time.Time
	period time.Duration
	work   float64
	// least and most bound it where that is all that is known; else they are 0.
	least, most float64
	// noise is the variance that the work would have in steady traffic.
	noise float64
	// late is how long after its end a value like it can be read.
	late time.Duration
	// full says that the signal was saturated: the work was at least that.
	full bool
}

// count is one count of requests.
type count struct {
	end, seconds int64
	n            float64
}

// costs is what a request costs, as two sums that fade.
type costs struct {
	busy, requests, seconds float64
	newest                  int64
}

const (
	// costHalf is the half-life of a request's cost: it drifts, and changes with
	// a new revision.
	costHalf = 30 * time.Minute
	// costKnown is how much of it must have been seen.
	costKnown = 3 * time.Minute
	// unsaturated is the CPU, in percent, up to which busy tasks say what
	// requests cost; above, requests wait and cost nothing yet.
	unsaturated = 85
	// saturated is the CPU, in percent, from which on more work does not show.
	saturated = 95
	// maxCount is far above any count of requests or items in a period.
	maxCount = 1e12
	// maxAge is the age at which a signal tells nothing any more.
	maxAge = 6 * time.Minute
	// catchUp is how far back what a look has missed is learned from, which tells
	// nothing of now: without it a service that is seldom looked at would begin
	// anew each time.
	catchUp = 20 * time.Minute
)

// perRequest is the busy task-seconds of a request; ok is false where too
// little was seen.
func (c costs) perRequest() (cost float64, ok bool) {
	if c.seconds < costKnown.Seconds() || c.requests <= 0 {
		return 0, false
	}
	return c.busy / c.requests, true
}

// valid reports whether a point is a value that a metric of that kind can have.
func valid(p Point, most float64) bool {
	return p.Period > 0 && !math.IsNaN(p.Value) && p.Value >= 0 && p.Value <= most
}

// samples are the new samples of the best signal, oldest first. It learns what
// requests cost on its way.
func (s *State) samples(o Observation, c Settings) (list []sample, rung Signal) {
	s.learnCost(o)
	rung = s.best(o, c)
	points := map[Signal][]Point{Requests: o.Requests, Load: o.Load, CPU: o.CPU}[rung]
	after, oldest := s.Newest, catchUp
	if rung != s.Signal {
		after, oldest = time.Time{}, maxAge
	}
	for _, p := range points {
		if !p.At.After(after) || p.At.After(o.Now) || o.Now.Sub(p.At) > oldest {
			continue
		}
		if one, ok := s.sample(p, rung, o, c); ok {
			list, after = append(list, one), p.At
		}
	}
	return list, rung
}

// best is the best rung with a fresh value. A better one that was followed until
// now is not left for one value that is missing: what was learned on it would be
// lost, and a load balancer that nobody calls tells nothing at all.
func (s *State) best(o Observation, c Settings) Signal {
	rung := s.fresh(o, c)
	if s.Signal != None && (rung == None || s.Signal < rung) && o.Now.Sub(s.Newest) <= maxAge {
		return s.Signal
	}
	return rung
}

func (s *State) fresh(o Observation, c Settings) Signal {
	_, known := s.cost.perRequest()
	switch {
	case fresh(o.Load, o.Now, maxCount) && c.LoadPerTask > 0:
		return Load
	case fresh(o.Requests, o.Now, maxCount) && (known || c.RequestsPerTask > 0):
		return Requests
	case fresh(o.CPU, o.Now, maxPercent):
		return CPU
	}
	return None
}

// fresh reports whether the newest value can be used.
func fresh(points []Point, now time.Time, most float64) bool {
	if len(points) == 0 {
		return false
	}
	newest := points[len(points)-1]
	return valid(newest, most) && now.Sub(newest.At) <= maxAge && !newest.At.After(now)
}

// sample is the work that a point tells of.
func (s *State) sample(p Point, rung Signal, o Observation, c Settings) (sample, bool) {
	out := sample{end: p.At, period: p.Period}
	seconds := p.Period.Seconds()
	switch rung {
	case Requests:
		if !valid(p, maxCount) {
			return out, false
		}
		cost, _ := s.cost.perRequest()
		if c.RequestsPerTask > 0 {
			cost = 1 / c.RequestsPerTask
		}
		out.work = p.Value / seconds * cost
		// The count of a Poisson process has its mean as its variance.
		out.noise = out.work * cost / seconds
	case Load:
		if !valid(p, maxCount) {
			return out, false
		}
		out.work = p.Value / c.LoadPerTask
	case CPU:
		busy, ok := s.busy(p, o)
		busy.end, busy.period = out.end, out.period
		return busy, ok
	default:
		return out, false
	}
	return out, true
}

// learnCost sets the busy tasks of each new CPU value against the requests of
// the same time.
func (s *State) learnCost(o Observation) {
	for _, p := range o.Requests {
		if valid(p, maxCount) && !p.At.After(o.Now) {
			s.keep(count{p.At.Unix(), int64(p.Period.Seconds()), p.Value})
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
		fade := math.Exp2(-seconds / costHalf.Seconds())
		s.cost = costs{
			busy:     s.cost.busy*fade + p.Value/100*running*seconds,
			requests: s.cost.requests*fade + n, seconds: s.cost.seconds*fade + seconds, newest: p.At.Unix(),
		}
	}
}

// keep adds a count in order of time; one that is known, or older than all, is
// dropped.
func (s *State) keep(c count) {
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

// counted is how many requests came between two times; covered is false where
// the counts do not fill them.
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
