package sweep

import (
	"context"
	"errors"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
)

// Sweep handles a tick, or a timer without a service. It refreshes the inventory
// and passes over each shard, in this or in further invocations.
func (s *Sweeper) Sweep(ctx context.Context, t fleet.Trigger) error {
	if t.Shard != nil {
		members, err := s.Store.Shard(ctx, s.Home, *t.Shard)
		if err != nil {
			return err
		}
		return s.pass(ctx, t, *t.Shard, members)
	}
	if t.Timer == contract.TimerAlarms {
		return s.syncAlarms(ctx, t)
	}
	inventory, err := s.refresh(ctx, t)
	if t.Timer == contract.TimerInventory || err != nil && len(inventory.Shards) == 0 {
		return err
	}
	faults := []error{err}
	if !inventory.CompletedAt.IsZero() {
		faults = append(faults, s.ResolveError(ctx, t, s.Counter.Count(ctx, t, s.snapshots(inventory.Members()))))
	}
	var timers []fleet.Timer
	if s.syncsAlarmsNow(t) && !inventory.CompletedAt.IsZero() {
		timers = append(timers, fleet.Timer{Why: contract.TimerAlarms})
	}
	// One shard is done here and needs no message.
	if len(inventory.Shards) == 1 {
		faults = append(faults, s.Timers.All(ctx, s.Home, timers, t.ID, s.Now()))
		return errors.Join(append(faults, s.pass(ctx, t, 0, inventory.Shards[0]))...)
	}
	for n, members := range inventory.Shards {
		if len(members) > 0 {
			timers = append(timers, fleet.Timer{Why: contract.TimerShard, Shard: new(n), Shards: len(inventory.Shards)})
		}
	}
	return errors.Join(append(faults, s.Timers.All(ctx, s.Home, timers, t.ID, s.Now()))...)
}
