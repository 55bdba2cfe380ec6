package pipeline

import (
	"context"
	"time"

	"homeostat/shared/aws/record"
	"homeostat/shared/core/fleet"
)

// Observer reads a service as it is now.
type Observer interface {
	Snapshot(ctx context.Context, ref fleet.ServiceRef, needs fleet.Needs, now time.Time) (fleet.Snapshot, error)
	Tags(ctx context.Context, ref fleet.ServiceRef) (tags map[string]string, found bool, err error)
	Protected(ctx context.Context, ref fleet.ServiceRef, now time.Time) fleet.Reading
}

// ServiceLister finds the services that an event without a service is about.
type ServiceLister interface {
	Enrolled(ctx context.Context, account fleet.ServiceRef) ([]fleet.Snapshot, error)
	Images(ctx context.Context, definition string) ([]fleet.ContainerImage, error)
	Part(ctx context.Context, account fleet.ServiceRef, at fleet.Place, calls int) (found []fleet.Member, next fleet.Place, whole bool, err error)
	HighResolution(ctx context.Context, account fleet.ServiceRef, members []fleet.Member) (map[string]bool, error)
	Members(ctx context.Context, refs []fleet.ServiceRef) (found []fleet.Member, gone []fleet.ServiceRef, err error)
}

// Loads reads the load of many services at once, in the order of the sources.
type Loads interface {
	Loads(ctx context.Context, sources []fleet.Source, since, now time.Time) ([]fleet.Load, error)
}

// InventoryStore keep which services are enrolled, and what events told of them since
// they were read.
type InventoryStore interface {
	Inventory(ctx context.Context, account fleet.ServiceRef) (fleet.Inventory, error)
	Shard(ctx context.Context, account fleet.ServiceRef, n int) ([]fleet.Member, error)
	SaveInventory(ctx context.Context, account fleet.ServiceRef, r, was fleet.Inventory) error
	MarkChanged(ctx context.Context, ref fleet.ServiceRef, now time.Time) error
	Changed(ctx context.Context, account fleet.ServiceRef, since time.Time) ([]fleet.ServiceRef, error)
}

// Actor makes one allowed change.
type Actor interface {
	Apply(ctx context.Context, ref fleet.ServiceRef, action fleet.Action) (fleet.Result, error)
}

// Evidence keeps what events told.
type Evidence interface {
	Append(ctx context.Context, ref fleet.ServiceRef, e fleet.Evidence, now time.Time) (fresh bool, err error)
	Pending(ctx context.Context, ref fleet.ServiceRef) ([]fleet.Evidence, error)
	Folded(ctx context.Context, ref fleet.ServiceRef, evidence []fleet.Evidence, now time.Time) error
}

// Leases make sure that one function at a time decides about a service.
type Leases interface {
	Announce(ctx context.Context, ref fleet.ServiceRef, now time.Time) (held bool, err error)
	Acquire(ctx context.Context, ref fleet.ServiceRef, owner string, now time.Time) (record.Lease, bool, error)
	Release(ctx context.Context, lease *record.Lease) (more bool, err error)
	Abandon(ctx context.Context, lease record.Lease) error
}

// Memories keep what is remembered of a service, and the switches above it.
type Memories interface {
	Memory(ctx context.Context, ref fleet.ServiceRef) (fleet.Memory, error)
	SaveMemory(ctx context.Context, lease record.Lease, m fleet.Memory) error
	FreezesOf(ctx context.Context, ref fleet.ServiceRef, further ...string) ([]fleet.Freeze, error)
}

// DemandStore keep what was learned of how much work services have.
type DemandStore interface {
	DemandStates(ctx context.Context, refs []fleet.ServiceRef) (map[string]fleet.DemandState, error)
	SaveDemandStates(ctx context.Context, all []fleet.DemandState) error
}

// FailureReports are what each service lets the others of its account and region see
// of its failures.
type FailureReports interface {
	FailureReports(ctx context.Context, account fleet.ServiceRef, since time.Time) ([]fleet.FailureReport, fleet.ServiceCounts, error)
	SaveFailureReport(ctx context.Context, p fleet.FailureReport, now time.Time) error
	SaveServiceCounts(ctx context.Context, account fleet.ServiceRef, c fleet.ServiceCounts) error
}

// FreezeStore is all switches of an account and region. One that somebody else
// flipped since it was read is not changed.
type FreezeStore interface {
	Freezes(ctx context.Context, account fleet.ServiceRef) ([]fleet.Freeze, error)
	ChangeFreeze(ctx context.Context, account fleet.ServiceRef, was, is fleet.Freeze) (changed bool, err error)
}

// Intents make sure that one occasion is acted on once.
type Intents interface {
	Begin(ctx context.Context, lease record.Lease, intent string, now time.Time) (done bool, err error)
	Complete(ctx context.Context, lease record.Lease, intent, status string) error
}

// Journal keeps episodes.
type Journal interface {
	Journal(ctx context.Context, e fleet.Episode) error
}

// Metrics counts.
type Metrics interface {
	Count(name, reason string, detail map[string]string, now time.Time)
	Duration(name string, d time.Duration, now time.Time)
	Gauge(name string, level int, detail map[string]string, now time.Time)
}

// Notifier tells a person.
type Notifier interface {
	Notify(ctx context.Context, e fleet.Episode) error
}

// Alarms are the arming alarms that stand, page by page and by their names; and
// what Application Auto Scaling holds on a service that may get one.
type Alarms interface {
	TriggerAlarms(ctx context.Context, page string) (standing map[string]fleet.TriggerAlarm, next string, err error)
	Bounds(ctx context.Context, ref fleet.ServiceRef) (fleet.Scaling, error)
}

// AlarmManager makes and removes arming alarms, up to a hundred at once.
type AlarmManager interface {
	Put(ctx context.Context, alarm fleet.TriggerAlarm) error
	Delete(ctx context.Context, names []string) error
}

// AlarmIndexStore keep which arming alarms stand.
type AlarmIndexStore interface {
	AlarmIndex(ctx context.Context, account fleet.ServiceRef) (fleet.AlarmIndex, error)
	SaveAlarmIndex(ctx context.Context, account fleet.ServiceRef, alarms []fleet.TriggerAlarm, at time.Time) error
}

// Timers ask for another look later.
type Timers interface {
	After(ctx context.Context, ref fleet.ServiceRef, delay time.Duration, why, id string, now time.Time) error
	All(ctx context.Context, account fleet.ServiceRef, timers []fleet.Timer, id string, now time.Time) error
}

// LogReader reads the last log lines of a container. The error is a reason in words.
type LogReader interface {
	Tail(ctx context.Context, d *fleet.Definition, container, task string, n int) ([]string, error)
}
