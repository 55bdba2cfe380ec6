// Package traffic holds request traces. It reads and generates them, scales them to
// a number of tasks and returns a rate for each second.
package traffic

import (
	"fmt"
	"slices"
)

// Trace holds the number of requests in each interval.
type Trace struct {
	Name string
	// About describes the trace in one line.
	About string
	// Step is the length of an interval in seconds, at least 1.
	Step int
	// Requests holds the requests of each interval. None is negative.
	Requests []float64
}

// Seconds returns the length of the trace.
func (t Trace) Seconds() int { return t.Step * len(t.Requests) }

// Rate returns the mean rate of a second in requests/s. It is linear between the
// middles of two intervals. A trace of single seconds returns its counts, as exact
// rates.
func (t Trace) Rate(second int) (rate float64, exact bool) {
	if t.Step == 1 {
		return t.Requests[second], true
	}
	at := (float64(second)+0.5)/float64(t.Step) - 0.5
	i := int(at)
	if at < 0 {
		return t.Requests[0] / float64(t.Step), false
	}
	if i+1 >= len(t.Requests) {
		return t.Requests[len(t.Requests)-1] / float64(t.Step), false
	}
	part := at - float64(i)
	return (t.Requests[i]*(1-part) + t.Requests[i+1]*part) / float64(t.Step), false
}

// ScaledTo multiplies all counts so that the 99.5th percentile minute has a rate in
// requests/s.
func (t Trace) ScaledTo(rate float64) (Trace, error) {
	minutes := t.minutes()
	if len(minutes) == 0 {
		return t, fmt.Errorf("%s is shorter than a minute", t.Name)
	}
	slices.Sort(minutes)
	high := minutes[min(len(minutes)-1, int(float64(len(minutes))*highMinuteQuantile))]
	if high <= 0 {
		return t, fmt.Errorf("%s has too few requests for scaling", t.Name)
	}
	scaled := t
	scaled.Requests = make([]float64, len(t.Requests))
	for i, n := range t.Requests {
		scaled.Requests[i] = n * rate / high
	}
	return scaled, nil
}

// minutes returns the mean rates of the minutes, or of longer intervals.
func (t Trace) minutes() []float64 {
	group := max(1, 60/t.Step)
	var out []float64
	for i := 0; i+group <= len(t.Requests); i += group {
		sum := 0.0
		for _, n := range t.Requests[i : i+group] {
			sum += n
		}
		out = append(out, sum/float64(group*t.Step))
	}
	return out
}
