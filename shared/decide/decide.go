// Package decide says what should happen to a service, and why. It is pure:
// the same input gives the same decision, on a laptop and in production.
package decide

import (
	"fmt"
	"time"

	"homeostat/shared/fleet"
	"homeostat/shared/policy"
)

// Input is all that a decision may lean on.
type Input struct {
	Trigger fleet.Trigger
	Cause   fleet.Cause
	Policy  policy.Effective
	// Snapshot is the service as it was re-read after the event.
	Snapshot fleet.Snapshot
	// Memory already holds the evidence that came, this trigger's included.
	Memory fleet.Memory
	// Pulses are the failures of other services of late; none where they were
	// not asked for. Census is how many services there are; zero where that is
	// not known.
	Pulses []fleet.Pulse
	Census fleet.Census
	Now    time.Time
}

// decider is one way of looking at a service. It returns a decision, or none
// with the reasons why nothing is to be done from its point of view.
type decider func(Input) (fleet.Decision, []fleet.Reason)

// deciders in the order in which they may speak; the first decision counts.
func deciders() []decider {
	return []decider{
		heal,     // a dying revision makes every other figure of the service worthless
		redeploy, // a new image replaces what the figures were measured on
		scale,    // else the count follows the work
	}
}

// staleEvent is the age from which an event is evidence only: EventBridge may
// deliver for a day, and by then the sweep has seen what is to be done.
const staleEvent = time.Hour

// Plan decides. The decision always has at least one reason.
func Plan(in Input) fleet.Decision {
	if reasons := blind(in.Snapshot); reasons != nil {
		return fleet.Decision{Kind: fleet.DoNothing, Reasons: reasons}
	}
	if age := in.Now.Sub(in.Trigger.At); !in.Trigger.At.IsZero() && age > staleEvent {
		return fleet.Decision{Kind: fleet.DoNothing, Reasons: []fleet.Reason{{
			Name: "stale-event", Text: fmt.Sprintf("the event is %s old: it is kept as evidence, nothing is done on it", age.Round(time.Second)),
		}}}
	}
	var why []fleet.Reason
	var again time.Duration
	var call fleet.Decision
	for _, look := range deciders() {
		decision, reasons := look(in)
		if decision.Action != nil {
			return joined(call, decision)
		}
		// What only a person can mend stops nothing else.
		if decision.Kind == fleet.CallPerson {
			call = joined(call, decision)
			continue
		}
		if len(decision.Quarantine) > 0 {
			decision.Reasons = append(why, reasons...)
			return decision
		}
		if decision.LookAgain > 0 && (again == 0 || decision.LookAgain < again) {
			again = decision.LookAgain
		}
		why = append(why, reasons...)
	}
	if call.Kind != "" {
		call.LookAgain, call.Reasons = again, append(call.Reasons, why...)
		return call
	}
	if len(why) == 0 {
		why = []fleet.Reason{{Name: "nothing-to-do", Text: "the event asks for no change of this service"}}
	}
	return fleet.Decision{Kind: fleet.DoNothing, Reasons: why, LookAgain: again}
}

// joined is the second decision with what a person was to be told before it.
func joined(call, d fleet.Decision) fleet.Decision {
	if call.Kind == "" {
		return d
	}
	d.Reasons = append(append([]fleet.Reason(nil), call.Reasons...), d.Reasons...)
	if d.Notify == "" {
		d.Notify = call.Notify
	} else {
		d.Notify = call.Notify + "; " + d.Notify
	}
	return d
}

// Needs says which parts of the snapshot a trigger's decision will lean on.
func Needs(t fleet.Trigger, p policy.Effective, m fleet.Memory, now time.Time) fleet.Needs {
	var n fleet.Needs
	switch t.Kind {
	case fleet.AlarmChanged, fleet.ScaledToMax:
		n.CPU = p.ScaleEnabled
	case fleet.ImagePush, fleet.ImageReplicated:
		n.Revisions = true
	case fleet.Tick:
		// Revisions are many calls, and a sweep needs them only for a service
		// whose tasks have died of late.
		n.Revisions, n.CPU = recentDeath(m, now), p.ScaleEnabled
		if p.Tag != "" && ReconcilesImages(t) {
			n.Revisions, n.Tag = true, p.Tag
		}
	default:
		n.Revisions = true
	}
	if m.Acting != nil {
		n.Revisions = true
	}
	if push, ok := m.PushOf(p.Tag); ok && p.Tag != "" {
		n.Revisions, n.Tag, n.Repository = true, p.Tag, push.Image.Repository
	}
	return n
}

// ReconcilesImages reports whether a sweep also compares watched tags with what
// runs: ECR's events are best effort, and one that was lost shows nowhere else.
// Every third sweep of five minutes does, because it costs several calls.
func ReconcilesImages(t fleet.Trigger) bool {
	return t.Kind == fleet.Tick && t.Timer == "" && t.At.Minute()%15 == 0
}

func recentDeath(m fleet.Memory, now time.Time) bool {
	for _, arm := range m.Arms {
		for _, life := range arm.Tasks {
			family := life.Cause.Family()
			if (family == fleet.FamilyStart || family == fleet.FamilyRuntime) && now.Sub(life.StoppedAt) < staleEvent {
				return true
			}
		}
	}
	return false
}

// blind are the reasons why nothing can be decided at all.
func blind(s fleet.Snapshot) []fleet.Reason {
	if why, unread := s.Unread["service"]; unread {
		return []fleet.Reason{{Name: "unread", Text: "the service could not be read: " + why}}
	}
	if !s.Found {
		return []fleet.Reason{{Name: "not-found", Text: "ECS does not know the service, or it is no longer active"}}
	}
	return nil
}

func nothing(name, text string) (fleet.Decision, []fleet.Reason) {
	return fleet.Decision{}, []fleet.Reason{{Name: name, Text: text}}
}

func notify(name, text string) (fleet.Decision, []fleet.Reason) {
	return fleet.Decision{Kind: fleet.CallPerson, Notify: text, Reasons: []fleet.Reason{{Name: name, Text: text}}}, nil
}
