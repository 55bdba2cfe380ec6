package decide_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/state"
)

func TestAnInterruptedActionIsRememberedOnlyIfItArrived(t *testing.T) {
	bad := []fleet.Image{image(7)}
	act := func(kind fleet.DecisionKind, a fleet.Action) *fleet.PendingAction {
		return &fleet.PendingAction{Kind: kind, Action: a, Quarantine: bad, Deployment: "ecs-svc/7", Definition: "web:7", Why: "it died", Episode: "e-1", At: noon()}
	}
	stop := act(fleet.RollBack, fleet.Action{Kind: fleet.StopDeployment, Intent: "stop", Rollout: "rollout/7", TaskDefinition: "web:6"})
	run := act(fleet.RollBack, fleet.Action{Kind: fleet.RunRevision, Intent: "run", TaskDefinition: "web:6"})
	count := act(fleet.ScaleOut, fleet.Action{Kind: fleet.SetDesired, Intent: "count", To: 5})
	for name, c := range map[string]struct {
		acting   *fleet.PendingAction
		given    change
		reason   string
		rollback bool
	}{
		"a stop that ECS works on":  {stop, history(rollout(7, "ROLLBACK_IN_PROGRESS"), rollout(6, "SUCCESSFUL")), "finished", true},
		"a stop that is through":    {stop, history(rollout(7, "ROLLBACK_SUCCESSFUL"), rollout(6, "SUCCESSFUL")), "finished", true},
		"a stop that never came":    {stop, history(rollout(7, "IN_PROGRESS"), rollout(6, "SUCCESSFUL")), "interrupted", false},
		"a stop that came too late": {stop, history(rollout(7, "SUCCESSFUL"), rollout(6, "SUCCESSFUL")), "interrupted", false},
		"another revision that runs": {run, func(in *decide.Input) {
			in.Snapshot.Deployments[0].ID, in.Snapshot.Deployments[0].TaskDefinition = "ecs-svc/8", "web:6"
		}, "finished", true},
		"another revision that never ran": {run, func(*decide.Input) {}, "interrupted", false},
		"a count that was set":            {count, func(in *decide.Input) { in.Snapshot.Desired = 5 }, "finished", false},
		"a count that was not":            {count, func(in *decide.Input) { in.Snapshot.Desired = 3 }, "interrupted", false},
	} {
		t.Run(name, func(t *testing.T) {
			in := input()
			c.given(&in)
			m := fleet.Memory{ActionLog: fleet.ActionLog{PendingAction: c.acting}}
			m, reasons := state.Resume(m, in.Snapshot)
			require.Len(t, reasons, 1)
			assert.EqualValues(t, c.reason, reasons[0].Name)
			assert.Nil(t, m.PendingAction)
			assert.Equal(t, c.reason == "finished", len(m.Actions) == 1)
			assert.Equal(t, c.rollback, len(m.Rollbacks) == 1)
			_, banned := m.Quarantines(image(7).Digest)
			assert.Equal(t, c.reason == "finished", banned)
			_, again := state.Resume(m, in.Snapshot)
			assert.Empty(t, again, "once")
		})
	}
}
