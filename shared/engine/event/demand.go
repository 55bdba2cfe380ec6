package event

import (
	"context"
	"reflect"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/demand"
	"homeostat/shared/core/fleet"
	"homeostat/shared/engine/runtime"
)

// demandState returns the demand state of the service. An unreadable state is empty
// and is learned again: no evaluation fails because of it.
func (p *Pipeline) demandState(ctx context.Context, ref fleet.ServiceRef) fleet.DemandState {
	found, err := p.Store.DemandStates(ctx, []fleet.ServiceRef{ref})
	if err != nil {
		p.Log.WarnContext(ctx, "the demand state of a service cannot be read", "service", ref.String(), "error", err)
	}
	known := found[ref.Key()]
	known.Ref = ref
	return known
}

// saveDemandState saves the demand state if the evaluation changed it.
func (p *Pipeline) saveDemandState(ctx context.Context, in decide.Input) {
	if in.Demand.Ref.Service == "" || p.Policy == nil {
		return
	}
	state := in.Demand
	if in.MetricsRead {
		var need *demand.Estimate
		need, state = decide.Need(in, in.Demand)
		state.SteadySince = decide.SteadySince(in, need)
	}
	if current, known := in.Snapshot.Current(); known {
		state.Known, state.HighResolution, state.Groups = true, current.HighResolution, current.Groups
	}
	if _, unread := in.Snapshot.Unread["scaling"]; !unread && in.MetricsRead {
		known := state.ScalingAt.Add(runtime.ScalingFor/2).After(in.Now) && reflect.DeepEqual(state.Scaling, in.Snapshot.Scaling)
		if !known {
			state.Scaling, state.ScalingAt = in.Snapshot.Scaling, in.Now
		}
	}
	if in.Demand.Equal(state) {
		return
	}
	if err := p.Store.SaveDemandStates(ctx, []fleet.DemandState{state}); err != nil {
		p.Log.WarnContext(ctx, "the demand state of a service is not saved", "service", in.Demand.Ref.String(), "error", err)
	}
}
