package demand

import (
	"fmt"
	"math"

	"homeostat/shared/core/fleet"
)

// memory is how many tasks the memory asks for: as target tracking reckons it,
// with the tasks that ran in the time of the value, so that those which are
// starting are not counted twice. The highest of the last minutes counts, so
// that it adds at once and gives back late. Where it is not known, no task is
// given back.
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
		if n := int(math.Ceil(running*p.Value/c.Memory - 1e-9)); n > tasks {
			tasks, why = n, fmt.Sprintf("memory %.0f %% on %.3g running at the target of %g %%", p.Value, running, c.Memory)
		}
	}
	if !known {
		return o.Desired, "the memory is not known, so nothing is given back"
	}
	return tasks, why
}
