package demand

import (
	"fmt"
	"strings"
	"time"
)

// wanted returns the need of the followed strategy without the bounds, and its
// headline: demand, forecast, headroom and tasks. Fields after the headline
// explain a count that differs from the need.
func (k *Controller) wanted(s *State, signal Signal, o Observation, c Settings, count int) (tasks int, text string) {
	which, at, delay := s.strategy()
	f, m := &s.forecasters[which], marginGrid()[at]
	units := f.quantiles(&k.expected, k.tuning.PriorErrors)
	demand := f.with(m.target, &units, f.spread(&k.tuning), k.tuning.Additive)
	sizing := signal.Sizing(c)
	need := k.tasks(demand, sizing)
	var b strings.Builder
	b.Grow(usualText)
	fmt.Fprintf(&b, "demand %.2f tasks (%s), forecast %.2f in %.0f s, headroom %s: %d %s",
		s.last, s.seen(signal, o, c), f.ahead, s.Startup().Seconds(), m, max(need, 1), noun(need))
	if sizing.CPU > 0 && need > k.curve.Tasks(demand) {
		fmt.Fprintf(&b, "; CPU target %g %%", sizing.CPU)
	}
	if which != level {
		fmt.Fprintf(&b, "; forecast by the %s", forecasterName(which))
	}
	switch inside := bounded(need, c); {
	case inside < count:
		fmt.Fprintf(&b, "; keep %d %s until fewer suffice for %g s", count, noun(count), delayGrid()[delay])
	case inside > count && count == 1:
		b.WriteString("; 1 task still suffices")
	case inside > count:
		fmt.Fprintf(&b, "; %d tasks still suffice", count)
	}
	switch {
	case count >= c.Max:
		need = max(need, count)
	case count <= c.Min:
		need = min(need, count)
	default:
		need = count
	}
	return need, b.String()
}

// seen returns the arithmetic of the newest sample for people.
func (s *State) seen(signal Signal, o Observation, c Settings) string {
	for _, p := range signal.Points(o) {
		if p.At.Equal(s.Newest) {
			return signal.text(s.cost, p, o, c)
		}
	}
	return fmt.Sprintf("%s at %s", signal.Name(), s.Newest.UTC().Format(time.RFC3339))
}

// forecasterName returns the name of a forecaster for texts.
func forecasterName(f int) string {
	return [forecasters]string{level: "level", trend: "trend", hourly: "hourly profile", daily: "daily profile"}[f]
}

// String returns the margin for people: a percentage of the forecast, or a
// percentile of the forecast errors.
func (m margin) String() string {
	if m.target >= 1 {
		return fmt.Sprintf("%.0f %%", 100*(m.target-1))
	}
	return fmt.Sprintf("p%.4g", 100*m.target)
}
