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

// ShouldNotify reports whether the episode's alert is sent. Done actions are always
// reported. Others are reported again after a pause: an hour for alerts, proposals and
// failed actions, and a day for warnings and for actions in the mode observe. Those are
// reported each hour while no task of the service runs.
func ShouldNotify(m fleet.Memory, e fleet.Episode) bool {
	if e.Decision.Notify == "" || len(e.Decision.Reasons) == 0 {
		return false
	}
	name, pause := e.Decision.Main().Name, notifyAgainAfter
	if e.Decision.Action != nil && e.Result.Status != fleet.Failed {
		switch {
		case e.Result.Status == fleet.Done:
			return true
		case e.Result.Status == fleet.Skipped, e.Verdict.Outcome == fleet.Hold, e.Verdict.Outcome == fleet.Idle:
			return false
		case e.Verdict.Outcome == fleet.Observe && (e.Snapshot.Running > 0 || e.Snapshot.Desired == 0):
			pause = warnAgainAfter
		}
	}
	if name == reason.NoWayBack {
		pause = warnAgainAfter
	}
	last, notified := m.LastNotified[string(name)]
	return !notified || e.At.Sub(last) >= pause
}
