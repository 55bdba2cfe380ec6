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

// unknown says why nothing is known of the need, for each signal that could
// tell of it.
func unknown(in Input, doubted bool) fleet.Reason {
	why := []string{cpuSays(in)}
	if doubted {
		return fleet.Reason{Name: reason.SuspectMetric, Text: fmt.Sprintf(
			"the CPU metric fell to %.2g %% within a period, as if it were in another unit; nothing is done on it for an hour, unless it comes back", in.Snapshot.CPU.Value)}
	}
	for _, metric := range seriesOf(in.Policy, in.Snapshot.Load) {
		if metric.declared {
			why = append(why, says(metric.name, metric.samples, in.Now))
		}
	}
	name := reason.MetricUnknown
	if cpu := in.Snapshot.CPU; cpu.Known && in.Now.Sub(cpu.At) > polling.MetricStaleAfter {
		name = reason.MetricStale
	}
	return fleet.Reason{Name: name, Text: strings.Join(why, "; ")}
}

// cpuSays is why the CPU tells nothing of the work.
func cpuSays(in Input) string {
	switch cpu := in.Snapshot.CPU; {
	case !cpu.Known:
		return "the CPU metric is unknown: " + cpu.Why
	case in.Now.Sub(cpu.At) > polling.MetricStaleAfter:
		return fmt.Sprintf("the newest CPU metric is %s old", in.Now.Sub(cpu.At).Round(time.Second))
	case !demand.Percentage(cpu.Value):
		return fmt.Sprintf("the CPU metric is %g, which is no percentage", cpu.Value)
	}
	return "nothing ran while the CPU metric was taken"
}

// says is why another signal tells nothing of the work.
func says(signal string, samples []fleet.Sample, now time.Time) string {
	last, ok := fleet.Newest(points(samples))
	switch {
	case !ok:
		return signal + ": CloudWatch has no datapoint of the last minutes"
	case last.Value < 0:
		return fmt.Sprintf("%s: the newest value is %g, below zero", signal, last.Value)
	case now.Sub(last.At) > polling.MetricStaleAfter:
		return fmt.Sprintf("%s: the newest value is %s old", signal, now.Sub(last.At).Round(time.Second))
	}
	return signal + ": what a request costs has not been learned yet"
}
