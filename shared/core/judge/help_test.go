package judge_test

import (
	"fmt"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/judge"
	"homeostat/shared/sim/simtest/fixture"
)

// alpha is the design's accepted share of good revisions that are rolled back.
const alpha = 0.001

func ago(d time.Duration) time.Time { return fixture.Noon().Add(-d) }

// crash returns a task that ran for a few seconds and failed some time ago.
func crash(cause fleet.Cause, failed time.Duration) fleet.TaskLife {
	return fleet.TaskLife{StartedAt: ago(failed + 5*time.Second), StoppedAt: ago(failed), Cause: cause}
}

// alive returns a task that has been running for a time.
func alive(since time.Duration) fleet.TaskLife { return fleet.TaskLife{StartedAt: ago(since)} }

// late returns a task that ran for hours and then failed.
func late(cause fleet.Cause, failed time.Duration) fleet.TaskLife {
	return fleet.TaskLife{StartedAt: ago(failed + 5*time.Hour), StoppedAt: ago(failed), Cause: cause}
}

func repeat(n int, life func(i int) fleet.TaskLife) []fleet.TaskLife {
	out := make([]fleet.TaskLife, n)
	for i := range out {
		out[i] = life(i)
	}
	return out
}

func crashes(n int, cause fleet.Cause) []fleet.TaskLife {
	return repeat(n, func(i int) fleet.TaskLife { return crash(cause, time.Duration(n-i)*30*time.Second) })
}

func steady(n int) []fleet.TaskLife {
	return repeat(n, func(int) fleet.TaskLife { return alive(6 * time.Hour) })
}

func in(zone string, lives []fleet.TaskLife) []fleet.TaskLife {
	for i := range lives {
		lives[i].Zone = zone
	}
	return lives
}

func arm(lives ...[]fleet.TaskLife) *fleet.TaskCohort {
	a := &fleet.TaskCohort{TaskDefinition: "web:7", Tasks: map[string]fleet.TaskLife{}}
	for _, group := range lives {
		for _, life := range group {
			a.Tasks[fmt.Sprintf("task-%03d", len(a.Tasks))] = life
		}
	}
	return a
}

func arms(a ...*fleet.TaskCohort) []*fleet.TaskCohort { return a }

// young returns a case of a deployment that began ten minutes ago.
func young(suspect *fleet.TaskCohort, control ...*fleet.TaskCohort) judge.Case {
	return judge.Case{Suspect: suspect, Since: ago(10 * time.Minute), Control: control, FalseAlarm: alpha, Now: fixture.Noon()}
}

// mature returns a case of a deployment that began six hours ago.
func mature(suspect *fleet.TaskCohort, control ...*fleet.TaskCohort) judge.Case {
	c := young(suspect, control...)
	c.Since = ago(6 * time.Hour)
	return c
}
