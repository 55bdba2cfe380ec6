package decide

import (
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/judge"
	"homeostat/shared/core/reason"
)

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
