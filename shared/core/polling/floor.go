package polling

import (
	"fmt"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
)

// lead is one start-up delay: the longest of the tasks that are remembered.
func lead(m fleet.Memory) time.Duration {
	longest := shortestLead
	for _, arm := range m.Cohorts {
		for _, life := range arm.Tasks {
			longest = max(longest, life.Took)
		}
	}
	return min(longest, longestLead)
}

// Floor is the least number of tasks that a schedule asks for now, or will once
// a task that is asked for now has started, with the reason; 0 where none does.
// The policy's own minimum is not meant: below it stands what a person set there.
func Floor(p policy.Effective, m fleet.Memory, now time.Time) (tasks int, why string) {
	if len(p.Schedules) == 0 {
		return 0, ""
	}
	if b := p.BoundsAt(now); b.Min > p.Min {
		tasks, why = b.Min, b.Why
	}
	if at, next := p.Upcoming(now); !at.IsZero() && next > max(tasks, p.Min) && at.Sub(now) <= lead(m) {
		tasks, why = next, fmt.Sprintf("min %d from %s, and tasks take up to %s to start", next, at.UTC().Format(time.RFC3339), lead(m).Round(time.Second))
	}
	return tasks, why
}
