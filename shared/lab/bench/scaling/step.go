package scaling

import (
	"math"

	"homeostat/shared/sim/traffic"
	"homeostat/shared/sim/workload"
)

const (
	minute = 60
	hour   = 3600
	// Before a step the traffic is steady for so many minutes, and after it too.
	steadyBefore, steadyAfter = 5, 10
	// steady is how far a steady minute may be from the mean.
	steady = 0.15
	// stepUp is what makes a rise a step.
	stepUp = 2.0
)

// stepOf finds the first step up of a trace: the second from which on the rate is
// nearer to the high one, and that rate. Where the traffic is not steady before
// and after, a reaction to it cannot be told from a reaction to the rest.
func stepOf(t traffic.Trace) (second int, high float64, found bool) {
	minutes := minutesOf(t)
	for i := steadyBefore; i+1+steadyAfter <= len(minutes); i++ {
		low, calm := level(minutes[:i])
		if !calm {
			return 0, 0, false
		}
		if math.Abs(minutes[i]-low) <= steady*low {
			continue
		}
		// The step may fall into the middle of a minute.
		high, calm := level(minutes[i+1 : i+1+steadyAfter])
		if !calm || high < stepUp*low || low <= 0 {
			return 0, 0, false
		}
		for s := i * minute; s < (i+2)*minute; s++ {
			if rate, _ := t.Rate(s); rate >= (low+high)/2 {
				return s, high, true
			}
		}
		return 0, 0, false
	}
	return 0, 0, false
}

// level is the mean, and whether all are near it.
func level(rates []float64) (mean float64, calm bool) {
	for _, r := range rates {
		mean += r / float64(len(rates))
	}
	for _, r := range rates {
		if math.Abs(r-mean) > steady*mean {
			return mean, false
		}
	}
	return mean, true
}

// minutesOf are the mean rates of the trace's minutes.
func minutesOf(t traffic.Trace) []float64 {
	out := make([]float64, t.Seconds()/minute)
	for i := range out {
		for s := range minute {
			rate, _ := t.Rate(i*minute + s)
			out[i] += rate / minute
		}
	}
	return out
}

// hours finds the worst hour of a run.
type hours struct {
	from                int
	requests, violating float64 // at the beginning of the hour
	worst               float64
}

// look is called before each second.
func (h *hours) look(s *workload.Sim) {
	if since := s.Second() - h.from; since > 0 && since%hour == 0 {
		h.end(s.Ledger())
	}
}

func (h *hours) end(l *workload.Ledger) {
	h.worst = max(h.worst, percent(l.Violating-h.violating, l.Requests-h.requests))
	h.requests, h.violating = l.Requests, l.Violating
}

// percent is 0 of nothing.
func percent(part, whole float64) float64 {
	if whole <= 0 {
		return 0
	}
	return 100 * part / whole
}
