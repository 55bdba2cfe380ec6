// Package decide says what should happen to a service, and why. It is pure:
// the same input gives the same decision, on a laptop and in production.
package decide

import (
	"fmt"
	"time"

	"homeostat/shared/core/demand"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/core/polling"
	"homeostat/shared/core/reason"
	"homeostat/shared/core/route"
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
	// Controller follows the work; where there is none, one is made.
	Controller *demand.Controller
	// Demand is what the controller had learned of the service before.
	Demand fleet.DemandState
	// MetricsRead is true where the load and what holds it were read.
	MetricsRead bool
	// PeerReports are the failures of other services of late; none where they were
	// not asked for. Census is how many services there are; zero where that is
	// not known.
	PeerReports []fleet.FailureReport
	Counts      fleet.ServiceCounts
	Now         time.Time
}

// decider is one way of looking at a service. It returns a decision, or none
// with the reasons why nothing is to be done from its point of view.
type decider func(Input) (fleet.Decision, []fleet.Reason)

// named is a decider with its name in the route table.
type named struct {
	name   route.Decider
	decide decider
}

// deciders returns the deciders in the order in which they are asked; the first
// decision that changes something counts.
func deciders() [9]named {
	return [...]named{
		{route.Heal, heal},           // a failing revision makes every other figure of the service worthless
		{route.Remedy, remedy},       // then the causes that a rollback cannot fix
		{route.Stuck, stuck},         // a deployment that does not end
		{route.Answer, answer},       // a deployment that waits for an answer
		{route.Unwatched, unwatched}, // a deployment whose alarms ECS does not watch
		{route.Redeploy, redeploy},   // a new image replaces the one that the figures were measured on
		{route.Uncap, uncap},         // lift the restart cap of a crash loop
		{route.Recycle, recycle},     // replace old tasks
		{route.Scale, scale},         // otherwise the count follows the demand
	}
}

// Plan decides. The decision always has at least one reason.
func Plan(in Input) fleet.Decision {
	if reasons := blind(in.Snapshot); reasons != nil {
		return fleet.Decision{Kind: fleet.DoNothing, Reasons: reasons}
	}
	if age := in.Now.Sub(in.Trigger.At); !in.Trigger.At.IsZero() && age > polling.EventStaleAfter {
		return fleet.Decision{Kind: fleet.DoNothing, Reasons: []fleet.Reason{{
			Name: reason.StaleEvent, Text: fmt.Sprintf("the event is %s old: it is kept as evidence, nothing is done on it", age.Round(time.Second)),
		}}}
	}
	var said gathered
	asked := route.Of(in.Trigger.Kind)
	for _, d := range deciders() {
		if !asked.Asks(d.name) {
			continue
		}
		decision, reasons := d.decide(in)
		if said.add(decision, reasons) {
			break
		}
	}
	return said.decision()
}

// gathered is what the deciders have said so far.
type gathered struct {
	final        fleet.Decision // the one that changes something, if any
	call         fleet.Decision // what a person is to be told
	why          []fleet.Reason
	requeueAfter time.Duration
	// silent are the effects of the deciders that change nothing.
	silent fleet.Effects
	blocks []fleet.Block
}

// add reports whether nothing more is to be asked: something is to be changed.
// What only a person can mend stops nothing else.
func (g *gathered) add(d fleet.Decision, reasons []fleet.Reason) (settled bool) {
	g.blocks = append(g.blocks, d.Blocks...)
	switch {
	case d.Action != nil:
		g.final = d
		return true
	case d.Kind == fleet.Notify:
		g.call = joined(g.call, d)
	case len(d.Quarantine) > 0:
		g.why, g.final = append(g.why, reasons...), d
		g.final.Effects = g.silent.And(d.Effects)
		return true
	default:
		g.why, g.silent = append(g.why, reasons...), g.silent.And(d.Effects)
	}
	if d.RequeueAfter > 0 && (g.requeueAfter == 0 || d.RequeueAfter < g.requeueAfter) {
		g.requeueAfter = d.RequeueAfter
	}
	return false
}

func (g *gathered) decision() fleet.Decision {
	var d fleet.Decision
	switch {
	case g.final.Action != nil:
		d = joined(g.call, g.final)
	case g.final.Kind != "":
		d = g.final
		d.Reasons = g.why
	case g.call.Kind != "":
		d = g.call
		d.RequeueAfter, d.Reasons, d.Effects = g.requeueAfter, append(d.Reasons, g.why...), d.And(g.silent)
	default:
		d = fleet.Decision{Kind: fleet.DoNothing, Reasons: g.why, RequeueAfter: g.requeueAfter, Effects: g.silent}
	}
	if len(d.Reasons) == 0 {
		d.Reasons = []fleet.Reason{{Name: reason.NoOp, Text: "the event asks for no change of this service"}}
	}
	d.Blocks = g.blocks
	return d
}

// joined is the second decision with what a person was to be told before it.
func joined(call, d fleet.Decision) fleet.Decision {
	if call.Kind == "" {
		return d
	}
	d.Reasons = append(append([]fleet.Reason(nil), call.Reasons...), d.Reasons...)
	d.Effects = call.And(d.Effects)
	if d.Notify == "" {
		d.Notify = call.Notify
	} else {
		d.Notify = call.Notify + "; " + d.Notify
	}
	return d
}

// blind are the reasons why nothing can be decided at all.
func blind(s fleet.Snapshot) []fleet.Reason {
	if why, unread := s.Unread["service"]; unread {
		return []fleet.Reason{{Name: reason.Unread, Text: "the service could not be read: " + why}}
	}
	if !s.Found {
		return []fleet.Reason{{Name: reason.NotFound, Text: "ECS does not know the service, or it is no longer active"}}
	}
	return nil
}

func nothing(name reason.Name, text string) (fleet.Decision, []fleet.Reason) {
	return fleet.Decision{}, []fleet.Reason{{Name: name, Text: text}}
}

func notify(name reason.Name, text string) (fleet.Decision, []fleet.Reason) {
	return fleet.Decision{Kind: fleet.Notify, Notify: text, Reasons: []fleet.Reason{{Name: name, Text: text}}}, nil
}
