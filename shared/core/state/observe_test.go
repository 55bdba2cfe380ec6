package state_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/state"
	"homeostat/shared/sim/simtest/fixture"
)

// runs returns a snapshot with this number of running tasks of the primary deployment.
func runs(at time.Time, tasks int) fleet.Snapshot {
	return fleet.Snapshot{
		Found: true, At: at, Deployments: []fleet.Deployment{{ID: "ecs-svc/7", Status: "PRIMARY", TaskDefinition: "web:7", Running: tasks}},
		History: []fleet.Rollout{{Target: fleet.Revision{ARN: "revision/7", TaskDefinition: "web:7"}}},
	}
}

func TestATimeWithoutATaskIsAPause(t *testing.T) {
	noon := fixture.Noon()
	m, changed := state.Observe(fleet.Memory{}, runs(noon, 2))
	assert.False(t, changed)
	m, changed = state.Observe(m, runs(noon.Add(time.Hour), 0))
	assert.True(t, changed)
	m, changed = state.Observe(m, runs(noon.Add(2*time.Hour), 0))
	assert.False(t, changed, "it lasts")
	assert.Equal(t, 4*time.Hour, state.Paused(m, noon, noon.Add(5*time.Hour)), "an open pause lasts until now")
	m, changed = state.Observe(m, runs(noon.Add(9*time.Hour), 1))
	assert.True(t, changed)
	assert.Equal(t, []fleet.Pause{{From: noon.Add(time.Hour), To: noon.Add(9 * time.Hour)}}, m.Pauses)
	for name, c := range map[string]struct{ from, to, want time.Duration }{
		"around it":      {0, 24 * time.Hour, 8 * time.Hour},
		"from within it": {3 * time.Hour, 24 * time.Hour, 6 * time.Hour},
		"to within it":   {0, 2 * time.Hour, time.Hour},
		"after it":       {10 * time.Hour, 24 * time.Hour, 0},
		"backwards":      {24 * time.Hour, 0, 0},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.want, state.Paused(m, noon.Add(c.from), noon.Add(c.to))) })
	}
}

func TestTheStartOfADeploymentIsNoPause(t *testing.T) {
	noon := fixture.Noon()
	m, _ := state.Observe(fleet.Memory{}, runs(noon, 0))
	m, changed := state.Observe(m, runs(noon.Add(3*time.Minute), 1))
	assert.True(t, changed)
	assert.Empty(t, m.Pauses)
}

func TestAnUnreadServiceHasNoPause(t *testing.T) {
	for name, s := range map[string]fleet.Snapshot{
		"the service is unread":           {Found: true, Unread: map[string]string{"service": "denied"}},
		"ECS does not know the service":   {},
		"the service has no deployment":   {Found: true},
		"its deployment is not the first": {Found: true, Deployments: []fleet.Deployment{{Status: "ACTIVE"}}},
	} {
		t.Run(name, func(t *testing.T) {
			m, changed := state.Observe(fleet.Memory{}, s)
			assert.False(t, changed)
			assert.Empty(t, m.Pauses)
		})
	}
}

func TestTheRevisionOfADeploymentIsStoredOnce(t *testing.T) {
	m := fleet.Memory{Health: fleet.Health{Cohorts: map[string]*fleet.TaskCohort{"ecs-svc/7": {TaskDefinition: "web:7"}}}}
	before := m.Cohorts["ecs-svc/7"]
	m, changed := state.Observe(m, runs(fixture.Noon(), 1))
	assert.True(t, changed)
	assert.Equal(t, "revision/7", m.Cohorts["ecs-svc/7"].Revision)
	assert.Empty(t, before.Revision, "the argument does not change")
	_, changed = state.Observe(m, runs(fixture.Noon(), 1))
	assert.False(t, changed)

	other := runs(fixture.Noon(), 1)
	other.History[0].Target = fleet.Revision{ARN: "revision/8", TaskDefinition: "web:8"}
	m, _ = state.Observe(m, other)
	assert.Equal(t, "revision/7", m.Cohorts["ecs-svc/7"].Revision, "the history is ahead of the deployments")
}

func TestPausesAreBoundedAndNeverOverlap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m fleet.Memory
		at := fixture.Noon()
		for range rapid.IntRange(1, 200).Draw(t, "evaluations") {
			at = at.Add(time.Duration(rapid.IntRange(1, 40_000).Draw(t, "seconds")) * time.Second)
			m, _ = state.Observe(m, runs(at, rapid.IntRange(0, 1).Draw(t, "running")))
			assert.LessOrEqual(t, len(m.Pauses), 30)
			for i, p := range m.Pauses {
				assert.True(t, i == 0 || !p.From.Before(m.Pauses[i-1].To))
				assert.True(t, !p.To.IsZero() || i == len(m.Pauses)-1, "only the last one is open")
			}
		}
		all := at.Sub(fixture.Noon())
		assert.LessOrEqual(t, state.Paused(m, fixture.Noon(), at), all)
	})
}
