package baseline

import (
	"homeostat/shared/sim/workload"
)

// target is a scalable target: what Application Auto Scaling remembers of a
// service.
type target struct {
	outCooldown, inCooldown int // seconds
	// restart counts what runs by now as the beginning of a scale-out that falls
	// into the cooldown of another; otherwise it is where that one began.
	restart   bool
	deploying func(second int) bool
	// floor is a minimum besides that of the service.
	floor int

	outAt, inAt int // seconds of the last activities
	from, count int // where the last scale-out began, and what it set
}

func newTarget() target { return target{outAt: never, inAt: never} }

func (t *target) coolingOut(s *workload.Sim) bool { return s.Second()-t.outAt < t.outCooldown }

// current is where a policy begins to count: from the tasks that run ("the
// actual running task count in a service is the value that Service Auto Scaling
// uses as its starting point, as opposed to the desired count"). During the
// cooldown of a scale-out it is where that one began: what was added then is
// part of what is added now.
func (t *target) current(s *workload.Sim) int {
	if t.coolingOut(s) && !t.restart {
		return min(s.Running(), t.from)
	}
	return s.Running()
}

func (t *target) bounded(s *workload.Sim, n int) int {
	return min(max(n, s.Service.Min, t.floor), s.Service.Max)
}

// scaleOut raises the desired count. During the cooldown of another scale-out
// only a larger one passes. It ends the cooldown of a scale-in.
func (t *target) scaleOut(s *workload.Sim, from, wanted int) {
	count := t.bounded(s, wanted)
	if count <= s.Desired() || (t.coolingOut(s) && count <= t.count) {
		return
	}
	t.outAt, t.inAt, t.from, t.count = s.Second(), never, from, count
	s.SetDesired(count)
}

// scaleIn lowers the desired count, unless something cools down or is deployed.
func (t *target) scaleIn(s *workload.Sim, wanted int) {
	count := t.bounded(s, wanted)
	cooling := t.coolingOut(s) || s.Second()-t.inAt < t.inCooldown
	if count >= s.Desired() || cooling || (t.deploying != nil && t.deploying(s.Second())) {
		return
	}
	t.inAt = s.Second()
	s.SetDesired(count)
}
