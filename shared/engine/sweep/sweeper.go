// Package sweep finds, once a minute, the services that need an evaluation. It
// keeps the inventory of enrolled services, reads the load of many services in
// few calls, and keeps the trigger alarms up to date.
package sweep

import (
	"context"
	"time"

	"homeostat/shared/aws/record"
	"homeostat/shared/core/fleet"
	"homeostat/shared/engine/runtime"
)

// ServiceLister lists and describes the services of an account.
type ServiceLister interface {
	Enrolled(ctx context.Context, account fleet.Account) ([]fleet.Snapshot, error)
	Part(ctx context.Context, account fleet.Account, at fleet.Place, calls int) (found []fleet.Member, next fleet.Place, complete bool, err error)
	Facts(ctx context.Context, account fleet.Account, members []fleet.Member) (map[string]fleet.RevisionFacts, error)
	Members(ctx context.Context, refs []fleet.ServiceRef) (found []fleet.Member, gone []fleet.ServiceRef, err error)
}

// Loads reads the load of many services at once, in the order of the sources.
type Loads interface {
	Loads(ctx context.Context, sources []fleet.Source, since, now time.Time) ([]fleet.Load, error)
}

// Alarms reads the existing trigger alarms by name, page by page. It also reads the
// scaling of Application Auto Scaling for a service.
type Alarms interface {
	TriggerAlarms(ctx context.Context, page string) (standing map[string]fleet.TriggerAlarm, next string, err error)
	Bounds(ctx context.Context, ref fleet.ServiceRef) (fleet.Scaling, error)
}

// AlarmManager makes and removes trigger alarms, up to 100 a call.
type AlarmManager interface {
	Put(ctx context.Context, alarm fleet.TriggerAlarm) error
	Delete(ctx context.Context, names []string) error
}

// InventoryStore stores the inventory, and reads the services that events changed.
type InventoryStore interface {
	Inventory(ctx context.Context, account fleet.Account) (fleet.Inventory, error)
	Shard(ctx context.Context, account fleet.Account, n int) ([]fleet.Member, error)
	SaveInventory(ctx context.Context, account fleet.Account, r, was fleet.Inventory) error
	Changed(ctx context.Context, account fleet.Account, since time.Time) ([]fleet.ServiceRef, error)
}

// AlarmIndexStore stores the index of the existing trigger alarms.
type AlarmIndexStore interface {
	AlarmIndex(ctx context.Context, account fleet.Account) (fleet.AlarmIndex, error)
	SaveAlarmIndex(ctx context.Context, account fleet.Account, alarms []fleet.TriggerAlarm, at time.Time) error
}

// DemandStore stores the demand state of services.
type DemandStore interface {
	DemandStates(ctx context.Context, refs []fleet.ServiceRef) (map[string]fleet.DemandState, error)
	SaveDemandStates(ctx context.Context, all []fleet.DemandState) error
}

// Leases let one invocation at a time refresh the inventory or the alarms.
type Leases interface {
	Acquire(ctx context.Context, ref fleet.ServiceRef, owner string, now time.Time) (record.Lease, bool, error)
	Abandon(ctx context.Context, lease record.Lease) error
}

// Store is the state that a sweep reads and writes.
type Store interface {
	InventoryStore
	AlarmIndexStore
	DemandStore
	Leases
}

// Reconciler evaluates one service.
type Reconciler interface {
	Reconcile(ctx context.Context, ref fleet.ServiceRef, t fleet.Trigger) error
}

// Counter saves the number of enrolled services, and ends the freezes of a mass
// failure that is over.
type Counter interface {
	Count(ctx context.Context, t fleet.Trigger, all []fleet.Snapshot) error
}

// Pace bounds the speed of a sweep.
type Pace struct {
	// Every is the interval of the schedule.
	Every time.Duration
	// Parallel is the number of evaluations of a shard that run at once; 0 is one.
	Parallel int
	// Pause waits between calls with a low quota; nil does not wait.
	Pause func(ctx context.Context, d time.Duration) error
}

// Sweeper sweeps over the enrolled services of one account and region.
type Sweeper struct {
	*runtime.Runtime
	Pace         Pace
	Services     ServiceLister
	Loads        Loads
	Alarms       Alarms
	AlarmManager AlarmManager
	Store        Store
	Timers       runtime.Timers
	Reconciler   Reconciler
	Counter      Counter
}
