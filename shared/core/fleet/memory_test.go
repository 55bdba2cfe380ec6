package fleet_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"
)

// taskEvent returns the evidence of a task event. Version 1 runs, 2 is stopping,
// 3 has stopped. As in ECS, a later version repeats the facts of an earlier one.
func taskEvent(deployment, task string, version int64, cause fleet.Cause) fleet.Evidence {
	started, stopping := fixture.Noon().Add(-10*time.Minute), fixture.Noon().Add(-time.Minute)
	stop := &fleet.Stop{StartedAt: started, AvailabilityZone: "eu-central-1a", CapacityProvider: "FARGATE"}
	e := fleet.Evidence{Trigger: fleet.Trigger{
		Kind: fleet.TaskRunning, ID: fmt.Sprint(deployment, task, version), Deployment: deployment, Task: task,
		TaskDefinition: "web:7", Version: version, Stop: stop, At: started.Add(time.Duration(version) * time.Minute),
	}}
	if version > 1 {
		e.Trigger.Kind, e.Cause, e.Family, stop.StoppingAt = fleet.TaskStopping, cause, cause.Family(), stopping
	}
	if version > 2 {
		e.Trigger.Kind, stop.StoppedAt = fleet.TaskStopped, fixture.Noon()
		stop.Containers = []fleet.ContainerExit{{Name: "proxy", ExitCode: new(0)}, {Name: "app", ExitCode: new(3)}}
	}
	return e
}

func TestATasksLifeFollowsFromItsEvents(t *testing.T) {
	started, stopping := fixture.Noon().Add(-10*time.Minute), fixture.Noon().Add(-time.Minute)
	running := fleet.TaskLife{Version: 1, StartedAt: started, SeenAt: fixture.Noon(), Zone: "eu-central-1a", Provider: "FARGATE"}
	draining, failing, stopped := running, running, running
	draining.Version, draining.EndedAt, draining.Cause = 2, stopping, fleet.ScalingActivity
	failing.Version, failing.EndedAt, failing.StoppedAt, failing.Cause = 2, stopping, started.Add(2*time.Minute), fleet.ELBHealth
	stopped.Version, stopped.EndedAt, stopped.StoppedAt, stopped.Cause, stopped.Code = 3, stopping, fixture.Noon(), fleet.ELBHealth, new(3)
	for name, c := range map[string]struct {
		evidence []fleet.Evidence
		want     fleet.TaskLife
	}{
		"a task that runs":                                  {[]fleet.Evidence{taskEvent("d", "t", 1, "")}, running},
		"a task with a stop request is stopping":            {[]fleet.Evidence{taskEvent("d", "t", 2, fleet.ScalingActivity)}, draining},
		"a task that is stopped for its failure has failed": {[]fleet.Evidence{taskEvent("d", "t", 2, fleet.ELBHealth)}, failing},
		"a task that has stopped":                           {[]fleet.Evidence{taskEvent("d", "t", 1, ""), taskEvent("d", "t", 2, fleet.ELBHealth), taskEvent("d", "t", 3, fleet.ELBHealth)}, stopped},
		"a late event of an older version is void":          {[]fleet.Evidence{taskEvent("d", "t", 3, fleet.ELBHealth), taskEvent("d", "t", 1, "")}, stopped},
	} {
		t.Run(name, func(t *testing.T) {
			var m fleet.Memory
			for _, e := range c.evidence {
				m.Fold(e, fixture.Noon())
			}
			assert.Equal(t, map[string]*fleet.TaskCohort{"d": {TaskDefinition: "web:7", FirstSeen: fixture.Noon(), Tasks: map[string]fleet.TaskLife{"t": c.want}}}, m.Cohorts)
		})
	}
}

func TestFoldReportsNewEvidence(t *testing.T) {
	var m fleet.Memory
	assert.True(t, m.Fold(taskEvent("d", "t", 2, fleet.AppExit), fixture.Noon()))
	assert.False(t, m.Fold(taskEvent("d", "t", 2, fleet.AppExit), fixture.Noon()), "a duplicate")
	assert.False(t, m.Fold(taskEvent("d", "t", 1, ""), fixture.Noon()), "an older version")
	assert.True(t, m.Fold(taskEvent("d", "t", 3, fleet.AppExit), fixture.Noon()), "a newer version")
	other := fleet.Evidence{Trigger: fleet.Trigger{Kind: fleet.DeploymentStarted, ID: "e"}}
	assert.True(t, m.Fold(other, fixture.Noon()))
	assert.False(t, m.Fold(other, fixture.Noon()), "the same event")
	nameless := fleet.Evidence{Trigger: fleet.Trigger{Kind: fleet.Tick}}
	assert.True(t, m.Fold(nameless, fixture.Noon()))
	assert.True(t, m.Fold(nameless, fixture.Noon()), "an event without an id is always new")
}

func TestAlarmsAreHotWhileTheyFire(t *testing.T) {
	alarm := func(id, state string) fleet.Evidence {
		return fleet.Evidence{Trigger: fleet.Trigger{Kind: fleet.AlarmChanged, ID: id, At: fixture.Noon(), Alarm: fleet.Alarm{Name: "hot", State: state}}}
	}
	var m fleet.Memory
	m.Fold(alarm("1", "ALARM"), fixture.Noon().Add(time.Minute))
	assert.True(t, m.Hot())
	m.Fold(alarm("2", "OK"), fixture.Noon())
	assert.False(t, m.Hot())
	m.Fold(alarm("3", "ALARM"), fixture.Noon())
	m.Fold(alarm("4", "INSUFFICIENT_DATA"), fixture.Noon())
	assert.False(t, m.Hot(), "an alarm without data is not hot")
}

func TestOfABurstOfPushesTheNewestWins(t *testing.T) {
	push := func(id string, at time.Duration) fleet.Evidence {
		return fleet.Evidence{Trigger: fleet.Trigger{Kind: fleet.ImagePush, ID: id, At: fixture.Noon().Add(at), Image: fleet.Image{Repository: "web", Digest: id}}}
	}
	var m fleet.Memory
	for _, e := range []fleet.Evidence{push("b", time.Minute), push("c", 2*time.Minute), push("a", 0)} {
		m.Fold(e, fixture.Noon())
	}
	assert.Equal(t, []fleet.Push{{Image: fleet.Image{Repository: "web", Digest: "c"}, At: fixture.Noon().Add(2 * time.Minute), Event: "c"}}, m.Pushes)
}

func TestTheMemoryIsBounded(t *testing.T) {
	var m fleet.Memory
	for d := range 12 {
		for task := range 230 {
			m.Fold(taskEvent(fmt.Sprintf("d-%02d", d), fmt.Sprintf("t-%03d", task), 3, fleet.AppExit), fixture.Noon().Add(time.Duration(d*300+task)*time.Second))
		}
	}
	for i := range 100 {
		m.Fold(fleet.Evidence{Trigger: fleet.Trigger{Kind: fleet.ServiceAction, ID: fmt.Sprint("e-", i)}}, fixture.Noon())
		m.Remember(fleet.PastAction{Intent: fmt.Sprint("a-", i), At: fixture.Noon(), Status: fleet.Done})
	}
	assert.Len(t, m.Cohorts, 8)
	assert.NotContains(t, m.Cohorts, "d-03", "the oldest deployments go")
	assert.Contains(t, m.Cohorts, "d-11")
	assert.Len(t, m.Cohorts["d-11"].Tasks, 100)
	assert.NotContains(t, m.Cohorts["d-11"].Tasks, "t-129", "the tasks with the oldest events go")
	assert.Len(t, m.ProcessedEvents, 60)
	assert.Equal(t, "e-99", m.ProcessedEvents[59].ID)
	assert.Len(t, m.Actions, 60)
	assert.Equal(t, "a-40", m.Actions[0].Intent)
}

func TestAnHourOfScalingPushesOutNoOtherAction(t *testing.T) {
	var m fleet.Memory
	m.Remember(fleet.PastAction{Kind: fleet.Redeploy, Intent: "first", At: fixture.Noon(), Status: fleet.Done})
	for i := range 100 {
		kind := []fleet.DecisionKind{fleet.ScaleOut, fleet.ScaleIn}[i%2]
		m.Remember(fleet.PastAction{Kind: kind, Intent: fmt.Sprint("c-", i), At: fixture.Noon(), Status: fleet.Done})
	}
	m.Remember(fleet.PastAction{Kind: fleet.RollBack, Intent: "last", At: fixture.Noon(), Status: fleet.Done})
	assert.Len(t, m.Actions, 62)
	assert.Equal(t, "first", m.Actions[0].Intent)
	assert.Equal(t, "c-40", m.Actions[1].Intent, "the oldest changes go")
	assert.Equal(t, "last", m.Actions[61].Intent)
}

func TestForgettingKeepsADayAndTheQuarantine(t *testing.T) {
	day := 24 * time.Hour
	old := fixture.Noon().Add(-day - time.Second)
	m := fleet.Memory{Health: fleet.Health{Cohorts: map[string]*fleet.TaskCohort{
		"old":  {FirstSeen: old, Tasks: map[string]fleet.TaskLife{"a": {SeenAt: old}}},
		"both": {FirstSeen: old, Tasks: map[string]fleet.TaskLife{"a": {SeenAt: old}, "b": {SeenAt: fixture.Noon().Add(-day)}}},
		"new":  {FirstSeen: fixture.Noon(), Tasks: map[string]fleet.TaskLife{}},
	}}, Notifications: fleet.Notifications{ProcessedEvents: []fleet.ProcessedEvent{{ID: "old", At: old}, {ID: "new", At: fixture.Noon()}}}, ActionLog: fleet.ActionLog{Actions: []fleet.PastAction{{Intent: "old", At: old}, {Intent: "new", At: fixture.Noon()}}}, ImageLog: fleet.ImageLog{Quarantine: []fleet.Quarantined{{Image: fleet.Image{Digest: "x"}, At: old}}, Rollbacks: []fleet.Rollback{{From: "d", At: old}}}}
	m.Forget(fixture.Noon())
	assert.Equal(t, map[string]*fleet.TaskCohort{
		"both": {FirstSeen: old, Tasks: map[string]fleet.TaskLife{"b": {SeenAt: fixture.Noon().Add(-day)}}},
		"new":  {FirstSeen: fixture.Noon(), Tasks: map[string]fleet.TaskLife{}},
	}, m.Cohorts)
	assert.Equal(t, []fleet.ProcessedEvent{{ID: "new", At: fixture.Noon()}}, m.ProcessedEvents)
	assert.Equal(t, []fleet.PastAction{{Intent: "new", At: fixture.Noon()}}, m.Actions)
	assert.Len(t, m.Quarantine, 1)
	assert.Len(t, m.Rollbacks, 1)
}

func TestRememberedEntriesAreFound(t *testing.T) {
	m := fleet.Memory{ActionLog: fleet.ActionLog{Actions: []fleet.PastAction{
		{Kind: fleet.ScaleOut, Intent: "1", At: fixture.Noon().Add(-2 * time.Hour), Status: fleet.Done},
		{Kind: fleet.ScaleIn, Intent: "2", At: fixture.Noon().Add(-time.Hour), Status: fleet.Done},
		{Kind: fleet.ScaleOut, Intent: "3", At: fixture.Noon(), Status: fleet.Failed},
	}}, ImageLog: fleet.ImageLog{Quarantine: []fleet.Quarantined{{Image: fleet.Image{Digest: "x"}, Why: "bad"}, {}}, Rollbacks: []fleet.Rollback{{From: "d", FromDefinition: "web:7"}, {From: "e"}}}}
	last, ok := m.Last(fleet.ScaleOut)
	assert.True(t, ok)
	assert.Equal(t, "1", last.Intent, "a failed action is not the last")
	last, _ = m.Last(fleet.ScaleOut, fleet.ScaleIn)
	assert.Equal(t, "2", last.Intent)
	_, ok = m.Last(fleet.RollBack)
	assert.False(t, ok)
	assert.Equal(t, 2, m.Since(fixture.Noon().Add(-3*time.Hour)))
	assert.Equal(t, 1, m.Since(fixture.Noon().Add(-3*time.Hour), fleet.ScaleIn))
	assert.Zero(t, m.Since(fixture.Noon().Add(-time.Hour)), "after, not at")

	q, ok := m.Quarantines("x")
	assert.True(t, ok)
	assert.Equal(t, "bad", q.Why)
	_, ok = m.Quarantines("")
	assert.False(t, ok, "an unknown digest is not in quarantine")
	assert.True(t, m.RolledBack("d", ""))
	assert.True(t, m.RolledBack("z", "web:7"))
	assert.False(t, m.RolledBack("z", ""), "an unknown definition was not rolled back")
}

func TestPushesOfOneBuildUnderTwoTagsAreBothKept(t *testing.T) {
	push := func(id, tag string, at time.Duration) fleet.Evidence {
		return fleet.Evidence{Trigger: fleet.Trigger{Kind: fleet.ImagePush, ID: id, At: fixture.Noon().Add(at), Image: fleet.Image{Repository: "web", Tag: tag, Digest: "d"}}}
	}
	both := []fleet.Evidence{push("1", "live", 0), push("2", "sha-123", time.Second)}
	for name, order := range map[string][]fleet.Evidence{"as pushed": both, "the other way round": {both[1], both[0]}} {
		t.Run(name, func(t *testing.T) {
			var m fleet.Memory
			for _, e := range order {
				m.Fold(e, fixture.Noon())
			}
			got, ok := m.PushOf("live")
			assert.True(t, ok)
			assert.Equal(t, "1", got.Event)
			_, ok = m.PushOf("nightly")
			assert.False(t, ok)
		})
	}
}

func TestAnAlarmsOlderStateThatComesLateChangesNothing(t *testing.T) {
	state := func(id, state string, at time.Duration) fleet.Evidence {
		return fleet.Evidence{Trigger: fleet.Trigger{Kind: fleet.AlarmChanged, ID: id, At: fixture.Noon().Add(at), Alarm: fleet.Alarm{Name: "a", State: state}}}
	}
	var m fleet.Memory
	m.Fold(state("2", "OK", time.Minute), fixture.Noon())
	m.Fold(state("1", "ALARM", 0), fixture.Noon())
	assert.False(t, m.Hot())
	m.Fold(state("3", "ALARM", 2*time.Minute), fixture.Noon())
	assert.True(t, m.Hot())
	m.Forget(fixture.Noon().Add(48 * time.Hour))
	assert.False(t, m.Hot(), "a lost OK event does not keep it hot for ever")
}
