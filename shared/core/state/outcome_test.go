package state_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/state"
	"homeostat/shared/sim/simtest/fixture"
)

func TestTheOutcomeOfARollbackIsCountedOnce(t *testing.T) {
	const minutes = time.Minute
	failed := func(at time.Time, cause fleet.Cause) fleet.Memory {
		return fleet.Memory{Health: fleet.Health{Cohorts: map[string]*fleet.TaskCohort{
			"ecs-svc/7": {Tasks: map[string]fleet.TaskLife{"a": {StoppedAt: at, Cause: cause}}},
		}}}
	}
	changed := func(f func(*fleet.Snapshot)) fleet.Snapshot {
		s := running()
		f(&s)
		return s
	}
	still := func(*fleet.Snapshot) {}
	for name, c := range map[string]struct {
		age         time.Duration // of the rollback to web:7; zero for none
		memory      fleet.Memory
		change      func(*fleet.Snapshot)
		ineffective bool
		want        string
	}{
		"no rollback has no outcome":               {0, fleet.Memory{}, still, false, ""},
		"the restored revision runs fully":         {6 * minutes, fleet.Memory{}, still, false, contract.RollbackHelped},
		"before the check the outcome is open":     {4 * minutes, fleet.Memory{}, still, false, ""},
		"after a day there is no outcome":          {25 * time.Hour, fleet.Memory{}, still, false, ""},
		"a task is missing":                        {6 * minutes, fleet.Memory{}, func(s *fleet.Snapshot) { s.Running = 2 }, false, ""},
		"a task is pending":                        {6 * minutes, fleet.Memory{}, func(s *fleet.Snapshot) { s.Pending = 1 }, false, ""},
		"another revision runs":                    {6 * minutes, fleet.Memory{}, func(s *fleet.Snapshot) { s.Deployments[0].TaskDefinition = "web:9" }, false, ""},
		"a task failure leaves the outcome open":   {6 * minutes, failed(ago(minutes), fleet.AppExit), still, false, ""},
		"a failure before the rollback is ignored": {6 * minutes, failed(ago(7*minutes), fleet.AppExit), still, false, contract.RollbackHelped},
		"a normal stop is ignored":                 {6 * minutes, failed(ago(minutes), fleet.ScalingActivity), still, false, contract.RollbackHelped},
		"the restored revision fails too":          {6 * minutes, failed(ago(minutes), fleet.AppExit), still, true, contract.RollbackInVain},
	} {
		t.Run(name, func(t *testing.T) {
			if c.age > 0 {
				c.memory.Rollbacks = []fleet.Rollback{{From: "ecs-svc/8", FromDefinition: "web:8", ToDefinition: "web:7", At: ago(c.age)}}
			}
			e := fleet.Episode{At: fixture.Noon(), Snapshot: changed(c.change), Decision: fleet.Decision{Effects: fleet.Effects{RollbackIneffective: c.ineffective}}}
			assert.Equal(t, c.want, state.RollbackOutcome(c.memory, e))
			m := state.Apply(c.memory, e, "")
			if c.want != "" {
				require.Len(t, m.Rollbacks, 1)
				assert.Equal(t, c.want, m.Rollbacks[0].Outcome)
				assert.Empty(t, state.RollbackOutcome(m, e), "the outcome is known once")
			}
		})
	}
}
