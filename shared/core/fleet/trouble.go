package fleet

import "time"

// Trouble is a series of failures of one cause, such as failed placements or a
// subnet without addresses.
type Trouble struct {
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	Count int       `json:"count"`
}

// Block suppresses one kind of decision until a time.
type Block struct {
	Kind  DecisionKind `json:"kind"`
	Until time.Time    `json:"until"`
	Why   string       `json:"why"`
}

// SpotFallback is the capacity of a service before on-demand capacity was added.
type SpotFallback struct {
	At  time.Time        `json:"at"`
	Was []ProviderWeight `json:"was"`
}

// ProbeRun is one task of the last good revision, run to test the environment.
type ProbeRun struct {
	// Task is the id of the task, Definition its revision, For the suspect
	// deployment.
	Task       string    `json:"task,omitempty"`
	Definition string    `json:"definition"`
	For        string    `json:"for"`
	At         time.Time `json:"at"`
}

// RestartCap is the desired count before restarts were capped.
type RestartCap struct {
	At  time.Time `json:"at"`
	Was int       `json:"was"`
	// Until is the end of the cap; zero lasts until a task is stable.
	Until time.Time `json:"until,omitzero"`
}

// foldTrouble counts a failure of a service action or a task.
func (m *Memory) foldTrouble(cause Cause, at time.Time) {
	switch cause.Family() {
	case FamilyCapacity, FamilyTransient, FamilyStart:
	default:
		return
	}
	known, ok := m.Troubles[cause]
	if !ok || at.Sub(known.Last) > troubleWindow {
		known = Trouble{First: at}
	}
	known.Count++
	if at.After(known.Last) {
		known.Last = at
	}
	if m.Troubles == nil {
		m.Troubles = map[Cause]Trouble{}
	}
	m.Troubles[cause] = known
}

// Lately returns the trouble of a cause within the window before now; ok is false
// without one.
func (m Memory) Lately(cause Cause, window time.Duration, now time.Time) (t Trouble, ok bool) {
	t, ok = m.Troubles[cause]
	return t, ok && now.Sub(t.Last) <= window
}

// ActiveBlock returns the block of a kind of decision at now; ok is false without
// one.
func (m Memory) ActiveBlock(kind DecisionKind, now time.Time) (h Block, ok bool) {
	for _, h := range m.Blocks {
		if h.Kind == kind && now.Before(h.Until) {
			return h, true
		}
	}
	return Block{}, false
}

// AddBlock adds a block. It replaces an earlier block of the same kind.
func (m *Memory) AddBlock(h Block) {
	for i := range m.Blocks {
		if m.Blocks[i].Kind == h.Kind {
			m.Blocks[i] = h
			return
		}
	}
	m.Blocks = append(m.Blocks, h)
}
