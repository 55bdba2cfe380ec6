package decide

import (
	"fmt"
	"strings"
	"time"

	"homeostat/shared/core/demand"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/polling"
	"homeostat/shared/core/reason"
	"homeostat/shared/core/state"
)

// scale sets the desired count to the need.
func scale(in Input) (fleet.Decision, []fleet.Reason) {
	return scaleTo(in, func() needEstimate { return estimateNeed(in, in.Demand) })
}

// scaleTo is scale with a function for the need, called only if the need matters.
func scaleTo(in Input, needed func() needEstimate) (fleet.Decision, []fleet.Reason) {
	s := in.Snapshot
	switch {
	case !in.Policy.ScaleEnabled:
		return because(reason.ScalingOff, "scaling is off (scale.enabled)").noOp()
	case s.Daemon:
		return because(reason.DaemonService, "ECS sets the count of a daemon service: one task on each instance").noOp()
	case s.Unread["scaling"] != "":
		return because(reason.Unread, "Application Auto Scaling could not be read: %s", s.Unread["scaling"]).noOpFor(hotRequeue(in))
	case s.Scaling.Steered() && in.Policy.Own:
		return takeOver(in), nil
	case s.Scaling.Steered():
		return because(reason.ManagedByApplicationAutoScaling, "the scaling policy %s of Application Auto Scaling sets the count", s.Scaling.Policies[0]).
			with(str("policy", s.Scaling.Policies[0])).noOp()
	}
	if d, external := externalModification(in); external {
		return d, nil
	}
	if s.Desired == 0 {
		return startFromZero(in)
	}
	if c := in.Memory.RestartCap; c != nil && s.Desired < c.Was {
		return fleet.Decision{}, nil // uncap gives the reason
	}
	if d, ok := scheduled(in); ok {
		return d, nil
	}
	if d, ok := scaleToZero(in); ok {
		return d, nil
	}
	if s.Running == 0 {
		return because(reason.NoRunningTasks, "no task runs: the metrics do not show the demand").with(num("desired", s.Desired)).noOp()
	}
	w := needed()
	if w.need == nil {
		return unknownNeed(in, w).noOpFor(hotRequeue(in))
	}
	return follow(in, w)
}

// hotRequeue returns the time to the next evaluation of a service without a change. It
// is short while an alarm is in ALARM and the CPU does not contradict it. An alarm may
// also fire at a low load. Else it is zero: the next event or sweep follows.
func hotRequeue(in Input) time.Duration {
	if in.Memory.Hot() && (!in.Snapshot.CPU.Known || polling.NearThreshold(in.Controller, in.Policy, in.Snapshot)) {
		return nextSampleIn(in)
	}
	return 0
}

// needOf returns the controller's estimate as a reason. All texts with an estimate are
// composed here.
func needOf(in Input, name reason.Name, w needEstimate) draft {
	return because(name, "%s", w.need.Text).detail(w.reset).
		with(str("demand", fmt.Sprintf("%.2f", w.need.Demand)), num("needed", w.need.Wanted), num("desired", in.Snapshot.Desired))
}

// follow sets the count to the need, also beyond the bounds: the guard clamps it. A
// count outside of the bounds that was set by hand does not change because of them.
func follow(in Input, w needEstimate) (fleet.Decision, []fleet.Reason) {
	desired, need := in.Snapshot.Desired, w.need
	switch {
	case need.Wanted > desired:
		return followed(in, fleet.ScaleOut, max(need.Tasks, need.Wanted), needOf(in, reason.DemandAboveCount, w), need.At), nil
	case need.Held:
		return needOf(in, reason.Deploying, w).noOpFor(hotRequeue(in))
	case need.Tasks < desired && need.Wanted < desired && warmingUp(in, *need):
		return needOf(in, reason.WarmingUp, w).detail("no task is removed, because the metrics do not show the last added tasks yet").noOpFor(hotRequeue(in))
	case need.Tasks < desired && need.Wanted < desired && unknownSignal(in) != "":
		return needOf(in, reason.SignalUnknown, w).detail("no task is removed while " + unknownSignal(in) + " is unknown").noOpFor(hotRequeue(in))
	case need.Tasks < desired && need.Wanted < desired:
		return followed(in, fleet.ScaleIn, need.Tasks, needOf(in, reason.DemandBelowCount, w), need.At), nil
	}
	return needOf(in, reason.AtNeed, w).noOpFor(hotRequeue(in))
}

// unknownSignal returns the queue or metric that the policy names and that has no recent
// value; empty if there is none. The requests of a load balancer are not among them: it
// publishes no value without a request.
func unknownSignal(in Input) string {
	recent := func(samples []fleet.Sample) bool {
		return len(samples) > 0 && in.Now.Sub(samples[len(samples)-1].At) <= polling.MetricStaleAfter
	}
	switch l := in.Snapshot.Load; {
	case in.Policy.Queue != "" && !recent(l.Backlog):
		return "the queue " + in.Policy.Queue
	case in.Policy.Metric != nil && !recent(l.Custom):
		return "the metric of the policy"
	}
	return ""
}

// warmingUp reports whether the newest sample is from before the last added tasks
// served. That the count is too high was then known before.
func warmingUp(in Input, need demand.Estimate) bool {
	last, scaled := in.Memory.Last(fleet.ScaleOut)
	return scaled && need.At.Before(last.At.Add(need.StartUp+metricPeriod))
}

// followed returns a change because of a sample. The intent names the sample, so that
// one sample changes the count once.
func followed(in Input, kind fleet.DecisionKind, to int, why draft, sample time.Time) fleet.Decision {
	d := setDesired(in, kind, to, why)
	d.Action.Intent = fmt.Sprintf("%s from %d at %s", kind, in.Snapshot.Desired, sample.UTC().Format(time.RFC3339))
	return d
}

// takeOver suspends the scaling policies of Application Auto Scaling once, if the
// policy requires it. A later change by hand stays.
func takeOver(in Input) fleet.Decision {
	s := in.Snapshot.Scaling
	policies := strings.Join(s.Policies, ", ")
	why := because(reason.TakeOver, "scale.own: suspend %d scaling policies of Application Auto Scaling", len(s.Policies)).
		detail(fmt.Sprintf("%s; Homeostat sets the count from %d to %d", policies, s.Min, s.Max)).with(str("policies", policies), num("min", s.Min), num("max", s.Max))
	return fleet.Decision{
		Kind: fleet.TakeOver, Reasons: []fleet.Reason{why.reason()},
		Notify: fmt.Sprintf("Suspension of the scaling policies of Application Auto Scaling (%s), because the policy sets scale.own. "+
			"With it, Homeostat sets the count from %d to %d.", policies, s.Min, s.Max),
		Action: &fleet.Action{Kind: fleet.SuspendScaling, Intent: "take over"}, RequeueAfter: polling.RequeueInterval,
	}
}

// setDesired returns a change of the desired count.
func setDesired(in Input, kind fleet.DecisionKind, to int, why draft) fleet.Decision {
	desired := in.Snapshot.Desired
	return fleet.Decision{
		Kind:    kind,
		Reasons: []fleet.Reason{why.reason()},
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
