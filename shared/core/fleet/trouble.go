package fleet

import "time"

// Trouble is a failure that service actions or tasks told of: placement that
// failed, a subnet without addresses.
type Trouble struct {
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	Count int       `json:"count"`
}

// Block is one kind of decision that must wait.
type Block struct {
	Kind  DecisionKind `json:"kind"`
	Until time.Time    `json:"until"`
	Why   string       `json:"why"`
}

// SpotFallback is a service's capacity before on-demand capacity was added to it.
type SpotFallback struct {
	At  time.Time        `json:"at"`
	Was []ProviderWeight `json:"was"`
}

// ProbeRun is one task of the last good revision, run to see whether it dies
// as well.
type ProbeRun struct {
	// Task is its id, Definition what it runs, For the suspect deployment.
	Task       string    `json:"task,omitempty"`
	Definition string    `json:"definition"`
	For        string    `json:"for"`
	At         time.Time `json:"at"`
}

// RestartCap is the desired count before restarts were capped.
type RestartCap struct {
	At  time.Time `json:"at"`
	Was int       `json:"was"`
}

// troubleWindow is after how much quiet a trouble is a new one.
const troubleWindow = 30 * time.Minute

// foldTrouble counts a failure, from a service action or a task's end.
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

// Lately is the trouble of this cause within the window before now; ok is
// false where there was none.
func (m Memory) Lately(cause Cause, window time.Duration, now time.Time) (t Trouble, ok bool) {
	t, ok = m.Troubles[cause]
	return t, ok && now.Sub(t.Last) <= window
}

// ActiveBlock is the hold on a kind of decision at now; ok is false where there is
// none.
func (m Memory) ActiveBlock(kind DecisionKind, now time.Time) (h Block, ok bool) {
	for _, h := range m.Blocks {
		if h.Kind == kind && now.Before(h.Until) {
			return h, true
		}
	}
	return Block{}, false
}

// AddBlock holds a kind of decision back, replacing an earlier hold on it.
func (m *Memory) AddBlock(h Block) {
	for i := range m.Blocks {
		if m.Blocks[i].Kind == h.Kind {
			m.Blocks[i] = h
			return
		}
	}
	m.Blocks = append(m.Blocks, h)
}
