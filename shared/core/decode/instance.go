package decode

import "homeostat/shared/core/fleet"

// containerInstance reads an ECS Container Instance State Change. It requires no
// action: agents lose their connection several times an hour without a fault.
func containerInstance(e event) fleet.Trigger {
	t := e.base
	setCluster(&t, e.detail.text("clusterArn"))
	t.Version, _ = e.detail.integer("version")
	reason := "changes of container instances require no action"
	if status := e.detail.text("status"); status != "" {
		reason += ": status " + quote(status)
	}
	return ignored(t, reason)
}

// spotWarning reads the two minutes' notice of an EC2 Spot instance. Only ECS knows
// the tasks that run on it.
func spotWarning(e event) fleet.Trigger {
	t := e.base
	t.Kind = fleet.SpotWarning
	t.Instance = fleet.Instance{ID: e.detail.text("instance-id"), Action: e.detail.text("instance-action")}
	t.Reason = instanceReason(e, "will be interrupted")
	return t
}

// rebalance reads EC2's recommendation to move tasks early.
func rebalance(e event) fleet.Trigger {
	return ignored(e.base, instanceReason(e, "has a rebalance recommendation, not an interruption"))
}

func instanceReason(e event, text string) string {
	id, action := e.detail.text("instance-id"), e.detail.text("instance-action")
	reason := "instance " + id + " " + text
	if id == "" {
		reason = "an instance " + text
	}
	if action != "" {
		reason += ": " + action
	}
	return reason
}
