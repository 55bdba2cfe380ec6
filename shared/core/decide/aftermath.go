package decide

import (
	"slices"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
)

// Aftermath writes into the memory what became of the latest rollback, once that
// is known, and returns the word; empty where there is no news. So each
// rollback is counted once, as helped or as in vain.
func Aftermath(m *fleet.Memory, in Input, e fleet.Episode) string {
	if len(m.Rollbacks) == 0 {
		return ""
	}
	last := m.Rollbacks[len(m.Rollbacks)-1]
	if last.Outcome != "" {
		return ""
	}
	switch {
	case e.Decision.RollbackIneffective:
		last.Outcome = contract.RollbackInVain
	case helped(last, in):
		last.Outcome = contract.RollbackHelped
	default:
		return ""
	}
	// A copy: the input's memory shares the slice.
	m.Rollbacks = append(slices.Clone(m.Rollbacks[:len(m.Rollbacks)-1]), last)
	return last.Outcome
}

// helped reports whether, by the time of the after-check or later, what was
// brought back runs whole and no task of it has died.
func helped(r fleet.Rollback, in Input) bool {
	age, s := in.Now.Sub(r.At), in.Snapshot
	primary, ok := s.Primary()
	if !ok || age < afterCheck || age > takenBackFor || primary.TaskDefinition != r.ToDefinition {
		return false
	}
	return s.Running >= s.Desired && s.Pending == 0 && !failedSince(in.Memory.Cohorts[primary.ID], r.At)
}

func failedSince(arm *fleet.TaskCohort, since time.Time) bool {
	for _, life := range cohortTasks(arm) {
		if blamesTheRevision(life.Cause) && life.StoppedAt.After(since) {
			return true
		}
	}
	return false
}
