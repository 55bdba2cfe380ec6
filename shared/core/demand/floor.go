package demand

import (
	"fmt"
	"math"

	"homeostat/shared/core/fleet"
)

// floor returns a number of tasks that a metric beside the demand requires, with
// the reason; 0 if it requires none.
type floor func(o Observation, c Settings) (tasks int, why string)

// floors returns the metrics beside the demand, in the order of their texts.
func floors() [2]floor { return [2]floor{backlog, memory} }

// backlog returns the tasks for the waiting items, at Settings.BacklogPerTask.
func backlog(o Observation, c Settings) (tasks int, why string) {
	b := o.Backlog
	if b == nil || !valid(*b, maxCount) || !(c.BacklogPerTask > 0) {
		return 0, ""
	}
	return int(math.Ceil(b.Value / c.BacklogPerTask)), fmt.Sprintf("%.0f items wait", b.Value)
}

// memory returns the tasks for the memory, at Settings.Memory percent. It uses the
// tasks that ran in the period of a value, so starting tasks are not counted
// twice. The highest value of the last minutes decides: it adds tasks at once and
// removes them late. An unknown memory prevents a scale-in.
func memory(o Observation, c Settings) (tasks int, why string) {
	if !(c.Memory > 0) {
		return 0, ""
	}
	known := false
	for _, p := range o.Memory {
		running, ok := fleet.During(o.Running, p.At)
		if !ok || !valid(p, maxPercent) || running <= 0 || p.At.After(o.Now) || o.Now.Sub(p.At) > maxAge {
			continue
		}
		known = true
		if n := int(math.Ceil(running*p.Value/c.Memory - rounding)); n > tasks {
			tasks, why = n, fmt.Sprintf("memory %.0f %% x %.3g, target %g %%", p.Value, running, c.Memory)
		}
	}
	if !known {
		return o.Desired, "memory unknown, no scale-in"
	}
	return tasks, why
}
