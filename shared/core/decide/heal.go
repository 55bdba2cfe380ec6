package decide

import (
	"fmt"
	"slices"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/judge"
	"homeostat/shared/core/polling"
	"homeostat/shared/core/reason"
	"homeostat/shared/core/route"
)

// heal evaluates the revision of new tasks, and decides about a bad one.
func heal(in Input) (fleet.Decision, []fleet.Reason) {
	if !healsOn(in) {
		return fleet.Decision{}, nil
	}
	if c := in.Snapshot.Controller; c != "" && c != "ECS" {
		return because(reason.UnsupportedController, "the deployment controller is %s, only ECS is supported", c).with(str("controller", c)).noOp()
	}
	primary, ok := in.Snapshot.Primary()
	if !ok {
		return because(reason.NoDeployment, "the service has no deployment to evaluate").noOp()
	}
	s := subjectOf(in, primary)
	found := judge.Evaluate(caseOf(in, s))
	switch found.Outcome {
	case judge.BadRevision:
		return onBadRevision(in, s, found)
	case judge.CommonCause:
		return onCommonCause(in, primary, found)
	case judge.EnvironmentChanged:
		return onEnvironment(in, s, found)
	}
	return explain(in, primary, found)
}

// healsOn reports whether the trigger asks for an evaluation of the revision.
func healsOn(in Input) bool {
	return in.anyTrigger(func(t *fleet.Trigger) bool {
		r := route.Of(t.Kind)
		if r.Find == route.ByAlarm {
			return polling.Watches(in.Snapshot, in.Policy, t.Alarm.Name)
		}
		return r.Asks(route.Heal)
	})
}

// onBadRevision returns the decision about a bad revision. It checks the conditions
// against a rollback in order.
func onBadRevision(in Input, s subject, found judge.Finding) (fleet.Decision, []fleet.Reason) {
	primary := s.primary
	verdict := findingOf(primary, found)
	if d, why, ok := ineffective(in, s, found, verdict); ok {
		return d, why
	}
	if in.Policy.SuspectFor > 0 && s.ran > in.Policy.SuspectFor && !found.FromStart {
		return longLived(in, s, verdict)
	}
	if d, why, ok := overload(in, s, found, verdict); ok {
		return d, why
	}
	d, why := rollback(in, primary, verdict.detail(compareLoad(in, s).text()))
	if d.Kind != fleet.RollBack {
		return d, why
	}
	if wait := waitForPeers(in, s, found); wait > 0 {
		return because(reason.ObservingPeers, "rollback of %s waits %s for failures of other services", primary.TaskDefinition, fleet.DurationText(wait.Round(time.Second))).
			detail(verdict.full()).with(str("revision", primary.TaskDefinition), at("until", in.Now.Add(wait))).noOpFor(wait)
	}
	if probed, reasons, ok := probe(in, primary, found, d); ok {
		return probed, reasons
	}
	return d, why
}

// waitForPeers returns the wait of a rollback for failures of peers; zero for none. It waits
// if no older task is left for a comparison and something shared may fail. Shared are
// the dependencies of the policy and the health checks of the load balancers.
func waitForPeers(in Input, s subject, found judge.Finding) time.Duration {
	var wait time.Duration
	if len(in.Policy.DependsOn) > 0 {
		wait = peerWait
	}
	if onlyHealthFailures(s.cohort, found.FirstFailure) {
		wait = healthPeerWait
	}
	if !found.Silent || found.Alarm != "" || wait == 0 || s.olderRunning > 0 {
		return 0
	}
	return max(0, found.FirstFailure.Add(wait).Sub(in.Now))
}

// explain returns the reasons against a rollback: the cause of the trigger first,
// then the judge's finding. It quarantines an image that ECS itself rolled back.
func explain(in Input, primary fleet.Deployment, found judge.Finding) (fleet.Decision, []fleet.Reason) {
	var why []fleet.Reason
	causes := in.causes()
	for _, c := range causes {
		why = append(why, ofFamily(c))
	}
	if latest, ok := in.Snapshot.Latest(); ok && latest.RollingBack() && in.Memory.RolledBack(primary.ID, latest.Target.TaskDefinition) {
		return fleet.Decision{}, append(why, inProgress(latest.Target.TaskDefinition).reason())
	}
	if d, rolledBack, ok := rolledBackByECS(in); ok {
		return d, append(why, rolledBack)
	}
	if i, c, ok := issueBehind(in); ok {
		return onIssue(primary, c, i)
	}
	// The remedies for a full subnet and for a failed route have their own reasons.
	for _, c := range causes {
		if text, ok := notAtFault(in)[c]; ok && c != fleet.SubnetFull && c != fleet.ELBHealth {
			return because(reason.NotCausedByChange, "%s: %s", c, text).detail("a rollback would not help").
				with(str("cause", c), str("revision", primary.TaskDefinition)).
				alert(fmt.Sprintf("Tasks of %s fail with %s: the %s. A rollback would not help.", primary.TaskDefinition, c, text))
		}
	}
	if len(causes) == 0 || slices.ContainsFunc(causes, fleet.Cause.BlamesRevision) {
		why = append(why, findingOf(primary, found).reason())
	}
	return fleet.Decision{}, why
}

// inProgress returns the reason of a rollback that is under way.
func inProgress(definition string) draft {
	return because(reason.RollbackInProgress, "rollback of %s is in progress", definition).with(str("revision", definition))
}

// ofFamily returns the reason for a cause without a bad revision.
func ofFamily(c fleet.Cause) fleet.Reason {
	var d draft
	switch c.Family() {
	case fleet.FamilyNormal:
		d = because(reason.NormalStop, "%s: expected stop, not counted as a failure", c)
	case fleet.FamilyCapacity:
		d = because(reason.Capacity, "%s: capacity failure, ECS replaces the task", c).detail("a rollback would not help")
	case fleet.FamilyTransient:
		d = because(reason.Transient, "%s: transient failure, ECS retries", c)
	case fleet.FamilyUnknown:
		d = because(reason.UnknownCause, "the cause is unknown: it counts as evidence only")
	default:
		d = because(reason.Counted, "%s counts as evidence against the revision", c)
	}
	return d.with(str("cause", c)).reason()
}

// commonCause turns a reason and its alert into a decision with the effect of a
// common cause.
func commonCause(why draft, alert string) (fleet.Decision, []fleet.Reason) {
	d, reasons := why.alert(alert)
	d.CommonCause = true
	return d, reasons
}

// onCommonCause returns the decision about a failure of something shared, or of one
// place.
func onCommonCause(in Input, primary fleet.Deployment, found judge.Finding) (fleet.Decision, []fleet.Reason) {
	verdict := findingOf(primary, found)
	if found.Place == "" {
		return commonCause(verdict, verdict.sentence()+" A rollback would not help.")
	}
	verdict.Name = reason.OnePlace
	if d, ok := moveAway(in, found, verdict); ok {
		return d, nil
	}
	return verdict.alert(verdict.sentence() + " Only the " + found.PlaceKind + " " + found.Place + " fails: a rollback would not help.")
}
