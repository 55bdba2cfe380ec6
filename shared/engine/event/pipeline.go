// Package event evaluates one service at a time: observe, decide, guard, act,
// record. It owns the order of the steps. Each step is a package of its own behind
// the small interfaces in ports.go.
package event

import (
	"context"
	"errors"
	"fmt"
	"time"

	"homeostat/shared/aws/record"
	"homeostat/shared/core/contract"
	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/polling"
	"homeostat/shared/core/reason"
	"homeostat/shared/core/route"
	"homeostat/shared/core/state"
	"homeostat/shared/engine/massfailure"
	"homeostat/shared/engine/runtime"
)

// Pipeline evaluates services. All fields but Logs must be set.
type Pipeline struct {
	*runtime.Runtime
	Observer Observer
	Actor    Actor
	Store    Store
	Timers   runtime.Timers
	Notifier runtime.Notifier
	// Logs reads the log lines of stopped tasks; nil without the permission.
	Logs        LogReader
	Keeper      Keeper
	MassFailure *massfailure.Detector
}

// Reconcile stores the event, takes the lease and evaluates the service until no
// new events are pending. If another invocation holds the lease, it returns.
func (p *Pipeline) Reconcile(ctx context.Context, ref fleet.ServiceRef, t fleet.Trigger) error {
	e := evidenceOf(t)
	p.markChanged(ctx, ref, t)
	if !route.Of(t.Kind).Scheduled {
		if _, err := p.Store.Append(ctx, ref, e, p.Now()); err != nil {
			return err
		}
		if held, err := p.Store.Announce(ctx, ref, p.Now()); err != nil || held {
			return err
		}
	}
	lease, ok, err := p.Store.Acquire(ctx, ref, p.Owner, p.Now())
	if err != nil || !ok {
		return err
	}
	// An evaluation that panics must not keep the lease until it expires.
	returned := false
	defer func() {
		if !returned {
			_ = p.Store.Abandon(ctx, lease)
		}
	}()
	for {
		if err := p.evaluate(ctx, &lease, e); err != nil {
			returned = true
			return errors.Join(err, p.Store.Abandon(ctx, lease))
		}
		if more, err := p.Store.Release(ctx, &lease); err != nil || !more {
			returned = true
			return err
		}
	}
}

// evaluate runs one evaluation of one service: the six steps after decode, in
// order.
func (p *Pipeline) evaluate(ctx context.Context, lease *record.Lease, e fleet.Evidence) error {
	now := p.Now()
	// Remember: the memory, and the events since.
	memory, fresh, err := p.remember(ctx, *lease, now)
	if err != nil {
		return err
	}
	switch {
	case len(fresh) > 0:
		e = subject(e, fresh)
	case !route.Of(e.Trigger.Kind).Scheduled:
		p.Metrics.Count(contract.MetricDuplicates, string(e.Trigger.Kind), nil, now)
		return nil
	}

	// Observe: the event was a hint; the service is read in its current state. Then
	// its peers, and the diagnostics that are lost once the task is gone.
	in, err := p.observe(ctx, lease.Ref, e, fresh, memory, now)
	if err != nil {
		return err
	}
	var changed bool
	in.Memory, changed = state.Observe(in.Memory, in.Snapshot)
	peers, err := p.MassFailure.ReadPeers(ctx, &in, counted(fresh))
	if err != nil {
		return err
	}
	diagnostics := p.diagnostics(ctx, in, counted(fresh))

	// Decide: finish an interrupted action first, then plan.
	var finished []fleet.Reason
	in.Memory, finished = state.Resume(in.Memory, in.Snapshot)
	decision := peers.SuppressNotification(p.plan(in), in)
	decision.Reasons = append(decision.Reasons, finished...)

	// Guard: is the action allowed now?
	verdict, err := p.review(ctx, &in, peers, decision)
	if err != nil {
		return err
	}

	// Act: once for each intent.
	id := runtime.EpisodeID(lease.Ref, e.Trigger, memory.Version)
	result, err := p.act(ctx, *lease, &in, decision, verdict, id)
	if err != nil {
		return err
	}

	// Record: the demand state, then the episode with every reason.
	p.saveDemandState(ctx, in)
	return p.record(ctx, lease, in, news{fresh, changed}, fleet.Episode{
		ID: id, At: now, Ref: lease.Ref, Function: p.Function,
		Trigger: e.Trigger, Cause: e.Cause, Family: e.Family, Evidence: fresh,
		Snapshot: in.Snapshot, Diagnostics: diagnostics, Decision: decision, Verdict: verdict, Result: result,
	})
}

// remember reads the memory and folds the pending evidence into it, as far as AWS
// confirms it, by the causes that the task definitions give.
func (p *Pipeline) remember(ctx context.Context, lease record.Lease, now time.Time) (m fleet.Memory, fresh []fleet.Evidence, err error) {
	if m, err = p.Store.Memory(ctx, lease.Ref); err != nil || lease.Done == lease.Seen {
		return m, nil, err
	}
	if fresh, err = p.Store.Pending(ctx, lease.Ref); err != nil {
		return m, nil, err
	}
	if fresh, err = p.confirm(ctx, lease.Ref, fresh); err != nil {
		return m, nil, err
	}
	fresh = p.classify(ctx, fresh)
	return state.Fold(m, fresh, now), fresh, nil
}

// subject returns the evidence that the episode names: the evidence of this call if
// it is new, else the latest new one.
func subject(called fleet.Evidence, fresh []fleet.Evidence) fleet.Evidence {
	for _, e := range fresh {
		if e.Trigger.ID == called.Trigger.ID && e.Unconfirmed == "" {
			return e
		}
	}
	if confirmed := counted(fresh); len(confirmed) > 0 {
		fresh = confirmed
	}
	return fresh[len(fresh)-1]
}

// others returns the fresh evidence that counts, without the subject.
func others(subject fleet.Evidence, fresh []fleet.Evidence) []fleet.Evidence {
	var out []fleet.Evidence
	for _, e := range counted(fresh) {
		if e.Trigger.ID != subject.Trigger.ID {
			out = append(out, e)
		}
	}
	return out
}

func (p *Pipeline) observe(ctx context.Context, ref fleet.ServiceRef, e fleet.Evidence, fresh []fleet.Evidence, m fleet.Memory, now time.Time) (decide.Input, error) {
	in := decide.Input{
		Trigger: e.Trigger, Cause: e.Cause, Unconfirmed: e.Unconfirmed, Unread: e.Unread, Also: others(e, fresh), Memory: m, Now: now,
		Controller: p.Controller(), NoRegistration: p.NoRegistration,
	}
	// The policy without tags selects the parts to read. The tags of the snapshot
	// then give the policy in force.
	bare := p.Effective(ref, nil)
	needs := polling.Needs(e.Trigger, bare, m, now)
	for _, other := range in.Also {
		needs = needs.And(polling.Needs(other.Trigger, bare, m, now))
	}
	if needs.CPU || needs.Revisions {
		in.Demand = p.demandState(ctx, ref)
		needs.Load.HighResolution, needs.Load.Steady = in.Demand.HighResolution, !in.Demand.Known
		needs.Groups = in.Demand.Groups
	}
	snapshot, err := p.Observer.Snapshot(ctx, ref, needs, now)
	if err != nil {
		return in, err
	}
	in.Snapshot = snapshot
	in.Policy = p.Effective(ref, snapshot.Tags).Counting(snapshot.Groups)
	in.MetricsRead = needs.CPU
	return in, nil
}

func (p *Pipeline) plan(in decide.Input) fleet.Decision {
	if p.Policy != nil {
		return decide.Plan(in)
	}
	text := fmt.Sprintf("the policy cannot be read, so no action is taken: %v", p.Fault)
	return fleet.Decision{
		Kind: fleet.Notify, Notify: text,
		Reasons: []fleet.Reason{{Name: reason.PolicyBroken, Text: text}},
	}
}

// markChanged records a change of the service itself. The inventory then reads it
// again at the next sweep and not at the end of a round.
func (p *Pipeline) markChanged(ctx context.Context, ref fleet.ServiceRef, t fleet.Trigger) {
	if !route.Of(t.Kind).MarksChanged {
		return
	}
	if err := p.Store.MarkChanged(ctx, ref, p.Now()); err != nil {
		p.Log.WarnContext(ctx, "the change of a service is not recorded, the next round finds it", "service", ref.String(), "error", err)
	}
}
