package baseline

import (
	"math"
	"time"

	"homeostat/shared/sim/workload"
)

// Predictive is a predictive scaling policy beside a target tracking policy, as
// AWS advises to use it: the forecast raises, the tracking follows what comes.
type Predictive struct {
	Tracking TargetTracking
	// Buffer is SchedulingBufferTime: how long before its hour a forecast counts.
	Buffer time.Duration
	// Least and Most are how much history is needed and used, Horizon how far a
	// forecast reaches, and Refresh how often one is made. Whole hours.
	Least, Most, Horizon, Refresh time.Duration
	// Weekday is how many times as much the same hour of the same weekday counts
	// as that of another.
	Weekday float64
}

// Forecasting is predictive scaling as documented, beside a target tracking
// policy with the same target.
func Forecasting(t TargetTracking) Predictive {
	return Predictive{
		Tracking: t, Buffer: schedulingBuffer, Weekday: weekdayWeight,
		Least: minHistory, Most: maxHistory, Horizon: forecastHorizon, Refresh: forecastRefresh,
	}
}

// Predictor scales by forecast and target tracking.
type Predictor struct {
	policy  Predictive
	tracker *Tracker
	demand  float64   // of this hour until now, in task-seconds
	hours   []float64 // the mean work of each past hour, in tasks
	plan    []int     // tasks of each hour from planned on
	planned int
	next    int // the second in which the floor may change
}

// NewPredictor makes the scaler of one run.
func NewPredictor(p Predictive) *Predictor {
	return &Predictor{policy: p, tracker: NewTracker(p.Tracking)}
}

// Scale books the work of each minute, makes forecasts, raises the desired count
// to them, and lets the tracking do the rest, not below the forecast: the count
// falls only if both policies want it to.
func (p *Predictor) Scale(s *workload.Sim) {
	now := s.Second()
	if now%minute == 0 && now > 0 {
		p.book(s, now)
	}
	if now >= p.next {
		p.tracker.target.floor = p.floor(now)
		if floor := p.tracker.target.bounded(s, p.tracker.target.floor); floor > s.Desired() {
			s.SetDesired(floor)
		}
		p.next = p.change(now)
	}
	p.tracker.Scale(s)
}

// book adds a minute, and at its end an hour.
func (p *Predictor) book(s *workload.Sim, now int) {
	w := s.Window(now-minute, now)
	if p.policy.Tracking.Metric.Signal == Requests {
		p.demand += w.Arrived / s.Service.Rate
	} else {
		p.demand += w.Busy
	}
	if now%hour != 0 {
		return
	}
	p.hours = append(p.hours, p.demand/hour)
	p.demand = 0
	least, refresh := int(p.policy.Least/time.Hour), max(1, int(p.policy.Refresh/time.Hour))
	if n := len(p.hours); n >= least && (n-least)%refresh == 0 {
		p.forecast()
	}
}

// forecast plans each hour of the horizon. What AWS's models are is not known:
// this is the mean of the same hour of the days before, the later the more, and
// the same weekday more.
func (p *Predictor) forecast() {
	p.planned = len(p.hours)
	p.plan = p.plan[:0]
	for h := p.planned; h < p.planned+int(p.policy.Horizon/time.Hour); h++ {
		sum, weights := 0.0, 0.0
		for days := 1; days*day <= int(p.policy.Most/time.Hour)+day; days++ {
			past := h - days*day
			if past < 0 || past >= p.planned || p.planned-past > int(p.policy.Most/time.Hour) {
				continue
			}
			weight := 1 / float64(days)
			if days%7 == 0 {
				weight *= p.policy.Weekday
			}
			sum, weights = sum+weight*p.hours[past], weights+weight
		}
		tasks := 0
		if weights > 0 && p.policy.Tracking.Target > 0 {
			tasks = int(math.Ceil(100*sum/weights/p.policy.Tracking.Target - 1e-9))
		}
		p.plan = append(p.plan, tasks)
	}
}

// floor is how many tasks the forecast wants now.
func (p *Predictor) floor(now int) int {
	return max(p.of(now/hour), p.of((now+workload.Seconds(p.policy.Buffer))/hour))
}

func (p *Predictor) of(h int) int {
	if i := h - p.planned; i >= 0 && i < len(p.plan) {
		return p.plan[i]
	}
	return 0
}

// change is the next second in which the floor may be another: the end of the
// hour, or the buffer before it.
func (p *Predictor) change(now int) int {
	end := (now/hour + 1) * hour
	if early := end - workload.Seconds(p.policy.Buffer); early > now {
		return early
	}
	return end
}
