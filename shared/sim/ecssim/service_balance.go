package ecssim

import (
	"slices"
)

const drainingReason = "container instance is in DRAINING state"

// move marks a running task for replacement. The scheduler first starts another
// task if maximumPercent leaves room, and then stops this one with the reason.
func (t *task) move(reason string) {
	if t.moving != "" || t.service == nil || t.desired != taskRunning {
		return
	}
	if t.last < taskRunning { // no wait for a task that does not run yet
		t.stop(stopScheduler, reason)
		return
	}
	t.moving = reason
	t.service.steady = false
	t.service.wakeScheduler()
}

// stopMoved stops marked tasks with a healthy replacement. Without room for a
// replacement it stops as many as minimumHealthyPercent allows.
func (svc *service) stopMoved(p *deployment) {
	c := svc.countTasks(p)
	if c.moving == 0 {
		return
	}
	least, most := svc.limits()
	stops := c.healthy - svc.desired
	if stops <= 0 && c.total >= most && c.starting == 0 {
		stops = c.healthy + c.old - least
	}
	for _, t := range slices.Clone(svc.live) {
		if stops <= 0 {
			return
		}
		if t.deployment == p && t.moving != "" && t.desired == taskRunning {
			stops--
			t.stop(stopScheduler, t.moving)
		}
	}
}

// watchBalance compares the Availability Zones of a steady service, and moves one
// task after another until they are even. A service with an even spread costs one
// count.
func (svc *service) watchBalance() {
	if svc.rebalancing != rebalancingOn || svc.balanceAt {
		return
	}
	if !svc.uneven() {
		svc.endRebalance()
		return
	}
	svc.balanceAt = true
	svc.sim.after(rebalanceAfter, func() {
		svc.balanceAt = false
		if !svc.steady || svc.status != statusActive || svc.rebalancing != rebalancingOn || !svc.uneven() {
			return
		}
		if !svc.rebalances {
			svc.rebalances = true
			svc.sim.emitServiceAction(svc, "INFO", "SERVICE_REBALANCING_STARTED", "")
		}
		full, _ := svc.spread()
		if t := svc.newestIn(full); t != nil {
			t.move("Availability-zone rebalancing initiated by (deployment " + svc.primary().id + ")")
		}
	})
}

// endRebalance ends a rebalancing that has reached its goal.
func (svc *service) endRebalance() {
	if svc.rebalances {
		svc.rebalances = false
		svc.sim.emitServiceAction(svc, "INFO", "SERVICE_REBALANCING_COMPLETED", "")
	}
}

// uneven reports whether moving a task helps, and whether the service has room
// for it: a maximumPercent above 100 that allows one more task.
func (svc *service) uneven() bool {
	if _, most := svc.limits(); most <= svc.desired {
		return false
	}
	_, gap := svc.spread()
	return gap > 1
}

// spread returns the zone with the most running tasks, and its lead over the zone
// with the fewest, among the zones with capacity.
func (svc *service) spread() (full string, gap int) {
	most, fewest := 0, -1
	for _, zone := range svc.zones() {
		n := 0
		for _, t := range svc.live {
			n += count(t.zone == zone && t.desired == taskRunning)
		}
		if full == "" || n > most {
			full, most = zone, n
		}
		if fewest < 0 || n < fewest {
			fewest = n
		}
	}
	return full, most - fewest
}

func (svc *service) newestIn(zone string) *task {
	for _, t := range slices.Backward(svc.live) {
		if t.zone == zone && t.last == taskRunning && t.desired == taskRunning && t.moving == "" {
			return t
		}
	}
	return nil
}
