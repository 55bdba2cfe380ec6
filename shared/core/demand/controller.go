package demand

import (
	"fmt"
	"math"

	"homeostat/shared/core/staffing"
)

// Controller estimates the number of tasks that a service needs. It keeps no state
// of a service and may be shared between goroutines.
type Controller struct {
	curve *staffing.Curve
	// signals are all signals, the best one first.
	signals []Signal
	tuning  Tuning
	// expected is the prior of the error histograms.
	expected [errorBins]float64
}

// NewController returns a controller that sizes services for an objective. The
// call takes about a millisecond; share one controller between all services.
func NewController(o staffing.Objective) *Controller { return NewTuned(o, Fitted()) }

// NewTuned returns a controller with another tuning than the fitted one.
func NewTuned(o staffing.Objective, t Tuning) *Controller {
	return &Controller{curve: staffing.NewCurve(o), signals: Signals(), tuning: t, expected: expectedErrors(t.PriorErrors)}
}

// Step adds a new observation to the state and returns the need. The need is within
// Settings' Min and Max. It is unknown if the result ok is false; the caller must
// not scale then. Step ignores known points.
func (k *Controller) Step(s *State, o Observation, c Settings) (e Estimate, ok bool) {
	for _, took := range o.Startups {
		s.started(took)
	}
	list, signal := k.samples(s, o, c)
	if signal == nil {
		return Estimate{}, false
	}
	for _, one := range list {
		// Samples that are read together have the delay of the newest one. The others
		// waited for the evaluation, not for the metric.
		one.late = o.Now.Sub(list[len(list)-1].end)
		k.take(s, one, signal, o, c)
	}
	followed := k.signal(s.Signal)
	if s.count == 0 || followed == nil {
		return Estimate{}, false
	}
	return k.estimate(s, followed, o, c), true
}

// take adds one sample: it filters, learns, forecasts, plays the shadows and
// chooses the strategy.
func (k *Controller) take(s *State, one sample, signal Signal, o Observation, c Settings) {
	t, sizing := &k.tuning, signal.Sizing(c)
	size := func(demand float64) int { return k.size(demand, sizing, c) }
	gap := one.end.Sub(s.Newest)
	if signal.Code() != s.Signal || one.period != s.Period || gap > pastForecasts/2*one.period {
		s.begin(one, signal.Code(), size(one.demand), o, c, t)
	}
	one.clamp(s.level)
	seconds := one.period.Seconds()
	delay := min(max(0, one.late.Seconds()), maxDelay)
	horizon := delay + seconds/2 + s.Startup().Seconds() + max(c.Tick.Seconds(), 1)
	steps := min(pastForecasts-1, int(math.Round(horizon/seconds)))
	s.filter(one, t)
	s.learn(one, steps, t)
	s.forecast(one, horizon, t)
	var all [forecasters]targets
	for i := range s.forecasters {
		all[i] = s.forecasters[i].targets(&k.expected, size, t)
	}
	s.play(s.prices(one, delay, size, c, t), &all)
	s.Newest = one.end
	s.last = one.demand
	s.count++
	s.choose(float64(s.count)*seconds, t)
	if one.full {
		s.panicUntil = o.Now.Add(panicFor)
		s.panicCount = max(s.panicCount, int(math.Ceil(panicFactor*float64(max(o.Ready, 1)))))
	}
}

// begin restarts the state on a signal. Every shadow starts with the count of the
// service, at least with the need.
func (s *State) begin(one sample, code Code, need int, o Observation, c Settings, t *Tuning) {
	s.reset(code, one.period)
	s.level, s.steady, s.last = one.demand, one.demand, one.demand
	count := bounded(max(o.Desired, need), c)
	for i := range s.shadows {
		s.shadows[i] = shadow{simulated: simulated{count: count, ready: count}, loss: t.PriorTime * float64(need) * priorLoss(i)}
	}
	s.meanNeed, s.meanDemand = float64(need), one.demand
}

// prices returns the needs and prices of a sample for the shadows. It replaces a
// demand within its noise by the filtered demand.
func (s *State) prices(one sample, delay float64, size func(float64) int, c Settings, t *Tuning) prices {
	demand := one.demand
	if off := demand - s.filtered(t); off*off < t.JumpSquare*one.noise {
		demand = s.filtered(t)
	}
	seconds := one.period.Seconds()
	weight := 1 - math.Exp2(-seconds/t.LossHalfLife)
	need := size(demand)
	s.weight = s.weight*(1-weight) + weight
	s.meanNeed += weight / s.weight * (float64(need) - s.meanNeed)
	s.meanDemand += weight / s.weight * (one.demand - s.meanDemand)
	j := prices{
		now: one.end.Unix(), seconds: seconds, fade: 1 - weight, need: need,
		startup: int64(s.meanStartup().Seconds() + delay),
		safe:    size(demand + math.Sqrt(one.noise) + math.Abs(s.slope)*seconds),
		action:  t.ActionPrice + t.ActionShare*s.meanNeed, drain: t.Drain,
	}
	if s.meanDemand > 0 {
		j.violation = 100 * c.price() * s.meanNeed * one.demand / s.meanDemand * seconds
		j.nearMiss = t.nearMissShare(seconds) * j.violation
	}
	return j
}

// price returns the price of a violation, defaultPrice if none is set.
func (c Settings) price() float64 {
	if c.Price > 0 && !math.IsInf(c.Price, 1) {
		return c.Price
	}
	return defaultPrice
}

// estimate returns the count of the followed strategy, raised by the facts that no
// shadow has: the backlog, the memory, and a saturated signal.
func (k *Controller) estimate(s *State, signal Signal, o Observation, c Settings) Estimate {
	e := Estimate{Tasks: s.shadows[s.chosen].count, Demand: s.last, At: s.Newest, StartUp: s.Startup()}
	e.Wanted, e.Text = k.wanted(s, signal, o, c, e.Tasks)
	for _, floor := range floors() {
		e.atLeast(floor(o, c))
	}
	if o.Now.Before(s.panicUntil) {
		e.atLeast(s.panicCount, "CPU saturated, excess demand unknown")
	} else {
		s.panicCount = 0
	}
	if o.Deploying && e.Tasks < o.Desired {
		e.Text += fmt.Sprintf("; deployment in progress, keep %d %s", o.Desired, noun(o.Desired))
		e.Tasks, e.Held = o.Desired, true
	}
	if n := bounded(e.Tasks, c); n != e.Tasks || e.Wanted > n {
		e.Text += fmt.Sprintf("; bounded to %d %s", n, noun(n))
		e.Tasks = n
	}
	return e
}
