package decide

import (
	"fmt"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/polling"
	"homeostat/shared/core/reason"
)

// available notifies the operator of a service with too few running tasks for too long,
// whatever the cause, and of its recovery.
func available(in Input) (fleet.Decision, []fleet.Reason) {
	s, short := in.Snapshot, in.Memory.Shortage
	if short == nil {
		return fleet.Decision{}, nil
	}
	down := in.Now.Sub(short.DownSince)
	switch lasted := in.Now.Sub(short.Since); {
	case s.Running >= s.Desired:
		if !short.Told || s.Desired == 0 {
			return fleet.Decision{}, nil // a count of 0 is no recovery
		}
		why := because(reason.Recovered, "all %d tasks run again after %s", s.Desired, fleet.DurationText(lasted.Round(time.Second))).with(at("since", short.Since))
		return why.alert(fmt.Sprintf("All %d desired tasks run again. It took %s.", s.Desired, fleet.DurationText(lasted.Round(time.Second))))
	case s.Running == 0 && !short.DownSince.IsZero() && in.Policy.DownAfter > 0 && down >= in.Policy.DownAfter:
		return shortage(in, reason.Down, fmt.Sprintf("no task runs since %s", clock(short.DownSince)), "No task runs since "+clock(short.DownSince))
	case in.Policy.DegradedAfter > 0 && lasted >= in.Policy.DegradedAfter:
		return shortage(in, reason.Degraded, fmt.Sprintf("fewer tasks than desired run since %s: %d of %d", clock(short.Since), s.Running, s.Desired),
			fmt.Sprintf("%d of %d desired tasks run, and fewer than desired since %s", s.Running, s.Desired, clock(short.Since)))
	}
	return fleet.Decision{}, nil
}

// shortage returns the notification with the known cause.
func shortage(in Input, name reason.Name, text, sentence string) (fleet.Decision, []fleet.Reason) {
	why := because(name, "%s", text).with(num("running", in.Snapshot.Running), num("desired", in.Snapshot.Desired), at("since", in.Memory.Shortage.Since))
	if cause := knownCause(in); cause != "" {
		why = why.detail(cause)
		sentence += ": " + cause
	}
	return why.alert(sentence + ".")
}

// knownCause returns the cause of the latest failure of the service, with the number of
// such failures; empty if none is known.
func knownCause(in Input) string {
	failures := map[fleet.Cause]fleet.Trouble{}
	for _, cohort := range in.Memory.Cohorts {
		for _, l := range cohort.Tasks {
			if l.StoppedAt.IsZero() || in.Now.Sub(l.StoppedAt) > polling.EventStaleAfter || l.Cause.Family() == fleet.FamilyNormal {
				continue
			}
			f := failures[l.Cause]
			if f.Count++; f.Count == 1 || l.StoppedAt.Before(f.First) {
				f.First = l.StoppedAt
			}
			if l.StoppedAt.After(f.Last) {
				f.Last = l.StoppedAt
			}
			failures[l.Cause] = f
		}
	}
	var cause fleet.Cause
	var latest fleet.Trouble
	for _, c := range fleet.Causes() { // in a fixed order, for failures of the same time
		if t, ok := in.Memory.Lately(c, polling.EventStaleAfter, in.Now); ok && t.Last.After(latest.Last) {
			cause, latest = c, t
		}
		if f := failures[c]; f.Last.After(latest.Last) {
			cause, latest = c, f
		}
	}
	if cause == "" {
		return ""
	}
	return fmt.Sprintf("%s since %s, %d times", cause, clock(latest.First), latest.Count)
}
