package demand

import (
	"fmt"
	"strings"
	"time"

	"homeostat/shared/core/fleet"
)

// wanted is what the way that is followed asks for, whatever the bounds, and
// the sentence of it: what was seen, what is expected, with which margin, and
// why the count may differ from that for a while.
func (k *Controller) wanted(s *State, o Observation, c Settings, count int) (tasks int, text string) {
	which, at, hold := s.strategy()
	f, m := &s.forecasters[which], grid()[at]
	units := f.quantiles(&k.expected)
	work := f.with(m.target, &units, f.spread())
	asked := k.tasks(work, s.Signal, c)
	var b strings.Builder
	fmt.Fprintf(&b, "%s; %.2f in %s by the %s, with %s: %d", s.seen(o, c), f.ahead, s.Startup(), forecasterName(which), m, max(asked, 1))
	if c.aims(s.Signal) && asked > k.curve.Tasks(work) {
		fmt.Fprintf(&b, " at the target of %g %%", c.CPU)
	}
	switch inside := bounded(asked, c); {
	case inside < count:
		fmt.Fprintf(&b, "; %d stay until fewer were enough for %s", count, time.Duration(holdTimes()[hold])*time.Second)
	case inside > count:
		fmt.Fprintf(&b, "; %d still leave a margin", count)
	}
	switch {
	case count >= c.Max:
		asked = max(asked, count)
	case count <= c.Min:
		asked = min(asked, count)
	default:
		asked = count
	}
	return asked, b.String()
}

// seen is the newest sample in words.
func (s *State) seen(o Observation, c Settings) string {
	points := map[Signal][]Point{Requests: o.Requests, Load: o.Load, CPU: o.CPU}[s.Signal]
	for _, p := range points {
		if !p.At.Equal(s.Newest) {
			continue
		}
		switch cost, _ := s.cost.perRequest(); {
		case s.Signal == Requests && c.RequestsPerTask > 0:
			return fmt.Sprintf("%.0f requests in %s, %.4g a task, are work for %.2f tasks", p.Value, p.Period, c.RequestsPerTask*p.Period.Seconds(), s.last)
		case s.Signal == Requests:
			return fmt.Sprintf("%.0f requests in %s, %.2g s of a task each, are work for %.2f tasks", p.Value, p.Period, cost, s.last)
		case s.Signal == Load:
			return fmt.Sprintf("the policy's metric at %.4g, %.4g a task, is work for %.2f tasks", p.Value, c.LoadPerTask, s.last)
		default:
			running, _ := fleet.During(o.Running, p.At)
			return fmt.Sprintf("CPU %.0f %% on %.3g running is work for %.2f tasks", p.Value, running, s.last)
		}
	}
	return fmt.Sprintf("work for %.2f tasks by %s of %s", s.last, s.Signal, s.Newest.UTC().Format(time.RFC3339))
}

func forecasterName(f int) string {
	return [forecasters]string{level: "level", trend: "trend", hourly: "hour's profile", daily: "day's profile"}[f]
}

// String is the margin in words.
func (m margin) String() string {
	if m.target >= 1 {
		return fmt.Sprintf("%.0f %% on top", 100*(m.target-1))
	}
	return fmt.Sprintf("a margin for %.4g of 100 errors", 100*m.target)
}
