package event

import (
	"context"
	"reflect"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/demand"
	"homeostat/shared/core/fleet"
	"homeostat/shared/engine/runtime"
)

// demandState returns the demand state of the service. Where it cannot be read,
// the state is empty and the demand is learned again: no evaluation fails for it.
func (p *Pipeline) demandState(ctx context.Context, ref fleet.ServiceRef) fleet.DemandState {
	found, err := p.Store.DemandStates(ctx, []fleet.ServiceRef{ref})
	if err != nil {
		p.Log.WarnContext(ctx, "the demand state of a service cannot be read", "service", ref.String(), "error", err)
	}
	known := found[ref.Key()]
	known.Ref = ref
	return known
}

// saveDemandState saves the demand state where the evaluation changed it.
func (p *Pipeline) saveDemandState(ctx context.Context, in decide.Input) {
	if in.Demand.Ref.Service == "" || p.Policy == nil {
		return
	}
	since := in.Demand
	if in.MetricsRead {
		var need *demand.Estimate
		need, since = decide.Need(in, in.Demand)
		since.SteadySince = decide.SteadySince(in, need)
	}
	if current, known := in.Snapshot.Current(); known {
		since.Known, since.HighResolution = true, current.HighResolution
	}
	if _, unread := in.Snapshot.Unread["scaling"]; !unread && in.MetricsRead {
		known := since.ScalingAt.Add(runtime.ScalingFor/2).After(in.Now) && reflect.DeepEqual(since.Scaling, in.Snapshot.Scaling)
		if !known {
			since.Scaling, since.ScalingAt = in.Snapshot.Scaling, in.Now
		}
	}
	if in.Demand.Equal(since) {
		return
	}
	if err := p.Store.SaveDemandStates(ctx, []fleet.DemandState{since}); err != nil {
		p.Log.WarnContext(ctx, "the demand state of a service is not saved", "service", in.Demand.Ref.String(), "error", err)
	}
}
