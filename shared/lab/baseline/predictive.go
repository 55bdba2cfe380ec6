package baseline

import (
	"math"
	"time"

	"homeostat/shared/sim/workload"
)

// Predictive is a predictive scaling policy beside a target tracking policy, as AWS
// recommends. The forecast raises the count, and target tracking follows the
// metric.
type Predictive struct {
	Tracking TargetTracking
	// Buffer is SchedulingBufferTime, the lead of a forecast before its hour.
	Buffer time.Duration
	// Least and Most are the required and the used history. Horizon is the length
	// of a forecast, and Refresh the time between two. All are whole hours.
	Least, Most, Horizon, Refresh time.Duration
	// Weekday is the weight of the same weekday relative to the other days.
	Weekday float64
}

// Forecasting returns predictive scaling as documented, beside a target tracking
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
	demand  float64   // of this hour so far, in task-seconds
	hours   []float64 // the mean demand of each past hour, in tasks
	plan    []int     // tasks of each hour from planned on
	planned int
	next    int // the second of the next change of the floor
}

// NewPredictor creates the scaler of one run.
func NewPredictor(p Predictive) *Predictor {
	return &Predictor{policy: p, tracker: NewTracker(p.Tracking)}
}

// Scale records the demand of each minute, makes forecasts and raises the desired
// count to them. Target tracking does the rest, with the forecast as its minimum:
// the count falls only if both policies allow it.
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

// book adds a minute, and an hour at its end.
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

// forecast plans each hour of the horizon. AWS does not publish its models. This
// one is the weighted mean of the same hour on earlier days, with higher weights
// for recent days and for the same weekday.
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

// floor returns the tasks of the forecast for this time.
func (p *Predictor) floor(now int) int {
	return max(p.of(now/hour), p.of((now+workload.Seconds(p.policy.Buffer))/hour))
}

func (p *Predictor) of(h int) int {
	if i := h - p.planned; i >= 0 && i < len(p.plan) {
		return p.plan[i]
	}
	return 0
}

// change returns the second of the next change of the floor: the end of the hour,
// or the buffer before it.
func (p *Predictor) change(now int) int {
	end := (now/hour + 1) * hour
	if early := end - workload.Seconds(p.policy.Buffer); early > now {
		return early
	}
	return end
}
