package fleet

import (
	"maps"
	"slices"
	"sort"
	"time"
)

// Forget drops entries older than the memory window. Quarantine and rollbacks
// stay, because only an operator lifts them.
func (m *Memory) Forget(now time.Time) {
	horizon := now.Add(-memoryWindow)
	for id, cohort := range m.Cohorts {
		for task, life := range cohort.Tasks {
			if life.SeenAt.Before(horizon) && (!life.Cause.BlamesRevision() || life.SeenAt.Before(now.Add(-failureWindow))) {
				m.keepLife(id, cohort, life, now)
				cohort.drop(task)
			}
		}
		if len(cohort.Tasks) == 0 && cohort.FirstSeen.Before(horizon) {
			delete(m.Cohorts, id)
		}
	}
	m.retireCohorts(now)
	for cause, trouble := range m.Troubles {
		if trouble.Last.Before(horizon) {
			delete(m.Troubles, cause)
		}
	}
	if m.Waiting != nil && !m.Waiting.Expires.IsZero() && now.After(m.Waiting.Expires) {
		m.Waiting = nil
	}
	m.Blocks = slices.DeleteFunc(m.Blocks, func(h Block) bool { return !now.Before(h.Until) })
	m.Quarantine, m.Rollbacks = tail(m.Quarantine, maxBad), tail(m.Rollbacks, maxBad)
	maps.DeleteFunc(m.Alarms, func(_ string, a AlarmState) bool { return a.At.Before(horizon) })
	maps.DeleteFunc(m.Issues, func(_ string, i Issue) bool { return i.SeenAt.Before(now.Add(-failureWindow)) })
	m.ProcessedEvents = slices.DeleteFunc(m.ProcessedEvents, func(s ProcessedEvent) bool { return s.At.Before(horizon) })
	m.Actions = slices.DeleteFunc(m.Actions, func(a PastAction) bool { return a.At.Before(horizon) })
}

// dropOldCohorts drops the oldest deployments beyond the bound.
func (m *Memory) dropOldCohorts() {
	for len(m.Cohorts) > maxCohorts {
		delete(m.Cohorts, m.oldestCohort())
	}
}

// retireCohorts moves the oldest deployment to the lasting records, so that there is
// room for the next one.
func (m *Memory) retireCohorts(now time.Time) {
	for len(m.Cohorts) >= maxCohorts {
		oldest := m.oldestCohort()
		for _, life := range m.Cohorts[oldest].Tasks {
			m.keepLife(oldest, m.Cohorts[oldest], life, now)
		}
		delete(m.Cohorts, oldest)
	}
}

// oldestCohort returns the id of the deployment that was seen first.
func (m *Memory) oldestCohort() (oldest string) {
	for id, cohort := range m.Cohorts {
		if oldest == "" || earlier(cohort.FirstSeen, id, m.Cohorts[oldest].FirstSeen, oldest) {
			oldest = id
		}
	}
	return oldest
}

// dropRank returns the order in which tasks are dropped.
func (l TaskLife) dropRank() int {
	switch {
	case l.StoppedAt.IsZero():
		return 2
	case l.Cause.BlamesRevision():
		return 1
	}
	return 0
}

// dropOldTasks drops the tasks with the oldest events beyond the bound: first those
// that ended without a failure, then the failed ones. A running task is a comparison
// for those that fail.
func (a *TaskCohort) dropOldTasks() {
	if len(a.Tasks) <= maxTasks {
		return
	}
	ids := make([]string, 0, len(a.Tasks))
	for id := range a.Tasks {
		ids = append(ids, id)
	}
	sort.Slice(ids, func(i, j int) bool {
		x, y := a.Tasks[ids[i]], a.Tasks[ids[j]]
		if a, b := x.dropRank(), y.dropRank(); a != b {
			return a < b
		}
		return earlier(x.SeenAt, ids[i], y.SeenAt, ids[j])
	})
	for _, id := range ids[:len(ids)-maxTasks] {
		a.drop(id)
	}
}
