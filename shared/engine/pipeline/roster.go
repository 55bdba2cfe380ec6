package pipeline

import (
	"context"
	"fmt"
	"slices"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/route"
)

const (
	// partCalls is how many calls of ECS one part of the account takes at most.
	// Parts follow each other after partEvery: together that is a quarter of what
	// ECS gives the whole account, and never more at once than its burst.
	partCalls = 80
	partEvery = 15 * time.Second
	// inventoryFor is how old a whole roster may be to stand for the account.
	inventoryFor = 15 * time.Minute
	// newPerPart is how many services that are new one part lets look at.
	newPerPart = 50
	// changesOverlap is how far back news is read again: clocks differ.
	changesOverlap = 10 * time.Second
)

// refresh reads the next part of the account, and what events told of, into the
// roster. Where somebody else is at it, the roster is as it was.
func (p *Pipeline) refresh(ctx context.Context, t fleet.Trigger) (fleet.Inventory, error) {
	now := p.Now()
	desk := p.Home
	desk.Cluster, desk.Service = "*", "roster"
	lease, ok, err := p.Leases.Acquire(ctx, desk, p.Owner, now)
	if err != nil {
		return fleet.Inventory{}, err
	}
	was, err := p.Inventories.Inventory(ctx, p.Home)
	if !ok || err != nil {
		return was, err
	}
	defer func() { _ = p.Leases.Abandon(ctx, lease) }()
	r := was
	r.Shards = nil
	for _, members := range was.Shards {
		r.Shards = append(r.Shards, slices.Clone(members))
	}
	r.Round = max(1, r.Round)
	failed := p.refreshChanged(ctx, &r, now)
	if failed == nil {
		failed = p.read(ctx, &r, now)
	}
	if err := p.Inventories.SaveInventory(ctx, p.Home, r, was); err != nil {
		return was, err
	}
	if failed != nil {
		return r, p.tolerate(ctx, t, r, failed)
	}
	if r.At == (fleet.Place{}) {
		return r, nil
	}
	return r, p.Timers.All(ctx, p.Home, []fleet.Timer{{Why: contract.TimerInventory, Delay: partEvery}}, t.ID+"-roster", now)
}

// tolerate lets a part that could not be read wait for the next tick, where an
// earlier round was whole: what is known then is still the best that is known.
func (p *Pipeline) tolerate(ctx context.Context, t fleet.Trigger, r fleet.Inventory, failed error) error {
	if r.CompletedAt.IsZero() || fault.ClassOf(failed) != fault.Retry {
		return failed
	}
	p.Metrics.Count(contract.MetricRetries, fault.CodeOf(failed), nil, p.Now())
	p.Log.WarnContext(ctx, "a part of the account was not read, the next sweep will", "event", t.ID, "error", failed)
	return nil
}

// refreshChanged reads the services again that events told of.
func (p *Pipeline) refreshChanged(ctx context.Context, r *fleet.Inventory, now time.Time) error {
	since := r.ChangesReadTo
	if since.IsZero() {
		since = now
	}
	refs, err := p.Inventories.Changed(ctx, p.Home, since.Add(-changesOverlap))
	if err != nil || len(refs) == 0 {
		if err == nil {
			r.ChangesReadTo = now
		}
		return err
	}
	found, gone, err := p.Services.Members(ctx, refs)
	if err != nil {
		return err
	}
	p.upsert(ctx, r, found)
	for _, ref := range gone {
		r.Drop(ref.Cluster, ref.Service)
	}
	r.ChangesReadTo = now
	return nil
}

// read reads the next part.
func (p *Pipeline) read(ctx context.Context, r *fleet.Inventory, now time.Time) error {
	found, next, whole, err := p.Services.Part(ctx, p.Home, r.At, partCalls)
	p.upsert(ctx, r, found)
	if whole {
		r.End(now)
		return nil
	}
	r.At = next
	return err
}

// upsert puts members into the roster, and asks of revisions that are new how
// often they publish their utilisation. What could not be asked is not known.
func (p *Pipeline) upsert(ctx context.Context, r *fleet.Inventory, found []fleet.Member) {
	p.scheduleNew(ctx, r, found)
	var fresh []fleet.Member
	for i := range found {
		m := &found[i]
		if was, ok := r.Get(m.Cluster, m.Service); ok && was.Revision == m.Revision {
			m.HighResolution = was.HighResolution
		} else if m.Revision != "" {
			fresh = append(fresh, *m)
		}
	}
	fine, err := p.Services.HighResolution(ctx, p.Home, fresh)
	if err != nil {
		p.Log.WarnContext(ctx, "revisions were not read, the next round will", "error", err)
	}
	for i := range found {
		m := &found[i]
		if was, ok := r.Get(m.Cluster, m.Service); !ok || was.Revision != m.Revision {
			is, known := fine[m.Revision]
			if m.HighResolution = is; !known {
				m.Revision = ""
			}
		}
		r.Put(*m)
	}
}

// scheduleNew asks for a look at services that were not known before: a push of
// their image may have come while nobody knew whom it is for. Where the whole
// account is new, the sweep's comparison of all tags finds it.
func (p *Pipeline) scheduleNew(ctx context.Context, r *fleet.Inventory, found []fleet.Member) {
	if r.CompletedAt.IsZero() {
		return
	}
	var timers []fleet.Timer
	for _, m := range found {
		_, known := r.Get(m.Cluster, m.Service)
		if !known && len(timers) < newPerPart && p.effective(m.Ref(p.Home), m.Tags).Tag != "" {
			timers = append(timers, fleet.Timer{Cluster: m.Cluster, Service: m.Service, Why: contract.TimerNew})
		}
	}
	if len(timers) == 0 {
		return
	}
	if err := p.Timers.All(ctx, p.Home, timers, fmt.Sprint("new-", p.Now().UnixMilli()), p.Now()); err != nil {
		p.Log.WarnContext(ctx, "new services are not looked at, the comparison of all tags will", "error", err)
	}
}

// markChanged notes what an event tells of the service itself: the roster is brought
// up to date by the next tick, not at the end of a round.
func (p *Pipeline) markChanged(ctx context.Context, ref fleet.ServiceRef, t fleet.Trigger) {
	if !route.Of(t.Kind).MarksChanged {
		return
	}
	if err := p.Inventories.MarkChanged(ctx, ref, p.Now()); err != nil {
		p.Log.WarnContext(ctx, "news of a service is not kept, the next round will find it", "service", ref.String(), "error", err)
	}
}

// members are all enrolled services: by the roster where it is whole and fresh,
// else as they are listed. What was not read is unknown, not absent.
func (p *Pipeline) members(ctx context.Context) ([]fleet.Snapshot, error) {
	r, err := p.Inventories.Inventory(ctx, p.Home)
	if err != nil {
		return nil, err
	}
	if r.CompletedAt.IsZero() || p.Now().Sub(r.CompletedAt) > inventoryFor {
		return p.Services.Enrolled(ctx, p.Home)
	}
	return p.snapshots(r.Members()), nil
}

func (p *Pipeline) snapshots(members []fleet.Member) []fleet.Snapshot {
	out := make([]fleet.Snapshot, 0, len(members))
	for _, m := range members {
		out = append(out, m.Snapshot(p.Home))
	}
	return out
}
