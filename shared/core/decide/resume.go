package decide

import (
	"fmt"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/reason"
)

// NewPendingAction is what is written into the memory before an action is carried out,
// so that a look which is interrupted after its call can be finished.
func NewPendingAction(in Input, d fleet.Decision, a fleet.Action, episode string) *fleet.PendingAction {
	primary, _ := in.Snapshot.Primary()
	return &fleet.PendingAction{
		Kind: d.Kind, Action: a, Quarantine: d.Quarantine, Deployment: primary.ID, Definition: primary.TaskDefinition,
		Episode: episode, At: in.Now, Why: d.Main().Text,
	}
}

// Resume finishes in the memory what an interrupted look had begun. Whether its
// call arrived shows in the service itself: if it did, it is remembered as done;
// if not, it is forgotten and may be decided anew. The reasons say which.
func Resume(m *fleet.Memory, s fleet.Snapshot) []fleet.Reason {
	a := m.PendingAction
	if a == nil {
		return nil
	}
	m.PendingAction = nil
	when := a.At.UTC().Format(time.RFC3339)
	if !wasApplied(*a, s) {
		return []fleet.Reason{{Name: reason.Interrupted, Text: fmt.Sprintf("a look was interrupted before its %s of %s was carried out", a.Kind, when)}}
	}
	m.Remember(fleet.PastAction{Kind: a.Kind, Intent: a.Action.Intent, At: a.At, Status: fleet.Done})
	if a.Kind == fleet.RollBack {
		m.Rollbacks = append(m.Rollbacks, fleet.Rollback{
			From: a.Deployment, FromDefinition: a.Definition, ToDefinition: a.Action.TaskDefinition, At: a.At,
		})
	}
	remember(m, a.Quarantine, a.Why, a.Episode, a.At)
	return []fleet.Reason{{Name: reason.Finished, Text: fmt.Sprintf("a look was interrupted after its %s of %s, which had arrived", a.Kind, when)}}
}

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
