package state

import (
	"fmt"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/reason"
)

// Begin returns the memory with the pending action. With it, an evaluation that is
// interrupted after the call can be finished.
func Begin(m fleet.Memory, s fleet.Snapshot, d fleet.Decision, a fleet.Action, episode string, now time.Time) fleet.Memory {
	primary, _ := s.Primary()
	current, _ := s.Current()
	m.PendingAction = &fleet.PendingAction{
		Kind: d.Kind, Action: a, Quarantine: d.Quarantine, Deployment: primary.ID, Definition: primary.TaskDefinition,
		Digests: current.Digests(), Episode: episode, At: now, Why: d.Main().Text,
	}
	return m
}

// Resume finishes an interrupted evaluation. The snapshot shows whether the call was
// applied. An applied action is remembered as done; any other is forgotten and may be
// decided again. Without a pending action there are no reasons.
func Resume(m fleet.Memory, s fleet.Snapshot) (fleet.Memory, []fleet.Reason) {
	a := m.PendingAction
	if a == nil {
		return m, nil
	}
	m = m.Clone()
	m.PendingAction = nil
	at := a.At.UTC().Format(time.RFC3339)
	fields := fleet.Fields{{Key: "action", Value: string(a.Kind)}, {Key: "at", Value: at}, {Key: "intent", Value: a.Action.Intent}}
	if !wasApplied(*a, s) {
		return m, []fleet.Reason{{
			Name: reason.Interrupted, Text: fmt.Sprintf("%s of %s was not applied: evaluation interrupted", a.Kind, at), Fields: fields,
		}}
	}
	m.Remember(fleet.PastAction{Kind: a.Kind, Intent: a.Action.Intent, At: a.At, Status: fleet.Done})
	if a.Kind == fleet.RollBack {
		m.Rollbacks = append(m.Rollbacks, fleet.Rollback{
			From: a.Deployment, FromDefinition: a.Definition, FromDigests: a.Digests, ToDefinition: a.Action.TaskDefinition, At: a.At,
		})
	}
	addQuarantine(&m, a.Quarantine, a.Why, a.Episode, a.At)
	return m, []fleet.Reason{{
		Name: reason.Finished, Text: fmt.Sprintf("%s of %s was applied: evaluation resumed", a.Kind, at), Fields: fields,
	}}
}

// wasApplied reports whether the snapshot shows the effect of the action.
func wasApplied(a fleet.PendingAction, s fleet.Snapshot) bool {
	switch a.Action.Kind {
	case fleet.SetDesired:
		return s.Desired == a.Action.To
	case fleet.SuspendScaling:
		return s.Scaling.Suspended
	case fleet.StopDeployment:
		for _, r := range s.History {
			if r.ARN == a.Action.Rollout {
				return r.RollingBack() || r.RollbackTo != "" || !r.InProgress() && r.Status != "SUCCESSFUL"
			}
		}
	case fleet.RunRevision:
		primary, ok := s.Primary()
		return ok && primary.ID != a.Deployment && primary.TaskDefinition != a.Definition
	}
	return false
}
