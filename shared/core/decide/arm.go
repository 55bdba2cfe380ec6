package decide

import (
	"math"
	"time"

	"homeostat/shared/core/demand"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
)

const (
	// callsMost is the highest CPU at which a service calls: a task that may not
	// use more than it has reserved never gets above 100 %.
	callsMost = 95
	// early is how much of the work that the last task bears is kept back: the
	// metric comes late, and its work grows meanwhile. Measured in tasks it leaves
	// a big service, whose CPU is always near its target, room to be steady.
	early = 0.1
	// steadyFor is how long the count must have been what the work needs before it
	// is believed to stay so: a scale-in has been waited for by then.
	steadyFor = 10 * time.Minute
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
		return max(1, math.Floor(min(p.CPU, callsMost)))
	}
	tasks = max(1, tasks)
	signal, c := demand.CPU, demand.Settings{CPU: p.CPU, Insist: p.CPUSaid}
	if p.Counts() {
		signal = demand.Requests // what they cost is learned from the CPU
	}
	bears := k.Capacity(tasks, signal, c)
	bears -= early * (bears - k.Capacity(tasks-1, signal, c))
	return max(1, math.Floor(min(100*bears/float64(tasks)+1e-9, callsMost)))
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
func NearThreshold(in Input) bool {
	cpu := in.Snapshot.CPU
	return cpu.Known && cpu.Value >= CallsAt(in.Controller, in.Policy, in.Snapshot.Desired)
}

// SteadySince is since when nothing has called for another count; zero where
// something does, or soon may.
func SteadySince(in Input, need *demand.Estimate) time.Time {
	s := in.Snapshot
	moving := s.Running != s.Desired || s.Pending > 0 || s.Deploying() || in.Memory.Hot()
	if need == nil || need.Tasks != s.Desired || moving || NearThreshold(in) {
		return time.Time{}
	}
	if in.Demand.SteadySince.IsZero() {
		return in.Now
	}
	return in.Demand.SteadySince
}

// Stable reports whether a service has been steady for so long that it need not be
// asked each minute, as long as an alarm tells when that ends.
func Stable(l fleet.DemandState, now time.Time) bool {
	return !l.SteadySince.IsZero() && now.Sub(l.SteadySince) >= steadyFor
}
