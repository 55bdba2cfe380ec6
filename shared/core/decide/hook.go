package decide

import (
	"fmt"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/judge"
	"homeostat/shared/core/polling"
	"homeostat/shared/core/reason"
)

// answer answers the hook that a deployment waits at, where the policy lets it:
// on when the new revision is healthy. That it is bad was said before, by heal.
func answer(in Input) (fleet.Decision, []fleet.Reason) {
	hook := in.Memory.Waiting
	latest, ok := in.Snapshot.Latest()
	if hook == nil || hook.Type != "PAUSE" || !ok || latest.ARN != hook.Rollout || !latest.InProgress() || latest.RollingBack() {
		return fleet.Decision{}, nil
	}
	primary, _ := in.Snapshot.Primary()
	text := fmt.Sprintf("the deployment of %s waits at %s", latest.Target.TaskDefinition, hook.Stage)
	if !in.Policy.Proceed {
		return notify(reason.HookWaiting, text+"; heal.proceed is off, so a person answers")
	}
	found := judge.Evaluate(caseOf(in, primary))
	if found.Outcome != judge.Healthy {
		d, why := nothing(reason.HookWaiting, text+": "+found.Full())
		d.RequeueAfter = polling.RequeueInterval
		return d, why
	}
	return fleet.Decision{
		Kind:    fleet.Proceed,
		Reasons: []fleet.Reason{{Name: reason.Healthy, Text: text + ": " + found.Full()}},
		Action: &fleet.Action{
			Kind: fleet.ContinueDeployment, Intent: "answer " + hook.ID, Hook: hook.ID, Rollout: hook.Rollout,
			Expect: fleet.Expect{Deployment: primary.ID},
		},
	}, nil
}
