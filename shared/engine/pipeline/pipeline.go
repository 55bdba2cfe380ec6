// Package pipeline is an event's way through Homeostat: decode, observe,
// decide, guard, act, record. It owns the order, and nothing else: each step
// is a package of its own, reached through the small interfaces in ports.go.
package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"homeostat/shared/aws/record"
	"homeostat/shared/core/cause"
	"homeostat/shared/core/contract"
	"homeostat/shared/core/decide"
	"homeostat/shared/core/decode"
	"homeostat/shared/core/demand"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/guard"
	"homeostat/shared/core/policy"
	"homeostat/shared/core/reason"
	"homeostat/shared/core/route"
)

// Pipeline handles events. All fields but Seen must be set; New in
// shared/engine/app wires them.
type Pipeline struct {
	Observer       Observer
	Services       ServiceLister
	Inventories    InventoryStore
	Loads          Loads
	Alarms         Alarms
	AlarmManager   AlarmManager
	AlarmIndexes   AlarmIndexStore
	Actor          Actor
	Evidence       Evidence
	Leases         Leases
	Memories       Memories
	Demands        DemandStore
	FailureReports FailureReports
	FreezeStore    FreezeStore
	Intents        Intents
	Journal        Journal
	Metrics        Metrics
	Notifier       Notifier
	Timers         Timers

	// Policy is nil where PolicyFault says why it could not be read: then
	// nothing is acted on, and every look says so.
	Policy      *policy.Policy
	PolicyFault error
	// Limit caps every service's mode; empty caps nothing.
	Limit policy.Mode

	// Every is how often the schedule calls; the pace of what is at rest follows
	// from it. Parallel is how many looks over a shard run at once; 0 is one.
	Every    time.Duration
	Parallel int

	// Pause waits between calls that AWS takes few of in a second; nil waits not.
	Pause func(ctx context.Context, d time.Duration) error

	// Home is the account and region that events must come from.
	Home fleet.ServiceRef
	// Accounts are further accounts whose events count.
	Accounts []string
	// Function and Owner name this function and this instance of it.
	Function, Owner string

	Now func() time.Time
	Log *slog.Logger
	// Logs reads what dead containers wrote; nil where that is not permitted.
	Logs LogReader
	// OnEpisode is shown every episode as it is recorded; nil shows nobody.
	OnEpisode func(fleet.Episode)

	enrolment enrolment

	making   sync.Once
	followed *demand.Controller
}

// Handle takes one event, or one envelope with several, as it came. The error
// joins what must be tried again; everything else was dealt with, and where it
// could not be, recorded as dropped or failed.
func (p *Pipeline) Handle(ctx context.Context, raw []byte) error {
	var faults []error
	for _, outcome := range decode.Events(raw) {
		if outcome.Err != nil {
			p.dropped(ctx, outcome.Trigger, outcome.Err)
			continue
		}
		faults = append(faults, p.resolveError(ctx, outcome.Trigger, p.trigger(ctx, outcome.Trigger)))
	}
	return errors.Join(faults...)
}

// trigger finds the services that a trigger is about and handles each.
func (p *Pipeline) trigger(ctx context.Context, t fleet.Trigger) error {
	p.Metrics.Count(contract.MetricEvents, string(t.Kind), nil, p.Now())
	if err := p.admit(t); err != nil {
		return err
	}
	r := route.Of(t.Kind)
	if r.Find == route.BySweep && t.Service != "" && t.Account == "" && t.Region == "" {
		// Who asks for a look by hand need not say where the function runs.
		t.Partition, t.Account, t.Region = p.Home.Partition, p.Home.Account, p.Home.Region
	}
	if _, named := t.Ref(); r.Find == route.BySweep && !named {
		return p.sweep(ctx, t)
	}
	refs, err := p.targets(ctx, t)
	if err != nil {
		return err
	}
	var faults []error
	for _, ref := range refs {
		faults = append(faults, p.resolveError(ctx, t, p.reconcileService(ctx, ref, t)))
	}
	return errors.Join(faults...)
}

// reconcileService keeps the evidence and, unless somebody else is at it, looks at the
// service until no new evidence is left.
func (p *Pipeline) reconcileService(ctx context.Context, ref fleet.ServiceRef, t fleet.Trigger) error {
	found := cause.Of(t)
	e := fleet.Evidence{Trigger: t, Cause: found.Cause, Family: found.Family, Why: found.Why}
	p.markChanged(ctx, ref, t)
	if !route.Of(t.Kind).Scheduled {
		if _, err := p.Evidence.Append(ctx, ref, e, p.Now()); err != nil {
			return err
		}
		if held, err := p.Leases.Announce(ctx, ref, p.Now()); err != nil || held {
			return err
		}
	}
	lease, ok, err := p.Leases.Acquire(ctx, ref, p.Owner, p.Now())
	if err != nil || !ok {
		return err
	}
	// A look that breaks must not hold the service until the lease runs out.
	whole := false
	defer func() {
		if !whole {
			_ = p.Leases.Abandon(ctx, lease)
		}
	}()
	for {
		if err := p.evaluate(ctx, &lease, e); err != nil {
			whole = true
			return errors.Join(err, p.Leases.Abandon(ctx, lease))
		}
		if more, err := p.Leases.Release(ctx, &lease); err != nil || !more {
			whole = true
			return err
		}
	}
}

// evaluate is one look at one service: the steps after decode, in order.
func (p *Pipeline) evaluate(ctx context.Context, lease *record.Lease, e fleet.Evidence) error {
	now := p.Now()
	// What is remembered, and what events told since.
	memory, fresh, err := p.remember(ctx, *lease, now)
	if err != nil {
		return err
	}
	switch {
	case len(fresh) > 0:
		e = about(e, fresh)
	case !route.Of(e.Trigger.Kind).Scheduled:
		p.Metrics.Count(contract.MetricDuplicates, string(e.Trigger.Kind), nil, now)
		return nil
	}

	// Observe: the event was a hint, this is the truth.
	in, err := p.observe(ctx, lease.Ref, e, memory, now)
	if err != nil {
		return err
	}

	// Where tasks died: whose else do, and is it a mass failure?
	near, err := p.readPeers(ctx, &in, fresh)
	if err != nil {
		return err
	}

	// What is lost once the task is: its last words, and what differs.
	testimony := p.diagnostics(ctx, in, fresh)

	// Finish what a crash interrupted, decide, and ask the guard.
	finished := decide.Resume(&in.Memory, in.Snapshot)
	decision := near.suppressNotification(p.plan(in), in)
	decision.Reasons = append(decision.Reasons, finished...)
	verdict, err := p.review(ctx, &in, near, decision)
	if err != nil {
		return err
	}

	// Act, once for each intent.
	id := episodeID(lease.Ref, e.Trigger, memory.Version)
	result, err := p.act(ctx, *lease, &in, decision, verdict, id)
	if err != nil {
		return err
	}

	p.saveDemandState(ctx, in)

	// Record what was seen, decided and done, and why.
	return p.record(ctx, lease, in, fresh, fleet.Episode{
		ID: id, At: now, Ref: lease.Ref, Function: p.Function,
		Trigger: e.Trigger, Cause: e.Cause, Family: e.Family, Evidence: fresh,
		Snapshot: in.Snapshot, Diagnostics: testimony, Decision: decision, Verdict: verdict, Result: result,
	})
}

// remember reads the memory and folds the evidence into it that it lacks.
func (p *Pipeline) remember(ctx context.Context, lease record.Lease, now time.Time) (m fleet.Memory, fresh []fleet.Evidence, err error) {
	if m, err = p.Memories.Memory(ctx, lease.Ref); err != nil || lease.Done == lease.Seen {
		return m, nil, err
	}
	if fresh, err = p.Evidence.Pending(ctx, lease.Ref); err != nil {
		return m, nil, err
	}
	for _, e := range fresh {
		m.Fold(e, now)
	}
	return m, fresh, nil
}

// about is the evidence that a look is said to be about: the one that called,
// where it is new; else the latest new one.
func about(called fleet.Evidence, fresh []fleet.Evidence) fleet.Evidence {
	for _, e := range fresh {
		if e.Trigger.ID == called.Trigger.ID {
			return called
		}
	}
	return fresh[len(fresh)-1]
}

func (p *Pipeline) observe(ctx context.Context, ref fleet.ServiceRef, e fleet.Evidence, m fleet.Memory, now time.Time) (decide.Input, error) {
	in := decide.Input{Trigger: e.Trigger, Cause: e.Cause, Memory: m, Now: now, Controller: p.controller()}
	// The policy's bare values say what to read; the tags that come with the
	// snapshot then say what holds.
	bare := p.effective(ref, nil)
	needs := decide.Needs(e.Trigger, bare, m, now)
	if needs.CPU || needs.Revisions {
		in.Demand = p.demandState(ctx, ref)
		needs.Load.HighResolution, needs.Load.Steady = in.Demand.HighResolution, !in.Demand.Known
	}
	snapshot, err := p.Observer.Snapshot(ctx, ref, needs, now)
	if err != nil {
		return in, err
	}
	in.Snapshot = snapshot
	in.Policy = p.effective(ref, snapshot.Tags)
	in.MetricsRead = needs.CPU
	return in, nil
}

func (p *Pipeline) effective(ref fleet.ServiceRef, tags map[string]string) policy.Effective {
	if p.Policy == nil {
		return policy.Effective{}
	}
	return p.Policy.For(ref, tags, p.Limit)
}

func (p *Pipeline) plan(in decide.Input) fleet.Decision {
	if p.Policy != nil {
		return decide.Plan(in)
	}
	text := fmt.Sprintf("the policy cannot be read, so nothing is done: %v", p.PolicyFault)
	return fleet.Decision{
		Kind: fleet.Notify, Notify: text,
		Reasons: []fleet.Reason{{Name: reason.PolicyBroken, Text: text}},
	}
}

// review asks the guard. Switches are read only where there is something to
// hold back, and the protection of tasks only where all else lets some go.
func (p *Pipeline) review(ctx context.Context, in *decide.Input, near peers, d fleet.Decision) (v fleet.Verdict, err error) {
	switches := near.coveringFreezes(*in)
	if d.Action != nil && !near.looked {
		if switches, err = p.Memories.FreezesOf(ctx, in.Snapshot.Ref, near.scopes(*in)...); err != nil {
			return v, err
		}
	}
	asked := guard.Input{
		Decision: d, Trigger: in.Trigger, Policy: in.Policy, Snapshot: in.Snapshot,
		Memory: in.Memory, Freezes: switches, Now: in.Now,
	}
	v = guard.Review(asked)
	if a := v.Action; v.Outcome == fleet.Hold || a == nil || a.Kind != fleet.SetDesired || a.To >= a.From {
		return v, nil
	}
	in.Snapshot.Protected = p.Observer.Protected(ctx, in.Snapshot.Ref, in.Now)
	asked.Snapshot = in.Snapshot
	return guard.Review(asked), nil
}

// act carries out what the guard allowed. A call that cannot succeed is a
// result, to be recorded; a call that may succeed later is an error. Before the
// call the memory says what is about to be done, so that a look which is cut
// short after it can be finished.
func (p *Pipeline) act(ctx context.Context, lease record.Lease, in *decide.Input, d fleet.Decision, v fleet.Verdict, id string) (fleet.Result, error) {
	if v.Outcome != fleet.Act {
		return fleet.Result{}, nil
	}
	done, err := p.Intents.Begin(ctx, lease, v.Action.Intent, in.Now)
	if err != nil {
		return fleet.Result{}, err
	}
	if done {
		return fleet.Result{Status: fleet.Skipped, Text: "this was carried out before"}, nil
	}
	in.Memory.PendingAction = decide.NewPendingAction(*in, d, *v.Action, id)
	if err := p.Memories.SaveMemory(ctx, lease, in.Memory); err != nil {
		return fleet.Result{}, err
	}
	in.Memory.Version++
	result, err := p.Actor.Apply(ctx, lease.Ref, *v.Action)
	if fault.ClassOf(err) == fault.Retry {
		return result, err
	}
	if err != nil {
		p.denied(err, map[string]string{"Service": lease.Ref.String(), "Episode": id})
		result = fleet.Result{Status: fleet.Failed, Text: err.Error()}
	}
	return result, p.Intents.Complete(ctx, lease, v.Action.Intent, result.Status)
}
