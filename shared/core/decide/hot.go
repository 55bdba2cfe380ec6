package decide

import (
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
)

// nextSampleIn is how soon a service that is hot, or was just scaled, is looked at again:
// one period of its utilisation, or of the policy's metric, when the next value
// can say more.
func nextSampleIn(in Input) time.Duration {
	next := requeueInterval
	for _, samples := range [][]fleet.Sample{in.Snapshot.Load.CPU, in.Snapshot.Load.Custom} {
		if last, ok := fleet.Newest(samples); ok && last.Period > 0 {
			next = min(next, last.Period)
		}
	}
	return next
}

// MetricInterval is how often the policy's metric has a value where that is more often than
// each minute; else 0. Who publishes one wants to be quick, and pays for it.
func MetricInterval(p policy.Effective) time.Duration {
	if p.Metric == nil {
		return 0
	}
	if period := p.Metric.Period(); period > 0 && period < requeueInterval {
		return period
	}
	return 0
}
