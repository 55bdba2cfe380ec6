package decode

import "homeostat/shared/core/fleet"

// serviceAction reads an ECS Service Action. ECS emits deployments under this
// detail-type too.
func serviceAction(e event) fleet.Trigger {
	t := service(e)
	if kind, ok := deploymentKind(t.Notice.Name); ok {
		t.Kind = kind
		return t
	}
	if t.Notice.Name == "" {
		return ignored(t, "the service action has no name")
	}
	t.Kind = fleet.ServiceAction
	return t
}

// deploymentChange reads an ECS Deployment State Change.
func deploymentChange(e event) fleet.Trigger {
	t := service(e)
	kind, ok := deploymentKind(t.Notice.Name)
	if !ok {
		return ignored(t, "the deployment event has the unknown name "+quote(t.Notice.Name))
	}
	t.Kind = kind
	return t
}

// deploymentKind returns the trigger kind of a deployment event. The start of a
// rollback is a start of a deployment.
func deploymentKind(name string) (fleet.TriggerKind, bool) {
	switch name {
	case "SERVICE_DEPLOYMENT_IN_PROGRESS":
		return fleet.DeploymentStarted, true
	case "SERVICE_DEPLOYMENT_COMPLETED":
		return fleet.DeploymentCompleted, true
	case "SERVICE_DEPLOYMENT_FAILED":
		return fleet.DeploymentFailed, true
	}
	return "", false
}

// service reads the fields that both kinds share. Only the resources name the
// service. The cluster is in the detail of service actions, else in a service ARN
// of the new format.
func service(e event) fleet.Trigger {
	d, t := e.detail, e.base
	setCluster(&t, d.text("clusterArn"))
	for text := range e.root.list("resources").texts() {
		if setService(&t, text) {
			break
		}
	}
	t.Deployment = d.text("deploymentId")
	t.Notice = notice(d)
	t.Reason = t.Notice.Reason
	return t
}

func notice(d object) fleet.Notice {
	return fleet.Notice{Name: d.text("eventName"), Level: d.text("eventType"), Reason: d.text("reason")}
}
