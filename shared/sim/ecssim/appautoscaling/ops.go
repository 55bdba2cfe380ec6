package appautoscaling

import (
	"cmp"
	"slices"
	"strings"

	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/wire"
)

// Operations returns the operations of the API.
func (s *Service) Operations() wire.Operations {
	return wire.Operations{
		"RegisterScalableTarget":    s.RegisterScalableTarget,
		"DescribeScalableTargets":   s.describeScalableTargets,
		"DeregisterScalableTarget":  s.deregisterScalableTarget,
		"PutScalingPolicy":          s.PutScalingPolicy,
		"DescribeScalingPolicies":   s.describeScalingPolicies,
		"DeleteScalingPolicy":       s.deleteScalingPolicy,
		"DescribeScalingActivities": s.describeScalingActivities,
		"DescribeScheduledActions":  s.describeScheduledActions,
		"PutScheduledAction":        s.putScheduledAction,
		"DeleteScheduledAction":     s.deleteScheduledAction,
		"ListTagsForResource":       s.listTags,
		"TagResource":               s.tagResource,
		"UntagResource":             s.untagResource,
	}
}

// scaled finds the service of a request; nil for a resource of another namespace.
func (s *Service) scaled(in wire.Object) (Scalable, error) {
	k := keyOf(in)
	if !strings.HasPrefix(k.dimension, k.namespace+":") || k.namespace == Namespace && !strings.HasPrefix(k.resource, "service/") {
		return nil, wire.Errorf("ValidationException", "Unsupported service namespace, resource type or scalable dimension")
	}
	if k.namespace != Namespace {
		return nil, nil
	}
	if svc := s.ecs.Find(k.resource); svc != nil {
		return svc, nil
	}
	return nil, wire.Errorf("ValidationException", "ECS service doesn't exist: %s", k.resource)
}

// find returns the scalable target of a request, or nil.
func (s *Service) find(in wire.Object) *target {
	k := keyOf(in)
	if k.namespace == Namespace {
		if svc := s.ecs.Find(k.resource); svc != nil && k.dimension == Dimension {
			return s.targetOf(svc)
		}
		return nil
	}
	for _, t := range s.targets {
		if t.key == k {
			return t
		}
	}
	return nil
}

// registered finds the scalable target of a request.
func (s *Service) registered(in wire.Object) (*target, error) {
	if t := s.find(in); t != nil {
		return t, nil
	}
	return nil, wire.Errorf("ObjectNotFoundException",
		"No scalable target registered for service namespace: %s, resource ID: %s, scalable dimension: %s",
		in.String("ServiceNamespace"), in.String("ResourceId"), in.String("ScalableDimension"))
}

// RegisterScalableTarget registers a service, or changes its bounds.
func (s *Service) RegisterScalableTarget(in wire.Object) (wire.Object, error) {
	svc, err := s.scaled(in)
	if err != nil {
		return nil, err
	}
	t := s.find(in)
	fresh := t == nil
	if fresh {
		t = s.newTarget(keyOf(in), svc)
	}
	if err := t.bound(in, fresh); err != nil {
		return nil, err
	}
	t.roleARN = cmp.Or(in.String("RoleARN"), t.roleARN)
	t.suspend(in.Object("SuspendedState"))
	t.tag(in.Object("Tags"))
	if fresh {
		s.targets = append(s.targets, t)
	}
	return wire.Object{"ScalableTargetARN": t.arn}, nil
}

func (s *Service) newTarget(of key, svc Scalable) *target {
	return &target{
		key: of, service: svc, tags: map[string]string{}, created: s.account.Now(),
		arn: s.account.ARN("application-autoscaling", "scalable-target/"+account.Letters(s.account.Names, "0123456789abcdefghijklmnopqrstuvwxyz", 32)),
		roleARN: s.account.Role("aws-service-role/ecs.application-autoscaling.amazonaws.com/" +
			"AWSServiceRoleForApplicationAutoScaling_ECSService"),
	}
}

// bound reads the capacities. A new target needs both; a registered target keeps
// a capacity that the request omits.
func (t *target) bound(in wire.Object, fresh bool) error {
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

func (t *target) suspend(state wire.Object) {
	set := func(key string, flag *bool) {
		if v, ok := state.Bool(key); ok {
			*flag = v
		}
	}
	set("DynamicScalingInSuspended", &t.noScaleIn)
	set("DynamicScalingOutSuspended", &t.noScaleOut)
	set("ScheduledScalingSuspended", &t.noAt)
}

func (s *Service) describeScalableTargets(in wire.Object) (wire.Object, error) {
	wanted := in.Strings("ResourceIds")
	found := []wire.Object{}
	for _, t := range s.targets {
		if t.fits(in) && (len(wanted) == 0 || slices.Contains(wanted, t.resource)) {
			found = append(found, wire.Object{
				"ServiceNamespace": t.namespace, "ResourceId": t.resource, "ScalableDimension": t.dimension,
				"MinCapacity": t.minimum, "MaxCapacity": t.maximum, "RoleARN": t.roleARN, "CreationTime": t.created,
				"ScalableTargetARN": t.arn,
				"SuspendedState": wire.Object{
					"DynamicScalingInSuspended": t.noScaleIn, "DynamicScalingOutSuspended": t.noScaleOut,
					"ScheduledScalingSuspended": t.noAt,
				},
			})
		}
	}
	found, next, err := wire.Page(found, in, "MaxResults", "NextToken", describeLimit)
	if err != nil {
		return nil, err
	}
	return wire.SetToken(wire.Object{"ScalableTargets": found}, "NextToken", next), nil
}

func (s *Service) deregisterScalableTarget(in wire.Object) (wire.Object, error) {
	t, err := s.registered(in)
	if err != nil {
		return nil, err
	}
	for _, p := range slices.Clone(s.policies) {
		if p.service == t.service {
			s.dropPolicy(p)
		}
	}
	s.actions = slices.DeleteFunc(s.actions, func(a *scheduledAction) bool { return a.on == t })
	s.targets = slices.DeleteFunc(s.targets, func(other *target) bool { return other == t })
	return wire.Object{}, nil
}

// dropPolicy deletes a policy and the alarms that it made.
func (s *Service) dropPolicy(p *policy) {
	for _, a := range p.alarms {
		s.alarms.Drop(a)
	}
	p.alarms = nil
	s.policies = slices.DeleteFunc(s.policies, func(other *policy) bool { return other == p })
}

func (s *Service) findPolicy(svc Scalable, name string) *policy {
	for _, p := range s.policies {
		if p.service == svc && p.name == name {
			return p
		}
	}
	return nil
}

// PutScalingPolicy puts a target-tracking or a step policy.
func (s *Service) PutScalingPolicy(in wire.Object) (wire.Object, error) {
	t, err := s.registered(in)
	if err != nil {
		return nil, err
	}
	if t.service == nil {
		return nil, wire.Errorf("ValidationException", "ecssim does not model policies of the namespace %s", t.namespace)
	}
	p := s.findPolicy(t.service, in.String("PolicyName"))
	fresh := p == nil
	if fresh {
		p = &policy{name: in.String("PolicyName"), service: t.service, created: s.account.Now(), kind: stepScaling}
		p.arn = s.account.ARN("autoscaling", "scalingPolicy:"+account.UUID(s.account.Names)+":resource/ecs/"+p.service.ResourceID()+":policyName/"+p.name)
	}
	for _, a := range p.alarms {
		s.alarms.Drop(a)
	}
	p.kind = cmp.Or(in.String("PolicyType"), p.kind)
	switch p.kind {
	case targetTracking:
		p.config = in.Object("TargetTrackingScalingPolicyConfiguration")
		err = s.track(p, p.config)
	case stepScaling:
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

func (p *policy) alarmObjects() []wire.Object {
	out := []wire.Object{}
	for _, a := range p.alarms {
		out = append(out, wire.Object{"AlarmName": a.Name(), "AlarmARN": a.ARN()})
	}
	return out
}

func (s *Service) describeScalingPolicies(in wire.Object) (wire.Object, error) {
	names := in.Strings("PolicyNames")
	found := []wire.Object{}
	for _, p := range s.policies {
		id := p.service.ResourceID()
		if len(names) > 0 && !slices.Contains(names, p.name) || !serviceKey(id).fits(in) {
			continue
		}
		object := wire.Object{
			"PolicyARN": p.arn, "PolicyName": p.name, "ServiceNamespace": Namespace, "ResourceId": id,
			"ScalableDimension": Dimension, "PolicyType": p.kind, "CreationTime": p.created, "Alarms": p.alarmObjects(),
		}
		object[p.kind+"PolicyConfiguration"] = p.config
		found = append(found, object)
	}
	found, next, err := wire.Page(found, in, "MaxResults", "NextToken", describeLimit)
	if err != nil {
		return nil, err
	}
	return wire.SetToken(wire.Object{"ScalingPolicies": found}, "NextToken", next), nil
}

func (s *Service) deleteScalingPolicy(in wire.Object) (wire.Object, error) {
	svc := s.ecs.Find(in.String("ResourceId"))
	if p := s.findPolicy(svc, in.String("PolicyName")); p != nil {
		s.dropPolicy(p)
		return wire.Object{}, nil
	}
	return nil, wire.Errorf("ObjectNotFoundException", "No scaling policy found for %s", in.String("PolicyName"))
}

func (s *Service) describeScalingActivities(in wire.Object) (wire.Object, error) {
	idle, _ := in.Bool("IncludeNotScaledActivities")
	found := []wire.Object{}
	for _, a := range slices.Backward(s.activities) {
		id := a.service.ResourceID()
		if !serviceKey(id).fits(in) || a.notScaled != "" && !idle {
			continue
		}
		found = append(found, a.object())
	}
	found, next, err := wire.Page(found, in, "MaxResults", "NextToken", describeLimit)
	if err != nil {
		return nil, err
	}
	return wire.SetToken(wire.Object{"ScalingActivities": found}, "NextToken", next), nil
}

// serviceKey returns the key of a service's target.
func serviceKey(resource string) key { return key{Namespace, resource, Dimension} }
