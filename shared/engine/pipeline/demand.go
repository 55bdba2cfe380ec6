package pipeline

import (
	"bytes"
	"context"
	"reflect"
	"time"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/demand"
	"homeostat/shared/core/fleet"
)

// scalingFor is how long it is believed what Application Auto Scaling held on a
// service when it was last read.
const scalingFor = 15 * time.Minute

// controller is the one that all looks share: it is made by the first of them.
func (p *Pipeline) controller() *demand.Controller {
	p.making.Do(func() { p.followed = demand.NewController(demand.Usual()) })
	return p.followed
}

// demandState is what was learned of the service's demand; nothing where that
// cannot be read: it is learned anew, and no look fails for it.
func (p *Pipeline) demandState(ctx context.Context, ref fleet.ServiceRef) fleet.DemandState {
	found, err := p.Demands.DemandStates(ctx, []fleet.ServiceRef{ref})
	if err != nil {
		p.Log.WarnContext(ctx, "what was learned of a service cannot be read", "service", ref.String(), "error", err)
	}
	known := found[ref.Key()]
	known.Ref = ref
	return known
}

// saveDemandState keeps what a look has learned of the demand, where it is new.
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
		known := since.ScalingAt.Add(scalingFor/2).After(in.Now) && reflect.DeepEqual(since.Scaling, in.Snapshot.Scaling)
		if !known {
			since.Scaling, since.ScalingAt = in.Snapshot.Scaling, in.Now
		}
	}
	if sameDemandState(in.Demand, since) {
		return
	}
	if err := p.Demands.SaveDemandStates(ctx, []fleet.DemandState{since}); err != nil {
		p.Log.WarnContext(ctx, "what was learned of a service is not kept", "service", in.Demand.Ref.String(), "error", err)
	}
}

func sameDemandState(a, b fleet.DemandState) bool {
	times := a.Started.Equal(b.Started) && a.RanAt.Equal(b.RanAt) && a.SuspectSince.Equal(b.SuspectSince) && a.IdleSince.Equal(b.IdleSince) &&
		a.SteadySince.Equal(b.SteadySince) && a.ScalingAt.Equal(b.ScalingAt)
	return times && bytes.Equal(a.State, b.State) && a.Ran == b.Ran && a.Known == b.Known && a.HighResolution == b.HighResolution
}
