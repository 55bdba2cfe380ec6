package decode

import "homeostat/shared/core/fleet"

// hook reads an ECS Hook State Change. Only a hook that waits for an answer gives a
// trigger.
func hook(e event) fleet.Trigger {
	d, t := e.detail, e.base
	setCluster(&t, d.text("clusterArn"))
	setService(&t, d.text("serviceArn"))
	setServiceDeployment(&t, d.text("serviceDeploymentArn"))
	t.Notice = notice(d)
	stage, until := d.text("lifecycleStage"), d.text("expiresAt")
	if t.Notice.Name != "HOOK_AWAITING_ACTION" {
		return ignored(t, "the hook does not wait for an answer: "+quote(t.Notice.Name))
	}
	t.Kind, t.Reason = fleet.HookWaiting, t.Notice.Reason
	t.Notice.Hook = &fleet.Hook{
		ID: d.text("hookId"), Type: d.text("hookType"), Stage: stage, Rollout: d.text("serviceDeploymentArn"), Expires: d.time("expiresAt"),
	}
	if t.Reason == "" && stage != "" {
		t.Reason = "the deployment waits at " + stage
		if until != "" {
			t.Reason += " until " + until
		}
	}
	return t
}
