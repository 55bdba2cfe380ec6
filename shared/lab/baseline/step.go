package baseline

import (
	"time"

	"homeostat/shared/sim/autoscaling"
	"homeostat/shared/sim/workload"
)

// Step is two step scaling policies, one out and one in, each with its alarm.
type Step struct {
	Metric Metric
	// High and Low are the alarms' thresholds, in percent: at them and beyond.
	High, Low float64
	// HighFor and LowFor are for how long the metric is beyond them.
	HighFor, LowFor time.Duration
	Out, In         autoscaling.StepPolicy
	Cooldown        time.Duration
	// Deploying tells the seconds of a deployment, which hold scale-in; nil is
	// never.
	Deploying func(second int) bool
}

// Stepping is the example of AWS's user guide around a threshold: a tenth more
// at 10 points above, three tenths at 20, and the same in. The alarms' two
// periods are those of the guide's example for the command line; the cooldown
// is the API's default.
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

// NewStepper makes the scaler of one run.
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

// Scale acts when a data point comes: while an alarm is in alarm, each is acted
// upon.
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
