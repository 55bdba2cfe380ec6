package event

import (
	"context"

	"homeostat/shared/aws/record"
	"homeostat/shared/core/decide"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/guard"
	"homeostat/shared/core/state"
	"homeostat/shared/engine/massfailure"
)

// review calls the guard. It reads freezes only if there is an action. It reads the
// protection of tasks only if all other rules allow a scale-in.
func (p *Pipeline) review(ctx context.Context, in *decide.Input, peers massfailure.Peers, d fleet.Decision) (v fleet.Verdict, err error) {
	freezes, read := peers.CoveringFreezes(*in)
	if d.Action != nil && !read {
		if freezes, err = p.Store.FreezesOf(ctx, in.Snapshot.Ref, peers.Scopes(*in)...); err != nil {
			return v, err
		}
	}
	input := guard.Input{
		Decision: d, Trigger: in.Trigger, Also: in.Also, Policy: in.Policy, Snapshot: in.Snapshot,
		Memory: in.Memory, Freezes: freezes, Now: in.Now,
	}
	v = guard.Review(input)
	if a := v.Action; v.Outcome == fleet.Hold || a == nil || a.Kind != fleet.SetDesired || a.To >= a.From {
		return v, nil
	}
	in.Snapshot.Protected = p.Observer.Protected(ctx, in.Snapshot.Ref, in.Now)
	input.Snapshot = in.Snapshot
	return guard.Review(input), nil
}

// act makes the change that the guard allowed. A call that cannot succeed gives a
// failed result, and a call that may succeed later gives an error. The memory names
// the action before the call, so that an interrupted evaluation can be finished.
func (p *Pipeline) act(ctx context.Context, lease record.Lease, in *decide.Input, d fleet.Decision, v fleet.Verdict, id string) (fleet.Result, error) {
	if v.Outcome != fleet.Act {
		return fleet.Result{}, nil
	}
	done, err := p.Store.Begin(ctx, lease, v.Action.Intent, in.Now)
	if err != nil {
		return fleet.Result{}, err
	}
	if done {
		return fleet.Result{Status: fleet.Skipped, Text: "this was carried out before"}, nil
	}
	in.Memory = state.Begin(in.Memory, in.Snapshot, d, *v.Action, id, in.Now)
	if err := p.Store.SaveMemory(ctx, lease, in.Memory); err != nil {
		return fleet.Result{}, err
	}
	in.Memory.Version++
	result, err := p.Actor.Apply(ctx, lease.Ref, *v.Action)
	if fault.ClassOf(err) == fault.Retry {
		return result, err
	}
	if err != nil {
		p.Denied(err, map[string]string{"Service": lease.Ref.String(), "Episode": id})
		result = fleet.Result{Status: fleet.Failed, Text: err.Error()}
	}
	return result, p.Store.Complete(ctx, lease, v.Action.Intent, result.Status)
}
