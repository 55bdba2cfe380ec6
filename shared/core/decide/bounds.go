package decide

import (
	"fmt"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/core/reason"
)

// leadLeast is how long before a schedule its tasks are asked for at least, and
// leadMost how long at most, however long tasks take to start.
const leadLeast, leadMost = time.Minute, 15 * time.Minute

// lead is one start-up delay: the longest of the tasks that are remembered.
func lead(m fleet.Memory) time.Duration {
	longest := leadLeast
	for _, arm := range m.Cohorts {
		for _, life := range arm.Tasks {
			longest = max(longest, life.Took)
		}
	}
	return min(longest, leadMost)
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

// scheduled raises the count to what a schedule asks for, whatever the load is.
func scheduled(in Input) (d fleet.Decision, ok bool) {
	tasks, why := Floor(in.Policy, in.Memory, in.Now)
	desired := in.Snapshot.Desired
	if tasks == 0 || tasks <= desired {
		return fleet.Decision{}, false
	}
	d = setDesired(in, fleet.ScaleOut, tasks, fleet.Reason{Name: reason.Schedule, Text: why})
	d.Action.Intent = fmt.Sprintf("schedule %d from %d at %s", tasks, desired, in.Now.UTC().Truncate(time.Minute).Format(time.RFC3339))
	return d, true
}

const (
	// externalWithin is the time in which somebody else's changes of the count are
	// added up, and externalMost how many of them are a second hand.
	externalWithin = time.Hour
	externalMost   = 3
)

// externalModification reports whether somebody else keeps changing the count that we set:
// then one of the two has to stop, and a person is told.
func externalModification(in Input) (fleet.Decision, bool) {
	n := 0
	for _, at := range in.Memory.ExternalChanges {
		if in.Now.Sub(at) < externalWithin {
			n++
		}
	}
	if n < externalMost {
		return fleet.Decision{}, false
	}
	text := fmt.Sprintf("somebody else changed the desired count %d times in the last hour after it was set here, so it is left alone; "+
		"turn one of the two off: scale.enabled here, or the other controller", n)
	d, _ := notify(reason.ExternalModification, text)
	return d, true
}

// rememberSetCount keeps what count was set here, and when somebody changed it.
func rememberSetCount(m *fleet.Memory, in Input, e fleet.Episode) {
	s := in.Snapshot
	if s.Found && m.LastSetCount != nil && *m.LastSetCount != s.Desired {
		m.ExternalChanges = append(m.ExternalChanges, in.Now)
		m.LastSetCount = new(s.Desired)
	}
	if a := e.Verdict.Action; a != nil && a.Kind == fleet.SetDesired && e.Verdict.Outcome == fleet.Act && e.Result.Status == fleet.Done {
		m.LastSetCount = new(a.To)
	}
	for len(m.ExternalChanges) > 0 && in.Now.Sub(m.ExternalChanges[0]) >= externalWithin {
		m.ExternalChanges = m.ExternalChanges[1:]
	}
}
