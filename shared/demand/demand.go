// Package demand turns metrics into the number of tasks that the work needs.
//
// The first version is the arithmetic of target tracking, fed forward: the
// work that is being done (busy capacity), divided by what one task may carry.
// It never multiplies the current count by metric over target, so tasks that
// are starting are not counted twice.
package demand

import (
	"fmt"
	"math"
	"time"

	"homeostat/shared/fleet"
)

// Estimate is how many tasks are needed, with the arithmetic in words.
type Estimate struct {
	Tasks int
	// Work is the busy capacity in tasks: 2.5 means two and a half busy tasks.
	Work float64
	Text string
}

// maxPercent is far above any average that tasks with burst reach.
const maxPercent = 10_000

// FromCPU is the need at an average CPU utilisation, in percent, that running
// tasks had on average in the time of the reading, with a target in percent. ok
// is false where the reading is unknown, is no percentage, or nothing ran: then
// nothing is known of the need.
func FromCPU(cpu fleet.Reading, running, target float64) (e Estimate, ok bool) {
	if !cpu.Known || math.IsNaN(cpu.Value) || cpu.Value < 0 || cpu.Value > maxPercent || running <= 0 || target <= 0 {
		return Estimate{}, false
	}
	e.Work = cpu.Value / 100 * running
	// What is exactly at the target is at the target, whatever the last bit says.
	e.Tasks = max(1, int(math.Ceil(e.Work/(target/100)-1e-9)))
	e.Text = fmt.Sprintf("CPU %.0f %% on %.3g running is work for %.2f tasks: %d at the target of %g %%",
		cpu.Value, running, e.Work, e.Tasks, target)
	return e, true
}

// RunningDuring is how many tasks ran on average from begin to end, given how
// many run now and which tasks are remembered to have started or stopped since
// begin. It makes a metric that is minutes old speak of the tasks it was
// measured on, so that tasks which started since are not counted as busy.
func RunningDuring(now int, m fleet.Memory, begin, end time.Time) float64 {
	span := end.Sub(begin)
	if span <= 0 {
		return float64(now)
	}
	// Whole nanoseconds, so that the order of the map decides nothing.
	total := time.Duration(now) * span
	for _, arm := range m.Arms {
		for _, life := range arm.Tasks {
			if life.StartedAt.IsZero() {
				continue
			}
			total += within(life, begin, end)
			if ended(life).IsZero() {
				total -= span
			}
		}
	}
	return max(0, total.Seconds()/span.Seconds())
}

// ended is when the task stopped serving; zero while it does.
func ended(life fleet.TaskLife) time.Time {
	if life.EndedAt.IsZero() {
		return life.StoppedAt
	}
	return life.EndedAt
}

// within is how long the task ran between begin and end.
func within(life fleet.TaskLife, begin, end time.Time) time.Duration {
	if life.StartedAt.After(begin) {
		begin = life.StartedAt
	}
	if stop := ended(life); !stop.IsZero() && stop.Before(end) {
		end = stop
	}
	return max(0, end.Sub(begin))
}
