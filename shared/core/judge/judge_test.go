package judge_test

import (
	"testing"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/judge"

	"github.com/stretchr/testify/assert"
)

func TestTextsNameTheNumbers(t *testing.T) {
	for name, c := range map[string]struct {
		of   judge.Case
		want judge.Outcome
		text string
	}{
		"three failures in a row beside a quiet control mark the revision": {
			young(arm(crashes(3, fleet.AppExit)), arm(steady(20))), judge.BadRevision,
			"3 of 3 tasks failed within 5 s of start, 0 of 20 of older revisions; P(new worse) 1.00, evidence 11869 : 1, threshold 1000 : 1",
		},
		"two failures in a row do not": {
			young(arm(crashes(2, fleet.AppExit)), arm(steady(20))), judge.NotEnoughEvidence,
			"2 of 2 tasks failed within 5 s of start, 0 of 20 of older revisions; P(new worse) 1.00, evidence 393 : 1, threshold 1000 : 1",
		},
		"where there is nothing to compare with the finding says so": {
			young(arm(crashes(3, fleet.AppExit))), judge.BadRevision,
			"3 of 3 tasks failed within 5 s of start, nothing to compare with; P(new worse) 0.50, evidence 11869 : 1, threshold 1000 : 1",
		},
		"half of the control failing too is a common cause": {
			young(arm(crashes(3, fleet.AppExit)), arm(steady(5), crashes(5, fleet.AppExit))), judge.CommonCause,
			"3 of 3 tasks failed within 5 s of start, 5 of 10 of older revisions; something shared fails, so a rollback would not help; " +
				"P(new worse) 0.00, evidence 11869 : 1, threshold 1000 : 1",
		},
		"one of ten control tasks is no common cause": {
			young(arm(crashes(4, fleet.AppExit)), arm(steady(9), []fleet.TaskLife{late(fleet.AppExit, time.Minute)})), judge.BadRevision,
			"4 of 4 tasks failed within 5 s of start, 1 of 10 of older revisions; P(new worse) 0.87, evidence 408996 : 1, threshold 1000 : 1",
		},
		"tasks that run for two minutes are healthy": {
			young(arm(repeat(3, func(int) fleet.TaskLife { return alive(2 * time.Minute) }))), judge.Healthy,
			"3 tasks ran for 2 min or longer, none failed",
		},
		"one task that runs is healthy": {
			young(arm([]fleet.TaskLife{alive(time.Hour)})), judge.Healthy, "1 task ran for 2 min or longer, none failed",
		},
		"tasks that have just started are no evidence": {
			young(arm([]fleet.TaskLife{alive(time.Minute)})), judge.NotEnoughEvidence,
			"no task of this deployment failed for a cause of its own",
		},
		"no task at all is no evidence": {young(nil), judge.NotEnoughEvidence, "no task of this deployment was seen yet"},
		"late failures say in what time they came": {
			mature(arm(repeat(4, func(i int) fleet.TaskLife { return late(fleet.OutOfMemory, time.Duration(i+1)*time.Minute) }))), judge.BadRevision,
			"4 of 4 tasks failed within 3 min, nothing to compare with; P(new worse) 0.50, evidence 279183 : 1, threshold 1000 : 1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := judge.Evaluate(c.of)
			assert.Equal(t, c.want, got.Outcome)
			assert.Equal(t, c.text, got.Full())
		})
	}
}

func TestOnlyCausesOfTheRevisionCount(t *testing.T) {
	for _, cause := range fleet.Causes() {
		t.Run(string(cause), func(t *testing.T) {
			got := judge.Evaluate(young(arm(crashes(9, cause))))
			family := cause.Family()
			blamed := family == fleet.FamilyRuntime || family == fleet.FamilyStart
			assert.Equal(t, blamed, got.Outcome == judge.BadRevision, got.Text)
			if !blamed {
				assert.Zero(t, got.Failures)
			}
		})
	}
	t.Run("a start cause that an older revision shows too", func(t *testing.T) {
		got := judge.Evaluate(young(arm(crashes(9, fleet.SecretMissing)), arm(steady(3), crashes(1, fleet.SecretMissing))))
		assert.Equal(t, judge.NotEnoughEvidence, got.Outcome)
		assert.Zero(t, got.Failures)
	})
	t.Run("a start cause that the revision's changes cannot have brought about", func(t *testing.T) {
		c := young(arm(crashes(9, fleet.SecretMissing)))
		c.NotAtFault = map[fleet.Cause]string{fleet.SecretMissing: "it reads the same secrets as before"}
		got := judge.Evaluate(c)
		assert.Equal(t, judge.NotEnoughEvidence, got.Outcome)
		assert.Zero(t, got.Failures)
	})
}

func TestAFailureNeedsAnEndAndACause(t *testing.T) {
	for name, life := range map[string]fleet.TaskLife{
		"a task that is not known to have stopped": {StartedAt: ago(time.Minute), Cause: fleet.AppExit},
		"a task whose cause is not known":          {StartedAt: ago(time.Minute), StoppedAt: ago(time.Second)},
		"a task that is known by nothing":          {},
	} {
		t.Run(name+" is no failure", func(t *testing.T) {
			got := judge.Evaluate(young(arm(repeat(9, func(int) fleet.TaskLife { return life }))))
			assert.Equal(t, judge.NotEnoughEvidence, got.Outcome)
			assert.Zero(t, got.Failures)
		})
	}
	t.Run("a task that never ran may fail", func(t *testing.T) {
		failed := fleet.TaskLife{StoppedAt: ago(time.Minute), Cause: fleet.ImageMissing}
		got := judge.Evaluate(young(arm(repeat(3, func(int) fleet.TaskLife { return failed }))))
		assert.Equal(t, judge.BadRevision, got.Outcome)
		assert.Equal(t, 3, got.Failures)
		assert.Equal(t, ago(time.Minute), got.FirstFailure)
	})
}

func TestTheFalseAlarmShareSetsTheNumberOfFailures(t *testing.T) {
	for name, c := range map[string]struct {
		falseAlarm float64
		failures   int
	}{
		"one in two needs one failure":          {0.5, 1},
		"one in a hundred needs two":            {0.01, 2},
		"one in a thousand needs three":         {0.001, 3},
		"one in a hundred thousand needs four":  {0.00001, 4},
		"one in a hundred million needs six":    {0.00000001, 6},
		"none at all needs more than there are": {0, 51},
	} {
		t.Run(name, func(t *testing.T) {
			for n := 1; n < min(c.failures, 50); n++ {
				of := young(arm(crashes(n, fleet.AppExit)))
				of.Since, of.FalseAlarm = ago(30*time.Minute), c.falseAlarm
				assert.Equal(t, judge.NotEnoughEvidence, judge.Evaluate(of).Outcome, "%d failures", n)
			}
			if c.failures <= 50 {
				of := young(arm(crashes(c.failures, fleet.AppExit)))
				of.FalseAlarm = c.falseAlarm
				assert.Equal(t, judge.BadRevision, judge.Evaluate(of).Outcome, "%d failures", c.failures)
			}
		})
	}
}

func TestFewFailuresOfManyTasksAreNotEnough(t *testing.T) {
	failed := func(n int) []fleet.TaskLife {
		return repeat(n, func(int) fleet.TaskLife { return crash(fleet.AppExit, 10*time.Second) })
	}
	fresh := func(n int) []fleet.TaskLife {
		return repeat(n, func(int) fleet.TaskLife { return alive(20 * time.Second) })
	}
	few := judge.Evaluate(young(arm(failed(3), fresh(97))))
	assert.Equal(t, judge.NotEnoughEvidence, few.Outcome, few.Text)
	many := judge.Evaluate(young(arm(failed(30), fresh(70))))
	assert.Equal(t, judge.BadRevision, many.Outcome, many.Text)

	c := young(arm(failed(3)))
	c.Running = 97
	unseen := judge.Evaluate(c)
	assert.Equal(t, judge.NotEnoughEvidence, unseen.Outcome, "tasks that ECS counts and that had no event are alive: %s", unseen.Text)
}

func TestFailuresLongAfterTheRolloutCount(t *testing.T) {
	old := func(n int) []fleet.TaskLife {
		return repeat(n, func(int) fleet.TaskLife { return alive(5 * time.Hour) })
	}
	failing := func(n int, apart time.Duration) []fleet.TaskLife {
		return repeat(n, func(i int) fleet.TaskLife { return late(fleet.OutOfMemory, time.Duration(i+1)*apart) })
	}
	for name, c := range map[string]struct {
		lives *fleet.TaskCohort
		want  judge.Outcome
	}{
		"four of four within a minute": {arm(failing(4, 15*time.Second)), judge.BadRevision},
		"two of four":                  {arm(failing(2, 15*time.Second), old(2)), judge.NotEnoughEvidence},
		"three of ninety in an hour":   {arm(failing(3, 20*time.Minute), old(87)), judge.NotEnoughEvidence},
		"one of one":                   {arm(failing(1, time.Minute)), judge.NotEnoughEvidence},
		"one that leaks and fails every forty minutes": {
			arm(repeat(4, func(i int) fleet.TaskLife {
				stop := time.Duration(i)*40*time.Minute + time.Minute
				return fleet.TaskLife{StartedAt: ago(stop + 39*time.Minute), StoppedAt: ago(stop), Cause: fleet.OutOfMemory}
			})), judge.BadRevision,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := judge.Evaluate(mature(c.lives))
			assert.Equal(t, c.want, got.Outcome, got.Text)
		})
	}
	t.Run("failures of hours ago are forgotten", func(t *testing.T) {
		got := judge.Evaluate(mature(arm(repeat(9, func(i int) fleet.TaskLife { return crash(fleet.AppExit, 4*time.Hour+time.Duration(i)*time.Minute) }))))
		assert.Equal(t, judge.NotEnoughEvidence, got.Outcome, got.Text)
		assert.Zero(t, got.Failures)
	})
}
