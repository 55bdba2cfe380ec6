package decide

import (
	"fmt"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/judge"
	"homeostat/shared/core/reason"
)

// stuck decides about a rolling deployment without an end: it has no circuit breaker,
// it is late, and only its revision explains that.
func stuck(in Input) (fleet.Decision, []fleet.Reason) {
	primary, ok := in.Snapshot.Primary()
	age := in.Now.Sub(primary.CreatedAt)
	if !ok || !unattended(in.Snapshot, primary) || in.Policy.StuckAfter == 0 || age < in.Policy.StuckAfter {
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
		detail("it has no circuit breaker").
		with(str("revision", primary.TaskDefinition), at("since", primary.CreatedAt), num("running", primary.Running), num("desired", primary.Desired))
}

// alertLate notifies the operator of a deployment that is not done in time.
func alertLate(in Input, primary fleet.Deployment, name reason.Name, why string) (fleet.Decision, []fleet.Reason) {
	d := late(in, primary, name)
	return d.detail(why).alert(fmt.Sprintf("The %s It has no circuit breaker; %s.", d.sentence(), why))
}

// unattended reports whether a rolling deployment runs that ECS itself never ends.
func unattended(s fleet.Snapshot, primary fleet.Deployment) bool {
	latest, ok := s.Latest()
	return ok && !s.Breaker.Enabled && rolling(s) && primary.RolloutState == "IN_PROGRESS" && latest.InProgress() && !latest.RollingBack()
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
