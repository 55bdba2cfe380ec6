package judge_test

import (
	"testing"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/judge"

	"github.com/stretchr/testify/assert"
)

func TestFailuresInOnePlaceAreNotTheRevision(t *testing.T) {
	running := func(n int) []fleet.TaskLife {
		return repeat(n, func(int) fleet.TaskLife { return alive(5 * time.Minute) })
	}
	on := func(host string, lives []fleet.TaskLife) []fleet.TaskLife {
		for i := range lives {
			lives[i].Host = host
		}
		return lives
	}
	from := func(provider string, lives []fleet.TaskLife) []fleet.TaskLife {
		for i := range lives {
			lives[i].Provider = provider
		}
		return lives
	}
	for name, c := range map[string]struct {
		suspect *fleet.TaskCohort
		want    judge.Outcome
		place   string
	}{
		"all failures in one zone, the others' tasks live": {
			arm(in("a", crashes(5, fleet.ELBHealth)), in("b", running(2)), in("c", running(2))), judge.CommonCause, "a",
		},
		"failures in two zones": {
			arm(in("a", crashes(4, fleet.ELBHealth)), in("b", crashes(2, fleet.ELBHealth)), in("c", running(2))), judge.BadRevision, "",
		},
		"all in one zone because there is no other": {
			arm(in("a", crashes(5, fleet.ELBHealth)), in("a", running(1))), judge.BadRevision, "",
		},
		"all failures on one host": {
			arm(on("i-1", crashes(5, fleet.AppExit)), on("i-2", running(3))), judge.CommonCause, "i-1",
		},
		"all failures at one capacity provider": {
			arm(from("FARGATE_SPOT", crashes(5, fleet.AppExit)), from("FARGATE", running(3))), judge.CommonCause, "FARGATE_SPOT",
		},
		"a zone that is not known of each failure": {
			arm(in("a", crashes(4, fleet.AppExit)), crashes(1, fleet.AppExit), in("b", running(1))), judge.BadRevision, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := judge.Evaluate(young(c.suspect))
			assert.Equal(t, c.want, got.Outcome, got.Text)
			assert.Equal(t, c.place, got.Place)
		})
	}
}

func TestFailingPeersAreACommonCause(t *testing.T) {
	c := young(arm(crashes(4, fleet.AppExit)))
	c.Peers = []judge.Peer{{Name: "shop/orders", Failures: 3, Tasks: 4, Shares: "the dependency payments-db"}}
	got := judge.Evaluate(c)
	assert.Equal(t, judge.CommonCause, got.Outcome)
	assert.Equal(t, "4 of 4 tasks failed within 5 s of start, 3 of 4 of peers", got.Text)
	assert.Contains(t, got.Detail, "; failing peers: shop/orders (the dependency payments-db)")
	assert.Less(t, got.Worse, 0.01)

	c.Peers[0].Failures, c.Peers[0].Tasks = 1, 60
	got = judge.Evaluate(c)
	assert.Equal(t, judge.BadRevision, got.Outcome, "one failure among many is no evidence: %s", got.Text)
}

func TestAnAlarmAfterTheDeploymentMarksTheRevision(t *testing.T) {
	for name, c := range map[string]struct {
		alarm judge.Alarm
		want  judge.Outcome
	}{
		"it fires since the revision took traffic": {judge.Alarm{Name: "5xx", Firing: true, Since: ago(5 * time.Minute)}, judge.BadRevision},
		"it fired before":                          {judge.Alarm{Name: "5xx", Firing: true, Since: ago(15 * time.Minute)}, judge.Healthy},
		"it is quiet again":                        {judge.Alarm{Name: "5xx", Since: ago(5 * time.Minute)}, judge.Healthy},
		"it is reported to fire in the future":     {judge.Alarm{Name: "5xx", Firing: true, Since: ago(-5 * time.Minute)}, judge.Healthy},
		"the time is unknown":                      {judge.Alarm{Name: "5xx", Firing: true}, judge.Healthy},
	} {
		t.Run(name, func(t *testing.T) {
			of := young(arm(repeat(3, func(int) fleet.TaskLife { return alive(9 * time.Minute) })), arm(steady(3)))
			of.Alarms = []judge.Alarm{c.alarm}
			got := judge.Evaluate(of)
			assert.Equal(t, c.want, got.Outcome, got.Text)
			if c.want == judge.BadRevision {
				assert.Equal(t, "5xx", got.Alarm)
				assert.Equal(t, "alarm 5xx fires since 2026-01-05T11:55:00Z; the alarm 5xx was quiet before this revision took traffic", got.Full())
			}
		})
	}
	t.Run("the control fails too", func(t *testing.T) {
		of := young(arm([]fleet.TaskLife{alive(9 * time.Minute)}), arm(steady(2), repeat(2, func(int) fleet.TaskLife { return late(fleet.AppExit, 2*time.Minute) })))
		of.Alarms = []judge.Alarm{{Name: "5xx", Firing: true, Since: ago(3 * time.Minute)}}
		assert.Equal(t, judge.CommonCause, judge.Evaluate(of).Outcome)
	})
}

func TestExplainedFailuresDoNotCount(t *testing.T) {
	at := func(minutes ...int) *fleet.TaskCohort {
		var lives []fleet.TaskLife
		for _, m := range minutes {
			lives = append(lives, crash(fleet.AppExit, time.Duration(m)*time.Minute))
		}
		return arm(lives)
	}
	for name, c := range map[string]struct {
		failures *fleet.TaskCohort
		found    time.Duration
		want     judge.Outcome
	}{
		"before it was found":                        {at(14, 13, 12, 11), 10 * time.Minute, judge.NotEnoughEvidence},
		"after it, without a pause":                  {at(9, 7, 4, 1), 10 * time.Minute, judge.NotEnoughEvidence},
		"after a pause of more than five minutes":    {at(9, 3, 2, 1, 0), 10 * time.Minute, judge.BadRevision},
		"more than an hour after it":                 {at(64, 60, 56, 52, 48, 44, 40, 36, 32, 28, 24, 20, 16, 12, 8, 4, 3, 2, 1), 65 * time.Minute, judge.BadRevision},
		"within the hour, as long as failures go on": {at(54, 50, 46, 42, 38, 34, 30, 26, 22, 18, 14, 10, 6, 3, 2, 1), 55 * time.Minute, judge.NotEnoughEvidence},
		"of a common cause that was found long ago":  {at(3, 2, 1, 0), 30 * time.Minute, judge.BadRevision},
	} {
		t.Run(name, func(t *testing.T) {
			of := young(c.failures)
			of.Since, of.Explained = ago(70*time.Minute), ago(c.found)
			got := judge.Evaluate(of)
			assert.Equal(t, c.want, got.Outcome, got.Text)
		})
	}
}

func TestAResolvedTroubleIsNotRolledBack(t *testing.T) {
	of := young(arm(repeat(4, func(i int) fleet.TaskLife { return crash(fleet.AppExit, 16*time.Minute+time.Duration(i)*time.Second) })))
	of.Since = ago(30 * time.Minute)
	assert.Equal(t, judge.BadRevision, judge.Evaluate(of).Outcome, "its tasks are still missing")
	of.FullyRunning = true
	got := judge.Evaluate(of)
	assert.Equal(t, judge.NotEnoughEvidence, got.Outcome)
	assert.Equal(t, "4 of 4 tasks failed within 5 s of start, none for 16 min", got.Text)
}
