package fleet

import (
	"maps"
	"slices"
	"time"
)

// Memory is the state of one service between events. The zero Memory belongs to a
// service without an evaluation. The groups are embedded, so the stored item is
// flat.
type Memory struct {
	// Version grows with each write, for optimistic locking.
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
	// Lives are the lasting facts about the tasks of deployments, by deployment id.
	Lives map[string]RevisionLife `json:"lives,omitempty"`
	// Troubles are the failures without a task, by cause.
	Troubles map[Cause]Trouble `json:"troubles,omitempty"`
	// Alarms are the reported states of alarms, by name.
	Alarms map[string]AlarmState `json:"alarms,omitempty"`
	// Issues are the troubles outside of all revisions, by ID.
	Issues map[string]Issue `json:"issues,omitempty"`
	// Probe is the latest probe; nil for none.
	Probe *ProbeRun `json:"probe,omitempty"`
	// Waiting is the hook of the waiting deployment; nil for none.
	Waiting *Hook `json:"waiting,omitempty"`
	// Explained is the time of the last common cause of failures; zero for none.
	// Failures before it count against no revision.
	Explained time.Time `json:"explained,omitzero"`
	// PendingSince is the time since which tasks of the running deployment do not
	// start; zero if the last evaluation found none.
	PendingSince time.Time `json:"pending_since,omitzero"`
	// Shortage is the time with fewer running tasks than desired; nil for none.
	Shortage *Shortage `json:"shortage,omitempty"`
	// Pauses are the times in which no task of the running deployment ran, oldest
	// first.
	Pauses []Pause `json:"pauses,omitempty"`
}

// Shortage is a time with fewer running tasks than desired.
type Shortage struct {
	Since time.Time `json:"since"`
	// DownSince is the time since which no task runs; zero while one does.
	DownSince time.Time `json:"down_since,omitzero"`
	// Told is true once the operator was notified of it.
	Told bool `json:"told,omitempty"`
}

// Pause is a time in which no task of the running deployment ran. To is zero while it
// lasts.
type Pause struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to,omitzero"`
}

// ActionLog is the history of actions, and their lasting effects.
type ActionLog struct {
	// Actions are the latest actions, oldest first.
	Actions []PastAction `json:"actions,omitempty"`
	// PendingAction is the action in progress at the last write; nil between
	// actions. If it is set, an earlier evaluation was interrupted.
	PendingAction *PendingAction `json:"acting,omitempty"`
	// Blocks are the suppressed kinds of actions.
	Blocks []Block `json:"holds,omitempty"`
	// SpotFallback holds the capacity from before the fallback to on-demand; nil
	// without a fallback.
	SpotFallback *SpotFallback `json:"fell_back,omitempty"`
	// RestartCap holds the desired count from before the cap of restarts; nil
	// without a cap.
	RestartCap *RestartCap `json:"capped,omitempty"`
}

// ImageLog is the history of images: pushed, quarantined and rolled back.
type ImageLog struct {
	// Pushes are the pending pushes, the newest of each repository and tag.
	Pushes []Push `json:"pushes,omitempty"`
	// Quarantine lists the digests that Homeostat does not deploy again.
	Quarantine []Quarantined `json:"quarantine,omitempty"`
	// Rollbacks are the rolled back revision pairs. Each pair is rolled back once.
	Rollbacks []Rollback `json:"rollbacks,omitempty"`
	// Definitions are the names of the task definitions that are stored beside the
	// memory, oldest first. They can be registered again after their deletion.
	Definitions []string `json:"definitions,omitempty"`
}

// ScalingLog is the history of the desired count.
type ScalingLog struct {
	// LastSetCount is the desired count that Homeostat set last; nil if it set
	// none.
	LastSetCount *int `json:"set,omitempty"`
	// ExternalChanges are the times at which something else changed the count.
	ExternalChanges []time.Time `json:"foreign,omitempty"`
	// ScaledToZeroAt is the time of the scale-in to zero for lack of demand; zero
	// if the service runs or an operator stopped it.
	ScaledToZeroAt time.Time `json:"zero_at,omitzero"`
}

// Notifications is the history of recorded decisions and alerts.
type Notifications struct {
	// LastDecisionKey is the key of the last recorded decision. A repetition is not
	// recorded again.
	LastDecisionKey string `json:"said,omitempty"`
	// LastNotified is the time of the last alert, by the name of its first reason.
	LastNotified map[string]time.Time `json:"told,omitempty"`
	// ProcessedEvents are the folded events without a task.
	ProcessedEvents []ProcessedEvent `json:"seen,omitempty"`
}

// Clone returns a copy that shares no changeable part.
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
	m.Lives = maps.Clone(m.Lives)
	m.Troubles, m.Alarms, m.LastNotified = maps.Clone(m.Troubles), maps.Clone(m.Alarms), maps.Clone(m.LastNotified)
	m.Issues = maps.Clone(m.Issues)
	m.Actions, m.Blocks = slices.Clone(m.Actions), slices.Clone(m.Blocks)
	m.Pushes, m.Quarantine, m.Rollbacks = slices.Clone(m.Pushes), slices.Clone(m.Quarantine), slices.Clone(m.Rollbacks)
	m.Pauses, m.Definitions = slices.Clone(m.Pauses), slices.Clone(m.Definitions)
	m.ExternalChanges, m.ProcessedEvents = slices.Clone(m.ExternalChanges), slices.Clone(m.ProcessedEvents)
	return m
}

// AlarmState is the state of an alarm since At.
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

// TaskCohort holds the tasks of one deployment.
type TaskCohort struct {
	TaskDefinition string    `json:"task_definition,omitempty"`
	FirstSeen      time.Time `json:"first_seen,omitzero"`
	// Revision is the ARN of the service revision; empty if it is unknown.
	Revision string `json:"revision,omitempty"`
	// Digests are the digests that its tasks run, sorted; empty if ECS named none.
	Digests []string `json:"digests,omitempty"`
	// Tasks are keyed by task id.
	Tasks map[string]TaskLife `json:"tasks,omitempty"`
	// Dropped sums up the tasks without a failure that are no longer in Tasks.
	Dropped Dropped `json:"dropped,omitzero"`
}

// Dropped is the record of dropped tasks.
type Dropped struct {
	// Hours is the number of whole hours that they ran.
	Hours int `json:"hours,omitempty"`
	// Ages counts those that ran for at least 1, 2, 4, 8, 16 and 32 hours.
	Ages [DroppedAges]int `json:"ages,omitzero"`
}

// Add returns the sum of both records.
func (d Dropped) Add(other Dropped) Dropped {
	d.Hours += other.Hours
	for i := range d.Ages {
		d.Ages[i] += other.Ages[i]
	}
	return d
}

// drop removes a task, and adds its life to the record if it ended without a failure. A
// running task counts among the running tasks of ECS.
func (a *TaskCohort) drop(id string) {
	life := a.Tasks[id]
	delete(a.Tasks, id)
	if life.Cause.BlamesRevision() || life.EndedAt.IsZero() || life.StartedAt.IsZero() {
		return
	}
	age := life.EndedAt.Sub(life.StartedAt)
	a.Dropped.Hours += int(age / time.Hour)
	for i := range a.Dropped.Ages {
		if age >= time.Hour<<i {
			a.Dropped.Ages[i]++
		}
	}
}

// TaskLife holds the facts about one task.
type TaskLife struct {
	Version   int64     `json:"v,omitempty"`
	StartedAt time.Time `json:"started,omitzero"`
	// Took is the time from creation to running; zero if it is unknown.
	Took time.Duration `json:"took,omitempty"`
	// EndedAt is the time of the stop request, or of the stop without one.
	EndedAt   time.Time `json:"ended,omitzero"`
	StoppedAt time.Time `json:"stopped,omitzero"`
	SeenAt    time.Time `json:"seen,omitzero"`
	Cause     Cause     `json:"cause,omitempty"`
	Zone      string    `json:"zone,omitempty"`
	Provider  string    `json:"provider,omitempty"`
	Host      string    `json:"host,omitempty"`
	// Code is the exit code of the decisive container; nil if none is known.
	Code *int `json:"code,omitempty"`
}

// PastAction is a completed or attempted action.
type PastAction struct {
	Kind   DecisionKind `json:"kind"`
	Intent string       `json:"intent"`
	At     time.Time    `json:"at"`
	Status string       `json:"status"`
}

// PendingAction is an action with the data to remember after its success.
type PendingAction struct {
	Kind       DecisionKind `json:"kind"`
	Action     Action       `json:"action"`
	Quarantine []Image      `json:"quarantine,omitempty"`
	// Deployment and Definition were running at the time of the decision.
	Deployment string `json:"deployment,omitempty"`
	Definition string `json:"definition,omitempty"`
	// Digests are those of Definition, sorted; empty if they are unknown.
	Digests []string  `json:"digests,omitempty"`
	Why     string    `json:"why"`
	Episode string    `json:"episode"`
	At      time.Time `json:"at"`
}

// Quarantined is an image that was rolled back from.
type Quarantined struct {
	Image   Image     `json:"image"`
	At      time.Time `json:"at"`
	Why     string    `json:"why"`
	Episode string    `json:"episode"`
}

// Rollback is one revision pair: the bad deployment and the good revision.
type Rollback struct {
	// From is the id of the bad deployment.
	From string `json:"from"`
	// FromDefinition and ToDefinition are "family:revision".
	FromDefinition string `json:"from_definition"`
	// FromDigests are the digests of the bad revision, sorted; empty if they are
	// unknown.
	FromDigests  []string  `json:"from_digests,omitempty"`
	ToDefinition string    `json:"to_definition"`
	At           time.Time `json:"at"`
	// Why holds the causes of the failed tasks of the bad deployment, and the name of an
	// alarm; empty if they are unknown.
	Why []string `json:"why,omitempty"`
	// Outcome is "helped" or "in-vain"; empty until it is known.
	Outcome string `json:"outcome,omitempty"`
}

// Push is a new image under a watched tag.
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

// PushOf returns the pending push of a tag; ok is false without one.
func (m Memory) PushOf(tag string) (p Push, ok bool) {
	for _, p := range m.Pushes {
		if p.Image.Tag == tag {
			return p, true
		}
	}
	return Push{}, false
}

// Quarantines returns the record of a quarantined digest; ok is false if the
// digest is empty or not in quarantine.
func (m Memory) Quarantines(digest string) (Quarantined, bool) {
	for _, q := range m.Quarantine {
		if digest != "" && q.Image.Digest == digest {
			return q, true
		}
	}
	return Quarantined{}, false
}

// RolledBack reports whether the deployment or its revision was rolled back
// before.
func (m Memory) RolledBack(deployment, definition string) bool {
	return slices.ContainsFunc(m.Rollbacks, func(r Rollback) bool {
		return r.From == deployment || (definition != "" && r.FromDefinition == definition)
	})
}

// RolledBackFrom reports whether this revision was rolled back before. The same task
// definition with other images is another revision.
func (m Memory) RolledBackFrom(r Revision) bool {
	return slices.ContainsFunc(m.Rollbacks, func(known Rollback) bool { return runsAs(known.FromDefinition, known.FromDigests, r) })
}

// Last returns the latest completed action of these kinds; ok is false without
// one.
func (m Memory) Last(kinds ...DecisionKind) (last PastAction, ok bool) {
	for _, a := range m.Actions {
		if a.Status == Done && slices.Contains(kinds, a.Kind) {
			last, ok = a, true
		}
	}
	return last, ok
}

// Since returns the number of completed actions after t, of these kinds. Without
// kinds it counts all.
func (m Memory) Since(t time.Time, kinds ...DecisionKind) int {
	n := 0
	for _, a := range m.Actions {
		if a.Status == Done && a.At.After(t) && (len(kinds) == 0 || slices.Contains(kinds, a.Kind)) {
			n++
		}
	}
	return n
}

// Remember appends an action and drops the oldest of its group beyond the bound.
// Changes of the count are a group of their own: an hour of scaling must not push
// out a rollback.
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

// changesCount reports whether the action changed the desired count.
func (a PastAction) changesCount() bool { return a.Kind == ScaleOut || a.Kind == ScaleIn }
