// Package decide computes the decision about one service, with its reasons. It is
// pure: the same input gives the same decision, on a laptop and in production.
package decide

import (
	"time"

	"homeostat/shared/core/demand"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/core/polling"
	"homeostat/shared/core/reason"
	"homeostat/shared/core/route"
)

// Input is everything that a decision depends on.
type Input struct {
	Trigger fleet.Trigger
	Cause   fleet.Cause
	// Unconfirmed is the reason for which the trigger counts for nothing; empty for one
	// that counts. No other fresh evidence counts then.
	Unconfirmed string
	// Unread is true if the trigger is unconfirmed because ECS refused the read.
	Unread bool
	// Also is the other fresh evidence. All of it decides, and not only the Trigger.
	Also   []fleet.Evidence
	Policy policy.Effective
	// Snapshot is the state of the service, read after the event.
	Snapshot fleet.Snapshot
	// Memory contains the evidence up to and including this trigger.
	Memory fleet.Memory
	// Controller estimates the need; nil uses a new one.
	Controller *demand.Controller
	// Demand is the state of the controller before this evaluation.
	Demand fleet.DemandState
	// MetricsRead is true if the metrics of the load were read.
	MetricsRead bool
	// PeerReports are the recent failures of other services; nil if they were not
	// read. Counts is the number of services; zero if it is unknown.
	PeerReports []fleet.FailureReport
	Counts      fleet.ServiceCounts
	// NoRegistration is the reason why this installation may register no task
	// definition; empty if it may, or if that is unknown.
	NoRegistration string
	Now            time.Time
}

// decider decides from one point of view. It returns a decision, or no decision
// with the reasons for that.
type decider func(Input) (fleet.Decision, []fleet.Reason)

// namedDecider is a decider with its name in the route table.
type namedDecider struct {
	name   route.Decider
	decide decider
}

// deciders returns the deciders in their order. The first decision with a change
// counts.
func deciders() [9]namedDecider {
	return [...]namedDecider{
		{route.Heal, heal},         // first, because the metrics of a failing revision mean nothing
		{route.Remedy, remedy},     // then the causes that a rollback does not fix
		{route.Stuck, stuck},       // a deployment that does not end
		{route.Answer, answer},     // a deployment that waits at a hook
		{route.Unwatched, warn},    // what the next failure would meet: unwatched alarms, no way back
		{route.Redeploy, redeploy}, // before scaling, because a new image changes the metrics
		{route.Uncap, uncap},       // the end of a restart cap
		{route.Recycle, recycle},   // the replacement of old tasks
		{route.Scale, scale},       // last, the desired count
	}
}

// Plan returns the decision, with at least one reason.
func Plan(in Input) fleet.Decision {
	if reasons := unreadable(in.Snapshot); reasons != nil {
		return fleet.Decision{Kind: fleet.DoNothing, Reasons: reasons}
	}
	if in.Unconfirmed != "" {
		return unconfirmed(in)
	}
	if !in.anyTrigger(func(t *fleet.Trigger) bool { return !stale(t, in.Now) }) {
		age := in.Now.Sub(in.Trigger.At)
		return fleet.Decision{Kind: fleet.DoNothing, Reasons: []fleet.Reason{
			because(reason.StaleEvent, "the event is %s old: kept as evidence, not acted on", fleet.DurationText(age.Round(time.Second))).
				with(span("age", age.Round(time.Second)), span("limit", polling.EventStaleAfter)).reason(),
		}}
	}
	var all collected
	for _, d := range deciders() {
		if !in.asks(d.name) {
			continue
		}
		decision, reasons := d.decide(in)
		if all.add(decision, reasons) {
			break
		}
	}
	if all.final.Action == nil {
		all.add(available(in))
	}
	if why, ok := unevaluated(in); ok {
		all.why = append(all.why, why)
	}
	if why, ok := unprovenAlarm(in); ok {
		all.why = append(all.why, why)
	}
	return all.decision()
}

// unevaluated returns the reason for an alarm event without effect: CloudWatch cannot
// evaluate the alarm, so its state is unknown.
func unevaluated(in Input) (why fleet.Reason, ok bool) {
	for _, t := range in.triggers() {
		if t.Kind != fleet.AlarmChanged {
			continue
		}
		state := t.Alarm.Evaluation
		for _, a := range in.Snapshot.Alarms {
			if a.Name == t.Alarm.Name && a.Evaluation != "" {
				state = a.Evaluation
			}
		}
		if state != "" {
			return because(reason.AlarmUnevaluated, "CloudWatch cannot evaluate the alarm %s: its state is unknown", t.Alarm.Name).
				with(str("alarm", t.Alarm.Name), str("evaluation", state)).reason(), true
		}
	}
	return why, false
}

// collected holds the results of the deciders so far.
type collected struct {
	final        fleet.Decision // the decision with a change; zero for none
	alert        fleet.Decision // the notification of the operator; zero for none
	why          []fleet.Reason
	requeueAfter time.Duration
	// effects are the effects of the deciders without a change.
	effects fleet.Effects
	blocks  []fleet.Block
}

// add reports whether the decision is final. A notification is not: the deciders
// after it may still change the service.
func (c *collected) add(d fleet.Decision, reasons []fleet.Reason) (final bool) {
	c.blocks = append(c.blocks, d.Blocks...)
	switch {
	case d.Action != nil:
		c.final = d
		return true
	case d.Kind == fleet.Notify:
		c.alert = joined(c.alert, d)
	case len(d.Quarantine) > 0:
		c.why, c.final = append(c.why, reasons...), d
		c.final.Effects = c.effects.And(d.Effects)
		return true
	default:
		c.why, c.effects = append(c.why, reasons...), c.effects.And(d.Effects)
	}
	if d.RequeueAfter > 0 && (c.requeueAfter == 0 || d.RequeueAfter < c.requeueAfter) {
		c.requeueAfter = d.RequeueAfter
	}
	return false
}

// decision returns the decision that follows from all results.
func (c *collected) decision() fleet.Decision {
	var d fleet.Decision
	switch {
	case c.final.Action != nil:
		d = joined(c.alert, c.final)
	case c.final.Kind != "":
		d = c.final
		d.Reasons = c.why
	case c.alert.Kind != "":
		d = c.alert
		d.RequeueAfter, d.Reasons, d.Effects = c.requeueAfter, append(d.Reasons, c.why...), d.And(c.effects)
	default:
		d = fleet.Decision{Kind: fleet.DoNothing, Reasons: c.why, RequeueAfter: c.requeueAfter, Effects: c.effects}
	}
	if len(d.Reasons) == 0 {
		d.Reasons = []fleet.Reason{because(reason.NoOp, "the event requires no change of the service").reason()}
	}
	d.Blocks = c.blocks
	return d
}

// joined returns the second decision with the notification of the first one.
func joined(alert, d fleet.Decision) fleet.Decision {
	if alert.Kind == "" {
		return d
	}
	d.Reasons = append(append([]fleet.Reason(nil), alert.Reasons...), d.Reasons...)
	d.Effects = alert.And(d.Effects)
	if d.Notify == "" {
		d.Notify = alert.Notify
	} else {
		d.Notify = alert.Notify + " " + d.Notify
	}
	return d
}

// unreadable returns the reasons against any decision about the snapshot; nil for
// none.
func unreadable(s fleet.Snapshot) []fleet.Reason {
	if why, unread := s.Unread["service"]; unread {
		return []fleet.Reason{because(reason.Unread, "the service could not be read: %s", why).reason()}
	}
	if !s.Found {
		return []fleet.Reason{because(reason.NotFound, "ECS does not know the service, or it is inactive").reason()}
	}
	return nil
}

// unprovenAlarm returns the reason for an alarm without effect: its own data do not bear its
// state.
func unprovenAlarm(in Input) (why fleet.Reason, ok bool) {
	for _, a := range in.Snapshot.Alarms {
		if a.Doubt != "" && polling.Watches(in.Snapshot, in.Policy, a.Name) {
			return because(reason.AlarmUnproven, "the alarm %s is in ALARM, and its data do not bear that", a.Name).
				detail(a.Doubt).with(str("alarm", a.Name), at("since", a.Since)).reason(), true
		}
	}
	return why, false
}

// unconfirmed returns the decision about events that AWS does not confirm. It notifies
// the operator of a refused read, because real failures then count for nothing too.
func unconfirmed(in Input) fleet.Decision {
	why := because(reason.UnconfirmedEvent, "%s: the event counts for nothing", in.Unconfirmed)
	if !in.Unread {
		return fleet.Decision{Kind: fleet.DoNothing, Reasons: []fleet.Reason{why.reason()}}
	}
	d, _ := why.alert("A failure of a task is not confirmed, so it counts for nothing: " + in.Unconfirmed + ".")
	return d
}
