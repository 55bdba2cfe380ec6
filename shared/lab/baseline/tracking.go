// Package baseline models AWS's scalers for an ECS service: target tracking, step
// and predictive scaling. It also has fixed fleets. It follows AWS's documentation.
// Undocumented properties are options with a calibrated or assumed default;
// docs/designs/0006-the-baselines.md lists them and their effect.
package baseline

import (
	"time"

	"homeostat/shared/sim/autoscaling"
	"homeostat/shared/sim/workload"
)

// ScaleIn is the size of a scale-in by target tracking. AWS documents that it is
// "more gradual" than a scale-out, without a number.
type ScaleIn int

const (
	// Proportional goes to the lowest count that keeps the target.
	Proportional ScaleIn = iota
	// Tenth removes at most a tenth of the tasks, and at least one.
	Tenth
)

// TargetTracking is a target tracking policy with its undocumented properties.
type TargetTracking struct {
	Metric Metric
	// Target is the target value of the metric, in percent.
	Target float64
	// HighFor and LowFor are the evaluation times of the alarms, above the target
	// and below the share Low of it.
	HighFor, LowFor time.Duration
	Low             float64
	// OutCooldown and InCooldown are ScaleOutCooldown and ScaleInCooldown.
	OutCooldown, InCooldown time.Duration
	ScaleIn                 ScaleIn
	// Restart lets a scale-out within the cooldown of another one start from the
	// running tasks.
	Restart bool
	// Deploying reports the seconds of a deployment. A deployment suppresses scale-in.
	// Nil means never.
	Deploying func(second int) bool
}

// Tracking returns target tracking at AWS's defaults. AWS itself sets a target only
// in ECS Express Mode: 60 % CPU.
func Tracking(m Metric) TargetTracking {
	return TargetTracking{
		Metric: m, Target: defaultTarget, HighFor: trackingHighPeriods * m.Period, LowFor: trackingLowTime, Low: trackingLowShare,
		OutCooldown: defaultCooldown, InCooldown: defaultCooldown,
	}
}

// Tracker scales by target tracking.
type Tracker struct {
	policy    TargetTracking
	target    target
	series    metricSeries
	high, low alarm
}

// NewTracker creates the scaler of one run.
func NewTracker(p TargetTracking) *Tracker {
	t := &Tracker{
		policy: p, target: newTarget(), series: metricSeries{metric: p.Metric},
		high: alarm{of: p.Metric.periods(p.HighFor), breaches: func(v float64) bool { return v > p.Target }},
		low:  alarm{of: p.Metric.periods(p.LowFor), breaches: func(v float64) bool { return v < p.Target*p.Low }},
	}
	t.target.outCooldown, t.target.inCooldown = workload.Seconds(p.OutCooldown), workload.Seconds(p.InCooldown)
	t.target.restart, t.target.deploying = p.Restart, p.Deploying
	return t
}

// Scale acts at each data point of an alarm in alarm.
func (t *Tracker) Scale(s *workload.Sim) {
	value, known, due := t.series.due(s)
	if !due {
		return
	}
	high, low := t.high.add(value, known), t.low.add(value, known)
	switch {
	case high:
		current := max(t.target.current(s), 1)
		t.target.scaleOut(s, current, autoscaling.TargetTrackingCount(current, value, t.policy.Target))
	case low:
		t.target.scaleIn(s, t.fewer(s, value))
	}
}

// fewer returns the count of a scale-in.
func (t *Tracker) fewer(s *workload.Sim, value float64) int {
	current := s.Running()
	wanted := autoscaling.TargetTrackingCount(current, value, t.policy.Target)
	if t.policy.ScaleIn == Tenth {
		return max(wanted, current-max(1, current/gentleDivisor))
	}
	return wanted
}
