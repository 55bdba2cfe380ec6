// Package demand estimates the number of tasks that a service needs from its
// metrics.
//
// The Controller forecasts the demand one start-up time ahead and adds headroom
// for its own errors. It never multiplies the current count by metric over
// target, so starting tasks are not counted twice.
package demand

import (
	"fmt"
	"math"
	"time"

	"homeostat/shared/core/fleet"
)

// Estimate is the number of needed tasks with its arithmetic.
type Estimate struct {
	// Tasks is the need within the bounds of the policy.
	Tasks int
	// Wanted is the need without the bounds. It differs from Tasks only beyond them.
	Wanted int
	// Held is true if fewer tasks would suffice, and a deployment prevents the
	// scale-in.
	Held bool
	// At is the end of the newest sample of the demand.
	At time.Time
	// StartUp is the time that a task takes to start.
	StartUp time.Duration
	// Demand is the newest measured demand, in busy tasks: 2.5 means two and a half
	// busy tasks.
	Demand float64
	// Text is a headline with the arithmetic, for people.
	Text string
}

// atLeast raises the count to another need, with its reason.
func (e *Estimate) atLeast(tasks int, why string) {
	if tasks <= e.Tasks {
		return
	}
	e.Tasks, e.Wanted = tasks, max(tasks, e.Wanted)
	e.Text += fmt.Sprintf("; %s: %d %s", why, tasks, noun(tasks))
}

// noun returns "task" for at most one task, else "tasks".
func noun(tasks int) string {
	if tasks <= 1 {
		return "task"
	}
	return "tasks"
}

// Percentage reports whether a value can be a utilisation, in percent.
func Percentage(v float64) bool { return v >= 0 && v <= maxPercent }

// FromCPU returns the need at an average CPU. The CPU and the target are in
// percent. The parameter running is the average number of tasks in the period of
// the reading. The need is unknown, and the result ok is false, without a known
// percentage, a running task and a target.
func FromCPU(cpu fleet.Reading, running, target float64) (e Estimate, ok bool) {
	if !cpu.Known || math.IsNaN(cpu.Value) || cpu.Value < 0 || cpu.Value > maxPercent || running <= 0 || target <= 0 {
		return Estimate{}, false
	}
	e.Demand = cpu.Value / 100 * running
	e.Tasks = max(1, int(math.Ceil(e.Demand/(target/100)-rounding)))
	e.Text = fmt.Sprintf("demand %.2f tasks (%s), CPU target %g %%: %d %s", e.Demand, cpuText(cpu.Value, running), target, e.Tasks, noun(e.Tasks))
	return e, true
}

// RunningDuring returns the average number of running tasks from begin to end. It
// reckons back from the number that runs now, by the remembered starts and stops.
// A metric that is minutes old is thus related to the tasks of its own time.
func RunningDuring(now int, m fleet.Memory, begin, end time.Time) float64 {
	span := end.Sub(begin)
	if span <= 0 {
		return float64(now)
	}
	// The sum is in whole nanoseconds, so the order of the map does not matter.
	total := time.Duration(now) * span
	for _, cohort := range m.Cohorts {
		for _, life := range cohort.Tasks {
			if life.StartedAt.IsZero() {
				continue
			}
			total += overlap(life, begin, end)
			if ended(life).IsZero() {
				total -= span
			}
		}
	}
	return max(0, total.Seconds()/span.Seconds())
}

// StartedDuring returns the average number of running tasks from begin to end that
// started at or after an instant, by the remembered starts and stops.
func StartedDuring(m fleet.Memory, since, begin, end time.Time) float64 {
	span := end.Sub(begin)
	if span <= 0 {
		return 0
	}
	total := time.Duration(0)
	for _, cohort := range m.Cohorts {
		for _, life := range cohort.Tasks {
			if !life.StartedAt.IsZero() && !life.StartedAt.Before(since) {
				total += overlap(life, begin, end)
			}
		}
	}
	return total.Seconds() / span.Seconds()
}

// ended returns the end of the task's service; zero while it serves.
func ended(life fleet.TaskLife) time.Time {
	if life.EndedAt.IsZero() {
		return life.StoppedAt
	}
	return life.EndedAt
}

// overlap returns the running time of the task between begin and end.
func overlap(life fleet.TaskLife, begin, end time.Time) time.Duration {
	if life.StartedAt.After(begin) {
		begin = life.StartedAt
	}
	if stop := ended(life); !stop.IsZero() && stop.Before(end) {
		end = stop
	}
	return max(0, end.Sub(begin))
}
