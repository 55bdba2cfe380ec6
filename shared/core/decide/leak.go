package decide

import (
	"fmt"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/reason"
)

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
