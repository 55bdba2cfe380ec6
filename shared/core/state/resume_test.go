package state_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/state"
	"homeostat/shared/sim/simtest/fixture"
)

func TestAnInterruptedActionIsRememberedOnlyIfItWasApplied(t *testing.T) {
	pending := func(kind fleet.DecisionKind, a fleet.Action) *fleet.PendingAction {
		return &fleet.PendingAction{
			Kind: kind, Action: a, Quarantine: []fleet.Image{image(7)}, Deployment: "ecs-svc/7", Definition: "web:7",
			Why: "web:7 fails", Episode: "e-1", At: fixture.Noon(),
		}
	}
	stop := pending(fleet.RollBack, fleet.Action{Kind: fleet.StopDeployment, Intent: "stop", Rollout: "rollout/7", TaskDefinition: "web:6"})
	run := pending(fleet.RollBack, fleet.Action{Kind: fleet.RunRevision, Intent: "run", TaskDefinition: "web:6"})
	count := pending(fleet.ScaleOut, fleet.Action{Kind: fleet.SetDesired, Intent: "count", To: 5})
	rollout := func(status string) func(*fleet.Snapshot) {
		return func(s *fleet.Snapshot) { s.History = []fleet.Rollout{{ARN: "rollout/7", Status: status}} }
	}
	for name, c := range map[string]struct {
		action   *fleet.PendingAction
		change   func(*fleet.Snapshot)
		reason   string
		rollback bool
	}{
		"a stop in progress":               {stop, rollout("ROLLBACK_IN_PROGRESS"), "finished", true},
		"a stop that is complete":          {stop, rollout("ROLLBACK_SUCCESSFUL"), "finished", true},
		"a stop that was not applied":      {stop, rollout("IN_PROGRESS"), "interrupted", false},
		"a stop after the deployment":      {stop, rollout("SUCCESSFUL"), "interrupted", false},
		"a revision that runs":             {run, func(s *fleet.Snapshot) { s.Deployments[0].ID, s.Deployments[0].TaskDefinition = "ecs-svc/8", "web:6" }, "finished", true},
		"a revision that does not run":     {run, func(*fleet.Snapshot) {}, "interrupted", false},
		"a desired count that was set":     {count, func(s *fleet.Snapshot) { s.Desired = 5 }, "finished", false},
		"a desired count that was not set": {count, func(s *fleet.Snapshot) { s.Desired = 3 }, "interrupted", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := running()
			c.change(&s)
			m, reasons := state.Resume(fleet.Memory{ActionLog: fleet.ActionLog{PendingAction: c.action}}, s)
			require.Len(t, reasons, 1)
			assert.EqualValues(t, c.reason, reasons[0].Name)
			assert.LessOrEqual(t, len(reasons[0].Text), 80)
			assert.Nil(t, m.PendingAction)
			assert.Equal(t, c.reason == "finished", len(m.Actions) == 1)
			assert.Equal(t, c.rollback, len(m.Rollbacks) == 1)
			_, quarantined := m.Quarantines(image(7).Digest)
			assert.Equal(t, c.reason == "finished", quarantined)
			_, again := state.Resume(m, s)
			assert.Empty(t, again, "once")
		})
	}
}
