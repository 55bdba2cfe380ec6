package judge_test

import (
	"testing"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/judge"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func TestATaskOfTheSameRevisionIsTheBestControl(t *testing.T) {
	started := func(n int, since time.Duration) []fleet.TaskLife {
		return repeat(n, func(i int) fleet.TaskLife { return alive(since + time.Duration(i)*time.Second) })
	}
	gone := func(lives []fleet.TaskLife) []fleet.TaskLife {
		for i := range lives {
			lives[i].StoppedAt = ago(20 * time.Minute)
		}
		return lives
	}
	changed := func(at time.Duration) func(*judge.Case) {
		return func(c *judge.Case) { c.SourceChanges = map[string]time.Time{"parameter/db": ago(at)} }
	}
	for name, c := range map[string]struct {
		lives [][]fleet.TaskLife
		given func(*judge.Case)
		want  judge.Outcome
	}{
		"new starts fail, and tasks from hours ago run":           {[][]fleet.TaskLife{started(3, 5*time.Hour), crashes(3, fleet.AppExit)}, nil, judge.EnvironmentChanged},
		"the more starts fail, the clearer it is":                 {[][]fleet.TaskLife{started(3, 5*time.Hour), crashes(40, fleet.AppExit)}, nil, judge.EnvironmentChanged},
		"two failed starts may be chance":                         {[][]fleet.TaskLife{started(3, 5*time.Hour), crashes(2, fleet.AppExit)}, nil, judge.NotEnoughEvidence},
		"the older tasks do not run any more":                     {[][]fleet.TaskLife{gone(started(3, 5*time.Hour)), crashes(9, fleet.AppExit)}, nil, judge.BadRevision},
		"the older tasks started a minute before, in the rollout": {[][]fleet.TaskLife{started(3, 10*time.Minute), crashes(19, fleet.AppExit)}, nil, judge.BadRevision},
		"a parameter changed between the starts of a rollout":     {[][]fleet.TaskLife{started(3, 10*time.Minute), crashes(3, fleet.AppExit)}, changed(5 * time.Minute), judge.EnvironmentChanged},
		"a parameter changed before the rollout":                  {[][]fleet.TaskLife{started(3, 10*time.Minute), crashes(19, fleet.AppExit)}, changed(time.Hour), judge.BadRevision},
		"a parameter changed after the first failure":             {[][]fleet.TaskLife{started(3, 10*time.Minute), crashes(19, fleet.AppExit)}, changed(10 * time.Second), judge.BadRevision},
		"the failed tasks were old themselves":                    {[][]fleet.TaskLife{started(3, 5*time.Hour+time.Minute), repeat(9, func(i int) fleet.TaskLife { return late(fleet.OutOfMemory, time.Duration(i+1)*time.Minute) })}, nil, judge.BadRevision},
		"a start long ago failed too":                             {[][]fleet.TaskLife{started(4, 5*time.Hour), {crash(fleet.AppExit, 4*time.Hour)}, started(3, 3*time.Hour), crashes(3, fleet.AppExit)}, nil, judge.EnvironmentChanged},
		"the failures are over":                                   {[][]fleet.TaskLife{started(3, 5*time.Hour), repeat(3, func(i int) fleet.TaskLife { return crash(fleet.AppExit, time.Duration(i+20)*time.Minute) })}, nil, judge.NotEnoughEvidence},
		"health checks fail new starts after three minutes of life": {[][]fleet.TaskLife{started(4, 5*time.Hour), repeat(4, func(i int) fleet.TaskLife {
			at := time.Duration(i+1) * time.Minute
			return fleet.TaskLife{StartedAt: ago(at + 3*time.Minute), StoppedAt: ago(at), Cause: fleet.ELBHealth}
		})}, nil, judge.EnvironmentChanged},
	} {
		t.Run(name, func(t *testing.T) {
			of := mature(arm(c.lives...))
			if c.given != nil {
				c.given(&of)
			}
			got := judge.Evaluate(of)
			assert.Equal(t, c.want, got.Outcome, "%s", got.Full())
		})
	}
}

// A revision that turns bad ends running tasks too, and a changed environment does not.
func TestOlderTasksThatFailTooAreNoChangeOfTheEnvironment(t *testing.T) {
	older := func(n int) []fleet.TaskLife {
		return repeat(n, func(i int) fleet.TaskLife {
			at := time.Duration(i+1) * 10 * time.Second
			return fleet.TaskLife{StartedAt: ago(5 * time.Hour), StoppedAt: ago(2*time.Minute + at), Cause: fleet.AppExit}
		})
	}
	got := judge.Evaluate(mature(arm(steady(30), older(6), crashes(3, fleet.AppExit))))
	assert.NotEqual(t, judge.EnvironmentChanged, got.Outcome, got.Full())
	got = judge.Evaluate(mature(arm(steady(30), older(1), crashes(12, fleet.AppExit))))
	assert.Equal(t, judge.EnvironmentChanged, got.Outcome, "one of 31 is chance: %s", got.Full())
}

func TestTheTextNamesTheTimeOfTheChange(t *testing.T) {
	of := mature(arm(steady(3), crashes(3, fleet.AppExit)))
	of.SourceChanges = map[string]time.Time{"parameter/db": ago(time.Hour), "parameter/old": ago(72 * time.Hour)}
	got := judge.Evaluate(of)
	assert.Equal(t, judge.EnvironmentChanged, got.Outcome)
	assert.Equal(t, "new starts fail (3), 3 older tasks of the revision run", got.Text)
	assert.Equal(t, 3, got.OlderAlive)
	assert.Equal(t, "parameter/db", got.Source)
	assert.Contains(t, got.Detail, "changed between 2026-01-05T06:00:00Z and 2026-01-05T11:58:25Z")
	assert.Contains(t, got.Detail, "; parameter/db changed at 2026-01-05T11:00:00Z")
}

// A revision with a constant failure rate at the start is never a changed environment
// while it rolls out, whatever the order of its starts.
func TestABadRolloutIsNoChangeOfTheEnvironment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(4, 60).Draw(t, "tasks")
		lives := repeat(n, func(i int) fleet.TaskLife {
			at := time.Duration(n-i) * 10 * time.Second
			if rapid.Bool().Draw(t, "fails") {
				return crash(fleet.AppExit, at)
			}
			return alive(at)
		})
		assert.NotEqual(t, judge.EnvironmentChanged, judge.Evaluate(young(arm(lives))).Outcome)
	})
}

func TestTheComparisonOfPlacesNeedsStartsOfTheSameTime(t *testing.T) {
	inB := func(n int) []fleet.TaskLife { return in("b", crashes(n, fleet.AppExit)) }
	got := judge.Evaluate(young(arm(inB(9), in("a", repeat(6, func(int) fleet.TaskLife { return alive(5 * time.Minute) })))))
	assert.Equal(t, "b", got.Zone(), "%s", got.Full())
	old := arm(inB(9), in("a", repeat(6, func(int) fleet.TaskLife { return alive(6 * time.Hour) })))
	got = judge.Evaluate(mature(old))
	assert.Empty(t, got.Zone(), "no start in the zone a shows that starts succeed there: %s", got.Full())

	missing := in("b", crashes(9, fleet.ImageMissing))
	got = judge.Evaluate(young(arm(missing, in("a", repeat(6, func(int) fleet.TaskLife { return alive(5 * time.Minute) })))))
	assert.Empty(t, got.Zone(), "a missing image is missing everywhere: %s", got.Full())
}
