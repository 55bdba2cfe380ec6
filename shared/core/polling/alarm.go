package polling

import (
	"math"
	"time"

	"homeostat/shared/core/demand"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
)

// CallsAt is the CPU, in whole percent, above which a service with so many tasks
// calls by its alarm, and from which it is asked about each minute: a little less
// than where one more is needed. A small service needs that long before its
// target. Where a person's own measure decides, it is the target.
func CallsAt(k *demand.Controller, p policy.Effective, tasks int) float64 {
	if k == nil {
		k = demand.NewController(demand.Usual())
	}
	if measured(p) {
		return max(1, math.Floor(min(p.CPU, highestThreshold)))
	}
	tasks = max(1, tasks)
	signal, c := demand.CPU, demand.Settings{CPU: p.CPU, Insist: p.CPUSaid}
	if p.Counts() {
		signal = demand.Requests // what they cost is learned from the CPU
	}
	bears := k.Capacity(tasks, signal, c)
	bears -= reserve * (bears - k.Capacity(tasks-1, signal, c))
	return max(1, math.Floor(min(100*bears/float64(tasks)+1e-9, highestThreshold)))
}

// TriggerAlarm is the arming alarm that a service with so many tasks is to have; ok is
// false where it is to have none. fine says that it publishes its utilisation
// every 20 s.
func TriggerAlarm(ref fleet.ServiceRef, k *demand.Controller, p policy.Effective, tasks int, fine bool) (a fleet.TriggerAlarm, ok bool) {
	if !p.UsesTriggerAlarm() {
		return a, false
	}
	return fleet.TriggerAlarm{
		Cluster: ref.Cluster, Service: ref.Service,
		Threshold: CallsAt(k, p, tasks), Period: fleet.Source{HighResolution: fine}.Period(),
	}, true
}

// AlarmCoversLoad reports whether an alarm on the CPU tells of every rise of the work:
// what waits in a queue, fills the memory, or is measured otherwise, does not show
// there.
func AlarmCoversLoad(p policy.Effective) bool {
	return p.Queue == "" && !measured(p) && p.Memory == 0 && p.ToZero == 0
}

// measured reports whether the policy says how much of what one task bears, so
// that the CPU does not decide.
func measured(p policy.Effective) bool {
	return !p.CountsByMetric() && (p.Metric != nil || p.CountsRequests() && p.RequestsPerTask > 0)
}

// NearThreshold reports whether the newest CPU is where one more task will soon be needed,
// so that the service is to be asked about soon again.
func NearThreshold(k *demand.Controller, p policy.Effective, s fleet.Snapshot) bool {
	return s.CPU.Known && s.CPU.Value >= CallsAt(k, p, s.Desired)
}

// Stable reports whether a service has been steady for so long that it need not be
// asked each minute, as long as an alarm tells when that ends.
func Stable(l fleet.DemandState, now time.Time) bool {
	return !l.SteadySince.IsZero() && now.Sub(l.SteadySince) >= stableAfter
}

// MetricInterval is how often the policy's metric has a value where that is more often than
// each minute; else 0. Who publishes one wants to be quick, and pays for it.
func MetricInterval(p policy.Effective) time.Duration {
	if p.Metric == nil {
		return 0
	}
	if period := p.Metric.Period(); period > 0 && period < RequeueInterval {
		return period
	}
	return 0
}
