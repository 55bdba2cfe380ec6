package ecssim

import (
	"slices"
)

// taskCounts are the scheduler's counts of the tasks of a service.
type taskCounts struct {
	total     int // wanted tasks, of any deployment
	active    int // of the PRIMARY deployment
	unhealthy int // of these, unhealthy and to be replaced
	moving    int // of these, to be replaced elsewhere
	starting  int // of these, not yet RUNNING
	healthy   int // of these, running and not failing a check
	old       int // healthy ones of older deployments
	leaving   int // of older deployments, not yet past DEACTIVATING
}

func (svc *service) countTasks(p *deployment) taskCounts {
	var c taskCounts
	apart := svc.kept() != nil // each set of tasks has its own counts
	for _, t := range svc.live {
		mine := t.deployment == p
		if !mine && t.last <= taskDeactivating {
			c.leaving++
		}
		if t.desired != taskRunning || apart && !mine {
			continue
		}
		c.total++
		switch ok := t.passing(); {
		case mine:
			c.active++
			c.unhealthy += count(t.unhealthy != nil)
			c.moving += count(t.moving != "" && t.unhealthy == nil)
			c.starting += count(t.last < taskRunning)
			c.healthy += count(ok)
		case ok:
			c.old++
		}
	}
	return c
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// pass is one pass of the service scheduler.
func (svc *service) pass() {
	p := svc.primary()
	if p == nil || svc.status == statusInactive || svc.controller == controllerExternal {
		return
	}
	p.begin()
	p = svc.primary() // begin may roll back
	svc.followInstances()
	if sets := svc.kept(); sets != nil {
		svc.keep(sets)
	} else {
		svc.replaceOld(p)
		svc.stopUnhealthyTasks(p)
		svc.stopMoved(p)
		svc.stopSurplus(p)
		svc.startTasks(p)
	}
	svc.dropDrained()
	if p.plan != nil {
		p.plan.advance()
		p = svc.primary()
	}
	svc.conclude(p)
}

// begin moves the record along: PENDING becomes IN_PROGRESS, and a requested
// rollback begins.
func (d *deployment) begin() {
	r, now := d.record, d.service.sim.Now()
	switch r.status {
	case recordPending:
		r.status, r.started, r.updated = recordInProgress, now, now
	case recordRollbackRequested:
		d.fail(causeUser, true)
	}
}

// startTasks brings the PRIMARY deployment to the desired count, within
// maximumPercent, the restart back-off and the capacity.
func (svc *service) startTasks(p *deployment) {
	c := svc.countTasks(p)
	_, most := svc.limits()
	want := min(svc.desired-(c.active-c.unhealthy-c.moving), most-c.total)
	if p.stalled || want <= 0 || svc.waitsForControlPlane() {
		return
	}
	if now := svc.sim.Now(); now.Before(svc.backoff.until) {
		svc.wakeSchedulerAt(svc.backoff.until)
		return
	}
	denied := map[string]int{}
	for range min(want, launchesPerPass) {
		if !svc.launch(p, denied) {
			svc.wakeSchedulerAt(svc.sim.Now().Add(svc.sim.config.Model.PlacementRetry))
			if len(svc.strategy) < 2 {
				return
			}
		}
	}
	if want > launchesPerPass {
		svc.wakeScheduler()
	}
}

// waitsForControlPlane reports whether the control plane starts no tasks, and
// schedules a pass for its end.
func (svc *service) waitsForControlPlane() bool {
	from := svc.sim.faults.launchesFrom
	if !svc.sim.Now().Before(from) {
		return false
	}
	svc.wakeSchedulerAt(from)
	return true
}

// replaceOld stops tasks of older deployments. It stops tasks that do not serve
// at once, the others as the new ones become healthy. If maximumPercent leaves no
// room for new tasks, it stops old ones first, down to minimumHealthyPercent.
func (svc *service) replaceOld(p *deployment) {
	if p.stalled && svc.status == statusActive {
		return
	}
	c := svc.countTasks(p)
	least, most := svc.limits()
	surplus := c.old - max(0, svc.desired-c.healthy)
	want := svc.desired - (c.active - c.unhealthy)
	crowded := min(want-max(0, most-c.total), c.healthy+c.old-least)
	healthy := min(max(surplus, crowded, 0), max(0, c.healthy+c.old-least))
	for _, t := range slices.Clone(svc.live) {
		if t.deployment == p || t.desired != taskRunning || t.isProtected() {
			continue
		}
		if t.passing() {
			if healthy == 0 {
				continue
			}
			healthy--
		}
		t.stop(stopScheduler, "Scaling activity initiated by (deployment "+p.id+")")
	}
}

// stopUnhealthyTasks stops unhealthy tasks with a healthy replacement. Without
// room for a replacement it stops one task at a time.
func (svc *service) stopUnhealthyTasks(p *deployment) {
	c := svc.countTasks(p)
	_, most := svc.limits()
	stops := min(c.unhealthy, c.healthy+c.unhealthy-svc.desired)
	if stops <= 0 && c.total >= most && c.starting == 0 {
		stops = 1
	}
	for _, t := range slices.Clone(svc.live) {
		if stops <= 0 {
			return
		}
		if t.deployment == p && t.unhealthy != nil && t.desired == taskRunning {
			stops--
			t.stopUnhealthy()
		}
	}
}

// stopSurplus is the scale-in. It stops the tasks beyond the desired count: first
// tasks that do not run yet, then the newest ones of the fullest zone.
func (svc *service) stopSurplus(p *deployment) {
	c := svc.countTasks(p)
	for surplus := c.active - c.unhealthy - c.moving - svc.desired; surplus > 0; surplus-- {
		if t := svc.victim(p); t != nil {
			t.stop(stopScheduler, "Scaling activity initiated by (deployment "+p.id+")")
		}
	}
}

func (svc *service) victim(p *deployment) *task {
	zones := map[string]int{}
	for _, t := range svc.live {
		if t.deployment == p && t.desired == taskRunning {
			zones[t.zone]++
		}
	}
	var best *task
	better := func(t *task) bool {
		if lost := t.misplaced(); lost != best.misplaced() {
			return lost
		}
		if starting := t.last < taskRunning; starting != (best.last < taskRunning) {
			return starting
		}
		return zones[t.zone] >= zones[best.zone]
	}
	for _, t := range svc.live {
		if t.deployment == p && t.desired == taskRunning && t.unhealthy == nil && t.moving == "" && !t.isProtected() && (best == nil || better(t)) {
			best = t
		}
	}
	return best
}

// dropDrained removes older deployments without live tasks.
func (svc *service) dropDrained() {
	alive := map[*deployment]bool{svc.primary(): true}
	for _, d := range svc.kept() {
		alive[d] = true
	}
	for _, t := range svc.live {
		alive[t.deployment] = true
	}
	svc.deployments = slices.DeleteFunc(svc.deployments, func(d *deployment) bool { return !alive[d] })
}

// conclude completes the rollout and announces the steady state: as many healthy
// tasks as desired, all of the PRIMARY deployment, and the old tasks drained.
func (svc *service) conclude(p *deployment) {
	if svc.status == statusDraining && len(svc.live) == 0 {
		svc.status = statusInactive
		return
	}
	c := svc.countTasks(p)
	if p.succeedsEarly(c) {
		p.complete()
	}
	if c.healthy != svc.desired || c.active != svc.desired || c.leaving > 0 || p.rollout == rolloutFailed {
		svc.steady = false
		return
	}
	if p.rollout == rolloutInProgress {
		if p.plan != nil && !p.plan.done() || p.plan == nil && !p.baked() {
			return
		}
		p.complete()
	}
	svc.watchBalance()
	if !svc.steady {
		svc.steady = true
		svc.steadyEpoch++
		svc.announceSteady(svc.steadyEpoch)
	}
}

// announceSteady emits the steady state, now and every six hours while it lasts.
func (svc *service) announceSteady(epoch int) {
	if !svc.steady || svc.steadyEpoch != epoch || svc.status != statusActive {
		return
	}
	svc.addEvent("has reached a steady state.")
	svc.sim.emitServiceAction(svc, "INFO", "SERVICE_STEADY_STATE", "")
	svc.sim.after(steadyEvery, func() { svc.announceSteady(epoch) })
}

// succeedsEarly reports whether the rolling deployment reaches its early success criteria.
// ECS then scales it to the desired count in the background. With BLOCKING, all tasks of
// older revisions are removed first.
func (d *deployment) succeedsEarly(c taskCounts) bool {
	early := d.record.rollout.early
	if d.rollout != rolloutInProgress || !early.enable || d.record.rollout.shift.shifts() || d.service.desired == 0 {
		return false
	}
	reached := c.healthy*100 >= early.percent*d.service.desired && (early.deferred || c.old+c.leaving == 0)
	return reached && d.baked()
}

// baked reports whether the bake time of the deployment's alarms is over.
func (d *deployment) baked() bool {
	config := d.record.rollout.alarms
	if !config.enable || d.record.alarmsIgnored {
		return true
	}
	now := d.service.sim.Now()
	if d.bakedAt.IsZero() {
		bake := d.record.rollout.bake
		if bake == 0 {
			bake = defaultBake
		}
		d.bakedAt = now.Add(bake)
	}
	if now.Before(d.bakedAt) {
		d.service.wakeSchedulerAt(d.bakedAt)
		return false
	}
	return true
}
