package state

import (
	"slices"
	"time"

	"homeostat/shared/core/fleet"
)

// Observe returns the memory with the facts of a snapshot that ECS does not keep. They
// are the revision of the running deployment, and the times in which none of its tasks
// ran. changed is false if there is nothing new to store.
func Observe(m fleet.Memory, s fleet.Snapshot) (out fleet.Memory, changed bool) {
	if _, unread := s.Unread["service"]; unread || !s.Found {
		return m, false
	}
	m = m.Clone()
	named := nameRevision(&m, s)
	paused := pause(&m, s)
	return m, named || paused
}

// nameRevision stores the revision of the running deployment. A forced deployment has
// the same task definition, so its name does not tell the two apart.
func nameRevision(m *fleet.Memory, s fleet.Snapshot) (changed bool) {
	primary, ok := s.Primary()
	current, known := s.Current()
	cohort := m.Cohorts[primary.ID]
	if !ok || !known || cohort == nil || cohort.Revision == current.ARN || current.TaskDefinition != primary.TaskDefinition {
		return false
	}
	cohort.Revision = current.ARN
	return true
}

// pause begins or ends a time in which no task of the running deployment ran. A short
// one is dropped: each deployment begins with one.
func pause(m *fleet.Memory, s fleet.Snapshot) (changed bool) {
	primary, ok := s.Primary()
	last := len(m.Pauses) - 1
	open := last >= 0 && m.Pauses[last].To.IsZero()
	switch running := primary.Running > 0; {
	case !ok:
		return false
	case !running && !open:
		m.Pauses = append(m.Pauses, fleet.Pause{From: s.At})
	case running && open && s.At.Sub(m.Pauses[last].From) < leastPause:
		m.Pauses = m.Pauses[:last]
	case running && open:
		m.Pauses[last].To = s.At
	default:
		return false
	}
	m.Pauses = slices.DeleteFunc(m.Pauses, func(p fleet.Pause) bool {
		return !p.To.IsZero() && s.At.Sub(p.To) > pauseWindow
	})
	if extra := len(m.Pauses) - maxPauses; extra > 0 {
		m.Pauses = m.Pauses[extra:]
	}
	return true
}

// Paused returns the length of the pauses between two times.
func Paused(m fleet.Memory, from, to time.Time) time.Duration {
	var sum time.Duration
	for _, p := range m.Pauses {
		end := p.To
		if end.IsZero() || end.After(to) {
			end = to
		}
		begin := p.From
		if begin.Before(from) {
			begin = from
		}
		sum += max(0, end.Sub(begin))
	}
	return sum
}
