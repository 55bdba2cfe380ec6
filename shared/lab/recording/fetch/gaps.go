package fetch

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"homeostat/shared/lab/recording"
)

// Fill selects the treatment of gaps between periods with data.
type Fill string

// The ways to fill gaps. Missing data is not zero, so the default fills nothing.
const (
	FillNever  Fill = "never"
	FillLinear Fill = "linear" // a straight line between the neighbours
	FillZero   Fill = "zero"   // correct if missing data means no requests
)

// errNoData reports that CloudWatch has no data of the service.
var errNoData = errors.New("CloudWatch has no data for this time: check whether the service is new, stopped or renamed")

// recording converts the history to a recording, with notes about the missing data.
func (h *history) recording(out recording.Recording, o Request) (recording.Recording, error) {
	if h.requests != nil && allUnknown(h.requests) {
		out.Notes = append(out.Notes, h.source()+" has no data, so the CPU is used; it cannot show demand above the capacity of the tasks")
		h.requests = nil
	}
	values := h.requests
	if values == nil {
		values = h.work()
		out.TaskRate = unitsPerTask
	}
	values, first := h.trim(values, &out)
	if len(values) < 2 {
		return out, fmt.Errorf("%s: %w", out.Service, errNoData)
	}
	gaps := findGaps(values)
	if len(gaps) > 0 {
		text := h.describe(gaps, first)
		if o.Fill == FillNever || o.Fill == "" {
			return out, fmt.Errorf("%s: %s; missing data is not zero: give --fill-gaps linear, --fill-gaps zero if no requests arrived, or another --since",
				out.Service, text)
		}
		fill(values, gaps, o.Fill)
		out.Notes = append(out.Notes, fmt.Sprintf("%s; filled (%s)", text, o.Fill))
	}
	cpu, tasks := h.cpu[first:first+len(values)], h.tasks[first:first+len(values)]
	if h.requests != nil {
		h.estimateTaskRate(&out, values, cpu, tasks)
	}
	out.TaskHours = recording.TaskHours(tasks, out.Step)
	out.Requests = values
	begin := h.at(first)
	out.Begin = begin.UTC()
	out.About = fmt.Sprintf("%s in %s from %s to %s: %s, each %d s", out.Service, out.Region, stamp(begin),
		stamp(begin.Add(time.Duration(len(values))*h.period)), h.source(), out.Step)
	if h.requests == nil {
		out.About += "; a request stands for 0.01 s of a busy task"
	}
	return out, nil
}

// estimateTaskRate estimates the capacity of a task.
func (h *history) estimateTaskRate(out *recording.Recording, requests, cpu, tasks []float64) {
	rate, periods := recording.TaskRate(requests, cpu, tasks, out.Step)
	if rate == 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("the capacity of a task is unknown: the CPU was between 10 %% and 80 %% in %d periods only", periods))
		return
	}
	out.TaskRate = rate
	out.Notes = append(out.Notes, fmt.Sprintf("task_rate is the median of %d periods with 10 %% to 80 %% CPU", periods))
}

// work returns the demand in hundredths of a task-second.
func (h *history) work() []float64 {
	out := make([]float64, len(h.cpu))
	for i := range out {
		out[i] = math.Round(h.cpu[i] / 100 * h.tasks[i] * h.period.Seconds() * unitsPerTask)
	}
	return out
}

// trim removes the periods before the first data and the last ones without data,
// and adds notes. first is the first remaining period.
func (h *history) trim(values []float64, out *recording.Recording) (kept []float64, first int) {
	for first < len(values) && math.IsNaN(values[first]) {
		first++
	}
	if first == len(values) {
		return nil, first
	}
	if first > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("there is no data before %s, %s later than requested", stamp(h.at(first)), h.at(first).Sub(h.from)))
	}
	last := len(values)
	for last > first && math.IsNaN(values[last-1]) && h.to.Sub(h.at(last-1)) <= max(arrivalDelay, h.period) {
		last--
	}
	if last < len(values) {
		out.Notes = append(out.Notes, fmt.Sprintf("the last %d periods had not arrived", len(values)-last))
	}
	return values[first:last], first
}

// gap is a run of periods without data: [from, to).
type gap struct{ from, to int }

func findGaps(values []float64) []gap {
	var found []gap
	for i, v := range values {
		switch n := len(found); {
		case !math.IsNaN(v):
		case n > 0 && found[n-1].to == i:
			found[n-1].to++
		default:
			found = append(found, gap{i, i + 1})
		}
	}
	return found
}

func (h *history) describe(gaps []gap, first int) string {
	periods := 0
	var named []string
	for i, g := range gaps {
		periods += g.to - g.from
		if i < maxNamedGaps {
			named = append(named, fmt.Sprintf("%s to %s", stamp(h.at(first+g.from)), stamp(h.at(first+g.to))))
		}
	}
	text := fmt.Sprintf("there is no data in %d of its periods of %d s: %s", periods, int(h.period.Seconds()), strings.Join(named, ", "))
	if more := len(gaps) - len(named); more > 0 {
		text += fmt.Sprintf(" and %d times more", more)
	}
	return text
}

// fill replaces unknown values. A gap at the end has one neighbour only and takes
// its value.
func fill(values []float64, gaps []gap, how Fill) {
	for _, g := range gaps {
		left, right := values[g.from-1], 0.0
		if right = left; g.to < len(values) {
			right = values[g.to]
		}
		for i := g.from; i < g.to; i++ {
			values[i] = 0
			if how == FillLinear {
				part := float64(i-g.from+1) / float64(g.to-g.from+1)
				values[i] = math.Round(left + part*(right-left))
			}
		}
	}
}

func allUnknown(values []float64) bool {
	for _, v := range values {
		if !math.IsNaN(v) {
			return false
		}
	}
	return true
}

func (h *history) at(period int) time.Time { return h.from.Add(time.Duration(period) * h.period) }

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04Z") }
