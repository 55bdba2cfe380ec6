// Package baseline is how AWS itself scales an ECS service, as scalers for the
// benchmark's model of a service: target tracking, step and predictive scaling,
// and the constant fleets that need none. What AWS documents is done as it says;
// what it does not is an option with a default that was calibrated or assumed:
// docs/designs/0006-the-baselines.md says which, and what it matters.
package baseline

import (
	"time"

	"homeostat/shared/sim/autoscaling"
	"homeostat/shared/sim/workload"
)

// ScaleIn is how far target tracking scales in at once. AWS says that it is
// "more gradual" than scaling out, and not how.
type ScaleIn int

const (
	// Proportional is to the least count that keeps the target.
	Proportional ScaleIn = iota
	// Tenth is towards it by a tenth of the tasks at most, and one at least.
	Tenth
)

// TargetTracking is a target tracking policy and what is assumed of it.
type TargetTracking struct {
	Metric Metric
	// Target is the value that the metric is kept at, in percent.
	Target float64
	// The alarms: for how long the metric is above the target, or below the
	// share Low of it.
	HighFor, LowFor time.Duration
	Low             float64
	// OutCooldown and InCooldown are ScaleOutCooldown and ScaleInCooldown.
	OutCooldown, InCooldown time.Duration
	ScaleIn                 ScaleIn
	// Restart lets a scale-out within the cooldown of another begin with the
	// tasks that run, not where that one began.
	Restart bool
	// Deploying tells the seconds of a deployment, which hold scale-in; nil is
	// never.
	Deploying func(second int) bool
}

// Tracking is target tracking at AWS's defaults. The only target that AWS sets
// by itself is that of ECS Express Mode, 60 % CPU.
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

// NewTracker makes the scaler of one run.
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

// Scale acts when a data point comes: while an alarm is in alarm, each is acted
// upon.
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

// fewer is the count to scale in to.
func (t *Tracker) fewer(s *workload.Sim, value float64) int {
	current := s.Running()
	wanted := autoscaling.TargetTrackingCount(current, value, t.policy.Target)
	if t.policy.ScaleIn == Tenth {
		return max(wanted, current-max(1, current/gentleDivisor))
	}
	return wanted
}
