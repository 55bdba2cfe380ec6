package decide

import (
	"fmt"
	"math"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/core/polling"
	"homeostat/shared/core/reason"
)

// withoutDemand reports whether all known signals are zero, and at least one is known. A
// signal with a stale value or NaN is not zero.
func withoutDemand(l fleet.Load, now time.Time) bool {
	known := false
	for _, metric := range seriesOf(policy.Effective{}, l) {
		last, ok := fleet.Newest(metric.samples)
		if !ok {
			continue
		}
		if last.Value != 0 || now.Sub(last.At) > polling.MetricStaleAfter {
			return false
		}
		known = true
	}
	return known
}

// idleSince returns the begin of the time without demand. It is zero while there is
// demand, or while the demand is unknown.
func idleSince(before time.Time, l fleet.Load, now time.Time) time.Time {
	switch {
	case !withoutDemand(l, now):
		return time.Time{}
	case !before.IsZero():
		return before
	}
	// The first of the samples that are zero without a break.
	since, busy := now, time.Time{}
	metrics := seriesOf(policy.Effective{}, l)
	for _, metric := range metrics {
		for _, s := range metric.samples {
			if s.Value != 0 && s.At.After(busy) {
				busy = s.At
			}
		}
	}
	for _, metric := range metrics {
		for _, s := range metric.samples {
			if s.At.After(busy) && s.At.Before(since) {
				since = s.At
			}
		}
	}
	return since
}

// scaleToZero scales a service to zero if it had no demand for the time of the policy.
// The result ok is false if that time is not over, or the policy permits no zero tasks.
func scaleToZero(in Input) (d fleet.Decision, ok bool) {
	s, after := in.Snapshot, in.Policy.ToZero
	if after == 0 || s.Desired == 0 || s.Deploying() || in.Policy.BoundsAt(in.Now).Min > 0 {
		return d, false
	}
	since := idleSince(in.Demand.IdleSince, s.Load, in.Now)
	if since.IsZero() || in.Now.Sub(since) < after {
		return d, false
	}
	d = setDesired(in, fleet.ScaleIn, 0, because(reason.NoDemand, "no demand since %s, longer than scale.to_zero %s", since.UTC().Format(time.RFC3339), fleet.DurationText(after)).
		with(at("since", since), span("limit", after), num("desired", s.Desired)))
	d.ToZero = true
	d.Action.Intent = fmt.Sprintf("to zero from %d, idle since %s", s.Desired, since.UTC().Format(time.RFC3339))
	return d, true
}

// startFromZero starts a service that Homeostat scaled to zero, once it has demand. A
// service that was stopped by hand stays stopped.
func startFromZero(in Input) (fleet.Decision, []fleet.Reason) {
	scaled := in.Memory.ScaledToZeroAt
	if scaled.IsZero() || in.Policy.ToZero == 0 {
		return because(reason.StoppedByHand, "the desired count is 0: the service is started by hand only").noOp()
	}
	why, tasks := demandReturned(in)
	if why == "" {
		return because(reason.ScaledToZero, "scaled to zero at %s, no demand since", scaled.UTC().Format(time.RFC3339)).with(at("since", scaled)).noOp()
	}
	tasks = max(1, tasks, in.Policy.BoundsAt(in.Now).Min)
	d := setDesired(in, fleet.ScaleOut, tasks, because(reason.DemandReturned, "start from zero with %d tasks: %s", tasks, why).
		with(at("since", scaled), num("to", tasks)))
	d.Action.Intent = "wake from " + scaled.UTC().Format(time.RFC3339)
	return d, nil
}

// demandReturned returns the sign of demand for a stopped service, with the number of
// tasks; empty for none.
func demandReturned(in Input) (why string, tasks int) {
	for _, name := range in.Policy.Wake {
		if in.Memory.Alarms[name].State == "ALARM" {
			return "the alarm " + name + " is in ALARM", 1
		}
	}
	if floor, why := polling.Floor(in.Policy, in.Memory, in.Now); floor > 0 {
		return why, floor
	}
	return measuredDemand(in)
}

// measuredDemand returns the sign of demand in the metrics, with the number of tasks;
// empty for none.
func measuredDemand(in Input) (why string, tasks int) {
	if last, ok := fleet.Newest(in.Snapshot.Load.Backlog); ok && last.Value > 0 && in.Now.Sub(last.At) <= polling.MetricStaleAfter {
		if in.Policy.BacklogPerTask > 0 {
			tasks = int(math.Ceil(min(last.Value/in.Policy.BacklogPerTask, float64(in.Policy.BoundsAt(in.Now).Max))))
		}
		return fmt.Sprintf("%.0f messages are in the queue", last.Value), tasks
	}
	for _, metric := range seriesOf(in.Policy, in.Snapshot.Load) {
		if last, ok := fleet.Newest(metric.samples); ok && last.Value > 0 && in.Now.Sub(last.At) <= polling.MetricStaleAfter {
			return fmt.Sprintf("the newest value of the metric is %g", last.Value), 1
		}
	}
	return "", 0
}

// ShouldWake reports whether a sweep must start an evaluation of a service without
// tasks. The evaluation then reads whether Homeostat scaled it to zero.
func ShouldWake(in Input) bool {
	why, _ := measuredDemand(in)
	floor, _ := polling.Floor(in.Policy, in.Memory, in.Now)
	return why != "" || floor > 0
}
