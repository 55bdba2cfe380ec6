package decide

import (
	"fmt"
	"slices"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/judge"
	"homeostat/shared/core/polling"
	"homeostat/shared/core/reason"
)

// comparison is the load of the running revision, divided by that before its
// deployment.
type comparison struct {
	// requests is the ratio of the requests, and cost that of the CPU of one request.
	requests, cost float64
	known          bool
	// saturated is true if the CPU was at its limit in one of the minutes: the cost is
	// then a lower bound.
	saturated bool
}

// compareLoad compares the last minutes with the half hour before the deployment. It is
// unknown without requests or CPU on one side. The last minutes are those with both:
// one metric comes later than the other. Those of the takeover are left out.
func compareLoad(in Input, s subject) comparison {
	before, now := in.Snapshot.Before, in.Snapshot.Load
	since, until := in.Now.Add(-polling.MetricStaleAfter), in.Now
	if alone := s.exposed.Add(takesOver); alone.After(since) {
		since = alone
	}
	for _, samples := range [][]fleet.Sample{now.Requests, now.CPU} {
		if last, ok := fleet.Newest(samples); ok && last.At.Before(until) {
			until = last.At
		}
	}
	requestsBefore, a := mean(before.Requests, time.Time{}, in.Now)
	requestsNow, b := mean(now.Requests, since, until)
	busyBefore, c := busyTasks(before, 0, time.Time{}, in.Now)
	busyNow, d := busyTasks(now, in.Snapshot.Running, since, until)
	if !a || !b || !c || !d || requestsBefore <= 0 || requestsNow <= 0 || busyBefore <= 0 {
		return comparison{}
	}
	saturated := slices.ContainsFunc(now.CPU, func(p fleet.Sample) bool { return !p.At.Before(since) && !p.At.After(until) && p.Value >= saturatedCPU })
	return comparison{
		saturated: saturated, requests: requestsNow / requestsBefore,
		cost: (busyNow / requestsNow) / (busyBefore / requestsBefore), known: true,
	}
}

// mean returns the mean of the values between two times; ok is false without a value.
func mean(samples []fleet.Sample, since, until time.Time) (value float64, ok bool) {
	sum, n := 0.0, 0
	for _, s := range samples {
		if s.Period > 0 && !s.At.Before(since) && !s.At.After(until) {
			sum += s.Value / s.Period.Seconds()
			n++
		}
	}
	return sum / float64(max(1, n)), n > 0
}

// busyTasks returns the mean CPU of all tasks, in percent of one task. running is the
// number of tasks if the metric does not tell it; zero is unknown.
func busyTasks(l fleet.Load, running int, since, until time.Time) (value float64, ok bool) {
	sum, n := 0.0, 0
	for _, s := range l.CPU {
		tasks, known := fleet.During(l.Running, s.At)
		if !known {
			tasks, known = float64(running), running > 0
		}
		if known && !s.At.Before(since) && !s.At.After(until) {
			sum += s.Value * tasks
			n++
		}
	}
	return sum / float64(max(1, n)), n > 0
}

// isRegression reports whether the revision makes the tasks too busy, and not more
// traffic. Either the same requests cost far more, or the failures follow the deployment
// and the highest count brings no relief.
func isRegression(in Input, s subject, found judge.Finding, atMaximum bool) bool {
	if trafficOf(in.Snapshot).NewIsSlower() {
		return true // in the same minutes
	}
	if load := compareLoad(in, s); load.known {
		return load.slower()
	}
	began := found.FirstFailure
	if found.Alarm != "" {
		began = found.AlarmSince
	}
	last, scaled := in.Memory.Last(fleet.ScaleOut)
	relief := !scaled || in.Now.Sub(last.At) < effectTime(in, found)
	return atMaximum && !relief && !s.exposed.IsZero() && began.Sub(s.exposed) < regressionWithin
}

// slower reports whether the same requests cost far more.
func (c comparison) slower() bool {
	return c.known && c.requests <= sameLoad && (c.cost >= costlier || c.saturated && c.cost >= costlierAtLimit)
}

// text returns the comparison for a detail; empty if it is unknown.
func (c comparison) text() string {
	if !c.known {
		return ""
	}
	return fmt.Sprintf("requests × %.2g and CPU of a request × %.2g since the deployment", c.requests, c.cost)
}

// leak notifies the operator of a memory that grows steadily towards its limit, before
// the first task is killed.
func leak(in Input) (fleet.Decision, []fleet.Reason) {
	primary, ok := in.Snapshot.Primary()
	t := trendOf(in.Snapshot.MemoryTrend)
	if !ok || in.Snapshot.Deploying() || t.span < leakSpan || t.fit < leakFit || t.perHour <= 0 || t.last < leakFrom {
		return fleet.Decision{}, nil
	}
	left := time.Duration((maxPercent - t.last) / t.perHour * float64(time.Hour))
	if left > leakAhead {
		return fleet.Decision{}, nil
	}
	about := fleet.DurationText(left.Round(time.Hour))
	if left < time.Hour {
		about = fleet.DurationText(left.Round(10 * time.Minute))
	}
	return because(reason.MemoryGrows, "memory of %s is at %.0f %% and grows %.1f %% an hour: full in about %s", primary.TaskDefinition, t.last, t.perHour, about).
		with(str("revision", primary.TaskDefinition), str("memory_percent", fmt.Sprintf("%.0f", t.last)), str("percent_per_hour", fmt.Sprintf("%.1f", t.perHour)), at("full", in.Now.Add(left))).
		alert(fmt.Sprintf("The memory of %s is at %.0f %% and grows %.1f %% an hour since its deployment. At this rate its tasks are killed in about %s.",
			primary.TaskDefinition, t.last, t.perHour, about))
}

// trend is a line through values of a metric.
type trend struct {
	perHour, last float64
	// fit is the share of the variance that the line explains, from 0 to 1.
	fit  float64
	span time.Duration
}

// trendOf returns the line of least squares. It is zero for fewer than three values.
func trendOf(samples []fleet.Sample) trend {
	if len(samples) < 3 {
		return trend{}
	}
	first, n := samples[0].At, float64(len(samples))
	var sx, sy, sxx, sxy, syy float64
	for _, s := range samples {
		x := s.At.Sub(first).Hours()
		sx, sy, sxx, sxy, syy = sx+x, sy+s.Value, sxx+x*x, sxy+x*s.Value, syy+s.Value*s.Value
	}
	vx, vy, cov := sxx-sx*sx/n, syy-sy*sy/n, sxy-sx*sy/n
	if vx <= 0 || vy <= 0 {
		return trend{}
	}
	last := samples[len(samples)-1]
	return trend{perHour: cov / vx, last: last.Value, fit: cov * cov / (vx * vy), span: last.At.Sub(first)}
}
