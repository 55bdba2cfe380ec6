package baseline

import (
	"time"

	"homeostat/shared/sim/autoscaling"
	"homeostat/shared/sim/workload"
)

// Step holds two step scaling policies, one out and one in, each with its alarm.
type Step struct {
	Metric Metric
	// High and Low are the thresholds of the alarms, in percent. A value on a
	// threshold breaches.
	High, Low float64
	// HighFor and LowFor are the evaluation times of the alarms.
	HighFor, LowFor time.Duration
	Out, In         autoscaling.StepPolicy
	Cooldown        time.Duration
	// Deploying reports the seconds of a deployment. A deployment suppresses scale-in.
	// Nil means never.
	Deploying func(second int) bool
}

// Stepping returns the example of AWS's user guide around a threshold: 10 % more
// tasks at 10 points above, 30 % at 20, and the same in. The alarms' two periods
// come from the command line example of the guide, and the cooldown is the default
// of the API.
func Stepping(m Metric, threshold float64) Step {
	out, in := autoscaling.GuideSteps()
	return Step{
		Metric: m, High: threshold, Low: threshold, HighFor: stepPeriods * m.Period, LowFor: stepPeriods * m.Period,
		Out: out, In: in,
		Cooldown: defaultCooldown,
	}
}

// Stepper scales by steps.
type Stepper struct {
	policy    Step
	target    target
	series    metricSeries
	high, low alarm
}

// NewStepper creates the scaler of one run.
func NewStepper(p Step) *Stepper {
	t := &Stepper{
		policy: p, target: newTarget(), series: metricSeries{metric: p.Metric},
		high: alarm{of: p.Metric.periods(p.HighFor), breaches: func(v float64) bool { return v >= p.High }},
		low:  alarm{of: p.Metric.periods(p.LowFor), breaches: func(v float64) bool { return v <= p.Low }},
	}
	t.target.outCooldown, t.target.inCooldown = workload.Seconds(p.Cooldown), workload.Seconds(p.Cooldown)
	t.target.deploying = p.Deploying
	return t
}

// Scale acts at each data point of an alarm in alarm.
func (t *Stepper) Scale(s *workload.Sim) {
	value, known, due := t.series.due(s)
	if !due {
		return
	}
	high, low := t.high.add(value, known), t.low.add(value, known)
	if high {
		current := t.target.current(s)
		if wanted := t.policy.Out.Count(current, value-t.policy.High); wanted > current {
			t.target.scaleOut(s, current, wanted)
		}
	}
	if low {
		current := s.Running()
		if wanted := t.policy.In.Count(current, value-t.policy.Low); wanted < current {
			t.target.scaleIn(s, wanted)
		}
	}
}
