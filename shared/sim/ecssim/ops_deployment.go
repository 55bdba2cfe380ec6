package ecssim

import (
	"cmp"
	"slices"

	"homeostat/shared/sim/ecssim/wire"
)

func (s *Sim) deploymentOperations() wire.Operations {
	return wire.Operations{
		"ListServiceDeployments":     s.listServiceDeployments,
		"DescribeServiceDeployments": s.describeServiceDeployments,
		"DescribeServiceRevisions":   s.describeServiceRevisions,
		"StopServiceDeployment":      s.stopServiceDeployment,
		"ContinueServiceDeployment":  s.continueServiceDeployment,
	}
}

func (s *Sim) listServiceDeployments(in wire.Object) (wire.Object, error) {
	svc, err := s.mustService(in.String("cluster"), in.String("service"))
	if err != nil {
		return nil, err
	}
	created := in.Object("createdAt")
	after, bounded := created.Time("after")
	before, limited := created.Time("before")
	wanted := in.Strings("status")
	briefs := []wire.Object{}
	for _, r := range slices.Backward(svc.records) {
		switch {
		case len(wanted) > 0 && !slices.Contains(wanted, r.status):
		case bounded && r.created.Before(after), limited && r.created.After(before):
		default:
			briefs = append(briefs, r.brief())
		}
	}
	briefs, next, err := wire.Page(briefs, in, "maxResults", "nextToken", listPage)
	if err != nil {
		return nil, err
	}
	return wire.SetToken(wire.Object{"serviceDeployments": briefs}, "nextToken", next), nil
}

func (s *Sim) findRecord(arn string) *serviceDeployment {
	for _, c := range s.clusters {
		for _, svc := range c.services {
			for _, r := range svc.records {
				if r.arn == arn {
					return r
				}
			}
		}
	}
	return nil
}

func (s *Sim) findRevision(arn string) *revision {
	for _, c := range s.clusters {
		for _, svc := range c.services {
			for _, r := range svc.revisions {
				if r.arn == arn {
					return r
				}
			}
		}
	}
	return nil
}

func (s *Sim) describeServiceDeployments(in wire.Object) (wire.Object, error) {
	return describe(in, "serviceDeploymentArns", "serviceDeployments", func(arn string) wire.Object {
		if r := s.findRecord(arn); r != nil {
			return r.object()
		}
		return nil
	})
}

func (s *Sim) describeServiceRevisions(in wire.Object) (wire.Object, error) {
	return describe(in, "serviceRevisionArns", "serviceRevisions", func(arn string) wire.Object {
		if r := s.findRevision(arn); r != nil {
			return r.object()
		}
		return nil
	})
}

// describe looks up each ARN of a list.
func describe(in wire.Object, from, to string, find func(arn string) wire.Object) (wire.Object, error) {
	arns := in.Strings(from)
	if len(arns) == 0 || len(arns) > describeDeploymentsLimit {
		return nil, wire.Errorf("InvalidParameterException", "%s must have 1 to %d elements.", from, describeDeploymentsLimit)
	}
	found, failures := []wire.Object{}, []wire.Object{}
	for _, arn := range arns {
		if object := find(arn); object != nil {
			found = append(found, object)
		} else {
			failures = append(failures, missing(arn))
		}
	}
	return wire.Object{to: found, "failures": failures}, nil
}

// stopServiceDeployment rolls back a deployment in progress, with or without
// rollback in its configuration. A finished deployment cannot be stopped.
func (s *Sim) stopServiceDeployment(in wire.Object) (wire.Object, error) {
	r := s.findRecord(in.String("serviceDeploymentArn"))
	if r == nil {
		return nil, wire.Errorf("ServiceDeploymentNotFoundException", "Service deployment not found.")
	}
	if kind := cmp.Or(in.String("stopType"), "ROLLBACK"); kind != "ROLLBACK" {
		return nil, wire.Errorf("InvalidParameterException", "Invalid stopType %s. Only ROLLBACK is supported.", kind)
	}
	p := r.service.primary()
	switch {
	case !r.open():
		return nil, wire.Errorf("ConflictException", "The service deployment is %s and cannot be stopped.", r.status)
	case r.status == recordPending || r.status == recordInProgress:
		if r.service.rollbackTarget(p) == nil {
			return nil, wire.Errorf("ConflictException", "There is no completed service deployment to roll back to.")
		}
		r.status, r.updated = recordRollbackRequested, s.Now()
		r.service.wakeScheduler()
	}
	return wire.Object{"serviceDeploymentArn": r.arn}, nil
}

func (r *serviceDeployment) brief() wire.Object {
	out := wire.Object{
		"serviceDeploymentArn": r.arn, "serviceArn": r.service.arn, "clusterArn": r.service.cluster.arn,
		"createdAt": r.created, "startedAt": r.started, "finishedAt": r.finished,
		"targetServiceRevisionArn": r.target.arn, "status": r.status,
	}
	if r.statusReason != "" {
		out["statusReason"] = r.statusReason
	}
	return out
}

func (r *serviceDeployment) object() wire.Object {
	out := r.brief()
	delete(out, "targetServiceRevisionArn")
	out["stoppedAt"], out["updatedAt"] = r.stopped, r.updated
	out["targetServiceRevision"] = r.summary(r.target)
	sources := []wire.Object{}
	for _, source := range r.sources {
		sources = append(sources, r.summary(source))
	}
	out["sourceServiceRevisions"] = sources
	out["deploymentConfiguration"] = r.rollout.object()
	out["deploymentCircuitBreaker"] = r.breakerStatus()
	out["alarms"] = r.alarmStatus()
	if r.open() {
		out["lifecycleStage"] = r.stage()
	}
	if r.rollback != nil {
		out["rollback"] = r.rollback
	}
	r.describePlan(out)
	return out
}

func (r *serviceDeployment) stage() string {
	if p := r.plan(); p != nil {
		if p.stage() == stagePreProduction { // the API model lacks this stage
			return stagePostTestShift
		}
		return p.stage()
	}
	if r.subject != nil && !r.subject.bakedAt.IsZero() {
		return "BAKE_TIME"
	}
	return "SCALE_UP"
}

func (r *serviceDeployment) summary(rev *revision) wire.Object {
	requested, running, pending := 0, 0, 0
	for _, d := range r.service.deployments {
		if d.revision == rev {
			up, starting := r.service.counts(d)
			requested, running, pending = requested+r.service.requested(d), running+up, pending+starting
		}
	}
	return wire.Object{
		"arn": rev.arn, "requestedTaskCount": requested, "runningTaskCount": running, "pendingTaskCount": pending,
	}
}

func (r *serviceDeployment) alarmStatus() wire.Object {
	config := r.rollout.alarms
	names := config.names
	if names == nil {
		names = []string{}
	}
	out := wire.Object{"status": monitorDisabled, "alarmNames": names}
	switch {
	case !config.enable || r.alarmsIgnored:
	case r.trippedBy == causeAlarm:
		out["status"], out["triggeredAlarmNames"] = monitorTriggered, r.triggered
	case r.open():
		out["status"] = monitorWatching
	default:
		out["status"] = monitorDone
	}
	return out
}
