package demand

import (
	"math"

	"homeostat/shared/core/fleet"
)

// busy converts a CPU value to a demand in busy tasks; ok is false if the value is
// not usable. The metric counts a task that started or stopped in the period
// fully or not at all. The demand is then known to half a task only.
func busy(p Point, o Observation) (out sample, ok bool) {
	running, ok := fleet.During(o.Running, p.At)
	if !ok || !valid(p, maxPercent) || running <= 0 {
		return out, false
	}
	share := p.Value / 100
	out.demand, out.full, out.utilisation = share*running, p.Value >= saturated, true
	switch {
	case changing(o.Running, p, running):
		out.least, out.most = share*(running-0.5), share*(running+0.5)
	case math.Abs(float64(o.Ready)-running) >= 0.5:
		// The change was in this period, or the metric does not show it yet. A fall of
		// the demand may be none.
		out.least, out.most = out.demand, share*(running+0.5)
	}
	out.noise = out.demand * out.demand / cpuNoise
	return out, true
}

// clamp replaces a demand of half a task's uncertainty by the level, as far as the
// bounds of the sample permit.
func (one *sample) clamp(level float64) {
	if one.most > 0 {
		one.demand = min(max(level, one.least), one.most)
	}
}

// changing reports whether the number of tasks differed just before or after a
// period.
func changing(counts []Point, p Point, running float64) bool {
	for _, c := range counts {
		if distance := c.At.Sub(p.At); distance != 0 && distance.Abs() <= p.Period && math.Abs(c.Value-running) >= 0.5 {
			return true
		}
	}
	return false
}

// trusts reports whether the unit of a CPU value seems right, and remembers the
// result.
func (s *State) trusts(p Point, demand float64, o Observation) bool {
	if s.suspect = s.suspectUnit(p, demand, o); s.suspect {
		return false
	}
	s.lastTrustedAt = p.At
	return true
}

// suspectUnit reports whether the demand fell from one period to the next as if
// the CPU had changed its unit. It is false for another signal, after a gap in
// the values, and from suspectFor on. No other signal can prove the value: a
// better one would be followed.
func (s *State) suspectUnit(p Point, demand float64, o Observation) bool {
	if s.Signal != CPU || s.count == 0 || !o.SuspectSince.IsZero() && o.Now.Sub(o.SuspectSince) >= suspectFor {
		return false
	}
	atOnce := s.suspect || !o.SuspectSince.IsZero() || p.At.Sub(s.Newest) <= 2*p.Period || p.At.Sub(s.lastTrustedAt) <= 2*p.Period
	return atOnce && unitLike(s.level, demand)
}

// unitLike reports whether a value became about a hundredth of the one before.
func unitLike(before, now float64) bool {
	return now > 0 && before > unitLeast*now && before < unitMost*now
}

// Suspect reports whether the last Step rejected the newest CPU value because its
// unit seems wrong.
func (s *State) Suspect() bool { return s.suspect }
