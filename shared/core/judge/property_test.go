package judge_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/judge"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// anyLife draws a task of any age, end and cause, possible or not.
func anyLife() *rapid.Generator[fleet.TaskLife] {
	return rapid.Custom(func(t *rapid.T) fleet.TaskLife {
		return fleet.TaskLife{
			StartedAt: anyTime(t, "started"), EndedAt: anyTime(t, "ended"), StoppedAt: anyTime(t, "stopped"),
			Cause: rapid.SampledFrom(append(fleet.Causes(), "", "no such cause")).Draw(t, "cause"),
			Zone:  rapid.SampledFrom([]string{"", "a", strings.Repeat("b", 64)}).Draw(t, "zone"),
		}
	})
}

func anyTime(t *rapid.T, label string) time.Time {
	if rapid.Bool().Draw(t, label+" is known") {
		return ago(time.Duration(rapid.IntRange(-600, 5*3600).Draw(t, label)) * time.Second)
	}
	return time.Time{}
}

func anyArm() *rapid.Generator[*fleet.TaskCohort] {
	return rapid.Custom(func(t *rapid.T) *fleet.TaskCohort {
		return arm(rapid.SliceOfN(anyLife(), 0, 12).Draw(t, "lives"))
	})
}

func anyCase(t *rapid.T) judge.Case {
	c := judge.Case{
		Suspect: rapid.OneOf(anyArm(), anyArm(), rapid.Just[*fleet.TaskCohort](nil)).Draw(t, "suspect"),
		Control: rapid.SliceOfN(anyArm(), 0, 3).Draw(t, "control"),
		Since:   anyTime(t, "since"), Running: rapid.IntRange(0, 50).Draw(t, "running"),
		FalseAlarm: rapid.Float64Range(1e-9, 0.5).Draw(t, "false alarm"), Now: fixture.Noon(),
	}
	if rapid.Bool().Draw(t, "an alarm") {
		c.Alarms = []judge.Alarm{{Name: rapid.SampledFrom([]string{"5xx", strings.Repeat("long", 64)}).Draw(t, "alarm"), Firing: rapid.Bool().Draw(t, "firing"), Since: anyTime(t, "alarm since")}}
	}
	return c
}

func TestEveryCaseHasAnOutcomeAndAHeadline(t *testing.T) {
	words := []judge.Outcome{judge.BadRevision, judge.CommonCause, judge.EnvironmentChanged, judge.NotEnoughEvidence, judge.Healthy}
	rapid.Check(t, func(t *rapid.T) {
		c := anyCase(t)
		got := judge.Evaluate(c)
		assert.Contains(t, words, got.Outcome)
		assert.NotEmpty(t, got.Text)
		assert.LessOrEqual(t, utf8.RuneCountInString(got.Text), 80, got.Text)
		assert.GreaterOrEqual(t, got.Evidence, 0.0)
		assert.LessOrEqual(t, got.ControlFailures, got.ControlTasks)
		assert.LessOrEqual(t, got.Failures, got.Tasks)
		assert.True(t, got.Worse >= 0 && got.Worse <= 1, "P %v", got.Worse)
		if got.Outcome == judge.BadRevision && got.Alarm == "" {
			assert.GreaterOrEqual(t, got.Evidence, got.Needed)
			assert.Positive(t, got.Failures, "no revision is marked bad without a failure or an alarm")
		}
	})
}

func TestTheOrderOfMapsAndCohortsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCase(t)
		if c.Suspect == nil {
			return
		}
		want := judge.Evaluate(c)
		rebuilt := &fleet.TaskCohort{Tasks: make(map[string]fleet.TaskLife, 64)}
		for _, id := range rapid.Permutation(slices.Sorted(maps.Keys(c.Suspect.Tasks))).Draw(t, "order") {
			rebuilt.Tasks[id] = c.Suspect.Tasks[id]
		}
		c.Suspect, c.Control = rebuilt, rapid.Permutation(c.Control).Draw(t, "arms")
		assert.Equal(t, want, judge.Evaluate(c))
	})
}

func TestAnotherFailureOnlyAddsEvidence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCase(t)
		if c.Suspect == nil {
			return
		}
		before := judge.Evaluate(c).Evidence
		failed := ago(time.Duration(rapid.IntRange(0, 60).Draw(t, "failed")) * time.Second)
		c.Suspect.Tasks["more"] = fleet.TaskLife{StartedAt: failed.Add(-time.Second), StoppedAt: failed, Cause: fleet.AppExit}
		assert.GreaterOrEqual(t, judge.Evaluate(c).Evidence, before)
	})
}

func TestARunningTaskOnlyReducesEvidence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCase(t)
		if c.Suspect == nil {
			return
		}
		before := judge.Evaluate(c).Evidence
		c.Running = 0
		unseen := judge.Evaluate(c).Evidence
		assert.LessOrEqual(t, before, unseen)
		c.Suspect.Tasks["lives"] = alive(time.Duration(rapid.IntRange(0, 9000).Draw(t, "age")) * time.Second)
		assert.LessOrEqual(t, judge.Evaluate(c).Evidence, unseen)
	})
}

func TestMoreAcceptedFalseAlarmsMarkNoLess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCase(t)
		strict := judge.Evaluate(c)
		c.FalseAlarm = min(0.5, c.FalseAlarm*rapid.Float64Range(1, 1e6).Draw(t, "more"))
		lax := judge.Evaluate(c)
		assert.GreaterOrEqual(t, strict.Needed, lax.Needed)
		assert.InDelta(t, strict.Evidence, lax.Evidence, 0)
		if strict.Outcome == judge.BadRevision {
			assert.Equal(t, judge.BadRevision, lax.Outcome)
		}
	})
}

func TestAFailingControlNeverMakesARevisionWorse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCase(t)
		c.Control = nil
		alone := judge.Evaluate(c)
		c.Control = arms(anyArm().Draw(t, "control"))
		beside := judge.Evaluate(c)
		assert.LessOrEqual(t, beside.Failures, alone.Failures)
		if alone.Outcome != judge.BadRevision && alone.Place == "" {
			assert.NotEqual(t, judge.BadRevision, beside.Outcome)
		}
	})
}
