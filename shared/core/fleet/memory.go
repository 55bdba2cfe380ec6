package fleet

import (
	"maps"
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

// Memory is the state of one service between events. The zero Memory is a service
// that was never evaluated. Its groups are embedded, so that the stored item is
// flat.
type Memory struct {
	// Version grows with each write: optimistic locking.
	Version int64 `json:"version"`
	Health
	ActionLog
	ImageLog
	ScalingLog
	Notifications
}

// Health is the evidence about the tasks and deployments of a service.
type Health struct {
	// Cohorts are the tasks of each deployment, by deployment id.
	Cohorts map[string]*TaskCohort `json:"arms,omitempty"`
	// Troubles are the failures without a task, by cause.
	Troubles map[Cause]Trouble `json:"troubles,omitempty"`
	// Alarms are the states that events reported, by the name of the alarm.
	Alarms map[string]AlarmState `json:"alarms,omitempty"`
	// Probe is the latest probe; nil for none.
	Probe *ProbeRun `json:"probe,omitempty"`
	// Waiting is the hook at which the running deployment waits; nil for none.
	Waiting *Hook `json:"waiting,omitempty"`
	// Explained is the time of the last common cause of failures; zero for none.
	// Failures before it count against no revision.
	Explained time.Time `json:"explained,omitzero"`
	// PendingSince is the time since which tasks of the running deployment do not
	// start; zero where the last evaluation found none.
	PendingSince time.Time `json:"pending_since,omitzero"`
}

// ActionLog is the history of actions, and their effects that last.
type ActionLog struct {
	// Actions are the latest actions, oldest first.
	Actions []PastAction `json:"actions,omitempty"`
	// PendingAction is the action that was about to be made when the memory was
	// written; nil between actions. Where it is set, an evaluation was interrupted.
	PendingAction *PendingAction `json:"acting,omitempty"`
	// Blocks are the kinds of actions that are suppressed for a while.
	Blocks []Block `json:"holds,omitempty"`
	// SpotFallback holds the capacity from before the service was given on-demand
	// capacity; nil where it was not.
	SpotFallback *SpotFallback `json:"fell_back,omitempty"`
	// RestartCap holds the desired count from before restarts were capped; nil where
	// they are not.
	RestartCap *RestartCap `json:"capped,omitempty"`
}

// ImageLog is the history of images: pushed, quarantined and rolled back.
type ImageLog struct {
	// Pushes are the pushes that wait, the newest of each repository and tag.
	Pushes []Push `json:"pushes,omitempty"`
	// Quarantine are the digests that must not come back by themselves.
	Quarantine []Quarantined `json:"quarantine,omitempty"`
	// Rollbacks are the revision pairs that were rolled back: each once only.
	Rollbacks []Rollback `json:"rollbacks,omitempty"`
}

// ScalingLog is the history of the desired count.
type ScalingLog struct {
	// LastSetCount is the desired count that Homeostat set last, as it is now; nil
	// where it set none.
	LastSetCount *int `json:"set,omitempty"`
	// ExternalChanges are the times at which something else changed that count.
	ExternalChanges []time.Time `json:"foreign,omitempty"`
	// ScaledToZeroAt is the time at which the service was scaled to zero for lack of
	// demand; zero where it runs, or was stopped by hand.
	ScaledToZeroAt time.Time `json:"zero_at,omitzero"`
}

// Notifications is the history of recorded decisions and alerts.
type Notifications struct {
	// LastDecisionKey is the key of the last recorded decision: a repetition is not
	// recorded again.
	LastDecisionKey string `json:"said,omitempty"`
	// LastNotified is the time of the last alert, by the name of its first reason.
	LastNotified map[string]time.Time `json:"told,omitempty"`
	// ProcessedEvents are the ids of events without a task that were folded.
	ProcessedEvents []ProcessedEvent `json:"seen,omitempty"`
}

// Clone returns a copy that shares nothing that a change would alter.
func (m Memory) Clone() Memory {
	if m.Cohorts != nil {
		cohorts := make(map[string]*TaskCohort, len(m.Cohorts))
		for id, cohort := range m.Cohorts {
			c := *cohort
			c.Tasks = maps.Clone(cohort.Tasks)
			cohorts[id] = &c
		}
		m.Cohorts = cohorts
	}
	m.Troubles, m.Alarms, m.LastNotified = maps.Clone(m.Troubles), maps.Clone(m.Alarms), maps.Clone(m.LastNotified)
	m.Actions, m.Blocks = slices.Clone(m.Actions), slices.Clone(m.Blocks)
	m.Pushes, m.Quarantine, m.Rollbacks = slices.Clone(m.Pushes), slices.Clone(m.Quarantine), slices.Clone(m.Rollbacks)
	m.ExternalChanges, m.ProcessedEvents = slices.Clone(m.ExternalChanges), slices.Clone(m.ProcessedEvents)
	return m
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
