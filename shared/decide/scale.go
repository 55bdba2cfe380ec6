package decide

import (
	"fmt"
	"strings"
	"time"

	"homeostat/shared/demand"
	"homeostat/shared/fleet"
)

const (
	// again is how soon a service that is hot, or was just scaled, is looked at
	// again: one period of the one-minute metrics.
	again = time.Minute
	// metricPeriod is what one datapoint of the CPU metric is about.
	metricPeriod = time.Minute
	// staleAfter is the age at which a one-minute metric says nothing any more.
	staleAfter = 5 * time.Minute
	// scaleInBelow is the share of the target below which tasks are given back:
	// AWS's target tracking uses the same tenth against flapping.
	scaleInBelow = 0.9
)

// scale follows the work with the desired count.
func scale(in Input) (fleet.Decision, []fleet.Reason) {
	switch in.Trigger.Kind {
	case fleet.AlarmChanged, fleet.ScaledToMax, fleet.Tick:
	default:
		return fleet.Decision{}, nil
	}
	s := in.Snapshot
	switch {
	case !in.Policy.ScaleEnabled:
		return nothing("scaling-off", "the policy turns scaling off")
	case s.Unread["scaling"] != "":
		return fleet.Decision{LookAgain: hotAgain(in)}, []fleet.Reason{{
			Name: "unread", Text: "Application Auto Scaling could not be read: " + s.Unread["scaling"],
		}}
	case s.Scaling.Steered() && in.Policy.Own:
		return takeOver(in), nil
	case s.Scaling.Steered():
		return nothing("aws-steers", fmt.Sprintf("the AWS scaling policy %s steers this service; two hands would fight", s.Scaling.Policies[0]))
	}
	if d, hands := twoHands(in); hands {
		return d, nil
	}
	if s.Desired == 0 {
		return wake(in)
	}
	if d, rise := scheduled(in); rise {
		return d, nil
	}
	if d, sleep := toZero(in); sleep {
		return d, nil
	}
	if s.Running == 0 {
		return nothing("nothing-running", "no task runs, so the load says nothing")
	}
	if why := unusable(in); why != nil {
		return fleet.Decision{LookAgain: hotAgain(in)}, []fleet.Reason{*why}
	}
	need, _ := Need(in, in.Learned)
	if need == nil {
		return nothing("metric-unknown", "the CPU metric is no percentage, or nothing ran while it was taken")
	}
	return follow(in, *need)
}

// unusable says why the CPU reading must not be acted on.
func unusable(in Input) *fleet.Reason {
	cpu := in.Snapshot.CPU
	if !cpu.Known {
		return &fleet.Reason{Name: "metric-unknown", Text: "the CPU metric is unknown: " + cpu.Why}
	}
	if age := in.Now.Sub(cpu.At); age > staleAfter {
		return &fleet.Reason{Name: "metric-stale", Text: fmt.Sprintf("the newest CPU metric is %s old", age.Round(time.Second))}
	}
	return nil
}

// hotAgain is when a service is looked at again that needs no change now: soon
// while an alarm is in ALARM and the CPU does not contradict it, else when the
// next event or sweep asks for it. An alarm may also be one for too little load.
func hotAgain(in Input) time.Duration {
	cpu := in.Snapshot.CPU
	if in.Memory.Hot() && (!cpu.Known || cpu.Value >= scaleInBelow*in.Policy.CPU) {
		return again
	}
	return 0
}

func follow(in Input, need demand.Estimate) (fleet.Decision, []fleet.Reason) {
	desired := in.Snapshot.Desired
	reason := fleet.Reason{Name: "cpu-above-target", Text: need.Text}
	switch {
	case need.Tasks > desired:
		return setDesired(in, fleet.ScaleOut, need.Tasks, reason), nil
	case need.Tasks < desired && in.Snapshot.Deploying():
		reason.Name, reason.Text = "deploying", need.Text+"; no scale-in during a deployment"
	case need.Tasks < desired && in.Snapshot.CPU.Value >= scaleInBelow*in.Policy.CPU:
		reason.Name, reason.Text = "cpu-near-target", need.Text+"; close to the target, so nothing is given back"
	case need.Tasks < desired:
		reason.Name = "cpu-below-target"
		return setDesired(in, fleet.ScaleIn, need.Tasks, reason), nil
	default:
		reason.Name = "cpu-at-target"
	}
	return fleet.Decision{LookAgain: hotAgain(in)}, []fleet.Reason{reason}
}

// takeOver suspends AWS's own policies, where the policy wants the count for
// itself: once, and what a person undoes stays undone.
func takeOver(in Input) fleet.Decision {
	s := in.Snapshot.Scaling
	text := fmt.Sprintf("the policy says scale.own: the scaling policies of Application Auto Scaling (%s) are suspended, and the count is followed here from now on, from %d to %d",
		strings.Join(s.Policies, ", "), s.Min, s.Max)
	return fleet.Decision{
		Kind: fleet.TakeOver, Reasons: []fleet.Reason{{Name: "take-over", Text: text}}, Notify: text,
		Action: &fleet.Action{Kind: fleet.SuspendScaling, Intent: "take over"}, LookAgain: again,
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
		LookAgain: again,
	}
}
