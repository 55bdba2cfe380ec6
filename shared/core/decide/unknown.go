package decide

import (
	"fmt"
	"strings"
	"time"

	"homeostat/shared/core/demand"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/polling"
	"homeostat/shared/core/reason"
)

// unknownNeed returns the reason for an unknown need, with a text for each signal.
func unknownNeed(in Input, w needEstimate) draft {
	if w.suspect {
		return because(reason.SuspectMetric, "the CPU metric fell to %.2g %% within a period, as if in another unit", in.Snapshot.CPU.Value).
			detail("it is not used for 1h, unless it recovers").detail(w.reset).with(str("cpu_percent", fmt.Sprintf("%.2g", in.Snapshot.CPU.Value)))
	}
	var others []string
	for _, metric := range seriesOf(in.Policy, in.Snapshot.Load) {
		if metric.declared {
			others = append(others, signalObstacle(metric.name, metric.samples, in.Now))
		}
	}
	name := reason.MetricUnknown
	if cpu := in.Snapshot.CPU; cpu.Known && in.Now.Sub(cpu.At) > polling.MetricStaleAfter {
		name = reason.MetricStale
	}
	return because(name, "%s", cpuObstacle(in)).detail(strings.Join(others, "; ")).detail(w.reset)
}

// cpuObstacle returns the obstacle to a need from the CPU metric.
func cpuObstacle(in Input) string {
	switch cpu := in.Snapshot.CPU; {
	case !cpu.Known:
		return "the CPU metric is unknown: " + cpu.Why
	case in.Now.Sub(cpu.At) > polling.MetricStaleAfter:
		return fmt.Sprintf("the newest CPU metric is %s old", fleet.DurationText(in.Now.Sub(cpu.At).Round(time.Second)))
	case !demand.Percentage(cpu.Value):
		return fmt.Sprintf("the CPU metric is %g, not a percentage", cpu.Value)
	case countUnknown(in.Snapshot, in.Memory):
		return fmt.Sprintf("the task count in the period of the CPU metric is unknown: %d of %d tasks run", in.Snapshot.Running, in.Snapshot.Desired)
	}
	return "no task ran in the period of the CPU metric"
}

// signalObstacle returns the obstacle to a need from another signal.
func signalObstacle(signal string, samples []fleet.Sample, now time.Time) string {
	last, ok := fleet.Newest(points(samples))
	switch {
	case !ok:
		return signal + ": CloudWatch has no datapoint of the last minutes"
	case last.Value < 0:
		return fmt.Sprintf("%s: the newest value is %g, below zero", signal, last.Value)
	case now.Sub(last.At) > polling.MetricStaleAfter:
		return fmt.Sprintf("%s: the newest value is %s old", signal, fleet.DurationText(now.Sub(last.At).Round(time.Second)))
	}
	return signal + ": the cost of one request is not learned yet"
}
