package decide

import (
	"slices"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/polling"
	"homeostat/shared/core/route"
)

// triggers returns the trigger of the evaluation, and those of the other fresh
// evidence.
func (in Input) triggers() []fleet.Trigger {
	out := []fleet.Trigger{in.Trigger}
	for _, e := range in.Also {
		out = append(out, e.Trigger)
	}
	return out
}

// causes returns the causes of the fresh evidence without repetition, that of the
// trigger first.
func (in Input) causes() []fleet.Cause {
	var out []fleet.Cause
	add := func(c fleet.Cause) {
		if c != "" && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	add(in.Cause)
	for _, e := range in.Also {
		add(e.Cause)
	}
	return out
}

// anyTrigger reports whether a condition holds for the trigger of the evaluation, or for
// that of other fresh evidence. It allocates nothing, because each decider uses it.
func (in *Input) anyTrigger(holds func(*fleet.Trigger) bool) bool {
	if holds(&in.Trigger) {
		return true
	}
	for i := range in.Also {
		if holds(&in.Also[i].Trigger) {
			return true
		}
	}
	return false
}

// asks reports whether a decider answers one of the triggers that is not stale.
func (in *Input) asks(d route.Decider) bool {
	return in.anyTrigger(func(t *fleet.Trigger) bool { return !stale(t, in.Now) && route.Of(t.Kind).Asks(d) })
}

// stale reports whether the event is too old to act on. An event without a time is new.
func stale(t *fleet.Trigger, now time.Time) bool {
	return !t.At.IsZero() && now.Sub(t.At) > polling.EventStaleAfter
}
