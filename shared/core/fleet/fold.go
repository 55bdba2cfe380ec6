package fleet

import (
	"slices"
	"time"
)

// Fold adds one piece of evidence and reports whether it told anything new.
// Folding the same evidence twice changes nothing, in any order: a task keeps
// the highest version of its event, everything else counts by its event id.
func (m *Memory) Fold(e Evidence, now time.Time) bool {
	t := e.Trigger
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
	}
	return true
}

func (m *Memory) processed(id string) bool {
	return slices.ContainsFunc(m.ProcessedEvents, func(s ProcessedEvent) bool { return s.ID == id })
}

func (m *Memory) foldTask(e Evidence, now time.Time) bool {
	t := e.Trigger
	arm := m.Cohorts[t.Deployment]
	if arm == nil {
		if m.Cohorts == nil {
			m.Cohorts = map[string]*TaskCohort{}
		}
		arm = &TaskCohort{TaskDefinition: t.TaskDefinition, FirstSeen: now, Tasks: map[string]TaskLife{}}
		m.Cohorts[t.Deployment] = arm
		m.dropOldCohorts()
	}
	life, known := arm.Tasks[t.Task]
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
		// A task that is stopped for its failure has failed already: a load
		// balancer may drain it for minutes before it counts as STOPPED.
		if t.Kind == TaskStopped || (t.Kind == TaskStopping && life.StoppedAt.IsZero() && e.Family.BlamesRevision()) {
			life.StoppedAt = firstTime(s.StoppedAt, t.At, now)
		}
		life.Code = exitCode(s.Containers)
	}
	if e.Cause != "" {
		life.Cause = e.Cause
	}
	arm.Tasks[t.Task] = life
	arm.dropOldTasks()
	return true
}

func tookToStart(s *Stop) time.Duration {
	if s.StartedAt.IsZero() || s.CreatedAt.IsZero() {
		return 0
	}
	return max(0, s.StartedAt.Sub(s.CreatedAt))
}

func (m *Memory) foldAlarm(t Trigger, now time.Time) {
	at := firstTime(t.At, now)
	if known, ok := m.Alarms[t.Alarm.Name]; ok && known.At.After(at) {
		return // an older state that came late
	}
	if m.Alarms == nil {
		m.Alarms = map[string]AlarmState{}
	}
	m.Alarms[t.Alarm.Name] = AlarmState{State: t.Alarm.State, At: at}
}

// foldPush keeps the newest push of each repository and tag: of a burst, the
// newest wins, and of two in one second the one whose event sorts last.
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

func exitCode(containers []ContainerExit) *int {
	var code *int
	for _, c := range containers {
		if c.ExitCode != nil && (code == nil || *code == 0) {
			code = c.ExitCode
		}
	}
	return code
}

func firstTime(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

func tail[T any](s []T, n int) []T {
	if len(s) <= n {
		return s
	}
	return append([]T(nil), s[len(s)-n:]...)
}
