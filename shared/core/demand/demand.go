// Package demand turns metrics into the number of tasks that the work needs.
//
// The Controller feeds forward: the work that arrives, one start-up from now,
// with a margin for what it cannot foresee. It never multiplies the current
// count by metric over target, so tasks that are starting are not counted twice.
package demand

import (
	"fmt"
	"math"
	"time"

	"homeostat/shared/core/fleet"
)

// Estimate is how many tasks are needed, with the arithmetic in words.
type Estimate struct {
	Tasks int
	// Wanted is Tasks where the bounds do not matter; beyond them, what would be
	// needed without.
	Wanted int
	// Held is true where fewer would do, and stay for a deployment.
	Held bool
	// At is the end of the newest sample of the work, StartUp how long a task
	// takes to start.
	At      time.Time
	StartUp time.Duration
	// Work is the busy capacity in tasks: 2.5 means two and a half busy tasks.
	Work float64
	Text string
}

// atLeast raises the count to what something else asks for.
func (e *Estimate) atLeast(tasks int, why string) {
	if tasks <= e.Tasks {
		return
	}
	e.Tasks, e.Wanted = tasks, max(tasks, e.Wanted)
	e.Text += fmt.Sprintf("; %s: %d", why, tasks)
}

// maxPercent is far above any average that tasks with burst reach.
const maxPercent = 10_000

// Percentage reports whether a value can be a utilisation.
func Percentage(v float64) bool { return v >= 0 && v <= maxPercent }

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
	for _, arm := range m.Cohorts {
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
