package decide

import (
	"fmt"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/judge"
	"homeostat/shared/core/polling"
	"homeostat/shared/core/reason"
	"homeostat/shared/core/route"
)

// heal asks whether the revision that new tasks run is bad, and if so what to
// roll back to.
func heal(in Input) (fleet.Decision, []fleet.Reason) {
	if !healsOn(in) {
		return fleet.Decision{}, nil
	}
	if c := in.Snapshot.Controller; c != "" && c != "ECS" {
		return nothing(reason.UnsupportedController, "deployments of this service belong to the controller "+c)
	}
	primary, ok := in.Snapshot.Primary()
	if !ok {
		return nothing(reason.NoDeployment, "the service has no deployment to judge")
	}
	found := judge.Evaluate(caseOf(in, primary))
	switch found.Outcome {
	case judge.BadRevision:
		return onBadRevision(in, primary, found)
	case judge.CommonCause:
		return elsewhere(in, primary, found)
	}
	return explain(in, primary, found)
}

// healsOn reports whether the trigger asks to judge the revision.
func healsOn(in Input) bool {
	r := route.Of(in.Trigger.Kind)
	if r.Find == route.ByAlarm {
		return polling.Watches(in.Snapshot, in.Policy, in.Trigger.Alarm.Name)
	}
	return r.Asks(route.Heal)
}

// onBadRevision is what follows from a conviction, in order of what may stand
// against a rollback.
func onBadRevision(in Input, primary fleet.Deployment, found judge.Finding) (fleet.Decision, []fleet.Reason) {
	verdict := fmt.Sprintf("%s: %s", primary.TaskDefinition, found.Full())
	if age := in.Now.Sub(primary.CreatedAt); !primary.CreatedAt.IsZero() && in.Policy.SuspectFor > 0 && age > in.Policy.SuspectFor {
		return longLived(in, primary, verdict, age)
	}
	if d, why, ok := overload(in, primary, found, verdict); ok {
		return d, why
	}
	d, why := rollback(in, primary, verdict, reason.BadRevision)
	if d.Kind != fleet.RollBack {
		return d, why
	}
	if wait := waitForPeers(in, primary, found); wait > 0 {
		return fleet.Decision{RequeueAfter: wait}, []fleet.Reason{{
			Name: reason.ObservingPeers, Text: verdict + "; others may fail of the same, so it is listened to them for " + wait.Round(time.Second).String(),
		}}
	}
	if probed, reasons, ok := probe(in, primary, found, d); ok {
		return probed, reasons
	}
	return d, why
}

const (
	// peerWait is how long after the first death others are listened to that may
	// fail of the same: their deaths come one by one as well.
	peerWait = 90 * time.Second
	// healthPeerWait is the same where health checks kill, which takes several
	// checks for each task.
	healthPeerWait = 3 * time.Minute
)

// waitForPeers is how long a rollback is to wait where nothing old is left to compare
// with and something that is shared may fail: a dependency that the policy
// names, or the load balancers' health checks. Zero is no longer.
func waitForPeers(in Input, primary fleet.Deployment, found judge.Finding) time.Duration {
	var wait time.Duration
	if len(in.Policy.DependsOn) > 0 {
		wait = peerWait
	}
	if onlyHealthKills(in.Memory.Cohorts[primary.ID], found.FirstFailure) {
		wait = healthPeerWait
	}
	if !found.Silent || found.Alarm != "" || wait == 0 || olderRunning(in.Snapshot) > 0 {
		return 0
	}
	return max(0, found.FirstFailure.Add(wait).Sub(in.Now))
}

// explain is what is said where the revision is not convicted: the trigger's
// own cause first, then the judge's numbers. What ECS rolled back by itself is
// quarantined all the same.
func explain(in Input, primary fleet.Deployment, found judge.Finding) (fleet.Decision, []fleet.Reason) {
	var why []fleet.Reason
	if in.Cause != "" {
		why = append(why, ofFamily(in.Cause))
	}
	if latest, ok := in.Snapshot.Latest(); ok && latest.RollingBack() && in.Memory.RolledBack(primary.ID, latest.Target.TaskDefinition) {
		return fleet.Decision{}, append(why, fleet.Reason{Name: reason.RollbackInProgress, Text: "the rollback of " + latest.Target.TaskDefinition + " is under way"})
	}
	if d, taken, ok := takenBack(in); ok {
		return d, append(why, taken)
	}
	if text, ok := notAtFault(in)[in.Cause]; ok && in.Cause != fleet.SubnetFull { // of which more is said below
		text = fmt.Sprintf("%s: %s, so a rollback would not help", in.Cause, text)
		return fleet.Decision{Kind: fleet.Notify, Notify: text, Reasons: []fleet.Reason{{Name: reason.NotCausedByChange, Text: text}}}, nil
	}
	if in.Cause.BlamesRevision() || in.Cause == "" {
		why = append(why, fleet.Reason{Name: reason.Name(found.Outcome), Text: fmt.Sprintf("%s: %s", primary.TaskDefinition, found.Full())})
	}
	return fleet.Decision{}, why
}

// ofFamily says what a cause asks for while no revision is convicted.
func ofFamily(c fleet.Cause) fleet.Reason {
	switch c.Family() {
	case fleet.FamilyNormal:
		return fleet.Reason{Name: reason.NormalStop, Text: fmt.Sprintf("%s is part of normal work and blames nobody", c)}
	case fleet.FamilyCapacity:
		return fleet.Reason{Name: reason.Capacity, Text: fmt.Sprintf("%s is a matter of capacity: ECS replaces the task, a rollback would not help", c)}
	case fleet.FamilyTransient:
		return fleet.Reason{Name: reason.Transient, Text: fmt.Sprintf("%s passes by itself as a rule: ECS tries again", c)}
	case fleet.FamilyUnknown:
		return fleet.Reason{Name: reason.UnknownCause, Text: "the cause is unknown, so it is evidence only"}
	}
	return fleet.Reason{Name: reason.Counted, Text: fmt.Sprintf("%s counts against the revision", c)}
}

func commonCause(text string) (fleet.Decision, []fleet.Reason) {
	d, why := notify(reason.CommonCause, text)
	d.CommonCause = true
	return d, why
}

// elsewhere is what follows where something that is shared fails, or one place.
func elsewhere(in Input, primary fleet.Deployment, found judge.Finding) (fleet.Decision, []fleet.Reason) {
	text := fmt.Sprintf("%s: %s", primary.TaskDefinition, found.Full())
	if found.Place == "" {
		return commonCause(text)
	}
	if d, ok := moveAway(in, found, text); ok {
		return d, nil
	}
	return notify(reason.OnePlace, text)
}
