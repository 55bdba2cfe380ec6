package decide

import (
	"fmt"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/polling"
	"homeostat/shared/core/reason"
	"homeostat/shared/core/state"
)

// scheduled raises the count to what a schedule asks for, whatever the load is.
func scheduled(in Input) (d fleet.Decision, ok bool) {
	tasks, why := polling.Floor(in.Policy, in.Memory, in.Now)
	desired := in.Snapshot.Desired
	if tasks == 0 || tasks <= desired {
		return fleet.Decision{}, false
	}
	d = setDesired(in, fleet.ScaleOut, tasks, fleet.Reason{Name: reason.Schedule, Text: why})
	d.Action.Intent = fmt.Sprintf("schedule %d from %d at %s", tasks, desired, in.Now.UTC().Truncate(time.Minute).Format(time.RFC3339))
	return d, true
}

const (
	// externalMost is the number of changes by something else within
	// state.ExternalWithin that show a second controller. Chosen.
	externalMost = 3
)

// externalModification reports whether somebody else keeps changing the count that we set:
// then one of the two has to stop, and a person is told.
func externalModification(in Input) (fleet.Decision, bool) {
	n := 0
	for _, at := range in.Memory.ExternalChanges {
		if in.Now.Sub(at) < state.ExternalWithin {
			n++
		}
	}
	if n < externalMost {
		return fleet.Decision{}, false
	}
	text := fmt.Sprintf("somebody else changed the desired count %d times in the last hour after it was set here, so it is left alone; "+
		"turn one of the two off: scale.enabled here, or the other controller", n)
	d, _ := notify(reason.ExternalModification, text)
	return d, true
}
