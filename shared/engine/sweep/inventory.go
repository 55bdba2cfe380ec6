package sweep

import (
	"context"
	"fmt"
	"slices"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
)

// refresh reads the next part of the account, and the services that events changed,
// into the inventory. If another invocation does so, it returns the inventory
// unchanged.
func (s *Sweeper) refresh(ctx context.Context, t fleet.Trigger) (fleet.Inventory, error) {
	now := s.Now()
	lease, ok, err := s.Store.Acquire(ctx, s.Home.Ref("*", "inventory"), s.Owner, now)
	if err != nil {
		return fleet.Inventory{}, err
	}
	was, err := s.Store.Inventory(ctx, s.Home)
	if !ok || err != nil {
		return was, err
	}
	defer func() { _ = s.Store.Abandon(ctx, lease) }()
	r := was
	r.Shards = nil
	for _, members := range was.Shards {
		r.Shards = append(r.Shards, slices.Clone(members))
	}
	r.Round = max(1, r.Round)
	failed := s.refreshChanged(ctx, &r, now)
	if failed == nil {
		failed = s.read(ctx, &r, now)
	}
	if err := s.Store.SaveInventory(ctx, s.Home, r, was); err != nil {
		return was, err
	}
	if failed != nil {
		return r, s.tolerate(ctx, t, r, failed)
	}
	if r.At == (fleet.Place{}) {
		return r, nil
	}
	return r, s.Timers.All(ctx, s.Home, []fleet.Timer{{Why: contract.TimerInventory, Delay: partEvery}}, t.ID+"-roster", now)
}

// tolerate leaves an unread part to the next sweep if an earlier round is complete:
// the older inventory is still the best one.
func (s *Sweeper) tolerate(ctx context.Context, t fleet.Trigger, r fleet.Inventory, failed error) error {
	if r.CompletedAt.IsZero() || fault.ClassOf(failed) != fault.Retry {
		return failed
	}
	s.Metrics.Count(contract.MetricRetries, fault.CodeOf(failed), nil, s.Now())
	s.Log.WarnContext(ctx, "a part of the account was not read, the next sweep reads it", "event", t.ID, "error", failed)
	return nil
}

// refreshChanged reads the services again that events changed.
func (s *Sweeper) refreshChanged(ctx context.Context, r *fleet.Inventory, now time.Time) error {
	since := r.ChangesReadTo
	if since.IsZero() {
		since = now
	}
	refs, err := s.Store.Changed(ctx, s.Home, since.Add(-changesOverlap))
	if err != nil || len(refs) == 0 {
		if err == nil {
			r.ChangesReadTo = now
		}
		return err
	}
	found, gone, err := s.Services.Members(ctx, refs)
	if err != nil {
		return err
	}
	s.upsert(ctx, r, found)
	for _, ref := range gone {
		r.Drop(ref.Cluster, ref.Service)
	}
	r.ChangesReadTo = now
	return nil
}

// read reads the next part of the account.
func (s *Sweeper) read(ctx context.Context, r *fleet.Inventory, now time.Time) error {
	found, next, complete, err := s.Services.Part(ctx, s.Home, r.At, partCalls)
	s.upsert(ctx, r, found)
	if complete {
		r.End(now)
		return nil
	}
	r.At = next
	return err
}

// upsert puts members into the inventory. For new revisions it reads their facts: whether
// they publish metrics of 20 seconds, and the target groups. An unread revision stays
// unknown. The groups are those of the service, so they outlast its revisions.
func (s *Sweeper) upsert(ctx context.Context, r *fleet.Inventory, found []fleet.Member) {
	s.scheduleNew(ctx, r, found)
	var fresh []fleet.Member
	for i := range found {
		m := &found[i]
		if was, ok := r.Get(m.Cluster, m.Service); ok && was.Revision == m.Revision {
			m.HighResolution, m.Groups = was.HighResolution, was.Groups
		} else if m.Revision != "" {
			fresh = append(fresh, *m)
		}
	}
	facts, err := s.Services.Facts(ctx, s.Home, fresh)
	if err != nil {
		s.Log.WarnContext(ctx, "revisions were not read, the next round reads them", "error", err)
	}
	for i := range found {
		m := &found[i]
		if was, ok := r.Get(m.Cluster, m.Service); !ok || was.Revision != m.Revision {
			read, known := facts[m.Revision]
			m.HighResolution, m.Groups = read.HighResolution, read.Groups
			if !known {
				m.Revision, m.Groups = "", was.Groups
			}
		}
		r.Put(*m)
	}
}

// scheduleNew schedules an evaluation of new services, because a push of their
// image may have come before they were known. In a new account the comparison of
// all tags in the sweep finds such a push.
func (s *Sweeper) scheduleNew(ctx context.Context, r *fleet.Inventory, found []fleet.Member) {
	if r.CompletedAt.IsZero() {
		return
	}
	var timers []fleet.Timer
	for _, m := range found {
		_, known := r.Get(m.Cluster, m.Service)
		if !known && len(timers) < newPerPart && s.Effective(m.Ref(s.Home), m.Tags).Tag != "" {
			timers = append(timers, fleet.Timer{Cluster: m.Cluster, Service: m.Service, Why: contract.TimerNew})
		}
	}
	if len(timers) == 0 {
		return
	}
	if err := s.Timers.All(ctx, s.Home, timers, fmt.Sprint("new-", s.Now().UnixMilli()), s.Now()); err != nil {
		s.Log.WarnContext(ctx, "new services are not scheduled, the comparison of all tags finds them", "error", err)
	}
}

// Members returns all enrolled services: from the inventory if it is complete and
// fresh, else from a new listing. An unread service is unknown, not absent.
func (s *Sweeper) Members(ctx context.Context) ([]fleet.Snapshot, error) {
	r, err := s.Store.Inventory(ctx, s.Home)
	if err != nil {
		return nil, err
	}
	if r.CompletedAt.IsZero() || s.Now().Sub(r.CompletedAt) > inventoryFor {
		return s.Services.Enrolled(ctx, s.Home)
	}
	return s.snapshots(r.Members()), nil
}

func (s *Sweeper) snapshots(members []fleet.Member) []fleet.Snapshot {
	out := make([]fleet.Snapshot, 0, len(members))
	for _, m := range members {
		out = append(out, m.Snapshot(s.Home))
	}
	return out
}
