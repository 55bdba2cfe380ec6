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

// idle reports whether at least one metric of the demand is known, and all known
// ones are zero. An old value and NaN are not zero.
func idle(l fleet.Load, now time.Time) bool {
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

// idleSince is since when the service has had nothing to do; zero while it has,
// or while that is not known.
func idleSince(before time.Time, l fleet.Load, now time.Time) time.Time {
	switch {
	case !idle(l, now):
		return time.Time{}
	case !before.IsZero():
		return before
	}
	// The oldest of the values since the last demand.
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

// toZero takes the tasks of a service away that has had nothing to do for as
// long as the policy says. ok is false where it is not time, or not wanted.
func toZero(in Input) (d fleet.Decision, ok bool) {
	s, after := in.Snapshot, in.Policy.ToZero
	if after == 0 || s.Desired == 0 || s.Deploying() || in.Policy.BoundsAt(in.Now).Min > 0 {
		return d, false
	}
	since := idleSince(in.Demand.IdleSince, s.Load, in.Now)
	if since.IsZero() || in.Now.Sub(since) < after {
		return d, false
	}
	d = setDesired(in, fleet.ScaleIn, 0, fleet.Reason{
		Name: reason.NoDemand, Text: fmt.Sprintf("there has been nothing to do since %s, longer than scale.to_zero %s", since.UTC().Format(time.RFC3339), after),
	})
	d.ToZero = true
	d.Action.Intent = fmt.Sprintf("to zero from %d, idle since %s", s.Desired, since.UTC().Format(time.RFC3339))
	return d, true
}

// wake starts a service again that was taken to zero here. One that a person
// stopped stays so.
func wake(in Input) (fleet.Decision, []fleet.Reason) {
	if in.Memory.ScaledToZeroAt.IsZero() || in.Policy.ToZero == 0 {
		return nothing(reason.StoppedByHand, "the desired count is 0; only a person starts a service again")
	}
	why, tasks := woken(in)
	if why == "" {
		return nothing(reason.ScaledToZero, "it was taken to zero at "+in.Memory.ScaledToZeroAt.UTC().Format(time.RFC3339)+", and nothing asks for it")
	}
	tasks = max(1, tasks, in.Policy.BoundsAt(in.Now).Min)
	d := setDesired(in, fleet.ScaleOut, tasks, fleet.Reason{Name: reason.DemandReturned, Text: why})
	d.Action.Intent = "wake from " + in.Memory.ScaledToZeroAt.UTC().Format(time.RFC3339)
	return d, nil
}

// woken says what asks for the service, and for how many tasks of it.
func woken(in Input) (why string, tasks int) {
	for _, name := range in.Policy.Wake {
		if in.Memory.Alarms[name].State == "ALARM" {
			return "the alarm " + name + " asks for it", 1
		}
	}
	if floor, why := polling.Floor(in.Policy, in.Memory, in.Now); floor > 0 {
		return why, floor
	}
	return worked(in)
}

// worked says what work waits, as far as metrics tell.
func worked(in Input) (why string, tasks int) {
	if last, ok := fleet.Newest(in.Snapshot.Load.Backlog); ok && last.Value > 0 && in.Now.Sub(last.At) <= polling.MetricStaleAfter {
		if in.Policy.BacklogPerTask > 0 {
			tasks = int(math.Ceil(min(last.Value/in.Policy.BacklogPerTask, float64(in.Policy.BoundsAt(in.Now).Max))))
		}
		return fmt.Sprintf("%.0f messages wait", last.Value), tasks
	}
	for _, metric := range seriesOf(in.Policy, in.Snapshot.Load) {
		if last, ok := fleet.Newest(metric.samples); ok && last.Value > 0 && in.Now.Sub(last.At) <= polling.MetricStaleAfter {
			return fmt.Sprintf("there is work again: %g", last.Value), 1
		}
	}
	return "", 0
}

// ShouldWake reports whether a service without tasks may have to be started, as far
// as a sweep can tell: the look then knows who stopped it.
func ShouldWake(in Input) bool {
	why, _ := worked(in)
	floor, _ := polling.Floor(in.Policy, in.Memory, in.Now)
	return why != "" || floor > 0
}
