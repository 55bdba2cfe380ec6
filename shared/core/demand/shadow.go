package demand

import "math"

// shadows is the number of strategies: forecaster, margin and scale-in delay.
const shadows = forecasters * margins * delays

// shadow is a simulated service that follows one strategy on the demand of the
// real service. Its loss shows the strategy to follow.
type shadow struct {
	simulated
	// loss is in task-seconds and fades: billed time, violations, near misses and
	// actions.
	loss float64
	// spare is the time with a lower need, in seconds. spareTop is the
	// highest need in that time.
	spare    float64
	spareTop int
}

// margin is the headroom of a strategy. A value of at least 1 is a factor of the
// forecast; a lower one is a quantile of the forecast errors. The count is raised
// to target once it is below trigger. The distance saves actions.
type margin struct{ target, trigger float64 }

// strategy returns the parts of the followed strategy, as positions in their grids.
func (s *State) strategy() (forecaster, margin, delay int) {
	return s.chosen / (margins * delays), s.chosen / delays % margins, s.chosen % delays
}

// defaultStrategy returns the strategy before the first choice.
func defaultStrategy() int { return (trend*margins+defaultMargin)*delays + defaultDelay }

// targets are the counts of one forecaster for each margin: to reach, and to act
// on.
type targets struct{ target, trigger [margins]int }

// targets sizes the forecast with each margin.
func (f *forecaster) targets(expected *[errorBins]float64, size func(float64) int, t *Tuning) targets {
	var n targets
	units, spread := f.quantiles(expected, t.PriorErrors), f.spread(t)
	for i, m := range marginGrid() {
		n.target[i] = size(f.with(m.target, &units, spread, t.Additive))
		n.trigger[i] = size(f.with(m.trigger, &units, spread, t.Additive))
	}
	return n
}

// with returns the forecast with a margin.
func (f *forecaster) with(m float64, units *[quantiles]float64, spread, additive float64) float64 {
	if m >= 1 {
		return f.ahead * m
	}
	for i, q := range quantileGrid() {
		if q == m {
			return max(0, (f.ahead+additive)*math.Exp(units[i]*spread)-additive)
		}
	}
	return f.ahead
}

// expectedErrors returns a histogram of a number of errors of the normal
// distribution.
func expectedErrors(priorErrors float64) (bins [errorBins]float64) {
	for i := range bins {
		unit := float64(i)/binsPerUnit + lowestUnit
		bins[i] = priorErrors * math.Exp(-unit*unit/2) / (binsPerUnit * math.Sqrt(2*math.Pi))
	}
	return bins
}

// quantiles returns the quantiles of the errors, in standard deviations. It mixes
// the seen errors with the expected ones.
func (f *forecaster) quantiles(expected *[errorBins]float64, priorErrors float64) (units [quantiles]float64) {
	sum, next, wanted := 0.0, 0, quantileGrid()
	for i := 0; i < errorBins && next < quantiles; i++ {
		unit := float64(i)/binsPerUnit + lowestUnit
		sum += f.errors[i] + expected[i]
		for next < quantiles && sum >= wanted[next]*(f.total+priorErrors) {
			units[next] = unit
			next++
		}
	}
	for ; next < quantiles; next++ {
		units[next] = -2 * lowestUnit
	}
	return units
}

// prices are the needs and prices of one sample, the same for all shadows.
type prices struct {
	now       int64 // seconds since 1970
	seconds   float64
	startup   int64   // seconds until an added task serves
	action    float64 // task-seconds of a change of the count
	need      int     // tasks for the demand
	safe      int     // tasks for a slightly higher demand
	violation float64 // task-seconds of a violation
	nearMiss  float64 // task-seconds of a near miss
	drain     float64 // billed seconds of a stopping task
	fade      float64 // factor of the earlier loss
}

// play moves each shadow one sample ahead.
func (s *State) play(j prices, all *[forecasters]targets) {
	delay := delayGrid()
	for i := range s.shadows {
		f, m, d := i/(margins*delays), i/delays%margins, i%delays
		s.shadows[i].play(j, all[f].target[m], all[f].trigger[m], delay[d])
	}
}

// play moves the shadow one sample ahead: it pays, and changes the count.
func (v *shadow) play(j prices, target, trigger int, delay float64) {
	v.arrive(j.now)
	v.loss = v.loss*j.fade + float64(v.count)*j.seconds
	if j.need > v.ready {
		v.loss += j.violation
	} else if j.safe > v.ready {
		v.loss += j.nearMiss
	}
	switch {
	case target > v.count && trigger > v.count:
		v.loss += j.action
		v.add(target-v.count, j.now+j.startup)
		v.spare, v.spareTop = 0, 0
	case target >= v.count:
		v.spare, v.spareTop = 0, 0
	default:
		v.spare += j.seconds
		v.spareTop = max(v.spareTop, target)
		if v.spare > delay {
			v.loss += j.action + j.drain*float64(v.count-v.spareTop)
			v.remove(v.count - v.spareTop)
			v.spare, v.spareTop = 0, 0
		}
	}
}

// choose follows another strategy if its loss is lower by the switch margin. watched is
// the time since the first sample, in seconds.
func (s *State) choose(watched float64, t *Tuning) {
	if watched < t.LeastWatched {
		return
	}
	now := s.shadows[s.chosen].loss
	best, least := s.chosen, now
	for i := range s.shadows {
		if loss := s.shadows[i].loss; loss < least {
			best, least = i, loss
		}
	}
	if least < now*(1-t.SwitchMargin) {
		s.chosen = best
	}
}
