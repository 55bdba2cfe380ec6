package state_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/state"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// anEpisode draws an episode with any effects on the memory.
func anEpisode(t *rapid.T) fleet.Episode {
	kinds := []fleet.DecisionKind{
		fleet.DoNothing, fleet.ScaleOut, fleet.ScaleIn, fleet.RollBack, fleet.Redeploy, fleet.Notify,
		fleet.FallBack, fleet.ReturnToSpot, fleet.Probe, fleet.Proceed,
	}
	e := fleet.Episode{
		ID: fmt.Sprint("e-", rapid.IntRange(0, 9).Draw(t, "id")), At: fixture.Noon().Add(time.Duration(rapid.IntRange(0, 600).Draw(t, "minutes")) * time.Minute),
		Snapshot: fleet.Snapshot{
			Found: true, Desired: rapid.IntRange(0, 3).Draw(t, "desired"), Running: rapid.IntRange(0, 3).Draw(t, "running"),
			Deployments: []fleet.Deployment{{ID: "ecs-svc/1", Status: "PRIMARY", TaskDefinition: "web:1", RolloutState: "IN_PROGRESS", Pending: rapid.IntRange(0, 1).Draw(t, "pending")}},
		},
		Decision: fleet.Decision{
			Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Notify: rapid.SampledFrom([]string{"", "Tasks fail."}).Draw(t, "notify"),
			Reasons: []fleet.Reason{{Name: "bad-revision", Text: "3 of 4 tasks failed"}},
			Effects: fleet.Effects{
				Quarantine:  []fleet.Image{{Repository: "web", Digest: rapid.SampledFrom([]string{"sha256:a", "sha256:b"}).Draw(t, "digest")}},
				Blocks:      []fleet.Block{{Kind: fleet.ScaleOut, Until: fixture.Noon().Add(time.Hour), Why: "the subnet is full"}},
				CommonCause: rapid.Bool().Draw(t, "common"), RollbackIneffective: rapid.Bool().Draw(t, "ineffective"),
				PushHandled: rapid.Bool().Draw(t, "handled"), ToZero: rapid.Bool().Draw(t, "zero"),
			},
		},
		Verdict: fleet.Verdict{Outcome: rapid.SampledFrom([]fleet.Outcome{fleet.Act, fleet.Observe, fleet.Hold}).Draw(t, "outcome")},
		Result:  fleet.Result{Status: rapid.SampledFrom([]string{"", fleet.Done, fleet.Failed}).Draw(t, "status")},
	}
	if rapid.Bool().Draw(t, "acts") || e.Decision.Kind == fleet.RollBack || e.Decision.Kind == fleet.Probe {
		e.Decision.Action = &fleet.Action{Kind: fleet.SetDesired, Intent: e.ID, To: 2, TaskDefinition: "web:0"}
		e.Verdict.Action = e.Decision.Action
	}
	return e
}

func evidence(id, task string, version int64) fleet.Evidence {
	return fleet.Evidence{
		Trigger: fleet.Trigger{
			Kind: fleet.TaskStopped, ID: id, At: fixture.Noon(), Task: task, Deployment: "ecs-svc/1", TaskDefinition: "web:1", Version: version,
			Stop: &fleet.Stop{StoppedAt: fixture.Noon()},
		},
		Cause: fleet.AppExit, Family: fleet.FamilyRuntime,
	}
}

func text(t require.TestingT, m fleet.Memory) string {
	raw, err := json.Marshal(m)
	require.NoError(t, err)
	return string(raw)
}

func TestNoArgumentIsChanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := state.Fold(fleet.Memory{}, []fleet.Evidence{evidence("1", "t-1", 1)}, fixture.Noon())
		for range rapid.IntRange(1, 6).Draw(t, "episodes") {
			e := anEpisode(t)
			before := text(t, m)
			next := state.Apply(m, e, "live")
			again := state.Apply(m, e, "live")
			assert.Equal(t, before, text(t, m), "Apply does not change its memory")
			assert.Equal(t, text(t, next), text(t, again), "Apply is deterministic")

			begun := state.Begin(m, e.Snapshot, e.Decision, fleet.Action{Kind: fleet.SetDesired, To: e.Snapshot.Desired}, e.ID, e.At)
			pending := text(t, begun)
			_, _ = state.Resume(begun, e.Snapshot)
			assert.Equal(t, pending, text(t, begun), "Resume does not change its memory")

			_ = state.Fold(m, []fleet.Evidence{evidence("2", "t-1", 2), evidence("3", "t-2", 1)}, e.At)
			assert.Equal(t, before, text(t, m), "Fold does not change its memory")
			m = next
		}
	})
}

func TestFoldingTheSameEvidenceTwiceOrInAnotherOrderChangesNothing(t *testing.T) {
	all := []fleet.Evidence{evidence("1", "t-1", 1), evidence("2", "t-1", 2), evidence("3", "t-2", 1)}
	once := state.Fold(fleet.Memory{}, all, fixture.Noon())
	assert.Equal(t, text(t, once), text(t, state.Fold(once, all, fixture.Noon())))
	reversed := []fleet.Evidence{all[2], all[1], all[0]}
	assert.Equal(t, once.Cohorts["ecs-svc/1"].Tasks["t-1"].Version, state.Fold(fleet.Memory{}, reversed, fixture.Noon()).Cohorts["ecs-svc/1"].Tasks["t-1"].Version)
}

// stored is a memory from before it had groups.
const stored = `{"version":7,"arms":{"ecs-svc/1":{"task_definition":"web:1","tasks":{"t-1":{"v":3,"cause":"app-exit","stopped":"2026-01-05T11:59:00Z"}}}},
"actions":[{"kind":"scale-out","intent":"i-1","at":"2026-01-05T11:00:00Z","status":"done"}],
"acting":{"kind":"rollback","action":{"kind":"run-revision","intent":"i-2","expect":{}},"why":"bad","episode":"e-1","at":"2026-01-05T11:58:00Z"},
"quarantine":[{"image":{"repository":"web","digest":"sha256:a"},"at":"2026-01-05T10:00:00Z","why":"bad","episode":"e-0"}],
"rollbacks":[{"from":"ecs-svc/0","from_definition":"web:0","to_definition":"web:1","at":"2026-01-05T10:00:00Z","outcome":"in-vain"}],
"troubles":{"no-capacity":{"first":"2026-01-05T11:00:00Z","last":"2026-01-05T11:30:00Z","count":3}},
"holds":[{"kind":"scale-out","until":"2026-01-05T12:30:00Z","why":"full"}],"fell_back":{"at":"2026-01-05T11:00:00Z","was":[{"provider":"FARGATE_SPOT","weight":1}]},
"capped":{"at":"2026-01-05T11:00:00Z","was":4},"explained":"2026-01-05T11:00:00Z","alarms":{"hot":{"state":"ALARM","at":"2026-01-05T11:00:00Z"}},
"pushes":[{"image":{"repository":"web","tag":"live"},"at":"2026-01-05T11:00:00Z","event":"p-1"}],"set":3,"foreign":["2026-01-05T11:00:00Z"],
"zero_at":"2026-01-05T09:00:00Z","said":"none idle  not-a-reason-of-today","told":{"a-reason-of-the-past":"2026-01-05T11:00:00Z"},"seen":[{"id":"x","at":"2026-01-05T11:00:00Z"}]}`

func TestAStoredMemoryIsReadCompletely(t *testing.T) {
	var m fleet.Memory
	require.NoError(t, json.Unmarshal([]byte(stored), &m))
	assert.JSONEq(t, stored, text(t, m), "every item keeps its name")
	assert.EqualValues(t, 7, m.Version)
	assert.Equal(t, fleet.AppExit, m.Cohorts["ecs-svc/1"].Tasks["t-1"].Cause)
	assert.Equal(t, 4, m.RestartCap.Was)
	assert.Contains(t, m.LastNotified, "a-reason-of-the-past", "an unknown reason is kept")
	m = state.Apply(m, fleet.Episode{At: fixture.Noon(), Snapshot: fleet.Snapshot{Found: true, Desired: 3}}, "live")
	assert.Len(t, m.Quarantine, 1)
}
