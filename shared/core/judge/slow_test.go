package judge_test

import (
	"testing"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/judge"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// generations returns n tasks in a row that each failed at this age, the last one now.
func generations(n int, age time.Duration) []fleet.TaskLife {
	return repeat(n, func(i int) fleet.TaskLife {
		at := time.Duration(i) * (age + time.Minute)
		return fleet.TaskLife{StartedAt: ago(at + age), StoppedAt: ago(at), Cause: fleet.AppExit}
	})
}

// since returns a case of a revision of this age.
func since(age time.Duration, suspect *fleet.TaskCohort, control ...*fleet.TaskCohort) judge.Case {
	c := young(suspect, control...)
	c.Since = ago(age)
	return c
}

func TestSlowFailuresAreFound(t *testing.T) {
	lived := func(n int, age time.Duration) []fleet.TaskLife {
		return repeat(n, func(int) fleet.TaskLife {
			return fleet.TaskLife{StartedAt: ago(30*time.Hour + age), EndedAt: ago(30 * time.Hour), StoppedAt: ago(30 * time.Hour)}
		})
	}
	together := func(n int, age time.Duration) []fleet.TaskLife {
		return repeat(n, func(i int) fleet.TaskLife {
			at := time.Duration(i) * 10 * time.Minute
			return fleet.TaskLife{StartedAt: ago(at + age), StoppedAt: ago(at), Cause: fleet.OutOfMemory}
		})
	}
	for name, c := range map[string]struct {
		of   judge.Case
		want judge.Outcome
		slow bool
	}{
		"a crash every two hours, four times":                   {since(9*time.Hour, arm(generations(4, 2*time.Hour))), judge.BadRevision, true},
		"a crash every two hours, twice":                        {since(5*time.Hour, arm(generations(2, 2*time.Hour))), judge.NotEnoughEvidence, false},
		"a crash every six hours, five times":                   {since(31*time.Hour, arm(generations(5, 6*time.Hour))), judge.BadRevision, true},
		"the first generation of a leak ends at an age of 10 h": {since(11*time.Hour, arm(together(4, 10*time.Hour))), judge.BadRevision, false},
		"three of four such tasks":                              {since(11*time.Hour, arm(together(3, 10*time.Hour), []fleet.TaskLife{alive(11 * time.Hour)})), judge.NotEnoughEvidence, false},
		"as many of the older revision failed too":              {since(9*time.Hour, arm(generations(4, 2*time.Hour)), arm(generations(9, 2*time.Hour))), judge.CommonCause, true},
		"the older revision lived for days":                     {since(9*time.Hour, arm(generations(4, 2*time.Hour)), arm(lived(3, 40*time.Hour))), judge.BadRevision, true},
		"twenty tasks live, and one fails each two hours":       {since(9*time.Hour, arm(generations(4, 2*time.Hour), repeat(20, func(int) fleet.TaskLife { return alive(9 * time.Hour) }))), judge.NotEnoughEvidence, false},
		"as many dropped tasks lived long": {func() judge.Case {
			c := since(9*time.Hour, arm(generations(4, 2*time.Hour)))
			c.Suspect.Dropped = fleet.Dropped{Hours: 400, Ages: [6]int{20, 20, 20, 20, 20}}
			return c
		}(), judge.NotEnoughEvidence, false},
		"running tasks without an event count as alive since then": {func() judge.Case { c := since(9*time.Hour, arm(generations(4, 2*time.Hour))); c.Running = 40; return c }(), judge.NotEnoughEvidence, false},
	} {
		t.Run(name, func(t *testing.T) {
			got := judge.Evaluate(c.of)
			assert.Equal(t, c.want, got.Outcome, "%s", got.Full())
			assert.Equal(t, c.slow, got.Slow, "%s", got.Full())
		})
	}
	got := judge.Evaluate(since(9*time.Hour, arm(generations(4, 2*time.Hour)), arm(lived(3, 40*time.Hour))))
	assert.Equal(t, "4 of 4 tasks failed, at an age of 2 h, 0 of 120 hours of older revisions", got.Text)
}

func TestARevisionWhoseTasksAllFailedIsNotHealthy(t *testing.T) {
	old := generations(2, 5*time.Hour)
	for i := range old {
		old[i].StartedAt, old[i].StoppedAt = old[i].StartedAt.Add(-4*time.Hour), old[i].StoppedAt.Add(-4*time.Hour)
	}
	got := judge.Evaluate(since(20*time.Hour, arm(old, []fleet.TaskLife{alive(4 * time.Hour)})))
	assert.Equal(t, judge.NotEnoughEvidence, got.Outcome)
	assert.Equal(t, "2 of 3 tasks failed before, no task has outlived them", got.Text)
	got = judge.Evaluate(since(20*time.Hour, arm(old, []fleet.TaskLife{alive(6 * time.Hour)})))
	assert.Equal(t, judge.Healthy, got.Outcome)
	assert.Equal(t, "1 task ran for 2 min or longer, 2 failed before", got.Text)
}

func TestNoRecordWithoutASurvivorIsHealthy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lives := repeat(rapid.IntRange(1, 30).Draw(t, "tasks"), func(int) fleet.TaskLife {
			age := time.Duration(rapid.IntRange(0, 200_000).Draw(t, "age")) * time.Second
			at := time.Duration(rapid.IntRange(0, 200_000).Draw(t, "ago")) * time.Second
			return fleet.TaskLife{StartedAt: ago(at + age), StoppedAt: ago(at), Cause: fleet.AppExit}
		})
		assert.NotEqual(t, judge.Healthy, judge.Evaluate(since(120*time.Hour, arm(lives))).Outcome)
	})
}

func TestABurstOfFailuresAfterGoodDaysIsNotFromTheStart(t *testing.T) {
	burst := repeat(30, func(i int) fleet.TaskLife {
		at := time.Duration(i) * 4 * time.Minute
		return fleet.TaskLife{StartedAt: ago(at + 3*time.Minute), StoppedAt: ago(at), Cause: fleet.AppExit}
	})
	assert.False(t, judge.Evaluate(since(60*time.Hour, arm(burst))).FromStart)
	assert.True(t, judge.Evaluate(since(31*time.Hour, arm(generations(5, 6*time.Hour)))).FromStart)
}

// A revision that fails fast is compared with the tasks of the same time, not with
// failures of an older revision an hour ago.
func TestEarlierFailuresOfAnOlderRevisionExplainNoFastFailures(t *testing.T) {
	failing := func(n int, at, every time.Duration) []fleet.TaskLife {
		return repeat(n, func(i int) fleet.TaskLife {
			end := at + time.Duration(i)*every
			return fleet.TaskLife{StartedAt: ago(end + 3*time.Minute), StoppedAt: ago(end), Cause: fleet.ELBHealth}
		})
	}
	slow := 0
	for failures := range 9 {
		for running := range 30 {
			live := repeat(running, func(int) fleet.TaskLife { return alive(4 * time.Minute) })
			c := since(12*time.Minute, arm(failing(failures, 0, time.Minute), live), arm(failing(4, 50*time.Minute, time.Minute)))
			got := judge.Evaluate(c)
			assert.NotEqual(t, judge.CommonCause, got.Outcome, "%d failures of %d: %s", failures, failures+running, got.Full())
			if c.FalseAlarm = 1 / (got.Evidence * 0.999); c.FalseAlarm < 1 && judge.Evaluate(c).Slow { // at the threshold
				slow++
			}
			assert.NotEqual(t, judge.CommonCause, judge.Evaluate(c).Outcome, "%d failures of %d at the threshold", failures, failures+running)
		}
	}
	assert.Zero(t, slow)
}

func TestARevisionWithExplainedFailuresIsNotHealthy(t *testing.T) {
	c := young(arm(crashes(3, fleet.SecretDenied), repeat(4, func(int) fleet.TaskLife { return alive(time.Hour) })))
	c.NotAtFault = map[fleet.Cause]string{fleet.SecretDenied: "no role changed"}
	got := judge.Evaluate(c)
	assert.Equal(t, judge.NotEnoughEvidence, got.Outcome)
	assert.Equal(t, "3 of 7 tasks failed in the last 15 min, for no cause of the revision", got.Text)

	c = young(arm(crashes(3, fleet.AppExit), repeat(4, func(int) fleet.TaskLife { return alive(time.Hour) })))
	c.Explained = ago(time.Second)
	got = judge.Evaluate(c)
	assert.Equal(t, judge.NotEnoughEvidence, got.Outcome)
	assert.Equal(t, "3 of 7 tasks failed in the last 15 min, for no cause of the revision", got.Text)
}
