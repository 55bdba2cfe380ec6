package decide

import (
	"slices"
	"time"

	"homeostat/shared/core/fleet"
)

// RequeueAt is when the service is to be looked at again; zero where nothing
// asks for it, or where the timer that runs already (set, or zero) is soon
// enough, so that looks do not breed looks.
func RequeueAt(e fleet.Episode, set, now time.Time) time.Time {
	at := now.Add(e.Decision.RequeueAfter)
	if e.Verdict.Outcome == fleet.Hold && e.Verdict.Until.After(now) {
		at = e.Verdict.Until
	}
	if !at.After(now) || (set.After(now) && !set.After(at)) {
		return time.Time{}
	}
	return at
}

// notifyAgainAfter is how long the same news of a service is not repeated.
const notifyAgainAfter = time.Hour

// ShouldNotify reports whether a person is to be told now. What an action did is told
// each time; what nobody can act on by the minute is told once an hour.
func ShouldNotify(m fleet.Memory, e fleet.Episode, now time.Time) bool {
	if e.Decision.Notify == "" || len(e.Decision.Reasons) == 0 {
		return false
	}
	if e.Decision.Action != nil && e.Result.Status != fleet.Failed {
		return e.Result.Status == fleet.Done || e.Verdict.Outcome == fleet.Propose
	}
	last, told := m.LastNotified[string(e.Decision.Main().Name)]
	return !told || now.Sub(last) >= notifyAgainAfter
}

// Remember writes into the memory what a look came to: the action, quarantine
// and rolled back pairs, and that a push was dealt with. episode is the id of
// the record that tells why.
func Remember(m *fleet.Memory, in Input, e fleet.Episode) {
	done := e.Verdict.Outcome == fleet.Act && e.Result.Status == fleet.Done
	if a := e.Verdict.Action; a != nil && e.Verdict.Outcome == fleet.Act {
		m.Remember(fleet.PastAction{Kind: e.Decision.Kind, Intent: a.Intent, At: in.Now, Status: e.Result.Status})
	}
	if done && e.Decision.Kind == fleet.RollBack {
		rememberRollback(m, in, e)
	}
	if done || e.Decision.Action == nil {
		remember(m, e.Decision.Quarantine, e.Decision.Main().Text, e.ID, in.Now)
	}
	if e.Decision.CommonCause {
		m.Explained = in.Now
	}
	rememberPending(m, in)
	rememberSetCount(m, in, e)
	if in.Snapshot.Desired > 0 {
		m.ScaledToZeroAt = time.Time{}
	}
	for _, held := range e.Decision.Blocks {
		m.AddBlock(held)
	}
	if done {
		rememberRemedy(m, in, e)
	}
	m.PendingAction = nil
	dropHandledPushes(m, in, e, done)
	if ShouldNotify(*m, e, in.Now) {
		if m.LastNotified == nil {
			m.LastNotified = map[string]time.Time{}
		}
		m.LastNotified[string(e.Decision.Main().Name)] = in.Now
	}
	m.LastDecisionKey = e.DecisionKey()
	m.Forget(in.Now)
}

func rememberRollback(m *fleet.Memory, in Input, e fleet.Episode) {
	primary, _ := in.Snapshot.Primary()
	to := e.Result.TaskDefinition
	if to == "" {
		to = e.Decision.Action.TaskDefinition
	}
	m.Rollbacks = append(m.Rollbacks, fleet.Rollback{
		From: primary.ID, FromDefinition: primary.TaskDefinition, ToDefinition: to, At: in.Now,
	})
}

// remember puts images into quarantine that are not there yet.
func remember(m *fleet.Memory, images []fleet.Image, why, episode string, now time.Time) {
	for _, image := range images {
		if _, known := m.Quarantines(image.Digest); !known {
			m.Quarantine = append(m.Quarantine, fleet.Quarantined{Image: image, At: now, Why: why, Episode: episode})
		}
	}
}

// dropHandledPushes forgets the pushes that need no further look: those of tags that
// nobody watches, and the watched one once it was rolled out or is not to be.
// While a deployment runs, while something could not be read or while the guard
// holds it back, it waits.
func dropHandledPushes(m *fleet.Memory, in Input, e fleet.Episode, done bool) {
	handled := done && e.Decision.Kind == fleet.Redeploy || e.Decision.PushHandled
	looked, _ := m.PushOf(in.Policy.Tag)
	m.Pushes = slices.DeleteFunc(m.Pushes, func(p fleet.Push) bool {
		return p.Image.Tag != in.Policy.Tag || handled && p.Image == looked.Image
	})
}

// rememberPending keeps since when tasks of the running deployment do not come up.
func rememberPending(m *fleet.Memory, in Input) {
	p, ok := in.Snapshot.Primary()
	switch pending := ok && p.RolloutState == "IN_PROGRESS" && p.Pending > 0; {
	case !pending:
		m.PendingSince = time.Time{}
	case m.PendingSince.IsZero():
		m.PendingSince = in.Now
	}
}

// rememberRemedy keeps what a remedy must know to be taken back, or finished.
func rememberRemedy(m *fleet.Memory, in Input, e fleet.Episode) {
	primary, _ := in.Snapshot.Primary()
	switch e.Decision.Kind {
	case fleet.FallBack:
		m.SpotFallback = &fleet.SpotFallback{At: in.Now, Was: in.Snapshot.Providers}
	case fleet.ReturnToSpot:
		m.SpotFallback = nil
	case fleet.Proceed:
		m.Waiting = nil
	case fleet.Probe:
		m.Probe = &fleet.ProbeRun{Task: e.Result.Task, Definition: e.Verdict.Action.TaskDefinition, For: primary.ID, At: in.Now}
	case fleet.ScaleIn:
		if e.Decision.ToZero {
			m.ScaledToZeroAt = in.Now
		}
		if e.Decision.CapsRestarts {
			m.RestartCap = &fleet.RestartCap{At: in.Now, Was: in.Snapshot.Desired}
		}
	case fleet.ScaleOut:
		if e.Decision.LiftsCap {
			m.RestartCap = nil
		}
	}
}
