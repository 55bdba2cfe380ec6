package state_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/reason"
	"homeostat/shared/core/state"
	"homeostat/shared/sim/simtest/fixture"
)

func TestARollbackIsRemembered(t *testing.T) {
	e := episode(rollback(), fleet.Act, fleet.Done)
	e.Result.TaskDefinition = "web:9"
	m := applied(fleet.Memory{}, e)
	assert.Equal(t, []fleet.PastAction{{Kind: fleet.RollBack, Intent: "rollback ecs-svc/7", At: fixture.Noon(), Status: fleet.Done}}, m.Actions)
	assert.Equal(t, []fleet.Rollback{{From: "ecs-svc/7", FromDefinition: "web:7", ToDefinition: "web:9", At: fixture.Noon()}}, m.Rollbacks)
	assert.Equal(t, []fleet.Quarantined{{Image: image(7), At: fixture.Noon(), Why: "web:7: 3 of 3 tasks", Episode: "episode-1"}}, m.Quarantine)
	assert.Equal(t, map[string]time.Time{"bad-revision": fixture.Noon()}, m.LastNotified)
	assert.Equal(t, e.DecisionKey(), m.LastDecisionKey)

	m = applied(m, e)
	assert.Len(t, m.Quarantine, 1, "an image is quarantined once")
}

func TestAResultWithoutARevisionIsRememberedByTheDecision(t *testing.T) {
	m := applied(fleet.Memory{}, episode(rollback(), fleet.Act, fleet.Done))
	assert.Equal(t, "web:6", m.Rollbacks[0].ToDefinition)
}

func TestARollbackThatWasNotMadeIsNotRemembered(t *testing.T) {
	attempt := func(status string) []fleet.PastAction {
		return []fleet.PastAction{{Kind: fleet.RollBack, Intent: "rollback ecs-svc/7", At: fixture.Noon(), Status: status}}
	}
	for name, c := range map[string]struct {
		outcome fleet.Outcome
		status  string
		actions []fleet.PastAction
	}{
		"suppressed":   {fleet.Hold, "", nil},
		"observed":     {fleet.Observe, "", nil},
		"proposed":     {fleet.Propose, "", nil},
		"failed":       {fleet.Act, fleet.Failed, attempt(fleet.Failed)},
		"not required": {fleet.Act, fleet.Skipped, attempt(fleet.Skipped)},
	} {
		t.Run(name, func(t *testing.T) {
			m := applied(fleet.Memory{}, episode(rollback(), c.outcome, c.status))
			assert.Equal(t, c.actions, m.Actions)
			assert.Empty(t, m.Rollbacks)
			assert.Empty(t, m.Quarantine)
		})
	}
}

func TestAQuarantineWithoutAnActionIsApplied(t *testing.T) {
	d := fleet.Decision{
		Kind: fleet.DoNothing, Reasons: []fleet.Reason{{Name: reason.ECSRollsBack, Text: "ECS itself rolls web:7 back"}},
		Effects: fleet.Effects{Quarantine: []fleet.Image{image(7)}},
	}
	m := applied(fleet.Memory{}, episode(d, fleet.Idle, ""))
	assert.Equal(t, []fleet.Quarantined{{Image: image(7), At: fixture.Noon(), Why: "ECS itself rolls web:7 back", Episode: "episode-1"}}, m.Quarantine)
	assert.Empty(t, m.Rollbacks)
}

func TestAPushIsDroppedOnceItIsHandled(t *testing.T) {
	noOp := func(name reason.Name, handled bool) fleet.Decision {
		return fleet.Decision{
			Kind: fleet.DoNothing, Reasons: []fleet.Reason{{Name: reason.Healthy}, {Name: name}}, Effects: fleet.Effects{PushHandled: handled},
		}
	}
	redeploy := fleet.Decision{Kind: fleet.Redeploy, Reasons: []fleet.Reason{{Name: reason.ImagePushed}}, Action: &fleet.Action{Kind: fleet.RunRevision, Intent: "redeploy"}}
	pushed := fleet.Memory{ImageLog: fleet.ImageLog{Pushes: []fleet.Push{{Image: image(8)}}}}
	for name, c := range map[string]struct {
		episode fleet.Episode
		dropped bool
	}{
		"rolled out":               {episode(redeploy, fleet.Act, fleet.Done), true},
		"a rollout that failed":    {episode(redeploy, fleet.Act, fleet.Failed), false},
		"a suppressed rollout":     {episode(redeploy, fleet.Hold, ""), false},
		"an observed rollout":      {episode(redeploy, fleet.Observe, ""), false},
		"not this image":           {episode(noOp(reason.NotThisImage, true), fleet.Idle, ""), true},
		"already running":          {episode(noOp(reason.AlreadyRunning, true), fleet.Idle, ""), true},
		"quarantined":              {episode(noOp(reason.Quarantined, true), fleet.Idle, ""), true},
		"a deployment in progress": {episode(noOp(reason.Deploying, false), fleet.Idle, ""), false},
		"unread":                   {episode(noOp(reason.Unread, false), fleet.Idle, ""), false},
		"a rollback before it":     {episode(rollback(), fleet.Act, fleet.Done), false},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.dropped, len(applied(pushed, c.episode).Pushes) == 0)
		})
	}
	other := fleet.Memory{ImageLog: fleet.ImageLog{Pushes: []fleet.Push{{Image: fleet.Image{Repository: "web", Tag: "nightly"}}}}}
	assert.Empty(t, applied(other, episode(noOp(reason.TagNotWatched, false), fleet.Idle, "")).Pushes, "a push of another tag")
}

func TestOldItemsOfTheMemoryAreForgotten(t *testing.T) {
	m := fleet.Memory{Notifications: fleet.Notifications{ProcessedEvents: []fleet.ProcessedEvent{{ID: "old", At: ago(25 * time.Hour)}, {ID: "new", At: fixture.Noon()}}}}
	m = applied(m, episode(alert(), fleet.Idle, ""))
	assert.Equal(t, []fleet.ProcessedEvent{{ID: "new", At: fixture.Noon()}}, m.ProcessedEvents)
	assert.Equal(t, map[string]time.Time{"common-cause": fixture.Noon()}, m.LastNotified)
}

func TestARemedyIsRememberedUntilItEnds(t *testing.T) {
	onSpot := running()
	onSpot.Providers = []fleet.ProviderWeight{{Provider: "FARGATE_SPOT", Weight: 3}}
	done := func(d fleet.Decision, task string) fleet.Memory {
		d.Action = &fleet.Action{TaskDefinition: "web:6"}
		e := episode(d, fleet.Act, fleet.Done)
		e.Snapshot, e.Result.Task = onSpot, task
		return applied(fleet.Memory{}, e)
	}
	assert.Equal(t, &fleet.SpotFallback{At: fixture.Noon(), Was: onSpot.Providers}, done(fleet.Decision{Kind: fleet.FallBack}, "").SpotFallback)
	assert.Nil(t, done(fleet.Decision{Kind: fleet.ReturnToSpot}, "").SpotFallback)
	assert.Equal(t, &fleet.ProbeRun{Task: "task-1", Definition: "web:6", For: "ecs-svc/7", At: fixture.Noon()}, done(fleet.Decision{Kind: fleet.Probe}, "task-1").Probe)
	capped := done(fleet.Decision{Kind: fleet.ScaleIn, Effects: fleet.Effects{CapsRestarts: true}}, "")
	assert.Equal(t, &fleet.RestartCap{At: fixture.Noon(), Was: 3}, capped.RestartCap)
}

func TestABlockEndsAtItsTime(t *testing.T) {
	block := fleet.Block{Kind: fleet.ScaleOut, Until: fixture.Noon().Add(time.Minute), Why: "the subnet is full"}
	m := applied(fleet.Memory{}, episode(fleet.Decision{Effects: fleet.Effects{Blocks: []fleet.Block{block}}}, fleet.Idle, ""))
	_, active := m.ActiveBlock(fleet.ScaleOut, fixture.Noon())
	assert.True(t, active)
	_, active = m.ActiveBlock(fleet.ScaleOut, fixture.Noon().Add(time.Minute))
	assert.False(t, active)
}

func TestAShortageLastsUntilAllTasksRun(t *testing.T) {
	at := func(minute, running int, reasons ...fleet.Reason) fleet.Episode {
		return fleet.Episode{
			At: fixture.Noon().Add(time.Duration(minute) * time.Minute), Decision: fleet.Decision{Kind: fleet.DoNothing, Reasons: reasons},
			Snapshot: fleet.Snapshot{Found: true, Desired: 3, Running: running},
		}
	}
	m := state.Apply(fleet.Memory{}, at(0, 3), "")
	assert.Nil(t, m.Shortage)
	m = state.Apply(m, at(1, 2), "")
	assert.Equal(t, &fleet.Shortage{Since: fixture.Noon().Add(time.Minute)}, m.Shortage)
	m = state.Apply(m, at(2, 0), "")
	m = state.Apply(m, at(3, 0, fleet.Reason{Name: "down"}), "")
	assert.Equal(t, &fleet.Shortage{Since: fixture.Noon().Add(time.Minute), DownSince: fixture.Noon().Add(2 * time.Minute), Told: true}, m.Shortage)
	m = state.Apply(m, at(4, 1), "")
	assert.Equal(t, &fleet.Shortage{Since: fixture.Noon().Add(time.Minute), Told: true}, m.Shortage)
	unread := at(5, 3)
	unread.Snapshot.Unread = map[string]string{"service": "throttled"}
	assert.NotNil(t, state.Apply(m, unread, "").Shortage, "what is not read is no recovery")
	assert.Nil(t, state.Apply(m, at(6, 3), "").Shortage)
}
