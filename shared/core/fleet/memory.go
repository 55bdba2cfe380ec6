package fleet

import (
	"slices"
	"time"
)

// Bounds of the memory, so that it always fits one item of the store.
const (
	maxCohorts   = 8   // deployments remembered for each service
	maxTasks     = 100 // tasks remembered for each deployment
	maxActions   = 60  // past actions remembered for each service
	maxChanges   = 60  // past changes of its desired count, which come oftener
	maxProcessed = 60  // event ids remembered for each service
	maxBad       = 100 // quarantined images and rolled back pairs of each service
	maxPushes    = 10  // pushes that wait
	memoryWindow = 24 * time.Hour
)

// Memory is what Homeostat remembers of one service between events. The zero
// Memory is a service that was never seen.
type Memory struct {
	// Version grows with each write: optimistic locking.
	Version int64 `json:"version"`
	// Cohorts are the tasks of each deployment, by deployment id.
	Cohorts map[string]*TaskCohort `json:"arms,omitempty"`
	// Actions are the latest actions, oldest first.
	Actions []PastAction `json:"actions,omitempty"`
	// PendingAction is the action that was about to be carried out when this was
	// written; nil between actions. Found set, a look was interrupted by a crash.
	PendingAction *PendingAction `json:"acting,omitempty"`
	// Quarantine are the digests that must not come back by themselves.
	Quarantine []Quarantined `json:"quarantine,omitempty"`
	// Rollbacks are the revision pairs that were rolled back: each once only.
	Rollbacks []Rollback `json:"rollbacks,omitempty"`
	// Troubles are the failures without a task that events told of, by cause.
	Troubles map[Cause]Trouble `json:"troubles,omitempty"`
	// Blocks are what must not be done for a while, with the reason.
	Blocks []Block `json:"holds,omitempty"`
	// SpotFallback is what the service's capacity was before it was given on-demand
	// capacity; nil where it was not.
	SpotFallback *SpotFallback `json:"fell_back,omitempty"`
	// Probe is the latest probe; nil where there was none.
	Probe *ProbeRun `json:"probe,omitempty"`
	// Waiting is the hook at which the running deployment waits; nil for none.
	Waiting *Hook `json:"waiting,omitempty"`
	// RestartCap is what the desired count was before restarts were capped; nil
	// where they are not.
	RestartCap *RestartCap `json:"capped,omitempty"`
	// Explained is when a common cause of deaths was found last; zero where none
	// was. They are held against no revision.
	Explained time.Time `json:"explained,omitzero"`
	// PendingSince is since when looks found the running deployment with tasks
	// that do not come up; zero where the last found none.
	PendingSince time.Time `json:"pending_since,omitzero"`
	// Alarms are the states that events told of, by the alarm's name.
	Alarms map[string]AlarmState `json:"alarms,omitempty"`
	// Pushes are the pushes that were not dealt with yet, the newest of each
	// repository and tag.
	Pushes []Push `json:"pushes,omitempty"`
	// LastSetCount is the desired count that was set here last, as it is known now; nil
	// where none was. Foreign are the times at which somebody else had changed it.
	LastSetCount    *int        `json:"set,omitempty"`
	ExternalChanges []time.Time `json:"foreign,omitempty"`
	// ScaledToZeroAt is when the service was taken to zero for want of work; zero where a
	// person stopped it, or it runs.
	ScaledToZeroAt time.Time `json:"zero_at,omitzero"`
	// LastDecisionKey is the last decision in short: the same again is not recorded again.
	LastDecisionKey string `json:"said,omitempty"`
	// LastNotified is when a person was last told of what, by the reason's name.
	LastNotified map[string]time.Time `json:"told,omitempty"`
	// ProcessedEvents are the ids of events without a task that were folded already.
	ProcessedEvents []ProcessedEvent `json:"seen,omitempty"`
}

// AlarmState is an alarm's state since At.
type AlarmState struct {
	State string    `json:"state"`
	At    time.Time `json:"at"`
}

// Hot reports whether an alarm of the service is in ALARM.
func (m Memory) Hot() bool {
	for _, alarm := range m.Alarms {
		if alarm.State == "ALARM" {
			return true
		}
	}
	return false
}

// TaskCohort is one deployment's tasks: the suspect's or the control's.
type TaskCohort struct {
	TaskDefinition string    `json:"task_definition,omitempty"`
	FirstSeen      time.Time `json:"first_seen,omitzero"`
	// Tasks are keyed by task id.
	Tasks map[string]TaskLife `json:"tasks,omitempty"`
}

// TaskLife is what is known of one task.
type TaskLife struct {
	Version   int64     `json:"v,omitempty"`
	StartedAt time.Time `json:"started,omitzero"`
	// Took is how long it took from its creation until it ran; zero where that
	// is not known.
	Took time.Duration `json:"took,omitempty"`
	// EndedAt is when it stopped serving: it was told to stop, or stopped.
	EndedAt   time.Time `json:"ended,omitzero"`
	StoppedAt time.Time `json:"stopped,omitzero"`
	SeenAt    time.Time `json:"seen,omitzero"`
	Cause     Cause     `json:"cause,omitempty"`
	Zone      string    `json:"zone,omitempty"`
	Provider  string    `json:"provider,omitempty"`
	Host      string    `json:"host,omitempty"`
	// Code is the exit code of the container that decided; nil where none is known.
	Code *int `json:"code,omitempty"`
}

// PastAction is an action that was carried out or tried.
type PastAction struct {
	Kind   DecisionKind `json:"kind"`
	Intent string       `json:"intent"`
	At     time.Time    `json:"at"`
	Status string       `json:"status"`
}

// PendingAction is an action with what is to be remembered once it is known to have
// been carried out.
type PendingAction struct {
	Kind       DecisionKind `json:"kind"`
	Action     Action       `json:"action"`
	Quarantine []Image      `json:"quarantine,omitempty"`
	// Deployment and Definition are what ran when it was decided.
	Deployment string    `json:"deployment,omitempty"`
	Definition string    `json:"definition,omitempty"`
	Why        string    `json:"why"`
	Episode    string    `json:"episode"`
	At         time.Time `json:"at"`
}

// Quarantined is an image that was rolled back from.
type Quarantined struct {
	Image   Image     `json:"image"`
	At      time.Time `json:"at"`
	Why     string    `json:"why"`
	Episode string    `json:"episode"`
}

// Rollback is one revision pair: from the bad deployment to the good revision.
type Rollback struct {
	// From is the id of the deployment that was rolled back.
	From string `json:"from"`
	// FromDefinition and ToDefinition are "family:revision".
	FromDefinition string    `json:"from_definition"`
	ToDefinition   string    `json:"to_definition"`
	At             time.Time `json:"at"`
	// Outcome is what became of it, "helped" or "in-vain"; empty until that is
	// known.
	Outcome string `json:"outcome,omitempty"`
}

// Push is an image that arrived under a watched tag.
type Push struct {
	Image Image     `json:"image"`
	At    time.Time `json:"at"`
	Event string    `json:"event"`
}

// ProcessedEvent is an event that was folded.
type ProcessedEvent struct {
	ID string    `json:"id"`
	At time.Time `json:"at"`
}

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
		if t.Kind == TaskStopped || (t.Kind == TaskStopping && life.StoppedAt.IsZero() && blamesSomebody(e.Family)) {
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

func blamesSomebody(f Family) bool { return f == FamilyStart || f == FamilyRuntime }

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

// PushOf is the push that waits under a tag; ok is false where none does.
func (m Memory) PushOf(tag string) (p Push, ok bool) {
	for _, p := range m.Pushes {
		if p.Image.Tag == tag {
			return p, true
		}
	}
	return Push{}, false
}

// Quarantines reports whether the digest is in quarantine, with the record.
func (m Memory) Quarantines(digest string) (Quarantined, bool) {
	for _, q := range m.Quarantine {
		if digest != "" && q.Image.Digest == digest {
			return q, true
		}
	}
	return Quarantined{}, false
}

// RolledBack reports whether the deployment or its revision was rolled back before.
func (m Memory) RolledBack(deployment, definition string) bool {
	return slices.ContainsFunc(m.Rollbacks, func(r Rollback) bool {
		return r.From == deployment || (definition != "" && r.FromDefinition == definition)
	})
}

// Last is the latest action of these kinds that was carried out; ok is false
// where there was none.
func (m Memory) Last(kinds ...DecisionKind) (last PastAction, ok bool) {
	for _, a := range m.Actions {
		if a.Status == Done && slices.Contains(kinds, a.Kind) {
			last, ok = a, true
		}
	}
	return last, ok
}

// Since counts the actions that were carried out after t, of these kinds or,
// without kinds, of any.
func (m Memory) Since(t time.Time, kinds ...DecisionKind) int {
	n := 0
	for _, a := range m.Actions {
		if a.Status == Done && a.At.After(t) && (len(kinds) == 0 || slices.Contains(kinds, a.Kind)) {
			n++
		}
	}
	return n
}

// Remember appends an action, dropping the oldest of its sort beyond the bound:
// an hour of scaling must not push out what was rolled out or back.
func (m *Memory) Remember(a PastAction) {
	m.Actions = append(m.Actions, a)
	excess := -maxActions
	if a.changesCount() {
		excess = -maxChanges
	}
	for _, other := range m.Actions {
		if other.changesCount() == a.changesCount() {
			excess++
		}
	}
	m.Actions = slices.DeleteFunc(m.Actions, func(other PastAction) bool {
		old := excess > 0 && other.changesCount() == a.changesCount()
		if old {
			excess--
		}
		return old
	})
}

func (a PastAction) changesCount() bool { return a.Kind == ScaleOut || a.Kind == ScaleIn }

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
