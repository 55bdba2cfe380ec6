package ecssim

import (
	"slices"

	"homeostat/shared/sim/ecssim/wire"
)

func (s *Sim) scalingOperations() operations {
	return operations{
		"RegisterScalableTarget":    s.registerScalableTarget,
		"DescribeScalableTargets":   s.describeScalableTargets,
		"DeregisterScalableTarget":  s.deregisterScalableTarget,
		"PutScalingPolicy":          s.putScalingPolicy,
		"DescribeScalingPolicies":   s.describeScalingPolicies,
		"DeleteScalingPolicy":       s.deleteScalingPolicy,
		"DescribeScalingActivities": s.describeScalingActivities,
		"DescribeScheduledActions":  s.describeScheduledActions,
		"PutScheduledAction":        notModelled("ValidationException", "scheduled actions"),
	}
}

// scaled finds the service of a request.
func (s *Sim) scaled(in wire.Object) (*service, error) {
	if in.String("ServiceNamespace") != scalingNamespace || in.String("ScalableDimension") != scalingDimension {
		return nil, wire.Errorf("ValidationException", "ecssim models %s of the namespace %s only", scalingDimension, scalingNamespace)
	}
	if svc := s.serviceOfResource(in.String("ResourceId")); svc != nil {
		return svc, nil
	}
	return nil, wire.Errorf("ValidationException", "ECS service doesn't exist: %s", in.String("ResourceId"))
}

// registered finds the scalable target of a request.
func (s *Sim) registered(in wire.Object) (*scalableTarget, error) {
	if svc := s.serviceOfResource(in.String("ResourceId")); svc != nil {
		if target := s.targetOf(svc); target != nil {
			return target, nil
		}
	}
	return nil, wire.Errorf("ObjectNotFoundException",
		"No scalable target registered for service namespace: %s, resource ID: %s, scalable dimension: %s",
		in.String("ServiceNamespace"), in.String("ResourceId"), in.String("ScalableDimension"))
}

func (s *Sim) registerScalableTarget(in wire.Object) (wire.Object, error) {
	svc, err := s.scaled(in)
	if err != nil {
		return nil, err
	}
	target := s.targetOf(svc)
	fresh := target == nil
	if fresh {
		target = s.newTarget(svc)
	}
	if err := target.bound(in, fresh); err != nil {
		return nil, err
	}
	target.roleARN = orElse(in.String("RoleARN"), target.roleARN)
	target.suspend(in.Object("SuspendedState"))
	if fresh {
		s.targets = append(s.targets, target)
	}
	return wire.Object{"ScalableTargetARN": target.arn}, nil
}

func (s *Sim) newTarget(svc *service) *scalableTarget {
	return &scalableTarget{
		service: svc, created: s.Now(),
		arn: s.arn("application-autoscaling", "scalable-target/"+letters(s.entropy.names, "0123456789abcdefghijklmnopqrstuvwxyz", 32)),
		roleARN: "arn:" + s.config.Partition + ":iam::" + s.config.Account + ":role/aws-service-role/" +
			"ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService",
	}
}

// bound reads the capacities; a new target needs both, a known one keeps what
// is not said.
func (t *scalableTarget) bound(in wire.Object, fresh bool) error {
	least, hasMin := in.Int("MinCapacity")
	most, hasMax := in.Int("MaxCapacity")
	if !hasMin {
		least = t.minimum
	}
	if !hasMax {
		most = t.maximum
	}
	if least < 0 || most < least || fresh && (!hasMin || !hasMax) {
		return wire.Errorf("ValidationException", "Maximum capacity cannot be less than minimum capacity, and a new target needs both.")
	}
	t.minimum, t.maximum = least, most
	return nil
}

func (t *scalableTarget) suspend(state wire.Object) {
	for key, flag := range map[string]*bool{
		"DynamicScalingInSuspended": &t.noScaleIn, "DynamicScalingOutSuspended": &t.noScaleOut, "ScheduledScalingSuspended": &t.noAt,
	} {
		if v, ok := state.Bool(key); ok {
			*flag = v
		}
	}
}

func (s *Sim) describeScalableTargets(in wire.Object) (wire.Object, error) {
	wanted := in.Strings("ResourceIds")
	found := []wire.Object{}
	for _, t := range s.targets {
		if id := s.resourceID(t.service); in.String("ServiceNamespace") == scalingNamespace && (len(wanted) == 0 || contains(wanted, id)) {
			found = append(found, wire.Object{
				"ServiceNamespace": scalingNamespace, "ResourceId": id, "ScalableDimension": scalingDimension,
				"MinCapacity": t.minimum, "MaxCapacity": t.maximum, "RoleARN": t.roleARN, "CreationTime": t.created,
				"ScalableTargetARN": t.arn,
				"SuspendedState": wire.Object{
					"DynamicScalingInSuspended": t.noScaleIn, "DynamicScalingOutSuspended": t.noScaleOut,
					"ScheduledScalingSuspended": t.noAt,
				},
			})
		}
	}
	found, next, err := page(found, in, "MaxResults", "NextToken", 50)
	if err != nil {
		return nil, err
	}
	return setToken(wire.Object{"ScalableTargets": found}, "NextToken", next), nil
}

func (s *Sim) deregisterScalableTarget(in wire.Object) (wire.Object, error) {
	target, err := s.registered(in)
	if err != nil {
		return nil, err
	}
	for _, p := range slices.Clone(s.policies) {
		if p.service == target.service {
			s.dropPolicy(p)
		}
	}
	s.targets = slices.DeleteFunc(s.targets, func(t *scalableTarget) bool { return t == target })
	return wire.Object{}, nil
}

// dropPolicy deletes a policy and the alarms that it made.
func (s *Sim) dropPolicy(p *scalingPolicy) {
	for _, a := range p.alarms {
		s.dropAlarm(a)
	}
	p.alarms = nil
	s.policies = slices.DeleteFunc(s.policies, func(other *scalingPolicy) bool { return other == p })
}

func (s *Sim) findPolicy(svc *service, name string) *scalingPolicy {
	for _, p := range s.policies {
		if p.service == svc && p.name == name {
			return p
		}
	}
	return nil
}

func (s *Sim) putScalingPolicy(in wire.Object) (wire.Object, error) {
	target, err := s.registered(in)
	if err != nil {
		return nil, err
	}
	p := s.findPolicy(target.service, in.String("PolicyName"))
	fresh := p == nil
	if fresh {
		p = &scalingPolicy{name: in.String("PolicyName"), service: target.service, created: s.Now(), kind: policyStep}
		p.arn = s.arn("autoscaling", "scalingPolicy:"+uuidOf(s.entropy.names)+":resource/ecs/"+s.resourceID(p.service)+":policyName/"+p.name)
	}
	for _, a := range p.alarms {
		s.dropAlarm(a)
	}
	p.kind = orElse(in.String("PolicyType"), p.kind)
	switch p.kind {
	case policyTargetTracking:
		p.config = in.Object("TargetTrackingScalingPolicyConfiguration")
		err = s.track(p, p.config)
	case policyStep:
		p.config = in.Object("StepScalingPolicyConfiguration")
		err = s.step(p, p.config)
	default:
		err = wire.Errorf("ValidationException", "ecssim does not model policies of type %s", p.kind)
	}
	if err != nil {
		return nil, err
	}
	if fresh {
		s.policies = append(s.policies, p)
	}
	return wire.Object{"PolicyARN": p.arn, "Alarms": p.alarmObjects()}, nil
}

func (p *scalingPolicy) alarmObjects() []wire.Object {
	out := []wire.Object{}
	for _, a := range p.alarms {
		out = append(out, wire.Object{"AlarmName": a.name, "AlarmARN": a.arn})
	}
	return out
}

func (s *Sim) describeScalingPolicies(in wire.Object) (wire.Object, error) {
	names, resource := in.Strings("PolicyNames"), in.String("ResourceId")
	found := []wire.Object{}
	for _, p := range s.policies {
		id := s.resourceID(p.service)
		if len(names) > 0 && !contains(names, p.name) || resource != "" && resource != id {
			continue
		}
		object := wire.Object{
			"PolicyARN": p.arn, "PolicyName": p.name, "ServiceNamespace": scalingNamespace, "ResourceId": id,
			"ScalableDimension": scalingDimension, "PolicyType": p.kind, "CreationTime": p.created, "Alarms": p.alarmObjects(),
		}
		object[p.kind+"PolicyConfiguration"] = p.config
		found = append(found, object)
	}
	found, next, err := page(found, in, "MaxResults", "NextToken", 50)
	if err != nil {
		return nil, err
	}
	return setToken(wire.Object{"ScalingPolicies": found}, "NextToken", next), nil
}

func (s *Sim) deleteScalingPolicy(in wire.Object) (wire.Object, error) {
	svc := s.serviceOfResource(in.String("ResourceId"))
	if p := s.findPolicy(svc, in.String("PolicyName")); p != nil {
		s.dropPolicy(p)
		return wire.Object{}, nil
	}
	return nil, wire.Errorf("ObjectNotFoundException", "No scaling policy found for %s", in.String("PolicyName"))
}

func (s *Sim) describeScalingActivities(in wire.Object) (wire.Object, error) {
	idle, _ := in.Bool("IncludeNotScaledActivities")
	found := []wire.Object{}
	for _, a := range slices.Backward(s.activities) {
		id := s.resourceID(a.service)
		if want := in.String("ResourceId"); want != "" && want != id || a.notScaled != "" && !idle {
			continue
		}
		found = append(found, a.object(id))
	}
	found, next, err := page(found, in, "MaxResults", "NextToken", 50)
	if err != nil {
		return nil, err
	}
	return setToken(wire.Object{"ScalingActivities": found}, "NextToken", next), nil
}

func (a *scalingActivity) object(resource string) wire.Object {
	out := wire.Object{
		"ActivityId": a.id, "ServiceNamespace": scalingNamespace, "ResourceId": resource, "ScalableDimension": scalingDimension,
		"Description": a.description, "Cause": a.cause, "StartTime": a.start, "EndTime": a.end, "StatusCode": a.status,
	}
	if a.statusMessage != "" {
		out["StatusMessage"] = a.statusMessage
	}
	if a.notScaled != "" {
		out["NotScaledReasons"] = []wire.Object{{"Code": a.notScaled, "MaxCapacity": a.maximum, "CurrentCapacity": a.current}}
	}
	return out
}

func (s *Sim) describeScheduledActions(wire.Object) (wire.Object, error) {
	return wire.Object{"ScheduledActions": []wire.Object{}}, nil
}
