package decide

import (
	"homeostat/shared/core/demand"
	"homeostat/shared/core/fleet"
)

// Follow returns the decision that the load alone requires.
func Follow(in Input) fleet.Decision {
	d, _, _ := EvaluateLoad(in)
	return d
}

// EvaluateLoad returns the decision of Follow, the need and the new state of the
// controller. The need is nil if it is unknown.
func EvaluateLoad(in Input) (fleet.Decision, *demand.Estimate, fleet.DemandState) {
	w := estimateNeed(in, in.Demand)
	d, reasons := scaleTo(in, func() needEstimate { return w })
	if d.Kind == "" {
		d.Kind, d.Reasons = fleet.DoNothing, reasons
	}
	return d, w.need, w.since
}
