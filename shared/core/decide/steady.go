package decide

import (
	"time"

	"homeostat/shared/core/demand"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/polling"
)

// SteadySince is since when nothing has called for another count; zero where
// something does, or soon may.
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

// nextSampleIn is how soon a service that is hot, or was just scaled, is looked at again:
// one period of its utilisation, or of the policy's metric, when the next value
// can say more.
func nextSampleIn(in Input) time.Duration {
	next := polling.RequeueInterval
	for _, samples := range [][]fleet.Sample{in.Snapshot.Load.CPU, in.Snapshot.Load.Custom} {
		if last, ok := fleet.Newest(samples); ok && last.Period > 0 {
			next = min(next, last.Period)
		}
	}
	return next
}
