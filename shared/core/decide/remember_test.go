package decide_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
)

// look is what became of a decision about input().
func look(d fleet.Decision, outcome fleet.Outcome, status string) fleet.Episode {
	return fleet.Episode{
		ID: "episode-1", Decision: d, Verdict: fleet.Verdict{Outcome: outcome, Action: d.Action},
		Result: fleet.Result{Status: status},
	}
}

func TestWhatECSTookBackIsQuarantinedWithoutAnAction(t *testing.T) {
	in := input()
	history(rollout(7, "ROLLBACK_SUCCESSFUL"), rollout(6, "SUCCESSFUL"))(&in)
	var m fleet.Memory
	d := decide.Plan(in)
	m = applied(m, in, look(d, fleet.Idle, ""))
	assert.Equal(t, []fleet.Quarantined{{
		Image: image(7), At: noon(), Why: "ECS itself takes web:7 back; its image is quarantined", Episode: "episode-1",
	}}, m.Quarantine)
	assert.Empty(t, m.Rollbacks)

	in.Memory = m
	assert.Empty(t, decide.Plan(in).Quarantine, "once")
}
