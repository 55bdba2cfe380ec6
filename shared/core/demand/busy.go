package demand

import (
	"math"
	"time"

	"homeostat/shared/core/fleet"
)

const (
	// unitLeast and unitMost are how many times less a value is that is a fraction
	// of 1 where percent belong: a hundred, while the work goes on as ever.
	unitLeast, unitMost = 60, 170
	// unitDoubt is for how long such a fall is not believed: a fleet that is kept
	// for nothing costs an hour, one that is given back under load its users.
	unitDoubt = time.Hour
)

// busy is the work that a CPU value tells of, in busy tasks. A task that started
// or stopped in its period is counted whole or not at all: then it is known to
// half a task only.
func (s *State) busy(p Point, o Observation) (out sample, ok bool) {
	running, ok := fleet.During(o.Running, p.At)
	if !ok || !valid(p, maxPercent) || running <= 0 {
		return out, false
	}
	share := p.Value / 100
	out.work, out.full = share*running, p.Value >= saturated
	if s.suspect = s.suspectUnit(p, out.work, o); s.suspect {
		return out, false
	}
	s.lastTrustedAt = p.At
	switch {
	case changing(o.Running, p, running):
		out.least, out.most = share*(running-0.5), share*(running+0.5)
	case math.Abs(float64(o.Ready)-running) >= 0.5:
		// The change was in this period, or is not told of yet: a fall may be none.
		out.least, out.most = out.work, share*(running+0.5)
	}
	out.noise = out.work * out.work / 1e4
	return out, true
}

// within is the work where it is known to half a task only: what it was, as far
// as the sample permits.
func (one *sample) within(level float64) {
	if one.most > 0 {
		one.work = min(max(level, one.least), one.most)
	}
}

// changing reports whether the number of tasks was another one just before or
// after a period.
func changing(counts []Point, p Point, running float64) bool {
	for _, c := range counts {
		if near := c.At.Sub(p.At); near != 0 && near.Abs() <= p.Period && math.Abs(c.Value-running) >= 0.5 {
			return true
		}
	}
	return false
}

// suspectUnit reports whether a value fell from one period to the next as one does
// that is given in another unit. Nothing else says what is true: a better signal
// would have been followed. One who stops to work in the middle of a period, or
// has not been looked at for a while, falls otherwise.
func (s *State) suspectUnit(p Point, work float64, o Observation) bool {
	if s.Signal != CPU || s.count == 0 || !o.SuspectSince.IsZero() && o.Now.Sub(o.SuspectSince) >= unitDoubt {
		return false
	}
	atOnce := s.suspect || !o.SuspectSince.IsZero() || p.At.Sub(s.Newest) <= 2*p.Period || p.At.Sub(s.lastTrustedAt) <= 2*p.Period
	return atOnce && unitLike(s.level, work)
}

// unitLike reports whether the work became about a hundredth.
func unitLike(before, now float64) bool {
	return now > 0 && before > unitLeast*now && before < unitMost*now
}

// suspectUnit reports whether requests seem to have become so cheap at once that the
// CPU may be of another unit.
func (c costs) suspectUnit(p Point, running, requests float64) bool {
	cost, known := c.perRequest()
	return known && unitLike(cost*requests, p.Value/100*running*p.Period.Seconds()) && p.At.Unix()-c.newest < int64(unitDoubt.Seconds())
}

// Suspect reports whether the newest CPU value that the last Step was told is
// not believed.
func (s *State) Suspect() bool { return s.suspect }
