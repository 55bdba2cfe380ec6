package decide

import (
	"fmt"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/polling"
	"homeostat/shared/core/reason"
	"homeostat/shared/core/state"
)

// scheduled raises the count to the minimum of a schedule, whatever the load.
func scheduled(in Input) (d fleet.Decision, ok bool) {
	tasks, why := polling.Floor(in.Policy, in.Memory, in.Now)
	desired := in.Snapshot.Desired
	if tasks == 0 || tasks <= desired {
		return fleet.Decision{}, false
	}
	d = setDesired(in, fleet.ScaleOut, tasks, because(reason.Schedule, "a schedule requires %d tasks, %d are desired", tasks, desired).
		detail(why).with(num("required", tasks), num("desired", desired)))
	d.Action.Intent = fmt.Sprintf("schedule %d from %d at %s", tasks, desired, in.Now.UTC().Truncate(time.Minute).Format(time.RFC3339))
	return d, true
}

// externalModification reports whether something else keeps changing the count that
// Homeostat sets. The decision notifies the operator, because one of the two
// controllers must stop.
func externalModification(in Input) (fleet.Decision, bool) {
	n := 0
	for _, at := range in.Memory.ExternalChanges {
		if in.Now.Sub(at) < state.ExternalWithin {
			n++
		}
	}
	if n < externalChanges {
		return fleet.Decision{}, false
	}
	d, _ := because(reason.ExternalModification, "desired count changed %d times within %s by something else", n, fleet.DurationText(state.ExternalWithin)).
		detail("the count is left alone; turn off scale.enabled or the other controller").
		with(num("changes", n), span("within", state.ExternalWithin)).
		alert(fmt.Sprintf("Something else changed the desired count %d times within %s after Homeostat had set it. "+
			"Homeostat leaves the count alone: turn off scale.enabled or the other controller.", n, fleet.DurationText(state.ExternalWithin)))
	return d, true
}
