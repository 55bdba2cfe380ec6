package baseline

import (
	"homeostat/shared/sim/workload"
)

// target is the state of a scalable target of Application Auto Scaling.
type target struct {
	outCooldown, inCooldown int // seconds
	// restart lets a scale-out within the cooldown of another one start from the
	// running tasks. Otherwise it starts from the same count as that one.
	restart   bool
	deploying func(second int) bool
	// floor is a second minimum besides that of the service.
	floor int

	outAt, inAt int // seconds of the last activities
	from, count int // start and result of the last scale-out
}

func newTarget() target { return target{outAt: never, inAt: never} }

func (t *target) coolingOut(s *workload.Sim) bool { return s.Second()-t.outAt < t.outCooldown }

// current returns the starting point of a policy: the running tasks, not the
// desired count (ECS developer guide, service-auto-scaling, considerations). Within
// the cooldown of a scale-out it returns the start of that one, because the new
// tasks count towards the next one.
func (t *target) current(s *workload.Sim) int {
	if t.coolingOut(s) && !t.restart {
		return min(s.Running(), t.from)
	}
	return s.Running()
}

func (t *target) bounded(s *workload.Sim, n int) int {
	return min(max(n, s.Service.Min, t.floor), s.Service.Max)
}

// scaleOut raises the desired count and ends the cooldown of a scale-in. Within the
// cooldown of another scale-out, only a larger one passes.
func (t *target) scaleOut(s *workload.Sim, from, wanted int) {
	count := t.bounded(s, wanted)
	if count <= s.Desired() || (t.coolingOut(s) && count <= t.count) {
		return
	}
	t.outAt, t.inAt, t.from, t.count = s.Second(), never, from, count
	s.SetDesired(count)
}

// scaleIn lowers the desired count, except within a cooldown or a deployment.
func (t *target) scaleIn(s *workload.Sim, wanted int) {
	count := t.bounded(s, wanted)
	cooling := t.coolingOut(s) || s.Second()-t.inAt < t.inCooldown
	if count >= s.Desired() || cooling || (t.deploying != nil && t.deploying(s.Second())) {
		return
	}
	t.inAt = s.Second()
	s.SetDesired(count)
}
