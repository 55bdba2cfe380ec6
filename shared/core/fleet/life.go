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

// RevisionLife holds the lasting facts about the tasks of one deployment. It counts
// the tasks that left the cohort, so that they survive the memory window.
type RevisionLife struct {
	TaskDefinition string `json:"task_definition,omitempty"`
	// Digests are the digests that its tasks ran, sorted; empty if ECS named none.
	Digests []string `json:"digests,omitempty"`
	// Tasks is the number of tasks. Failed is the number of those that failed with a
	// cause that counts against a revision.
	Tasks  int `json:"tasks,omitempty"`
	Failed int `json:"failed,omitempty"`
	// Longest is the longest known run of one task; zero if none ran.
	Longest time.Duration `json:"longest,omitempty"`
	// MarkedFailed is the time at which the deployment was marked failed; zero if it
	// was not.
	MarkedFailed time.Time `json:"marked_failed,omitzero"`
	// SeenAt is the time of the last change of this record.
	SeenAt time.Time `json:"seen,omitzero"`
}

// AllFailed reports whether at least two tasks are known, and each of them failed.
func (l RevisionLife) AllFailed() bool { return l.Tasks >= leastFailed && l.Failed == l.Tasks }

// LifeOf returns the facts about all deployments of a revision, from the lasting
// records and from the present cohorts. It is zero for a revision without a task.
func (m Memory) LifeOf(r Revision, now time.Time) RevisionLife {
	all := RevisionLife{TaskDefinition: r.TaskDefinition}
	for _, known := range m.Lives {
		if runsAs(known.TaskDefinition, known.Digests, r) {
			all = all.plus(known)
		}
	}
	for _, cohort := range m.Cohorts {
		if runsAs(cohort.TaskDefinition, cohort.Digests, r) {
			all = all.plus(cohort.life(m.Explained, now))
		}
	}
	return all
}

// Runs reports whether the tasks of the cohort run the revision.
func (a *TaskCohort) Runs(r Revision) bool { return runsAs(a.TaskDefinition, a.Digests, r) }

// runsAs reports whether tasks of a definition with these digests run the revision.
// Unknown digests are no difference.
func runsAs(definition string, digests []string, r Revision) bool {
	if definition == "" || definition != r.TaskDefinition {
		return false
	}
	return len(digests) == 0 || !r.Pinned() || slices.ContainsFunc(r.Containers, func(c ContainerImage) bool {
		return slices.Contains(digests, c.Image.Digest)
	}) && !slices.ContainsFunc(digests, func(digest string) bool {
		return !slices.ContainsFunc(r.Containers, func(c ContainerImage) bool { return c.Image.Digest == digest })
	})
}

// plus returns the facts of both records.
func (l RevisionLife) plus(other RevisionLife) RevisionLife {
	l.Tasks, l.Failed = l.Tasks+other.Tasks, l.Failed+other.Failed
	l.Longest = max(l.Longest, other.Longest)
	if other.MarkedFailed.After(l.MarkedFailed) {
		l.MarkedFailed = other.MarkedFailed
	}
	return l
}

// life returns the facts about the tasks of the cohort. Failures until explained have
// a common cause and do not count.
func (a *TaskCohort) life(explained, now time.Time) RevisionLife {
	var l RevisionLife
	for _, task := range a.Tasks {
		l = l.plus(task.life(explained, now))
	}
	return l
}

// life returns the facts about one task. Without an event of its end, it still runs.
func (l TaskLife) life(explained, now time.Time) RevisionLife {
	out := RevisionLife{Tasks: 1}
	if l.Cause.BlamesRevision() && !l.StoppedAt.IsZero() && l.StoppedAt.After(explained) {
		out.Failed = 1
	}
	if !l.StartedAt.IsZero() {
		out.Longest = max(0, firstTime(l.EndedAt, l.StoppedAt, now).Sub(l.StartedAt))
	}
	return out
}

// keepLife adds a task that Forget removes from its cohort to the lasting record.
func (m *Memory) keepLife(deployment string, cohort *TaskCohort, task TaskLife, now time.Time) {
	if cohort.TaskDefinition == "" {
		return
	}
	l := m.Lives[deployment].plus(task.life(m.Explained, now))
	l.TaskDefinition, l.Digests, l.SeenAt = cohort.TaskDefinition, cohort.Digests, now
	m.setLife(deployment, l)
}

// MarkFailed records that a deployment was marked failed. Only the first mark of a
// deployment counts.
func (m *Memory) MarkFailed(deployment string, r Revision, now time.Time) {
	if l := m.Lives[deployment]; deployment != "" && l.MarkedFailed.IsZero() {
		l.TaskDefinition, l.Digests, l.MarkedFailed, l.SeenAt = r.TaskDefinition, r.Digests(), now, now
		m.setLife(deployment, l)
	}
}

// Clear removes the mark of a deployment, because its failures have a common cause.
func (m *Memory) Clear(deployment string) {
	if l, known := m.Lives[deployment]; known {
		l.MarkedFailed = time.Time{}
		m.setLife(deployment, l)
	}
}

// setLife sets the record of a deployment. Beyond the bound the oldest record goes.
func (m *Memory) setLife(deployment string, l RevisionLife) {
	if m.Lives == nil {
		m.Lives = map[string]RevisionLife{}
	}
	m.Lives[deployment] = l
	for len(m.Lives) > maxLives {
		oldest := ""
		for id, known := range m.Lives {
			if oldest == "" || earlier(known.SeenAt, id, m.Lives[oldest].SeenAt, oldest) {
				oldest = id
			}
		}
		delete(m.Lives, oldest)
	}
}

// Digests returns the known digests of the containers, sorted.
func (r Revision) Digests() []string {
	var out []string
	for _, c := range r.Containers {
		out = addDigest(out, c.Image.Digest)
	}
	return out
}

// addDigest adds a digest to a sorted list, up to the bound of a cohort.
func addDigest(digests []string, digest string) []string {
	at, known := slices.BinarySearch(digests, digest)
	if digest == "" || known || len(digests) >= maxDigests {
		return digests
	}
	return slices.Insert(slices.Clone(digests), at, digest)
}
