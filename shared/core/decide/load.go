package decide

import (
	"time"

	"homeostat/shared/core/demand"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/polling"
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

// SteadySince returns the begin of the time at need. It is zero if the count is not at
// need, or may soon not be.
func SteadySince(in Input, need *demand.Estimate) time.Time {
	s := in.Snapshot
	moving := s.Moving() || in.Memory.Hot()
	if need == nil || need.Tasks != s.Desired || moving || polling.NearThreshold(in.Controller, in.Policy, s) {
		return time.Time{}
	}
	if in.Demand.SteadySince.IsZero() {
		return in.Now
	}
	return in.Demand.SteadySince
}

// nextSampleIn returns the time to the next evaluation of a hot or just scaled service.
// It is the shortest period of its metrics.
func nextSampleIn(in Input) time.Duration {
	next := untilNext(polling.RequeueInterval, in.Snapshot.Load.CPU)
	for _, metric := range seriesOf(in.Policy, in.Snapshot.Load) {
		next = untilNext(next, metric.samples)
	}
	return next
}

// untilNext returns the period of the samples if it is shorter than a time, else that
// time.
func untilNext(next time.Duration, samples []fleet.Sample) time.Duration {
	if last, ok := fleet.Newest(samples); ok && last.Period > 0 {
		next = min(next, last.Period)
	}
	return next
}
