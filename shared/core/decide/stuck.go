package decide

import (
	"fmt"
	"strings"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/judge"
	"homeostat/shared/core/reason"
)

// stuck decides about a late rolling deployment: it is rolled back if it has no circuit
// breaker and only its revision explains that. Else the operator is notified.
func stuck(in Input) (fleet.Decision, []fleet.Reason) {
	primary, ok := in.Snapshot.Primary()
	if !ok || !isLate(in, primary) {
		return fleet.Decision{}, nil
	}
	cause, waits := waitingFor(in)
	failing := failsLately(in)
	issue, affected := waitsForIssue(in)
	switch since := in.Memory.PendingSince; {
	case affected && !failing:
		return alertLate(in, primary, reason.DeploymentWaits, "it may wait for "+issue+", so a rollback would not help")
	case waits:
		return alertLate(in, primary, reason.DeploymentWaits, "it waits for "+string(cause)+", so a rollback would not help")
	case primary.Running >= primary.Desired:
		return alertLate(in, primary, reason.DeploymentStuck, "its tasks run, but the older tasks do not stop")
	case primary.Pending == 0 && !failing:
		return alertLate(in, primary, reason.DeploymentWaits, "ECS starts no task of it, so a rollback would not help")
	case !failing && (since.IsZero() || in.Now.Sub(since) < stuckPending):
		return late(in, primary, reason.DeploymentSlow).detail("its tasks get another " + fleet.DurationText(stuckPending)).noOpFor(stuckPending)
	case in.Snapshot.Breaker.Enabled:
		return alertLate(in, primary, reason.DeploymentStuck, "the rollback is left to it")
	case noRollbackHelps(judge.Evaluate(caseOf(in, subjectOf(in, primary)))):
		return fleet.Decision{}, nil // heal gives the reason
	}
	return rollback(in, primary, late(in, primary, reason.DeploymentStuck))
}

// noRollbackHelps reports whether the judge found another cause than the revision.
func noRollbackHelps(found judge.Finding) bool {
	return found.Outcome == judge.CommonCause || found.Outcome == judge.EnvironmentChanged
}

// late returns a deployment that is not done in time as a reason.
func late(in Input, primary fleet.Deployment, name reason.Name) draft {
	return because(name, "deployment of %s is not done after %s: %d of %d tasks run",
		primary.TaskDefinition, fleet.DurationText(in.Now.Sub(primary.CreatedAt).Round(time.Minute)), primary.Running, primary.Desired).
		detail(breakerText(in)).
		with(str("revision", primary.TaskDefinition), at("since", primary.CreatedAt), num("running", primary.Running), num("desired", primary.Desired))
}

// alertLate notifies the operator of a deployment that is not done in time.
func alertLate(in Input, primary fleet.Deployment, name reason.Name, why string) (fleet.Decision, []fleet.Reason) {
	d := late(in, primary, name)
	return d.detail(why).alert(fmt.Sprintf("The %s It%s; %s.", d.sentence(), strings.TrimPrefix(breakerText(in), "it"), why))
}

// breakerText says whether ECS may end the deployment itself.
func breakerText(in Input) string {
	if in.Snapshot.Breaker.Enabled {
		return "its circuit breaker has not ended it"
	}
	return "it has no circuit breaker"
}

// isLate reports whether a rolling deployment runs for longer than the policy allows.
func isLate(in Input, primary fleet.Deployment) bool {
	s := in.Snapshot
	latest, ok := s.Latest()
	return ok && in.Policy.StuckAfter > 0 && in.Now.Sub(primary.CreatedAt) >= in.Policy.StuckAfter && rolling(s) && primary.RolloutState == "IN_PROGRESS" && latest.InProgress() && !latest.RollingBack()
}

func rolling(s fleet.Snapshot) bool { return s.Strategy == "" || s.Strategy == "ROLLING" }

// waitingFor returns the cause that keeps tasks from starting, if no revision is at
// fault for it.
func waitingFor(in Input) (cause fleet.Cause, ok bool) {
	unrelated := notAtFault(in)
	for _, c := range fleet.Causes() {
		family := c.Family()
		if _, known := unrelated[c]; !known && family != fleet.FamilyCapacity && family != fleet.FamilyTransient {
			continue
		}
		if _, lately := in.Memory.Lately(c, in.Policy.StuckAfter, in.Now); lately {
			return c, true
		}
	}
	return "", false
}

// warn notifies the operator before something fails.
func warn(in Input) (fleet.Decision, []fleet.Reason) {
	if d, why := unwatched(in); d.Kind != "" || len(why) > 0 {
		return d, why
	}
	return noWayBack(in)
}

// noWayBack warns of a service that runs well and could not be restored: its own image
// is gone. Or no earlier revision can run, because its image or task definition is gone
// or may not be pinned here.
func noWayBack(in Input) (fleet.Decision, []fleet.Reason) {
	primary, ok := in.Snapshot.Primary()
	current, known := in.Snapshot.Current()
	latest, _ := in.Snapshot.Latest()
	if !ok || !known || !in.Policy.Rollback || primary.RolloutState != "COMPLETED" || latest.InProgress() {
		return fleet.Decision{}, nil
	}
	if image, ok := current.Obstructed(); ok {
		why := because(reason.NoWayBack, "no new task of %s can start: it needs %s image", primary.TaskDefinition, stateText(image.State)).
			detail(image.Image.String()).with(str("revision", primary.TaskDefinition), str("image", image.Image.String()))
		return why.alert(why.sentence() + " It could not be restored after a bad release.")
	}
	found := rollbackTarget(in, current)
	if found.best != nil || found.lost == "" {
		return fleet.Decision{}, nil
	}
	return because(reason.NoWayBack, "%s could not be rolled back: %s", primary.TaskDefinition, found.lost).
		with(str("revision", primary.TaskDefinition)).
		alert(fmt.Sprintf("%s runs well, but it could not be rolled back if it failed: %s.", primary.TaskDefinition, found.lost))
}

// unwatched reports a deployment without watched alarms: ECS stops watching if one of
// them was in ALARM before the deployment, and reports nothing.
func unwatched(in Input) (fleet.Decision, []fleet.Reason) {
	primary, ok := in.Snapshot.Primary()
	if !ok || primary.RolloutState != "IN_PROGRESS" {
		return fleet.Decision{}, nil
	}
	for _, a := range in.Snapshot.Alarms {
		if a.OfDeployment && a.State == "ALARM" && !a.Since.IsZero() && a.Since.Before(primary.CreatedAt) {
			return because(reason.AlarmsUnwatched, "ECS watches no alarm of %s: %s was in ALARM before", primary.TaskDefinition, a.Name).
				with(str("revision", primary.TaskDefinition), str("alarm", a.Name), at("since", a.Since)).
				alert(fmt.Sprintf("ECS watches no alarm during the deployment of %s, because %s was in ALARM before it.", primary.TaskDefinition, a.Name))
		}
	}
	return fleet.Decision{}, nil
}

// answer continues a deployment that waits at a hook, if the policy permits it and
// the new revision is healthy. A bad revision was decided before, by heal.
func answer(in Input) (fleet.Decision, []fleet.Reason) {
	hook := in.Memory.Waiting
	latest, ok := in.Snapshot.Latest()
	if hook == nil || hook.Type != "PAUSE" || !ok || latest.ARN != hook.Rollout || !latest.InProgress() || latest.RollingBack() {
		return fleet.Decision{}, nil
	}
	primary, _ := in.Snapshot.Primary()
	waiting := because(reason.HookWaiting, "deployment of %s waits at %s", latest.Target.TaskDefinition, hook.Stage).
		with(str("revision", latest.Target.TaskDefinition), str("stage", hook.Stage), str("hook", hook.ID))
	if !in.Policy.Proceed {
		return waiting.detail("heal.proceed is off").alert("The " + waiting.Text + ". Answer the hook, because heal.proceed is off.")
	}
	found := judge.Evaluate(caseOf(in, subjectOf(in, primary)))
	finding := findingOf(primary, found)
	if found.Outcome != judge.Healthy {
		return waiting.detail(finding.full()).noOpFor(followUpIn)
	}
	if why, unread := in.Snapshot.Unread["alarms"]; unread {
		return waiting.detail("the alarms are unknown: " + why).noOpFor(followUpIn)
	}
	finding.Fields = waiting.Fields
	return fleet.Decision{
		Kind:    fleet.Proceed,
		Reasons: []fleet.Reason{finding.detail("the " + waiting.Text).reason()},
		Action: &fleet.Action{
			Kind: fleet.ContinueDeployment, Intent: "answer " + hook.ID, Hook: hook.ID, Rollout: hook.Rollout,
			Expect: fleet.Expect{Deployment: primary.ID},
		},
	}, nil
}

// gaveUp decides about a deployment that ECS gave up without a rollback: the circuit
// breaker or an alarm failed it, and ECS starts no more tasks of it. So the evidence
// does not grow, and failures that may come from the revision are enough to go back.
// Without a finding of the judge, no image is quarantined.
func gaveUp(in Input) (fleet.Decision, []fleet.Reason) {
	primary, ok := in.Snapshot.Primary()
	latest, known := in.Snapshot.Latest()
	if !ok || !known || !endedFailed(in.Snapshot) {
		return fleet.Decision{}, nil
	}
	if latest.RollbackTo != "" {
		return because(reason.DeploymentFailed, "ECS gave up its own rollback to %s, and starts no more tasks", primary.TaskDefinition).
			with(str("revision", primary.TaskDefinition), str("status", latest.Status)).
			alert(fmt.Sprintf("ECS gave up its own rollback to %s and starts no more tasks. Deploy it again once the cause has passed.", primary.TaskDefinition))
	}
	if noRollbackHelps(judge.Evaluate(caseOf(in, subjectOf(in, primary)))) {
		return fleet.Decision{}, nil // heal gives the reason
	}
	blamed, causes := blamedFailures(in, in.Memory.Cohorts[primary.ID])
	why := because(reason.DeploymentFailed, "ECS gave up the deployment of %s: %d of %d tasks run", primary.TaskDefinition, primary.Running, primary.Desired).
		detail(strings.Join(causes, ", ")).with(str("revision", primary.TaskDefinition), num("failed", blamed), num("running", primary.Running), num("desired", primary.Desired))
	if blamed == 0 {
		return why.alert(fmt.Sprintf("%s No failure is known to come from the revision%s, so it is not rolled back.", why.sentence(), parenthesis(causes)))
	}
	d, reasons := rollback(in, primary, why)
	d.Quarantine, d.MarkedFailed = nil, false
	if d.Kind == fleet.RollBack {
		d.Reasons = d.Reasons[:2] // the verdict and the way back
	}
	return d, reasons
}

// endedFailed reports whether the primary deployment failed, and ECS works on none any
// more. Tasks of older deployments may still run.
func endedFailed(s fleet.Snapshot) bool {
	primary, ok := s.Primary()
	latest, known := s.Latest()
	return ok && known && primary.RolloutState == "FAILED" && !latest.InProgress()
}

// blamedFailures returns the number of failures that may come from the revision, and
// the causes of all failures.
func blamedFailures(in Input, cohort *fleet.TaskCohort) (blamed int, causes []string) {
	unrelated := notAtFault(in)
	for _, life := range cohortTasks(cohort) {
		if life.StoppedAt.IsZero() || life.Cause.Family() == fleet.FamilyNormal || life.Cause == "" {
			continue
		}
		causes = append(causes, string(life.Cause))
		if _, known := unrelated[life.Cause]; life.Cause.BlamesRevision() && !known && life.StoppedAt.After(in.Memory.Explained) {
			blamed++
		}
	}
	return blamed, distinct(causes)
}

// parenthesis returns the words in parentheses; empty for none.
func parenthesis(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return " (" + strings.Join(words, ", ") + ")"
}
