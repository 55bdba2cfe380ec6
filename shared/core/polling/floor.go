package polling

import (
	"fmt"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
)

// lead returns the time from the request of a task to its start: the longest start-up
// time in the memory, within bounds.
func lead(m fleet.Memory) time.Duration {
	longest := shortestLead
	for _, cohort := range m.Cohorts {
		for _, life := range cohort.Tasks {
			longest = max(longest, life.Took)
		}
	}
	return min(longest, longestLead)
}

// Floor returns the minimum of a schedule, with the reason; 0 for none. It includes a
// schedule that begins within the start-up time of a task. The policy's own minimum does
// not count, so that a lower count that was set by hand stays.
func Floor(p policy.Effective, m fleet.Memory, now time.Time) (tasks int, why string) {
	if len(p.Schedules) == 0 {
		return 0, ""
	}
	if b := p.BoundsAt(now); b.Min > p.Min {
		tasks, why = b.Min, b.Why
	}
	if at, next := p.Upcoming(now); !at.IsZero() && next > max(tasks, p.Min) && at.Sub(now) <= lead(m) {
		tasks, why = next, fmt.Sprintf("min %d from %s, tasks start within %s", next, at.UTC().Format(time.RFC3339), lead(m).Round(time.Second))
	}
	return tasks, why
}
