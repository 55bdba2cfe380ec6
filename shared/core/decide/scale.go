package decide

import (
	"fmt"
	"strings"
	"time"

	"homeostat/shared/core/demand"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/polling"
	"homeostat/shared/core/reason"
)

// metricPeriod is the period of the CPU metric.
const metricPeriod = time.Minute

// scale follows the work with the desired count.
func scale(in Input) (fleet.Decision, []fleet.Reason) {
	return scaleTo(in, func() needEstimate { return estimateNeed(in, in.Demand) })
}

// scaleTo is scale with a need that is asked for only where it matters.
func scaleTo(in Input, needed func() needEstimate) (fleet.Decision, []fleet.Reason) {
	s := in.Snapshot
	switch {
	case !in.Policy.ScaleEnabled:
		return nothing(reason.ScalingOff, "the policy turns scaling off")
	case s.Unread["scaling"] != "":
		return fleet.Decision{RequeueAfter: hotAgain(in)}, []fleet.Reason{{
			Name: reason.Unread, Text: "Application Auto Scaling could not be read: " + s.Unread["scaling"],
		}}
	case s.Scaling.Steered() && in.Policy.Own:
		return takeOver(in), nil
	case s.Scaling.Steered():
		return nothing(reason.ManagedByApplicationAutoScaling, fmt.Sprintf("the AWS scaling policy %s steers this service; two hands would fight", s.Scaling.Policies[0]))
	}
	if d, hands := externalModification(in); hands {
		return d, nil
	}
	if s.Desired == 0 {
		return wake(in)
	}
	if c := in.Memory.RestartCap; c != nil && s.Desired < c.Was {
		return fleet.Decision{}, nil // restarts are capped, and uncap says what it waits for
	}
	if d, rise := scheduled(in); rise {
		return d, nil
	}
	if d, sleep := toZero(in); sleep {
		return d, nil
	}
	if s.Running == 0 {
		return nothing(reason.NoRunningTasks, "no task runs, so the load says nothing")
	}
	w := needed()
	if w.need == nil {
		return fleet.Decision{RequeueAfter: hotAgain(in)}, []fleet.Reason{unknown(in, w.suspect)}
	}
	return follow(in, *w.need)
}

// hotAgain is when a service is looked at again that needs no change now: soon
// while an alarm is in ALARM and the CPU does not contradict it, else when the
// next event or sweep asks for it. An alarm may also be one for too little load.
func hotAgain(in Input) time.Duration {
	if in.Memory.Hot() && (!in.Snapshot.CPU.Known || polling.NearThreshold(in.Controller, in.Policy, in.Snapshot)) {
		return nextSampleIn(in)
	}
	return 0
}

// follow sets the count to the need. What is needed beyond the bounds is asked
// for all the same: the guard says what it cuts. A count that a person set
// outside the bounds is not changed for the bounds' sake.
func follow(in Input, need demand.Estimate) (fleet.Decision, []fleet.Reason) {
	desired := in.Snapshot.Desired
	why := fleet.Reason{Name: reason.AtNeed, Text: need.Text}
	switch {
	case need.Wanted > desired:
		why.Name = reason.DemandAboveCount
		return followed(in, fleet.ScaleOut, max(need.Tasks, need.Wanted), why, need.At), nil
	case need.Held:
		why.Name = reason.Deploying
	case need.Tasks < desired && need.Wanted < desired && warmingUp(in, need):
		why.Name = reason.WarmingUp
		why.Text += "; the tasks that were added last do not show in it yet, so none is given back"
	case need.Tasks < desired && need.Wanted < desired:
		why.Name = reason.DemandBelowCount
		return followed(in, fleet.ScaleIn, need.Tasks, why, need.At), nil
	}
	return fleet.Decision{RequeueAfter: hotAgain(in)}, []fleet.Reason{why}
}

// warmingUp reports whether the newest sample is of before the tasks served that
// were added last: what it says of too many tasks was known when they were added.
func warmingUp(in Input, need demand.Estimate) bool {
	last, scaled := in.Memory.Last(fleet.ScaleOut)
	return scaled && need.At.Before(last.At.Add(need.StartUp+metricPeriod))
}

// followed is a change for the sake of a sample: one that is told twice changes
// the count once.
func followed(in Input, kind fleet.DecisionKind, to int, why fleet.Reason, sample time.Time) fleet.Decision {
	d := setDesired(in, kind, to, why)
	d.Action.Intent = fmt.Sprintf("%s from %d at %s", kind, in.Snapshot.Desired, sample.UTC().Format(time.RFC3339))
	return d
}

// takeOver suspends AWS's own policies, where the policy wants the count for
// itself: once, and what a person undoes stays undone.
func takeOver(in Input) fleet.Decision {
	s := in.Snapshot.Scaling
	text := fmt.Sprintf("the policy says scale.own: the scaling policies of Application Auto Scaling (%s) are suspended, and the count is followed here from now on, from %d to %d",
		strings.Join(s.Policies, ", "), s.Min, s.Max)
	return fleet.Decision{
		Kind: fleet.TakeOver, Reasons: []fleet.Reason{{Name: reason.TakeOver, Text: text}}, Notify: text,
		Action: &fleet.Action{Kind: fleet.SuspendScaling, Intent: "take over"}, RequeueAfter: polling.RequeueInterval,
	}
}

func setDesired(in Input, kind fleet.DecisionKind, to int, why fleet.Reason) fleet.Decision {
	desired := in.Snapshot.Desired
	return fleet.Decision{
		Kind:    kind,
		Reasons: []fleet.Reason{why},
		Action: &fleet.Action{
			Kind:   fleet.SetDesired,
			Intent: fmt.Sprintf("%s from %d at %s", kind, desired, in.Snapshot.CPU.At.UTC().Format(time.RFC3339)),
			From:   desired,
			To:     to,
			Expect: fleet.Expect{Desired: &desired},
		},
		RequeueAfter: nextSampleIn(in),
	}
}
