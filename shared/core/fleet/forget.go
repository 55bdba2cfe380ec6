package fleet

import (
	"slices"
	"sort"
	"time"
)

// Forget drops what is older than the memory's window. Quarantine and rolled
// back pairs stay: a person lifts them.
func (m *Memory) Forget(now time.Time) {
	horizon := now.Add(-memoryWindow)
	for id, arm := range m.Cohorts {
		for task, life := range arm.Tasks {
			if life.SeenAt.Before(horizon) {
				delete(arm.Tasks, task)
			}
		}
		if len(arm.Tasks) == 0 && arm.FirstSeen.Before(horizon) {
			delete(m.Cohorts, id)
		}
	}
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
	for name, alarm := range m.Alarms {
		if alarm.At.Before(horizon) {
			delete(m.Alarms, name)
		}
	}
	m.ProcessedEvents = slices.DeleteFunc(m.ProcessedEvents, func(s ProcessedEvent) bool { return s.At.Before(horizon) })
	m.Actions = slices.DeleteFunc(m.Actions, func(a PastAction) bool { return a.At.Before(horizon) })
}

func (m *Memory) dropOldCohorts() {
	for len(m.Cohorts) > maxCohorts {
		oldest := ""
		for id, arm := range m.Cohorts {
			if oldest == "" || earlier(arm.FirstSeen, id, m.Cohorts[oldest].FirstSeen, oldest) {
				oldest = id
			}
		}
		delete(m.Cohorts, oldest)
	}
}

func (a *TaskCohort) dropOldTasks() {
	if len(a.Tasks) <= maxTasks {
		return
	}
	ids := make([]string, 0, len(a.Tasks))
	for id := range a.Tasks {
		ids = append(ids, id)
	}
	sort.Slice(ids, func(i, j int) bool {
		return earlier(a.Tasks[ids[i]].SeenAt, ids[i], a.Tasks[ids[j]].SeenAt, ids[j])
	})
	for _, id := range ids[:len(ids)-maxTasks] {
		delete(a.Tasks, id)
	}
}
