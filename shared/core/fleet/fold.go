package fleet

import (
	"slices"
	"time"
)

// Fold adds one piece of evidence and reports whether it was new. The order does
// not matter, and a duplicate or unconfirmed evidence changes nothing. For a task the highest event
// version counts, for other events the event id.
func (m *Memory) Fold(e Evidence, now time.Time) bool {
	t := e.Trigger
	if e.Unconfirmed != "" {
		return false
	}
	if t.Task != "" && t.Deployment != "" {
		fresh := m.foldTask(e, now)
		if fresh && t.Kind == TaskStopped {
			m.foldTrouble(e.Cause, firstTime(t.At, now))
		}
		return fresh
	}
	if t.ID != "" {
		if m.processed(t.ID) {
			return false
		}
		m.ProcessedEvents = append(m.ProcessedEvents, ProcessedEvent{ID: t.ID, At: now})
		m.ProcessedEvents = tail(m.ProcessedEvents, maxProcessed)
	}
	switch t.Kind {
	case ServiceAction, DeploymentFailed:
		m.foldTrouble(e.Cause, firstTime(t.At, now))
	case HookWaiting:
		m.Waiting = t.Notice.Hook
	case AlarmChanged:
		m.foldAlarm(t, now)
	case ImagePush, ImageReplicated:
		m.foldPush(t, now)
	case HealthIssue, DaemonChanged:
		m.foldIssue(t, now)
	}
	return true
}

// processed reports whether the event was folded before.
func (m *Memory) processed(id string) bool {
	return slices.ContainsFunc(m.ProcessedEvents, func(s ProcessedEvent) bool { return s.ID == id })
}

// foldTask adds a task event and reports whether it was new.
func (m *Memory) foldTask(e Evidence, now time.Time) bool {
	t := e.Trigger
	cohort := m.Cohorts[t.Deployment]
	if cohort == nil {
		if m.Cohorts == nil {
			m.Cohorts = map[string]*TaskCohort{}
		}
		cohort = &TaskCohort{TaskDefinition: t.TaskDefinition, FirstSeen: now, Tasks: map[string]TaskLife{}}
		m.Cohorts[t.Deployment] = cohort
		m.dropOldCohorts()
	}
	life, known := cohort.Tasks[t.Task]
	if known && t.Version <= life.Version {
		return false
	}
	life.Version, life.SeenAt = t.Version, now
	if s := t.Stop; s != nil {
		life.StartedAt, life.Zone, life.Provider, life.Host = s.StartedAt, s.AvailabilityZone, s.CapacityProvider, s.Host
		life.Took = tookToStart(s)
		if life.EndedAt.IsZero() && (t.Kind == TaskStopped || t.Kind == TaskStopping) {
			life.EndedAt = firstTime(s.StoppingAt, s.StoppedAt, t.At, now)
		}
		// A task that is stopped for its failure counts as failed already. A load
		// balancer may drain it for minutes before its status is STOPPED.
		if t.Kind == TaskStopped || (t.Kind == TaskStopping && life.StoppedAt.IsZero() && e.Family.BlamesRevision()) {
			life.StoppedAt = firstTime(s.StoppedAt, t.At, now)
		}
		life.Code = exitCode(s.Containers, e.Container)
		for _, c := range s.Containers {
			cohort.Digests = addDigest(cohort.Digests, c.Digest)
		}
	}
	if e.Cause != "" {
		life.Cause = e.Cause
	}
	cohort.Tasks[t.Task] = life
	cohort.dropOldTasks()
	return true
}

// tookToStart returns the time from creation to running; zero if it is unknown.
func tookToStart(s *Stop) time.Duration {
	if s.StartedAt.IsZero() || s.CreatedAt.IsZero() {
		return 0
	}
	return max(0, s.StartedAt.Sub(s.CreatedAt))
}

// foldAlarm keeps the newest state of an alarm. The state of an alarm that CloudWatch
// cannot evaluate is empty.
func (m *Memory) foldAlarm(t Trigger, now time.Time) {
	at := firstTime(t.At, now)
	if known, ok := m.Alarms[t.Alarm.Name]; ok && known.At.After(at) {
		return // a late event with an older state
	}
	if m.Alarms == nil {
		m.Alarms = map[string]AlarmState{}
	}
	state := t.Alarm.State
	if t.Alarm.Evaluation != "" {
		state = ""
	}
	m.Alarms[t.Alarm.Name] = AlarmState{State: state, At: at}
}

// foldPush keeps the newest push of each repository and tag. Of two pushes in one
// second, the higher event id counts.
func (m *Memory) foldPush(t Trigger, now time.Time) {
	push := Push{Image: t.Image, At: firstTime(t.At, now), Event: t.ID}
	for i, known := range m.Pushes {
		if known.Image.Repository != push.Image.Repository || known.Image.Tag != push.Image.Tag {
			continue
		}
		if earlier(known.At, known.Event, push.At, push.Event) {
			m.Pushes[i] = push
		}
		return
	}
	m.Pushes = tail(append(m.Pushes, push), maxPushes)
}

// earlier orders by time, then by id, so that the order never depends on a map.
func earlier(a time.Time, aID string, b time.Time, bID string) bool {
	if a.Equal(b) {
		return aID < bID
	}
	return a.Before(b)
}

// exitCode returns the exit code of the container that decided. Without one it returns
// the first exit code other than 0, else 0; nil if none is known.
func exitCode(containers []ContainerExit, decided string) *int {
	var code *int
	for _, c := range containers {
		if decided != "" && c.Name == decided {
			return c.ExitCode
		}
		if c.ExitCode != nil && (code == nil || *code == 0) {
			code = c.ExitCode
		}
	}
	return code
}

// firstTime returns the first time that is not zero.
func firstTime(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// tail returns the last n elements.
func tail[T any](s []T, n int) []T {
	if len(s) <= n {
		return s
	}
	return append([]T(nil), s[len(s)-n:]...)
}
