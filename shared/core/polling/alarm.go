package polling

import (
	"math"
	"time"

	"homeostat/shared/core/demand"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
)

// CallsAt returns the threshold of the trigger alarm for a number of tasks, in whole
// percent of CPU. From the same CPU on, a sweep evaluates the service each minute. It is
// slightly below the need for another task. A small service reaches that need far below
// its target. If the policy sets the capacity of a task, the threshold is the target.
func CallsAt(k *demand.Controller, p policy.Effective, tasks int) float64 {
	if k == nil {
		k = demand.NewController(demand.Usual())
	}
	if measured(p) {
		return max(1, math.Floor(min(p.CPU, highestThreshold)))
	}
	tasks = max(1, tasks)
	signal, c := demand.CPU, demand.Settings{CPU: p.CPU, Insist: p.CPUExplicit}
	if p.Counts() {
		signal = demand.Requests // with a cost that is learned from the CPU
	}
	capacity := k.Capacity(tasks, signal, c)
	capacity -= reserve * (capacity - k.Capacity(tasks-1, signal, c))
	return max(1, math.Floor(min(100*capacity/float64(tasks)+thresholdRounding, highestThreshold)))
}

// TriggerAlarm returns the trigger alarm of a service with a number of tasks. The
// result ok is false if the service needs none. With highResolution, the utilization of
// the service has a period of 20 s.
func TriggerAlarm(ref fleet.ServiceRef, k *demand.Controller, p policy.Effective, tasks int, highResolution bool) (a fleet.TriggerAlarm, ok bool) {
	if !p.UsesTriggerAlarm() {
		return a, false
	}
	return fleet.TriggerAlarm{
		Cluster: ref.Cluster, Service: ref.Service,
		Threshold: CallsAt(k, p, tasks), Period: fleet.Source{HighResolution: highResolution}.Period(),
	}, true
}

// AlarmCoversLoad reports whether an alarm on the CPU shows each rise of the demand. A
// backlog, the memory and other metrics do not show in the CPU.
func AlarmCoversLoad(p policy.Effective) bool {
	return p.Queue == "" && !measured(p) && p.Memory == 0 && p.ToZero == 0
}

// measured reports whether the policy sets the capacity of a task by another metric
// than the CPU.
func measured(p policy.Effective) bool {
	switch {
	case p.CountsByMetric():
		return false // the capacity is learned from the CPU
	case p.Metric != nil:
		return true
	}
	return p.CountsRequests() && p.RequestsPerTask > 0
}

// NearThreshold reports whether the newest CPU reached the threshold, so that another
// task may soon be needed.
func NearThreshold(k *demand.Controller, p policy.Effective, s fleet.Snapshot) bool {
	return s.CPU.Known && s.CPU.Value >= CallsAt(k, p, s.Desired)
}

// Stable reports whether a service is at need for so long that a trigger alarm can
// replace the evaluation each minute.
func Stable(l fleet.DemandState, now time.Time) bool {
	return !l.SteadySince.IsZero() && now.Sub(l.SteadySince) >= stableAfter
}

// MetricInterval returns the period of the policy's metric if it is below one minute;
// else 0.
func MetricInterval(p policy.Effective) time.Duration {
	if p.Metric == nil {
		return 0
	}
	if period := p.Metric.Period(); period > 0 && period < RequeueInterval {
		return period
	}
	return 0
}
