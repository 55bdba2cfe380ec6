package decide

import (
	"homeostat/shared/core/demand"
	"homeostat/shared/core/fleet"
)

// Follow is what the load alone asks for.
func Follow(in Input) fleet.Decision {
	d, _, _ := EvaluateLoad(in)
	return d
}

// EvaluateLoad is Follow with the need, nil where it is not known, and with what has
// been learned since.
func EvaluateLoad(in Input) (fleet.Decision, *demand.Estimate, fleet.DemandState) {
	w := estimateNeed(in, in.Demand)
	d, reasons := scaleTo(in, func() needEstimate { return w })
	if d.Kind == "" {
		d.Kind, d.Reasons = fleet.DoNothing, reasons
	}
	return d, w.need, w.since
}
