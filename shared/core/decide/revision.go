package decide

import (
	"maps"
	"slices"
	"sort"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/state"
)

// subject is the running revision with all deployments of its content. A forced
// deployment has the content of the one before, so the evidence and the age continue.
type subject struct {
	primary fleet.Deployment
	// since is the start of the first deployment without other content after it. It is
	// the start of the primary deployment if the history is unread.
	since time.Time
	// exposed is the time from which on tasks of this content could run. It is later than
	// since if the service had no tasks.
	exposed time.Time
	// ran is the time in which tasks of this content could run, without the pauses of
	// the service. earlier is the part before other content was deployed. It is zero if
	// there is none, or if it is unknown.
	ran, earlier time.Duration
	// cohort holds the tasks of these deployments; nil before the first one was seen.
	cohort *fleet.TaskCohort
	// running is the number of tasks of these deployments that ECS counts as running,
	// and olderRunning that of other content.
	running, olderRunning int
	// control holds the cohorts of other content, sorted by id, without those that were
	// rolled back: they say nothing about a common cause.
	control []*fleet.TaskCohort
}

// subjectOf returns the subject of an evaluation.
func subjectOf(in Input, primary fleet.Deployment) subject {
	s := subject{primary: primary, since: primary.CreatedAt, cohort: in.Memory.Cohorts[primary.ID]}
	current, known := in.Snapshot.Current()
	s.since, s.earlier = serviceOf(in, primary, current, known)
	s.ran = s.earlier + served(in.Memory, s.since, in.Now)
	same := func(id, revision, definition string, at time.Time) bool {
		if id == primary.ID {
			return true
		}
		r, found := revisionAt(in.Snapshot, revision, definition, at)
		return known && found && !at.Before(s.since) && fleet.Same(r, current)
	}
	for _, d := range in.Snapshot.Deployments {
		if same(d.ID, revisionARN(in.Memory, d.ID), d.TaskDefinition, d.CreatedAt) {
			s.running += d.Running
		} else {
			s.olderRunning += d.Running
		}
	}
	ids := slices.Sorted(maps.Keys(in.Memory.Cohorts))
	var own []*fleet.TaskCohort
	for _, id := range ids {
		switch c := in.Memory.Cohorts[id]; {
		case same(id, c.Revision, c.TaskDefinition, c.FirstSeen):
			own = append(own, c)
		case !in.Memory.RolledBack(id, c.TaskDefinition):
			s.control = append(s.control, c)
		}
	}
	s.cohort = union(own)
	s.exposed = exposedSince(in.Memory, s)
	return s
}

// exposedSince returns the start of the first task if a pause lasted from the start of
// the service of the content nearly until then; else that start.
func exposedSince(m fleet.Memory, s subject) time.Time {
	if s.cohort == nil || s.since.IsZero() {
		return s.since
	}
	var first time.Time
	for _, life := range s.cohort.Tasks {
		began := life.StartedAt
		if began.IsZero() {
			began = life.EndedAt
		}
		if !began.IsZero() && !began.Before(s.since) && (first.IsZero() || began.Before(first)) {
			first = began
		}
	}
	first = first.Add(-startLead)
	if wait := first.Sub(s.since); wait > 0 && served(m, s.since, first) < wait/2 {
		return first
	}
	return s.since
}

// serviceOf returns the start of the latest uninterrupted time in service of a
// content, and the time in which its tasks ran before.
func serviceOf(in Input, primary fleet.Deployment, current fleet.Revision, known bool) (since time.Time, earlier time.Duration) {
	since = primary.CreatedAt
	if !known {
		return since, 0
	}
	end, uninterrupted := in.Now, true
	for _, r := range in.Snapshot.History {
		equal := fleet.Same(r.Target, current)
		uninterrupted = uninterrupted && equal
		if equal && uninterrupted && r.Target.ARN != current.ARN && !r.CreatedAt.IsZero() && r.CreatedAt.Before(since) {
			since = r.CreatedAt
		}
		if equal && !uninterrupted && r.Status == "SUCCESSFUL" {
			earlier += served(in.Memory, r.CreatedAt, end)
		}
		end = r.CreatedAt
	}
	return since, earlier
}

// served returns the length of a time without the pauses of the service in it; zero
// for an unknown start.
func served(m fleet.Memory, from, to time.Time) time.Duration {
	if from.IsZero() || !from.Before(to) {
		return 0
	}
	return max(0, to.Sub(from)-state.Paused(m, from, to))
}

// revisionAt returns the revision of a deployment: by its ARN, else the latest one of
// the task definition that was created until the time.
func revisionAt(s fleet.Snapshot, arn, definition string, at time.Time) (fleet.Revision, bool) {
	for _, r := range s.History {
		switch {
		case arn != "" && r.Target.ARN == arn:
			return r.Target, true
		case arn == "" && r.Target.TaskDefinition == definition && !r.CreatedAt.After(at):
			return r.Target, true
		}
	}
	return fleet.Revision{}, false
}

// revisionARN returns the stored revision of a deployment; empty if it is unknown.
func revisionARN(m fleet.Memory, deployment string) string {
	if c := m.Cohorts[deployment]; c != nil {
		return c.Revision
	}
	return ""
}

// union returns one cohort with the tasks of all; nil for none.
func union(cohorts []*fleet.TaskCohort) *fleet.TaskCohort {
	switch len(cohorts) {
	case 0:
		return nil
	case 1:
		return cohorts[0]
	}
	sort.SliceStable(cohorts, func(i, j int) bool { return cohorts[i].FirstSeen.Before(cohorts[j].FirstSeen) })
	out := *cohorts[0]
	out.Tasks, out.Dropped = map[string]fleet.TaskLife{}, fleet.Dropped{}
	for _, c := range cohorts {
		out.Dropped = out.Dropped.Add(c.Dropped)
		maps.Copy(out.Tasks, c.Tasks)
	}
	return &out
}
