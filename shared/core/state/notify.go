package state

import (
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/reason"
)

// RequeueAt returns the time of the next evaluation; zero for none. set is the time of
// the current timer, or zero. With an early enough timer the result is zero, so that
// evaluations do not multiply.
func RequeueAt(e fleet.Episode, set time.Time) time.Time {
	at := e.At.Add(e.Decision.RequeueAfter)
	if e.Verdict.Outcome == fleet.Hold && e.Verdict.Until.After(e.At) {
		at = e.Verdict.Until
	}
	if !at.After(e.At) || (set.After(e.At) && !set.After(at)) {
		return time.Time{}
	}
	return at
}

// ShouldNotify reports whether the episode's alert is sent. Alerts about actions are
// sent each time, others at most once an hour, and warnings at most once a day.
func ShouldNotify(m fleet.Memory, e fleet.Episode) bool {
	if e.Decision.Notify == "" || len(e.Decision.Reasons) == 0 {
		return false
	}
	if e.Decision.Action != nil && e.Result.Status != fleet.Failed {
		return e.Result.Status == fleet.Done || e.Verdict.Outcome == fleet.Propose
	}
	name, pause := e.Decision.Main().Name, notifyAgainAfter
	if name == reason.NoWayBack {
		pause = warnAgainAfter
	}
	last, notified := m.LastNotified[string(name)]
	return !notified || e.At.Sub(last) >= pause
}
