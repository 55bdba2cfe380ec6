package demand

import (
	"fmt"
	"math"
	"time"

	"homeostat/shared/staffing"
)

// Controller says how many tasks a service needs. It holds no state of a
// service and may be shared.
type Controller struct{ curve *staffing.Curve }

// NewController makes a controller that sizes fleets for an objective.
func NewController(o staffing.Objective) *Controller {
	return &Controller{curve: staffing.NewCurve(o)}
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
		k.take(s, one, rung, o, c)
	}
	if s.count == 0 {
		return Estimate{}, false
	}
	return k.estimate(s, o, c), true
}

// size is how many tasks bear a work, within the settings.
func (k *Controller) size(work float64, rung Rung, c Settings) int {
	n := k.curve.Tasks(work)
	if rung == Load || rung == Requests && c.RequestsPerTask > 0 {
		// The person said what a task bears, headroom and all.
		n = int(math.Ceil(work - 1e-9))
	}
	if rung == CPU && c.CPU > 0 {
		n = max(n, int(math.Ceil(work/(c.CPU/100)-1e-9)))
	}
	return bounded(n, c)
}

func bounded(n int, c Settings) int { return min(max(n, c.Min, 1), max(c.Max, 1)) }

// take is one sample: filter, learn, forecast, play the shadows, choose.
func (k *Controller) take(s *State, one sample, rung Rung, o Observation, c Settings) {
	gap := one.end.Sub(s.Newest)
	if rung != s.Rung || one.period != s.Period || gap > remembered/2*one.period {
		k.begin(s, one, rung, o, c)
	}
	seconds := one.period.Seconds()
	delay := min(max(0, o.Now.Sub(one.end).Seconds()), 300)
	horizon := delay + seconds/2 + s.Startup().Seconds() + max(c.Tick.Seconds(), 1)
	steps := min(remembered-1, int(math.Round(horizon/seconds)))
	s.filter(one)
	s.learn(one, steps)
	s.forecast(one, horizon)
	var asked [forecasters]needs
	size := func(work float64) int { return k.size(work, rung, c) }
	for i := range s.forecasters {
		asked[i] = s.forecasters[i].asked(size)
	}
	s.play(k.judge(s, one, delay, size, c), &asked)
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
func (k *Controller) begin(s *State, one sample, rung Rung, o Observation, c Settings) {
	s.reset(rung, one.period)
	s.level, s.last = one.work, one.work
	count := bounded(max(o.Desired, k.size(one.work, rung, c)), c)
	for i := range s.shadows {
		s.shadows[i] = shadow{count: count, ready: count}
	}
	s.meanNeed, s.meanWork = float64(k.size(one.work, rung, c)), one.work
}

// judge is what the sample says of every shadow. Where the work is within its
// noise, the filtered work is the truer one.
func (k *Controller) judge(s *State, one sample, delay float64, size func(float64) int, c Settings) judged {
	work := one.work
	if off := work - s.level; off*off < 9*one.noise {
		work = s.level
	}
	seconds := one.period.Seconds()
	weight := 1 - math.Exp2(-seconds/lossHalf)
	need := size(work)
	s.weight = s.weight*(1-weight) + weight
	s.meanNeed += weight / s.weight * (float64(need) - s.meanNeed)
	s.meanWork += weight / s.weight * (one.work - s.meanWork)
	j := judged{
		now: one.end.Unix(), seconds: seconds, fade: 1 - weight, need: need,
		startup: int64(s.Startup().Seconds() + delay),
		safe:    size(work + math.Sqrt(one.noise) + math.Abs(one.work-s.last)/2),
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
// a backlog, and a signal that was saturated.
func (k *Controller) estimate(s *State, o Observation, c Settings) Estimate {
	f, m, _ := s.way()
	e := Estimate{Tasks: s.shadows[s.chosen].count, Work: s.last}
	e.Text = fmt.Sprintf("by %s, work for %.2f tasks; %.2f in %s with the %s, and %s: %d",
		s.Rung, s.last, s.forecasters[f].ahead, s.Startup(), forecasterName(f), grid()[m], e.Tasks)
	if b := o.Backlog; b != nil && valid(*b, maxCount) && c.BacklogPerTask > 0 {
		if n := int(math.Ceil(b.Value / c.BacklogPerTask)); n > e.Tasks {
			e.Tasks = n
			e.Text += fmt.Sprintf("; %.0f items wait: %d", b.Value, n)
		}
	}
	if o.Now.Before(s.panicUntil) {
		if s.panicCount > e.Tasks {
			e.Tasks = s.panicCount
			e.Text += fmt.Sprintf("; the CPU is full, so how much more there is does not show: %d", e.Tasks)
		}
	} else {
		s.panicCount = 0
	}
	if n := bounded(e.Tasks, c); n != e.Tasks {
		e.Text += fmt.Sprintf("; bounded to %d", n)
		e.Tasks = n
	}
	return e
}

func forecasterName(f int) string {
	return [forecasters]string{level: "level", trend: "trend", hourly: "hour's profile", daily: "day's profile"}[f]
}

// String is the margin in words.
func (m margin) String() string {
	if m.target >= 1 {
		return fmt.Sprintf("%.0f %% on top", 100*(m.target-1))
	}
	return fmt.Sprintf("a margin that %.3g of a hundred errors stay below", 100*m.target)
}
