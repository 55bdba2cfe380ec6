package pipeline

import (
	"context"
	"errors"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
)

// sweep is a tick, or a timer that names no service: it brings the roster up to
// date and sees to it that each shard is looked over.
func (p *Pipeline) sweep(ctx context.Context, t fleet.Trigger) error {
	if t.Shard != nil {
		members, err := p.Inventories.Shard(ctx, p.Home, *t.Shard)
		if err != nil {
			return err
		}
		return p.pass(ctx, t, *t.Shard, members)
	}
	if t.Timer == contract.TimerAlarms {
		return p.syncAlarms(ctx, t)
	}
	roster, err := p.refresh(ctx, t)
	if t.Timer == contract.TimerInventory || err != nil && len(roster.Shards) == 0 {
		return err
	}
	faults := []error{err}
	if !roster.CompletedAt.IsZero() {
		faults = append(faults, p.resolveError(ctx, t, p.countServices(ctx, t, p.snapshots(roster.Members()))))
	}
	var timers []fleet.Timer
	if p.syncsAlarmsNow(t) && !roster.CompletedAt.IsZero() {
		timers = append(timers, fleet.Timer{Why: contract.TimerAlarms})
	}
	// What one invocation can do needs no message.
	if len(roster.Shards) == 1 {
		faults = append(faults, p.Timers.All(ctx, p.Home, timers, t.ID, p.Now()))
		return errors.Join(append(faults, p.pass(ctx, t, 0, roster.Shards[0]))...)
	}
	for n, members := range roster.Shards {
		if len(members) > 0 {
			timers = append(timers, fleet.Timer{Why: contract.TimerShard, Shard: new(n), Shards: len(roster.Shards)})
		}
	}
	return errors.Join(append(faults, p.Timers.All(ctx, p.Home, timers, t.ID, p.Now()))...)
}
