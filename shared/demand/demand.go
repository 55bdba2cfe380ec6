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

	"homeostat/shared/fleet"
)

// Estimate is how many tasks are needed, with the arithmetic in words.
type Estimate struct {
	Tasks int
	// Work is the busy capacity in tasks: 2.5 means two and a half busy tasks.
	Work float64
	Text string
}

// FromCPU is the need for running tasks at an average CPU utilisation, in
// percent, with a target in percent. ok is false where the reading is unknown,
// is no percentage, or nothing runs: then nothing is known of the need.
func FromCPU(cpu fleet.Reading, running int, target float64) (e Estimate, ok bool) {
	if !cpu.Known || math.IsNaN(cpu.Value) || cpu.Value < 0 || math.IsInf(cpu.Value, 0) || running < 1 || target <= 0 {
		return Estimate{}, false
	}
	e.Work = cpu.Value / 100 * float64(running)
	e.Tasks = max(1, int(math.Ceil(e.Work/(target/100)-1e-9)))
	e.Text = fmt.Sprintf("CPU %.0f %% on %d running is work for %.2f tasks, %d at the target of %g %%",
		cpu.Value, running, e.Work, e.Tasks, target)
	return e, true
}
