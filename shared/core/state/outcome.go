package state

import (
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
)

// RollbackOutcome returns the outcome of the latest rollback, if this episode is the
// first to show it: contract.RollbackHelped or contract.RollbackInVain. Else it is
// empty, so that each rollback is counted once.
func RollbackOutcome(m fleet.Memory, e fleet.Episode) string {
	if len(m.Rollbacks) == 0 {
		return ""
	}
	last := m.Rollbacks[len(m.Rollbacks)-1]
	switch {
	case last.Outcome != "":
		return ""
	case e.Decision.RollbackIneffective:
		return contract.RollbackInVain
	case helped(last, m, e):
		return contract.RollbackHelped
	}
	return ""
}

// helped reports whether the restored revision runs fully and without a task failure,
// at the check after a rollback or later.
func helped(r fleet.Rollback, m fleet.Memory, e fleet.Episode) bool {
	age, s := e.At.Sub(r.At), e.Snapshot
	primary, ok := s.Primary()
	if !ok || age < AfterCheck || age > RollbackNews || primary.TaskDefinition != r.ToDefinition {
		return false
	}
	return s.Running >= s.Desired && s.Pending == 0 && !failedSince(m.Cohorts[primary.ID], r.At)
}

// failedSince reports whether a task of the cohort failed after a time.
func failedSince(cohort *fleet.TaskCohort, since time.Time) bool {
	if cohort == nil {
		return false
	}
	for _, life := range cohort.Tasks {
		if life.Cause.BlamesRevision() && life.StoppedAt.After(since) {
			return true
		}
	}
	return false
}
