package demand

import "math"

// shadow is a virtual fleet that follows one way to scale on the service's own
// demand: what it would have cost and violated says which way to follow.
type shadow struct {
	virtual
	// loss is what is held against it, in task-seconds, fading: what it was billed,
	// its violations and near misses, and its actions.
	loss float64
	// spare is for how many seconds fewer were enough, spareTop how many at most.
	spare    float64
	spareTop int
}

// The grid of shadows.
const (
	margins = 8
	holds   = 5
	shadows = forecasters * margins * holds
)

// margin is how much more than the forecast is asked for: at least 1, a factor;
// below, the quantile of the forecaster's own errors. An action is taken only
// once the count is not enough for less: the trigger.
type margin struct{ target, trigger float64 }

func grid() [margins]margin {
	return [margins]margin{
		{0.5, 0.5},
		{1.06, 1.03},
		{0.75, 0.5},
		{1.15, 1.075},
		{0.9, 0.75},
		{0.96, 0.9},
		{0.985, 0.96},
		{0.997, 0.985},
	}
}

// holdTimes are for how many seconds fewer tasks must have been enough before
// any are given back.
func holdTimes() [holds]float64 { return [holds]float64{0, 60, 150, 300, 600} }

// belief is by which share a way with a margin and a hold was worse than the best
// one, in the mean over the first halves of the public traces: what is believed
// of a service of which nothing was seen yet.
func belief(way int) float64 {
	return [margins][holds]float64{
		{0.97, 0.60, 0.24, 0.19, 0.20},
		{0.41, 0.31, 0.15, 0.16, 0.19},
		{0.58, 0.38, 0.23, 0.20, 0.18},
		{0.31, 0.25, 0.15, 0.18, 0.19},
		{0.25, 0.19, 0.19, 0.24, 0.26},
		{0.18, 0.19, 0.24, 0.29, 0.32},
		{0.24, 0.29, 0.35, 0.39, 0.45},
		{0.33, 0.39, 0.44, 0.48, 0.54},
	}[way/holds%margins][way%holds]
}

func (s *State) strategy() (forecaster, margin, hold int) {
	return s.chosen / (margins * holds), s.chosen / holds % margins, s.chosen % holds
}

// byDefault is the way that is followed before any has shown itself better:
// the trend, the 0.9 quantile, 150 s.
func byDefault() int { return (trend*margins+4)*holds + 2 }

const (
	// lossHalf is the half-life of a shadow's losses, in seconds.
	lossHalf = 6 * 3600
	// better is by how much another way must be better before it is followed:
	// the price of switching, without which the choice itself would flap.
	better = 0.02
	// leastWatched is for how many seconds all were watched before any is.
	leastWatched = 600
	// actionPrice is what a change of the count costs, in task-seconds, and
	// actionShare what it costs for each task that the work needs on average.
	// Without it the count would follow every ripple for next to nothing.
	actionPrice, actionShare = 30, 5
	// nearMiss is what a fleet that was just enough is held against, as a share of
	// a violation, for each ten seconds of a sample, and nearMost at most: the
	// samples do not tell of each second, the longer ones less.
	nearMiss, nearMost = 0.15, 0.5
	// drain is for how many seconds a task that stops is billed.
	drain = 30
	// believed is for how many seconds of work the first belief in a way counts.
	believed = 900
)

// needs are the counts that a forecaster asks for at each margin: to reach, and
// to act on.
type needs struct{ target, trigger [margins]int }

// asked sizes the forecasts of one forecaster.
func (f *forecaster) asked(expected *[errorBins]float64, size func(float64) int) needs {
	var n needs
	units, spread := f.quantiles(expected), f.spread()
	for i, m := range grid() {
		n.target[i] = size(f.with(m.target, &units, spread))
		n.trigger[i] = size(f.with(m.trigger, &units, spread))
	}
	return n
}

// quantiles is how many quantiles of the errors the grid has.
const quantiles = 6

// ofErrors are the quantiles of the grid, ascending.
func ofErrors() [quantiles]float64 { return [quantiles]float64{0.5, 0.75, 0.9, 0.96, 0.985, 0.997} }

// with is the forecast with a margin.
func (f *forecaster) with(m float64, units *[quantiles]float64, spread float64) float64 {
	if m >= 1 {
		return f.ahead * m
	}
	for i, q := range ofErrors() {
		if q == m {
			return max(0, (f.ahead+additive)*math.Exp(units[i]*spread)-additive)
		}
	}
	return f.ahead
}

// expectedErrors are as many errors as the prior, of the normal distribution.
func expectedErrors() (bins [errorBins]float64) {
	for i := range bins {
		unit := float64(i)/binsPerUnit + lowestUnit
		bins[i] = prior * math.Exp(-unit*unit/2) / (binsPerUnit * math.Sqrt(2*math.Pi))
	}
	return bins
}

// quantiles are those of the errors, in standard deviations. Few errors are
// mixed with those that are expected.
func (f *forecaster) quantiles(expected *[errorBins]float64) (units [quantiles]float64) {
	sum, next, wanted := 0.0, 0, ofErrors()
	for i := 0; i < errorBins && next < quantiles; i++ {
		unit := float64(i)/binsPerUnit + lowestUnit
		sum += f.errors[i] + expected[i]
		for next < quantiles && sum >= wanted[next]*(f.total+prior) {
			units[next] = unit
			next++
		}
	}
	for ; next < quantiles; next++ {
		units[next] = -2 * lowestUnit
	}
	return units
}

// judged is what all shadows are judged by at one sample.
type judged struct {
	now       int64
	seconds   float64
	startup   int64
	action    float64 // task-seconds that a change of the count costs
	need      int     // the tasks that the work needed
	safe      int     // the tasks that it would have needed had it been a little more
	violation float64 // task-seconds that a violation costs
	fade      float64
}

// play moves every shadow one sample on.
func (s *State) play(j judged, asked *[forecasters]needs) {
	hold := holdTimes()
	for i := range s.shadows {
		f, m, h := i/(margins*holds), i/holds%margins, i%holds
		s.shadows[i].play(j, asked[f].target[m], asked[f].trigger[m], hold[h])
	}
}

func (v *shadow) play(j judged, target, trigger int, hold float64) {
	v.arrive(j.now)
	v.loss = v.loss*j.fade + float64(v.count)*j.seconds
	if j.need > v.ready {
		v.loss += j.violation
	} else if j.safe > v.ready {
		v.loss += min(nearMost, nearMiss*j.seconds/10) * j.violation
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
		if v.spare > hold {
			v.loss += j.action + drain*float64(v.count-v.spareTop)
			v.remove(v.count - v.spareTop)
			v.spare, v.spareTop = 0, 0
		}
	}
}

// choose follows another way where it has clearly been better.
func (s *State) choose(watched float64) {
	if watched < leastWatched {
		return
	}
	now := s.shadows[s.chosen].loss
	best, least := s.chosen, now
	for i := range s.shadows {
		if loss := s.shadows[i].loss; loss < least {
			best, least = i, loss
		}
	}
	if least < now*(1-better) {
		s.chosen = best
	}
}
