package decode

import "homeostat/shared/core/fleet"

// containerInstance reads an ECS Container Instance State Change. Agents lose
// their connection several times an hour without anything being wrong.
func containerInstance(e event) fleet.Trigger {
	t := e.base
	setCluster(&t, e.detail.text("clusterArn"))
	t.Version, _ = e.detail.integer("version")
	reason := "a change of a container instance is not acted on"
	if status := e.detail.text("status"); status != "" {
		reason += ": it is " + quote(status)
	}
	return ignored(t, reason)
}

// spotWarning reads the two minutes' notice of an EC2 Spot instance. Which
// tasks run on it only ECS knows.
func spotWarning(e event) fleet.Trigger {
	t := e.base
	t.Kind = fleet.SpotWarning
	t.Reason = instanceReason(e, "is to be interrupted")
	return t
}

// rebalance reads EC2's recommendation to move away early.
func rebalance(e event) fleet.Trigger {
	return ignored(e.base, instanceReason(e, "has a rebalance recommendation, which is no interruption"))
}

func instanceReason(e event, what string) string {
	id, action := e.detail.text("instance-id"), e.detail.text("instance-action")
	reason := "instance " + id + " " + what
	if id == "" {
		reason = "an instance " + what
	}
	if action != "" {
		reason += ": " + action
	}
	return reason
}
