package ecssim

import (
	"maps"

	"homeostat/shared/sim/ecssim/wire"
)

// object returns the service in the form of DescribeServices, without tags.
func (svc *service) object() wire.Object {
	running, pending := svc.counts(nil)
	out := wire.Object{
		"serviceArn": svc.arn, "serviceName": svc.name, "clusterArn": svc.cluster.arn, "status": svc.status,
		"desiredCount": svc.desired, "runningCount": running, "pendingCount": pending,
		"loadBalancers": svc.setup.Objects("loadBalancers"), "serviceRegistries": []wire.Object{},
		"deploymentConfiguration": svc.rollout.object(), "deployments": svc.deploymentObjects(),
		"deploymentController": wire.Object{"type": svc.controller}, "schedulingStrategy": svc.scheduling(),
		"events": svc.eventObjects(), "createdAt": svc.created,
		"createdBy":            svc.sim.account.Root(),
		"placementConstraints": []wire.Object{}, "placementStrategy": []wire.Object{},
		"enableECSManagedTags": false, "propagateTags": "NONE", "enableExecuteCommand": false,
		"availabilityZoneRebalancing": svc.rebalancing,
	}
	for _, key := range []string{"networkConfiguration", "serviceRegistries", "platformVersion"} {
		if svc.setup.Has(key) {
			out[key] = svc.setup[key]
		}
	}
	maps.Copy(out, svc.extras)
	svc.describeLaunch(out)
	if svc.grace > 0 {
		out["healthCheckGracePeriodSeconds"] = int(svc.grace.Seconds())
	}
	if svc.primary() != nil {
		svc.describeRevisions(out)
	}
	return out
}

// describeLaunch adds the launch type or the capacity providers.
func (svc *service) describeLaunch(out wire.Object) {
	if svc.launchType != "" {
		out["launchType"] = svc.launchType
	}
	if len(svc.strategy) > 0 {
		out["capacityProviderStrategy"] = svc.strategy
	}
	if svc.launchType != launchEC2 {
		out["platformFamily"] = "Linux"
		if !out.Has("platformVersion") {
			out["platformVersion"] = "LATEST"
		}
	}
}

// describeRevisions adds the current revisions.
func (svc *service) describeRevisions(out wire.Object) {
	p := svc.primary()
	out["taskDefinition"] = p.revision.td.arn
	if p.record.open() {
		out["currentServiceDeployment"] = p.record.arn
	}
	current := []wire.Object{}
	for _, d := range svc.deployments {
		running, pending := svc.counts(d)
		current = append(current, wire.Object{
			"arn": d.revision.arn, "requestedTaskCount": svc.requested(d),
			"runningTaskCount": running, "pendingTaskCount": pending,
		})
	}
	out["currentServiceRevisions"] = current
}

// requested returns the wanted number of tasks of a deployment.
func (svc *service) requested(d *deployment) int {
	if d == svc.primary() {
		if d.plan != nil && d.plan.before(stageScaleUp) {
			return 0
		}
		return svc.desired
	}
	n := 0
	for _, t := range svc.live {
		n += count(t.deployment == d && t.desired == taskRunning)
	}
	return n
}

func (svc *service) deploymentObjects() []wire.Object {
	out := []wire.Object{}
	for i, d := range svc.deployments {
		running, pending := svc.counts(d)
		status := "PRIMARY"
		if i > 0 {
			status = statusActive
		}
		object := wire.Object{
			"id": d.id, "status": status, "taskDefinition": d.revision.td.arn,
			"desiredCount": svc.requested(d), "runningCount": running, "pendingCount": pending,
			"failedTasks": d.failed, "createdAt": d.created, "updatedAt": d.updated,
		}
		if svc.controller == controllerECS {
			object["rolloutState"], object["rolloutStateReason"] = d.rollout, d.reason
		}
		if d.revision.launchType != "" {
			object["launchType"] = d.revision.launchType
		}
		if len(d.revision.strategy) > 0 {
			object["capacityProviderStrategy"] = d.revision.strategy
		}
		if d.revision.launchType != launchEC2 {
			object["platformVersion"], object["platformFamily"] = platformVersion, "Linux"
		}
		if network := d.revision.setup.Object("networkConfiguration"); network != nil {
			object["networkConfiguration"] = network
		}
		out = append(out, object)
	}
	return out
}

// eventObjects returns the newest messages, newest first.
func (svc *service) eventObjects() []wire.Object {
	out := []wire.Object{}
	for i := len(svc.messages) - 1; i >= 0 && len(out) < serviceEvents; i-- {
		m := svc.messages[i]
		out = append(out, wire.Object{"id": m.id, "createdAt": m.at, "message": m.text})
	}
	return out
}
