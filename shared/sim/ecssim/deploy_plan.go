package ecssim

import (
	"slices"
	"time"
)

// plan is the sequence of lifecycle stages of a deployment, with its blue set of
// tasks. A rolling deployment without hooks has no plan. A first deployment and a
// rollback have none either.
type plan struct {
	green, blue *deployment
	steps       []step
	at          int
	until       time.Time // end of the step's time
	asked       bool      // the hooks of the step have started
	waiting     *hook
	hooks       []*hook
}

// newPlan returns the plan of a new deployment, or nil if it needs none.
func (svc *service) newPlan(d *deployment) *plan {
	config := d.record.rollout
	if !config.shift.shifts() && len(config.shift.hooks) == 0 {
		return nil
	}
	blue := svc.standing(d)
	if blue == nil {
		return nil
	}
	bake := config.bake
	if config.shift.shifts() && !config.bakeSaid {
		bake = shiftBake
	}
	return &plan{green: d, blue: blue, steps: config.shift.steps(bake, svc.waits())}
}

// waits returns the waits of a deployment for the traffic to follow.
func (svc *service) waits() waits {
	if svc.lattice() {
		return waits{scaledUp: latticeScaledUp, shifted: latticeShifted}
	}
	return waits{shifted: shiftTime}
}

// standing returns the completed deployment below another one.
func (svc *service) standing(above *deployment) *deployment {
	for _, d := range svc.deployments {
		if d != above && d.rollout == rolloutCompleted {
			return d
		}
	}
	return nil
}

func (p *plan) stage() string { return p.steps[p.at].stage }

// weight returns the green share of production traffic, in percent.
func (p *plan) weight() float64 { return p.steps[p.at].weight }

// before reports whether a stage is still ahead.
func (p *plan) before(stage string) bool {
	return slices.ContainsFunc(p.steps[p.at+1:], func(s step) bool { return s.stage == stage })
}

// shifting reports whether both sets of tasks run and share the traffic.
func (p *plan) shifting() bool {
	return p.green.record.rollout.shift.shifts() && p.stage() != stageCleanUp
}

// done reports whether all stages have passed.
func (p *plan) done() bool { return p.at == len(p.steps)-1 && p.asked }

// kept returns the deployments that keep their own desired count side by side. It
// returns none while the ordinary rules apply, as in a service that drains.
func (svc *service) kept() []*deployment {
	p := svc.primary()
	switch {
	case p == nil || p.plan == nil || svc.status != statusActive:
		return nil
	case p.plan.before(stageScaleUp):
		return []*deployment{p.plan.blue}
	case p.plan.shifting():
		return []*deployment{p, p.plan.blue}
	}
	return nil
}

// keep brings each set of tasks to the desired count and stops the tasks of other
// deployments.
func (svc *service) keep(sets []*deployment) {
	for _, d := range sets {
		svc.stopUnhealthyTasks(d)
		svc.stopMoved(d)
		svc.stopSurplus(d)
		svc.startTasks(d)
	}
	p := svc.primary()
	for _, t := range slices.Clone(svc.live) {
		if t.desired == taskRunning && !t.isProtected() && !slices.Contains(sets, t.deployment) {
			t.stop(stopScheduler, "Scaling activity initiated by (deployment "+p.id+")")
		}
	}
}

// advance moves from stage to stage, as far as possible.
func (p *plan) advance() {
	svc := p.green.service
	for p.green.rollout == rolloutInProgress && p.stepDone() {
		if p.at == len(p.steps)-1 {
			return
		}
		svc.accrue()
		p.at++
		p.blue.dark = p.shifted() && p.stage() == stageCleanUp
		p.until, p.asked = time.Time{}, false
		p.green.record.updated = svc.sim.Now()
		svc.recount()
		svc.wakeScheduler()
	}
}

// stepDone reports whether the hooks of the step have answered and its tasks are
// ready.
func (p *plan) stepDone() bool {
	if !p.asked {
		p.asked = true
		p.ask()
	}
	if p.waiting != nil {
		return false
	}
	svc := p.green.service
	switch p.stage() {
	case stageScaleUp:
		c := svc.countTasks(p.green)
		rolled := p.green.record.rollout.shift.shifts() || c.leaving == 0
		return c.healthy == svc.desired && c.active == svc.desired && rolled
	case stageBake:
		if !p.shifted() {
			return p.green.baked()
		}
	}
	return p.waited(p.steps[p.at].bake)
}

// rolling reports whether blue tasks have already been replaced.
func (p *plan) rolling() bool {
	return p.stage() == stageCleanUp || !p.shifted() && !p.before(stageScaleUp)
}

func (p *plan) shifted() bool { return p.green.record.rollout.shift.shifts() }

// waited reports whether a time since the start of the step is over.
func (p *plan) waited(d time.Duration) bool {
	now := p.green.service.sim.Now()
	if p.until.IsZero() {
		p.until = now.Add(d)
	}
	if now.Before(p.until) {
		p.green.service.wakeSchedulerAt(p.until)
		return false
	}
	return true
}

// takeBack makes the running blue set PRIMARY again. The traffic goes back at
// once, and the green tasks stop.
func (svc *service) takeBack(blue *deployment, record *serviceDeployment, reason string) {
	svc.accrue()
	if i := slices.Index(svc.completed, blue); i >= 0 {
		svc.completed = slices.Delete(svc.completed, i, i+1)
	}
	rev, now := blue.revision, svc.sim.Now()
	svc.setup, svc.strategy, svc.launchType = rev.setup, rev.strategy, rev.launchType
	svc.deployments = slices.DeleteFunc(svc.deployments, func(d *deployment) bool { return d == blue })
	svc.deployments = slices.Insert(svc.deployments, 0, blue)
	blue.record, blue.plan, blue.rollout, blue.reason, blue.updated = record, nil, rolloutInProgress, reason, now
	blue.dark, record.subject.dark = false, true
	blue.bakedAt, blue.failed, blue.failures, svc.steady = time.Time{}, 0, 0, false
	svc.recount()
	svc.sim.emitDeployment(blue, "INFO", "SERVICE_DEPLOYMENT_IN_PROGRESS", reason)
	svc.wakeScheduler()
}
