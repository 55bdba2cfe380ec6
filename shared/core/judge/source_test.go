package judge_test

import (
	"testing"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/judge"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// rolling returns a rollout that began five minutes ago. Its starts fail, four tasks of
// the earlier revision run, and both revisions read the secret db.
func rolling(failures int, changed time.Duration) judge.Case {
	c := young(arm(crashes(failures, fleet.AppExit)), arm(steady(4)))
	c.Since, c.ControlRunning = ago(5*time.Minute), 4
	c.SourceChanges, c.SharedSources = map[string]time.Time{"db": ago(changed)}, []string{"db"}
	return c
}

func TestAChangedSecretInARolloutExcusesItsFailedStarts(t *testing.T) {
	for name, c := range map[string]struct {
		failures int
		changed  time.Duration
		given    func(*judge.Case)
		want     judge.Outcome
	}{
		"the secret changed in the rollout":             {3, 3 * time.Minute, nil, judge.EnvironmentChanged},
		"it changed right after the rollout began":      {3, 299 * time.Second, nil, judge.EnvironmentChanged},
		"it changed right before the rollout":           {3, 301 * time.Second, nil, judge.BadRevision},
		"it changed after the first failed start":       {3, 10 * time.Second, nil, judge.BadRevision},
		"too few starts failed":                         {2, 3 * time.Minute, nil, judge.NotEnoughEvidence},
		"the change is unknown":                         {3, 3 * time.Minute, func(c *judge.Case) { c.SourceChanges = nil }, judge.BadRevision},
		"the earlier revision does not read the secret": {3, 3 * time.Minute, func(c *judge.Case) { c.SharedSources = nil }, judge.BadRevision},
		"no task of the earlier revision runs": {3, 3 * time.Minute, func(c *judge.Case) {
			c.Control, c.ControlRunning = nil, 0
		}, judge.BadRevision},
		"a task of the earlier revision started well since": {3, 4 * time.Minute, func(c *judge.Case) {
			c.Control = arms(arm(steady(3), []fleet.TaskLife{alive(3 * time.Minute)}))
		}, judge.BadRevision},
		"a task of the earlier revision has just started": {3, 3 * time.Minute, func(c *judge.Case) {
			c.Control = arms(arm(steady(3), []fleet.TaskLife{alive(30 * time.Second)}))
		}, judge.EnvironmentChanged},
		"a task of the new revision started well since": {4, 4 * time.Minute, func(c *judge.Case) {
			c.Suspect = arm(crashes(4, fleet.AppExit), []fleet.TaskLife{alive(3 * time.Minute)})
		}, judge.BadRevision},
		"the tasks fail after half an hour": {0, 50 * time.Minute, func(c *judge.Case) {
			c.Since = ago(time.Hour)
			c.Suspect = arm(repeat(4, func(i int) fleet.TaskLife {
				return fleet.TaskLife{StartedAt: ago(45 * time.Minute), StoppedAt: ago(time.Duration(i+1) * time.Minute), Cause: fleet.AppExit}
			}))
		}, judge.BadRevision},
	} {
		t.Run(name, func(t *testing.T) {
			of := rolling(c.failures, c.changed)
			if c.given != nil {
				c.given(&of)
			}
			got := judge.Evaluate(of)
			assert.Equal(t, c.want, got.Outcome, "%s", got.Full())
			assert.Equal(t, c.want == judge.EnvironmentChanged, got.InRollout)
		})
	}
	for source, name := range map[string]string{
		"/shop/db": "/shop/db",
		"arn:aws:ssm:eu-central-1:123456789012:parameter/shop/db":                       "shop/db",
		"arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf:password:: ": "db-AbCdEf",
		"arn:aws": "arn:aws",
	} {
		of := rolling(3, 3*time.Minute)
		of.SourceChanges, of.SharedSources = map[string]time.Time{source: ago(3 * time.Minute)}, []string{source}
		assert.Equal(t, "new starts fail (3), "+name+" changed in the rollout", judge.Evaluate(of).Text)
	}
	got := judge.Evaluate(rolling(3, 3*time.Minute))
	assert.Equal(t, "new starts fail (3), db changed in the rollout", got.Text)
	assert.Equal(t, "db", got.Source)
	assert.Equal(t, ago(3*time.Minute), got.ChangedAfter)
	assert.Contains(t, got.Detail, "db changed at 2026-01-05T11:57:00Z, before the first failed start")
}

func TestTasksWithAnEarlierValueAreNoBadRevision(t *testing.T) {
	// rotated returns old tasks that fail one by one after a change 20 minutes ago.
	rotated := func(more ...fleet.TaskLife) *fleet.TaskCohort {
		return arm(steady(1), repeat(4, func(i int) fleet.TaskLife { return late(fleet.AppExit, time.Duration(i+1)*time.Minute) }), more)
	}
	for name, c := range map[string]struct {
		cohort  *fleet.TaskCohort
		changed time.Duration
		want    judge.Outcome
	}{
		"tasks from before the change fail":                {rotated(), 20 * time.Minute, judge.EnvironmentChanged},
		"and later starts run":                             {rotated(alive(3*time.Minute), alive(time.Minute)), 20 * time.Minute, judge.EnvironmentChanged},
		"later starts fail too":                            {rotated(crash(fleet.AppExit, time.Minute)), 20 * time.Minute, judge.BadRevision},
		"the change was long before the failures":          {rotated(), 65 * time.Minute, judge.BadRevision},
		"the first failure came before the change":         {rotated(), 3 * time.Minute, judge.BadRevision},
		"the failures are over, and all desired tasks run": {arm(steady(3), repeat(4, func(i int) fleet.TaskLife { return late(fleet.AppExit, time.Duration(i+20)*time.Minute) })), 30 * time.Minute, judge.NotEnoughEvidence},
	} {
		t.Run(name, func(t *testing.T) {
			of := mature(c.cohort)
			of.SourceChanges = map[string]time.Time{"db": ago(c.changed)}
			of.FullyRunning = c.want == judge.NotEnoughEvidence
			got := judge.Evaluate(of)
			assert.Equal(t, c.want, got.Outcome, "%s", got.Full())
			assert.Equal(t, c.want == judge.EnvironmentChanged, got.Outdated)
		})
	}
	of := mature(rotated(alive(3 * time.Minute)))
	of.SourceChanges = map[string]time.Time{"db": ago(20 * time.Minute), "mail": ago(30 * time.Hour)}
	got := judge.Evaluate(of)
	assert.Equal(t, "tasks with the earlier value of db fail (4)", got.Text)
	assert.Equal(t, 1, got.OlderAlive)
	assert.Contains(t, got.Detail, "db changed at 2026-01-05T11:40:00Z, all failed tasks started before, and none that started later failed (1 run)")
}

// A date says that something else changed. It is never evidence against a revision.
func TestADateNeverMakesARevisionBad(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minutes := rapid.IntRange(0, 300)
		lives := repeat(rapid.IntRange(1, 30).Draw(t, "tasks"), func(int) fleet.TaskLife {
			began := time.Duration(minutes.Draw(t, "began")) * time.Minute
			life := alive(began)
			if rapid.Bool().Draw(t, "fails") {
				life.StoppedAt, life.Cause = ago(began*time.Duration(rapid.IntRange(0, 9).Draw(t, "tenths"))/10), fleet.AppExit
			}
			return life
		})
		c := young(arm(lives), arm(steady(2)))
		c.Since = ago(time.Duration(minutes.Draw(t, "since")) * time.Minute)
		c.ControlRunning = rapid.IntRange(0, 2).Draw(t, "older")
		without := judge.Evaluate(c)
		c.SourceChanges = map[string]time.Time{"db": ago(time.Duration(minutes.Draw(t, "changed")-10) * time.Minute), "mail": {}}
		c.SharedSources = []string{"db", "mail", "unknown"}
		with := judge.Evaluate(c)
		if with.Outcome != judge.EnvironmentChanged {
			assert.Equal(t, without, with)
		}
		if without.Outcome != judge.BadRevision && without.Outcome != judge.EnvironmentChanged {
			assert.False(t, with.InRollout || with.Outdated, "nothing is to be explained")
		}
	})
}
