// Package traffic is request traces: read from files, generated, scaled to a
// number of tasks, and turned into a rate for each second.
package traffic

import (
	"fmt"
	"slices"
)

// Trace is how many requests arrived in each interval.
type Trace struct {
	Name string
	// About is one line on what it is.
	About string
	// Step is the length of an interval in seconds, at least 1.
	Step int
	// Requests are those that arrived in each interval, none negative.
	Requests []float64
}

// Seconds is how long the trace lasts.
func (t Trace) Seconds() int { return t.Step * len(t.Requests) }

// Rate is the mean rate in a second, in requests/s: between the middles of two
// intervals it runs straight from one's rate to the other's. A trace of single
// seconds stays as it is, and is exact.
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

// ScaledTo is the trace with every count multiplied so that its 99.5th
// percentile minute has the rate, in requests/s.
func (t Trace) ScaledTo(rate float64) (Trace, error) {
	minutes := t.minutes()
	if len(minutes) == 0 {
		return t, fmt.Errorf("%s is shorter than a minute", t.Name)
	}
	slices.Sort(minutes)
	high := minutes[min(len(minutes)-1, int(float64(len(minutes))*highMinuteQuantile))]
	if high <= 0 {
		return t, fmt.Errorf("%s has hardly any requests, so it cannot be scaled", t.Name)
	}
	scaled := t
	scaled.Requests = make([]float64, len(t.Requests))
	for i, n := range t.Requests {
		scaled.Requests[i] = n * rate / high
	}
	return scaled, nil
}

// minutes are the mean rates of the minutes, or of the intervals where those
// are longer.
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
