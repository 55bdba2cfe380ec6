package decide

import (
	"time"

	"homeostat/shared/core/demand"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/polling"
)

// SteadySince returns the begin of the time at need. It is zero if the count is not at
// need, or may soon not be.
func SteadySince(in Input, need *demand.Estimate) time.Time {
	s := in.Snapshot
	moving := s.Running != s.Desired || s.Pending > 0 || s.Deploying() || in.Memory.Hot()
	if need == nil || need.Tasks != s.Desired || moving || polling.NearThreshold(in.Controller, in.Policy, s) {
		return time.Time{}
	}
	if in.Demand.SteadySince.IsZero() {
		return in.Now
	}
	return in.Demand.SteadySince
}

// nextSampleIn returns the time to the next evaluation of a hot or just scaled service.
// It is one period of the CPU metric or of the policy's metric.
func nextSampleIn(in Input) time.Duration {
	next := polling.RequeueInterval
	for _, samples := range [][]fleet.Sample{in.Snapshot.Load.CPU, in.Snapshot.Load.Custom} {
		if last, ok := fleet.Newest(samples); ok && last.Period > 0 {
			next = min(next, last.Period)
		}
	}
	return next
}
