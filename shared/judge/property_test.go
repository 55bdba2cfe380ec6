package judge_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"homeostat/shared/fleet"
	"homeostat/shared/judge"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// anyLife is a task of any age, end and cause, possible or not.
func anyLife() *rapid.Generator[fleet.TaskLife] {
	return rapid.Custom(func(t *rapid.T) fleet.TaskLife {
		return fleet.TaskLife{
			StartedAt: anyTime(t, "started"), StoppedAt: anyTime(t, "stopped"),
			Cause: rapid.SampledFrom(append(fleet.Causes(), "", "no such cause")).Draw(t, "cause"),
		}
	})
}

func anyTime(t *rapid.T, label string) time.Time {
	if rapid.Bool().Draw(t, label+" is known") {
		return ago(time.Duration(rapid.IntRange(-600, 3*3600).Draw(t, label)) * time.Second)
	}
	return time.Time{}
}

func anyArm() *rapid.Generator[*fleet.Arm] {
	return rapid.Custom(func(t *rapid.T) *fleet.Arm {
		return arm(rapid.SliceOfN(anyLife(), 0, 12).Draw(t, "lives"))
	})
}

func anyAlpha(t *rapid.T) float64 { return rapid.Float64Range(1e-9, 0.5).Draw(t, "false alarm") }

func TestTheJudgeAlwaysAnswersInItsOwnWords(t *testing.T) {
	words := []judge.Outcome{judge.BadRevision, judge.CommonCause, judge.NotEnoughEvidence, judge.Healthy}
	rapid.Check(t, func(t *rapid.T) {
		suspect := rapid.OneOf(anyArm(), rapid.Just[*fleet.Arm](nil)).Draw(t, "suspect")
		control := rapid.SliceOfN(anyArm(), 0, 3).Draw(t, "control")
		got := judge.Weigh(suspect, control, anyAlpha(t), noon())
		assert.Contains(t, words, got.Outcome)
		assert.NotEmpty(t, got.Text)
		assert.GreaterOrEqual(t, got.Score, 0.0)
		assert.LessOrEqual(t, got.ControlDeaths, got.ControlTasks)
		if got.Outcome == judge.BadRevision || got.Outcome == judge.CommonCause {
			assert.Positive(t, got.Deaths, "nobody is blamed without a death")
		}
	})
}

func TestTheOrderOfMapsAndArmsDecidesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		suspect := anyArm().Draw(t, "suspect")
		control := rapid.SliceOfN(anyArm(), 0, 3).Draw(t, "control")
		falseAlarm := anyAlpha(t)
		want := judge.Weigh(suspect, control, falseAlarm, noon())
		ids := slices.Sorted(maps.Keys(suspect.Tasks))
		rebuilt := &fleet.Arm{Tasks: make(map[string]fleet.TaskLife, 64)}
		for _, id := range rapid.Permutation(ids).Draw(t, "order") {
			rebuilt.Tasks[id] = suspect.Tasks[id]
		}
		shuffled := rapid.Permutation(control).Draw(t, "arms")
		assert.Equal(t, want, judge.Weigh(rebuilt, shuffled, falseAlarm, noon()))
		assert.Equal(t, want, judge.Weigh(suspect, control, falseAlarm, noon()))
	})
}

// The added deaths come no earlier than the first: an earlier one would let
// other deaths of the control count.
func TestMoreDeathsNeverAcquit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		suspect := arm(crashes(rapid.IntRange(2, 4).Draw(t, "deaths"), fleet.AppExit), rapid.SliceOfN(anyLife(), 0, 8).Draw(t, "others"))
		control := rapid.SliceOfN(anyArm(), 0, 3).Draw(t, "control")
		falseAlarm := anyAlpha(t)
		before := judge.Weigh(suspect, control, falseAlarm, noon())
		for i := range rapid.IntRange(1, 4).Draw(t, "more") {
			since := int(noon().Sub(before.FirstDeath).Seconds())
			died := ago(time.Duration(rapid.IntRange(min(0, since), max(0, since)).Draw(t, "died")) * time.Second)
			suspect.Tasks[fmt.Sprint("more-", i)] = fleet.TaskLife{StartedAt: died.Add(-time.Second), StoppedAt: died, Cause: fleet.AppExit}
		}
		after := judge.Weigh(suspect, control, falseAlarm, noon())
		assert.Greater(t, after.Deaths, before.Deaths)
		assert.GreaterOrEqual(t, after.Score, before.Score)
		if before.Outcome == judge.BadRevision {
			assert.Equal(t, judge.BadRevision, after.Outcome, "%s; then %s", before.Text, after.Text)
		}
	})
}

func TestWhoeverAcceptsMoreFalseAlarmsConvictsNoLess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		suspect := anyArm().Draw(t, "suspect")
		control := rapid.SliceOfN(anyArm(), 0, 2).Draw(t, "control")
		a, b := anyAlpha(t), anyAlpha(t)
		strict := judge.Weigh(suspect, control, min(a, b), noon())
		lax := judge.Weigh(suspect, control, max(a, b), noon())
		assert.GreaterOrEqual(t, strict.Threshold, lax.Threshold)
		assert.InDelta(t, strict.Score, lax.Score, 0)
		if strict.Outcome == judge.BadRevision {
			assert.Equal(t, judge.BadRevision, lax.Outcome)
		}
	})
}

func TestADyingControlNeverMakesARevisionLookWorse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		suspect := anyArm().Draw(t, "suspect")
		alone := judge.Weigh(suspect, nil, alpha, noon())
		beside := judge.Weigh(suspect, []*fleet.Arm{anyArm().Draw(t, "control")}, alpha, noon())
		assert.LessOrEqual(t, beside.Deaths, alone.Deaths)
		if alone.Outcome != judge.BadRevision {
			assert.NotEqual(t, judge.BadRevision, beside.Outcome)
		}
	})
}
