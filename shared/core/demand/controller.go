package demand

import (
	"fmt"
	"math"
	"time"

	"homeostat/shared/core/staffing"
)

// Controller says how many tasks a service needs. It holds no state of a
// service and may be shared.
type Controller struct {
	curve *staffing.Curve
	// expected is what is believed of errors before any was seen.
	expected [errorBins]float64
}

// NewController makes a controller that sizes fleets for an objective. It is dear:
// make one, and use it for all services.
func NewController(o staffing.Objective) *Controller {
	return &Controller{curve: staffing.NewCurve(o), expected: expectedErrors()}
}

// Usual is the objective where none is known: a task serves two requests at
// once, nine of ten requests wait no longer than they take, and no more than
// four fifths of the tasks are busy.
func Usual() staffing.Objective {
	return staffing.Objective{Slots: 2, Wait: 1, Late: 0.1, Busy: 0.8}
}

const (
	// panicFactor and panicFor are Knative's rule of panic, in spirit: where the
	// signal cannot say how much more there is, nearly double, and give nothing
	// back for a minute.
	panicFactor = 1.8
	panicFor    = time.Minute
)

// Step folds what is new into the state and says how many tasks are needed. ok
// is false where nothing is known of the need: then nothing may be done on it.
// The count is within Settings' Min and Max.
func (k *Controller) Step(s *State, o Observation, c Settings) (e Estimate, ok bool) {
	for _, took := range o.Startups {
		s.started(took)
	}
	list, rung := s.samples(o, c)
	if rung == None {
		return Estimate{}, false
	}
	for _, one := range list {
		// Those that were read together are all as late as the newest: the others
		// waited for the look, not for the metric.
		one.late = o.Now.Sub(list[len(list)-1].end)
		k.take(s, one, rung, o, c)
	}
	if s.count == 0 {
		return Estimate{}, false
	}
	return k.estimate(s, o, c), true
}

// size is how many tasks bear a work, within the settings.
func (k *Controller) size(work float64, rung Signal, c Settings) int {
	return bounded(k.tasks(work, rung, c), c)
}

// tasks is how many bear a work, whatever the bounds.
func (k *Controller) tasks(work float64, rung Signal, c Settings) int {
	n := k.curve.Tasks(work)
	switch {
	case rung == Load || rung == Requests && c.RequestsPerTask > 0:
		// The person said what a task bears, headroom and all.
		return int(math.Ceil(work - 1e-9))
	case c.aims(rung):
		n = max(n, int(math.Ceil(work/(c.CPU/100)-1e-9)))
	}
	return n
}

func bounded(n int, c Settings) int { return min(max(n, c.Min, 1), max(c.Max, 1)) }

// take is one sample: filter, learn, forecast, play the shadows, choose.
func (k *Controller) take(s *State, one sample, rung Signal, o Observation, c Settings) {
	gap := one.end.Sub(s.Newest)
	if rung != s.Signal || one.period != s.Period || gap > remembered/2*one.period {
		k.begin(s, one, rung, o, c)
	}
	one.within(s.level)
	seconds := one.period.Seconds()
	delay := min(max(0, one.late.Seconds()), 300)
	horizon := delay + seconds/2 + s.Startup().Seconds() + max(c.Tick.Seconds(), 1)
	steps := min(remembered-1, int(math.Round(horizon/seconds)))
	s.filter(one)
	s.learn(one, steps)
	s.forecast(one, horizon)
	var asked [forecasters]needs
	size := func(work float64) int { return k.size(work, rung, c) }
	for i := range s.forecasters {
		asked[i] = s.forecasters[i].asked(&k.expected, size)
	}
	s.play(s.judge(one, delay, size, c), &asked)
	s.Newest = one.end
	s.last = one.work
	s.count++
	s.choose(float64(s.count) * seconds)
	if one.full {
		s.panicUntil = o.Now.Add(panicFor)
		s.panicCount = max(s.panicCount, int(math.Ceil(panicFactor*float64(max(o.Ready, 1)))))
	}
}

// begin starts anew on a signal: every shadow has what the service has.
func (k *Controller) begin(s *State, one sample, rung Signal, o Observation, c Settings) {
	s.reset(rung, one.period)
	s.level, s.steady, s.last = one.work, one.work, one.work
	needed := k.size(one.work, rung, c)
	count := bounded(max(o.Desired, needed), c)
	for i := range s.shadows {
		s.shadows[i] = shadow{virtual: virtual{count: count, ready: count}, loss: believed * float64(needed) * belief(i)}
	}
	s.meanNeed, s.meanWork = float64(needed), one.work
}

// judge is what the sample says of every shadow. Where the work is within its
// noise, the filtered work is the truer one.
func (s *State) judge(one sample, delay float64, size func(float64) int, c Settings) judged {
	work := one.work
	if off := work - s.filtered(); off*off < 9*one.noise {
		work = s.filtered()
	}
	seconds := one.period.Seconds()
	weight := 1 - math.Exp2(-seconds/lossHalf)
	need := size(work)
	s.weight = s.weight*(1-weight) + weight
	s.meanNeed += weight / s.weight * (float64(need) - s.meanNeed)
	s.meanWork += weight / s.weight * (one.work - s.meanWork)
	j := judged{
		now: one.end.Unix(), seconds: seconds, fade: 1 - weight, need: need,
		startup: int64(s.meanStartup().Seconds() + delay),
		safe:    size(work + math.Sqrt(one.noise) + math.Abs(s.slope)*seconds),
		action:  actionPrice + actionShare*s.meanNeed,
	}
	if s.meanWork > 0 {
		j.violation = 100 * price(c) * s.meanNeed * one.work / s.meanWork * seconds
	}
	return j
}

// price is what a person set, or a tenth of the cost for each percentage point.
func price(c Settings) float64 {
	if c.Price > 0 && !math.IsInf(c.Price, 1) {
		return c.Price
	}
	return 0.1
}

// estimate is the count of the way that is followed, with what no shadow knows:
// a backlog, the memory, and a signal that was saturated.
func (k *Controller) estimate(s *State, o Observation, c Settings) Estimate {
	e := Estimate{Tasks: s.shadows[s.chosen].count, Work: s.last, At: s.Newest, StartUp: s.Startup()}
	e.Wanted, e.Text = k.wanted(s, o, c, e.Tasks)
	if b := o.Backlog; b != nil && valid(*b, maxCount) && c.BacklogPerTask > 0 {
		e.atLeast(int(math.Ceil(b.Value/c.BacklogPerTask)), fmt.Sprintf("%.0f items wait", b.Value))
	}
	e.atLeast(memory(o, c))
	if o.Now.Before(s.panicUntil) {
		e.atLeast(s.panicCount, "the CPU is full, so how much more there is does not show")
	} else {
		s.panicCount = 0
	}
	if o.Deploying && e.Tasks < o.Desired {
		e.Text += fmt.Sprintf("; a deployment runs, so %d stay", o.Desired)
		e.Tasks, e.Held = o.Desired, true
	}
	if n := bounded(e.Tasks, c); n != e.Tasks || e.Wanted > n {
		e.Text += fmt.Sprintf("; bounded to %d", n)
		e.Tasks = n
	}
	return e
}
