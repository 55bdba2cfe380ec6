package decide_test

import (
	"testing"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/state"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// wentBack is a rollback to what runs now, made so long ago.
func wentBack(age time.Duration) change {
	return func(in *decide.Input) {
		in.Memory.Rollbacks = []fleet.Rollback{{From: "ecs-svc/8", FromDefinition: "web:8", ToDefinition: "web:7", At: ago(age)}}
	}
}

func TestWhatBecameOfARollbackIsSaidOnce(t *testing.T) {
	for name, c := range map[string]struct {
		given []change
		want  string
	}{
		"no rollback, no news":                      {nil, ""},
		"what came back runs whole":                 {[]change{wentBack(6 * time.Minute)}, contract.RollbackHelped},
		"before the after-check nothing is known":   {[]change{wentBack(4 * time.Minute)}, ""},
		"after a day nobody asks any more":          {[]change{wentBack(25 * time.Hour)}, ""},
		"a task is still missing":                   {[]change{wentBack(6 * time.Minute), func(in *decide.Input) { in.Snapshot.Running = 2 }}, ""},
		"a task is still starting":                  {[]change{wentBack(6 * time.Minute), func(in *decide.Input) { in.Snapshot.Pending = 1 }}, ""},
		"something else runs by now":                {[]change{wentBack(6 * time.Minute), func(in *decide.Input) { in.Snapshot.Deployments[0].TaskDefinition = "web:9" }}, ""},
		"one more death leaves it open":             {[]change{wentBack(6 * time.Minute), func(in *decide.Input) { dying(in, "ecs-svc/7", 1, fleet.AppExit) }}, ""},
		"a death before the rollback speaks of old": {[]change{wentBack(6 * time.Minute), func(in *decide.Input) { diedAt(in, ago(7*time.Minute)) }}, contract.RollbackHelped},
		"a normal stop is no death":                 {[]change{wentBack(6 * time.Minute), func(in *decide.Input) { dying(in, "ecs-svc/7", 1, fleet.ScalingActivity) }}, contract.RollbackHelped},
		"what came back is convicted too":           {[]change{wentBack(6 * time.Minute), convicted}, contract.RollbackInVain},
	} {
		t.Run(name, func(t *testing.T) {
			in := input()
			for _, given := range c.given {
				given(&in)
			}
			before := append([]fleet.Rollback(nil), in.Memory.Rollbacks...)
			e := at(fleet.Episode{Snapshot: in.Snapshot, Decision: decide.Plan(in)}, in.Now)
			assert.Equal(t, c.want, state.RollbackOutcome(in.Memory, e))
			m := state.Apply(in.Memory, e, "")
			assert.Equal(t, before, in.Memory.Rollbacks, "the input is left as it was")
			if c.want != "" {
				require.Len(t, m.Rollbacks, 1)
				assert.Equal(t, c.want, m.Rollbacks[0].Outcome)
			}
			if c.want != "" {
				assert.Empty(t, state.RollbackOutcome(m, e), "it is known once")
			}
		})
	}
}

// diedAt gives what runs one death at a time.
func diedAt(in *decide.Input, at time.Time) {
	dying(in, "ecs-svc/7", 1, fleet.AppExit)
	for id, life := range in.Memory.Cohorts["ecs-svc/7"].Tasks {
		life.StoppedAt = at
		in.Memory.Cohorts["ecs-svc/7"].Tasks[id] = life
	}
}
