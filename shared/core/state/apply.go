// Package state computes the memory of a service from evidence, from an episode and
// from an interrupted action. Each function returns a new memory and does not change
// its arguments.
package state

import (
	"slices"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/reason"
)

// Fold returns the memory with the evidence added. The order of the evidence does not
// matter, and adding it again changes nothing.
func Fold(m fleet.Memory, evidence []fleet.Evidence, now time.Time) fleet.Memory {
	m = m.Clone()
	for _, e := range evidence {
		m.Fold(e, now)
	}
	return m
}

// Apply returns the memory after an episode. tag is the watched tag of the policy;
// pushes of other tags are dropped.
func Apply(m fleet.Memory, e fleet.Episode, tag string) fleet.Memory {
	outcome := RollbackOutcome(m, e)
	m = m.Clone()
	if outcome != "" {
		m.Rollbacks[len(m.Rollbacks)-1].Outcome = outcome
	}
	notified := ShouldNotify(m, e)
	done := e.Verdict.Outcome == fleet.Act && e.Result.Status == fleet.Done
	if a := e.Verdict.Action; a != nil && e.Verdict.Outcome == fleet.Act {
		m.Remember(fleet.PastAction{Kind: e.Decision.Kind, Intent: a.Intent, At: e.At, Status: e.Result.Status})
	}
	if done && e.Decision.Kind == fleet.RollBack {
		addRollback(&m, e)
	}
	if done || e.Decision.Action == nil {
		addQuarantine(&m, e.Decision.Quarantine, e.Decision.Main().Text, e.ID, e.At)
	}
	applyFindings(&m, e)
	applyPending(&m, e)
	applyShortage(&m, e)
	applyCount(&m, e, done)
	for _, block := range e.Decision.Blocks {
		m.AddBlock(block)
	}
	if done {
		applyRemedy(&m, e)
	}
	m.PendingAction = nil
	dropHandledPushes(&m, e, done, tag)
	if notified {
		if m.LastNotified == nil {
			m.LastNotified = map[string]time.Time{}
		}
		m.LastNotified[string(e.Decision.Main().Name)] = e.At
	}
	m.LastDecisionKey = e.DecisionKey()
	m.Forget(e.At)
	return m
}

// applyFindings keeps the findings about the running deployment.
func applyFindings(m *fleet.Memory, e fleet.Episode) {
	primary, _ := e.Snapshot.Primary()
	current, known := e.Snapshot.Current()
	if e.Decision.MarkedFailed && known {
		m.MarkFailed(primary.ID, current, e.At)
	}
	if e.Decision.CommonCause {
		m.Explained = e.At
		m.Clear(primary.ID)
	}
}

// addRollback adds the rollback of the episode.
func addRollback(m *fleet.Memory, e fleet.Episode) {
	primary, _ := e.Snapshot.Primary()
	to := e.Result.TaskDefinition
	if to == "" {
		to = e.Decision.Action.TaskDefinition
	}
	current, _ := e.Snapshot.Current()
	m.Rollbacks = append(m.Rollbacks, fleet.Rollback{
		From: primary.ID, FromDefinition: primary.TaskDefinition, FromDigests: current.Digests(), ToDefinition: to, At: e.At,
		Why: FailuresOf(m.Cohorts[primary.ID], fieldOf(e.Decision.Main(), "alarm"), time.Time{}),
	})
}

// FailuresOf returns the causes of the tasks that failed since a time, sorted, and the
// name of an alarm if there is one.
func FailuresOf(cohort *fleet.TaskCohort, alarm string, since time.Time) []string {
	var out []string
	if cohort != nil {
		for _, life := range cohort.Tasks {
			if life.Cause.BlamesRevision() && life.StoppedAt.After(since) {
				out = append(out, string(life.Cause))
			}
		}
	}
	if alarm != "" {
		out = append(out, alarm)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// fieldOf returns the value of a field of a reason; empty without it.
func fieldOf(r fleet.Reason, key string) string {
	for _, f := range r.Fields {
		if f.Key == key {
			return f.Value
		}
	}
	return ""
}

// addQuarantine adds the images that are not quarantined yet.
func addQuarantine(m *fleet.Memory, images []fleet.Image, why, episode string, now time.Time) {
	for _, image := range images {
		if _, known := m.Quarantines(image.Digest); !known {
			m.Quarantine = append(m.Quarantine, fleet.Quarantined{Image: image, At: now, Why: why, Episode: episode})
		}
	}
}

// dropHandledPushes drops the pushes that need no further evaluation. These are pushes
// of tags that are not watched, and the watched push after its rollout or refusal. A
// push stays while a deployment runs, a part is unread, or the rollout is suppressed.
func dropHandledPushes(m *fleet.Memory, e fleet.Episode, done bool, tag string) {
	handled := done && e.Decision.Kind == fleet.Redeploy || e.Decision.PushHandled
	watched, _ := m.PushOf(tag)
	m.Pushes = slices.DeleteFunc(m.Pushes, func(p fleet.Push) bool {
		return p.Image.Tag != tag || handled && p.Image == watched.Image
	})
}

// applyPending keeps the begin of the time with pending tasks in a deployment.
func applyPending(m *fleet.Memory, e fleet.Episode) {
	p, ok := e.Snapshot.Primary()
	switch pending := ok && p.RolloutState == "IN_PROGRESS" && p.Pending > 0; {
	case !pending:
		m.PendingSince = time.Time{}
	case m.PendingSince.IsZero():
		m.PendingSince = e.At
	}
}

// applyShortage keeps the time with fewer running tasks than desired.
func applyShortage(m *fleet.Memory, e fleet.Episode) {
	s := e.Snapshot
	if _, unread := s.Unread["service"]; unread || !s.Found {
		return // unknown is no recovery
	}
	if s.Running >= s.Desired {
		m.Shortage = nil
		return
	}
	now := fleet.Shortage{Since: e.At}
	if m.Shortage != nil {
		now = *m.Shortage
	}
	switch {
	case s.Running > 0:
		now.DownSince = time.Time{}
	case now.DownSince.IsZero():
		now.DownSince = e.At
	}
	now.Told = now.Told || slices.ContainsFunc(e.Decision.Reasons, func(r fleet.Reason) bool { return r.Name == reason.Down || r.Name == reason.Degraded })
	m.Shortage = &now
}

// applyCount keeps the desired count that Homeostat set, and the times of external
// changes.
func applyCount(m *fleet.Memory, e fleet.Episode, done bool) {
	s := e.Snapshot
	if s.Found && m.LastSetCount != nil && *m.LastSetCount != s.Desired {
		m.ExternalChanges = append(m.ExternalChanges, e.At)
		m.LastSetCount = new(s.Desired)
	}
	if a := e.Verdict.Action; a != nil && a.Kind == fleet.SetDesired && done {
		m.LastSetCount = new(a.To)
	}
	for len(m.ExternalChanges) > 0 && e.At.Sub(m.ExternalChanges[0]) >= ExternalWithin {
		m.ExternalChanges = m.ExternalChanges[1:]
	}
	if s.Desired > 0 {
		m.ScaledToZeroAt = time.Time{}
	}
}

// applyRemedy keeps the facts that the end of a remedy needs.
func applyRemedy(m *fleet.Memory, e fleet.Episode) {
	primary, _ := e.Snapshot.Primary()
	switch e.Decision.Kind {
	case fleet.FallBack:
		m.SpotFallback = &fleet.SpotFallback{At: e.At, Was: e.Snapshot.Providers}
	case fleet.ReturnToSpot:
		m.SpotFallback = nil
	case fleet.Proceed:
		m.Waiting = nil
	case fleet.Probe:
		m.Probe = &fleet.ProbeRun{Task: e.Result.Task, Definition: e.Verdict.Action.TaskDefinition, For: primary.ID, At: e.At}
	case fleet.ScaleIn:
		if e.Decision.ToZero {
			m.ScaledToZeroAt = e.At
		}
		if e.Decision.CapsRestarts {
			m.RestartCap = &fleet.RestartCap{At: e.At, Was: e.Snapshot.Desired}
			if e.Decision.CapFor > 0 {
				m.RestartCap.Until = e.At.Add(e.Decision.CapFor)
			}
		}
	case fleet.ScaleOut:
		if e.Decision.LiftsCap {
			m.RestartCap = nil
		}
	}
}
