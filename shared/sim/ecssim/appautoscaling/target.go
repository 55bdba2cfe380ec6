package appautoscaling

import (
	"time"

	"homeostat/shared/sim/ecssim/cloudwatch"
	"homeostat/shared/sim/ecssim/wire"
)

// target is a resource that Application Auto Scaling may scale. A target of another
// namespace than ECS is kept, and nothing scales it.
type target struct {
	key
	service                     Scalable // nil for another namespace
	tags                        map[string]string
	arn, roleARN                string
	minimum, maximum            int
	created                     time.Time
	noScaleIn, noScaleOut, noAt bool // SuspendedState

	lastOut, lastIn time.Time
	lastFrom        int // count before the last scale-out
	lastCount       int // count after it
}

// key identifies a target.
type key struct{ namespace, resource, dimension string }

func keyOf(in wire.Object) key {
	return key{in.String("ServiceNamespace"), in.String("ResourceId"), in.String("ScalableDimension")}
}

// fits reports whether the key fits the filters of a request. A filter that is absent
// fits every key.
func (k key) fits(in wire.Object) bool {
	for want, have := range map[string]string{"ServiceNamespace": k.namespace, "ResourceId": k.resource, "ScalableDimension": k.dimension} {
		if text := in.String(want); text != "" && text != have {
			return false
		}
	}
	return true
}

func (s *Service) targetOf(of Scalable) *target {
	for _, t := range s.targets {
		if t.service == of {
			return t
		}
	}
	return nil
}

// Act runs the policy of an ARN for its alarm.
func (s *Service) Act(arn string, a *cloudwatch.Alarm, seen cloudwatch.View) {
	for _, p := range s.policies {
		if p.arn == arn {
			s.scaleBy(p, a, seen)
			return
		}
	}
}

// scaleBy runs a policy for its alarm. It starts from the running count, so that
// starting tasks do not count; from 0 tasks it adds the minimum. During the
// cooldown of a scale-out it starts from the same count as that scale-out. The
// tasks that the first scale-out added are then a part of the new step.
func (s *Service) scaleBy(p *policy, a *cloudwatch.Alarm, seen cloudwatch.View) {
	t := s.targetOf(p.service)
	value, known := seen.Latest()
	if t == nil || !known || !p.service.Active() {
		return
	}
	_, current := p.service.Counts()
	if s.account.Now().Sub(t.lastOut) < p.outCooldown {
		current = min(current, t.lastFrom)
	}
	wanted := p.wanted(current, value, a)
	switch {
	case wanted > current && a != p.low():
		s.scaleOut(t, p, a, current, wanted)
	case wanted < current && p.scalesIn && a != p.high() && s.allScaleIn(p):
		s.scaleIn(t, p, a, wanted)
	}
}

// allScaleIn reports whether every other policy allows the scale-in.
func (s *Service) allScaleIn(p *policy) bool {
	for _, other := range s.policies {
		if other.service == p.service && other != p && other.scalesIn && other.low() != nil && !other.low().InAlarm() {
			return false
		}
	}
	return true
}

// scaleOut raises the desired count to the wanted count, within the bounds.
func (s *Service) scaleOut(t *target, p *policy, a *cloudwatch.Alarm, from, wanted int) {
	now, desired := s.account.Now(), min(max(wanted, t.minimum), t.maximum)
	if old, _ := t.service.Counts(); desired <= old {
		if wanted > t.maximum && old >= t.maximum {
			s.notScaled(t, a, "AlreadyAtMaxCapacity")
		}
		return
	}
	if t.noScaleOut || t.coolingOut(now, p, desired) {
		return
	}
	t.lastOut, t.lastFrom, t.lastCount = now, from, desired
	s.setDesired(t, causeOf(a, p), desired)
}

// scaleIn lowers the desired count. It does nothing during deployments.
func (s *Service) scaleIn(t *target, p *policy, a *cloudwatch.Alarm, wanted int) {
	now, desired := s.account.Now(), min(max(wanted, t.minimum), t.maximum)
	old, _ := t.service.Counts()
	if desired >= old || t.service.Deploying() || t.noScaleIn || t.coolingIn(now, p) {
		return
	}
	t.lastIn = now
	s.setDesired(t, causeOf(a, p), desired)
}

// coolingOut reports whether a scale-out has to wait. A larger scale-out
// interrupts the cooldown of the last one.
func (t *target) coolingOut(now time.Time, p *policy, count int) bool {
	return now.Sub(t.lastOut) < p.outCooldown && count <= t.lastCount
}

// coolingIn reports whether a scale-in has to wait for a cooldown of either
// direction.
func (t *target) coolingIn(now time.Time, p *policy) bool {
	return now.Sub(t.lastOut) < p.outCooldown || now.Sub(t.lastIn) < p.cooldown
}
