package event

import (
	"context"
	"time"

	"homeostat/shared/aws/record"
	"homeostat/shared/core/fleet"
	"homeostat/shared/engine/runtime"
)

// Observer reads a service as it is now.
type Observer interface {
	Snapshot(ctx context.Context, ref fleet.ServiceRef, needs fleet.Needs, now time.Time) (fleet.Snapshot, error)
	Protected(ctx context.Context, ref fleet.ServiceRef, now time.Time) fleet.Reading
	// Described returns tasks by id; a task that ECS does not know is absent.
	Described(ctx context.Context, ref fleet.ServiceRef, tasks []string) (map[string]*fleet.DescribedTask, error)
	// Definition reads a task definition by "family:revision".
	Definition(ctx context.Context, name string) (*fleet.Definition, error)
}

// Actor makes one allowed change.
type Actor interface {
	Apply(ctx context.Context, ref fleet.ServiceRef, action fleet.Action) (fleet.Result, error)
}

// Evidence stores events until an evaluation has used them.
type Evidence interface {
	Append(ctx context.Context, ref fleet.ServiceRef, e fleet.Evidence, now time.Time) (fresh bool, err error)
	Pending(ctx context.Context, ref fleet.ServiceRef) ([]fleet.Evidence, error)
	Folded(ctx context.Context, ref fleet.ServiceRef, evidence []fleet.Evidence, now time.Time) error
}

// Leases let one invocation at a time decide about a service.
type Leases interface {
	Announce(ctx context.Context, ref fleet.ServiceRef, now time.Time) (held bool, err error)
	Acquire(ctx context.Context, ref fleet.ServiceRef, owner string, now time.Time) (record.Lease, bool, error)
	Release(ctx context.Context, lease *record.Lease) (more bool, err error)
	Abandon(ctx context.Context, lease record.Lease) error
}

// Memories stores the memory of a service, and reads the freezes that cover it.
type Memories interface {
	Memory(ctx context.Context, ref fleet.ServiceRef) (fleet.Memory, error)
	SaveMemory(ctx context.Context, lease record.Lease, m fleet.Memory) error
	FreezesOf(ctx context.Context, ref fleet.ServiceRef, further ...string) ([]fleet.Freeze, error)
}

// DemandStore stores the demand state of services.
type DemandStore interface {
	DemandStates(ctx context.Context, refs []fleet.ServiceRef) (map[string]fleet.DemandState, error)
	SaveDemandStates(ctx context.Context, all []fleet.DemandState) error
}

// Intents makes each intent happen once.
type Intents interface {
	Begin(ctx context.Context, lease record.Lease, intent string, now time.Time) (done bool, err error)
	Complete(ctx context.Context, lease record.Lease, intent, status string) error
}

// Changes records that a service itself has changed, for the inventory.
type Changes interface {
	MarkChanged(ctx context.Context, ref fleet.ServiceRef, now time.Time) error
}

// Store is the state that an evaluation reads and writes.
type Store interface {
	Evidence
	Leases
	Memories
	DemandStore
	Intents
	Changes
	runtime.Journal
}

// Keeper stores task definitions, so that they can be registered again after their
// deletion.
type Keeper interface {
	Keep(ctx context.Context, ref fleet.ServiceRef, definition string, dropped []string) error
}

// LogReader reads the last log lines of a container. The error is a reason as text.
type LogReader interface {
	Tail(ctx context.Context, d *fleet.Definition, container, task string, n int) ([]string, error)
}
