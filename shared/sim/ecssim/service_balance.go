package ecssim

import (
	"slices"
)

const drainingReason = "container instance is in DRAINING state"

// move marks a sound task for replacement: another is started first, where
// maximumPercent leaves room, and then it is stopped for this reason.
func (t *task) move(reason string) {
	if t.moving != "" || t.service == nil || t.desired != taskRunning {
		return
	}
	if t.last < taskRunning { // what has not begun to run is not waited for
		t.stop(stopScheduler, reason)
		return
	}
	t.moving = reason
	t.service.steady = false
	t.service.wakeScheduler()
}

// stopMoved stops tasks that are to move whose replacement is healthy. Where
// there is no room for a replacement it stops as many as minimumHealthyPercent
// allows.
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

// watchBalance looks at the spread over the Availability Zones of a service
// that is steady, and moves one task after the other until it is even. A
// service that is not spread unevenly costs one count.
func (svc *service) watchBalance() {
	if svc.rebalancing != rebalancingOn || svc.balanceAt {
		return
	}
	if !svc.uneven() {
		svc.settleBalance()
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

// settleBalance ends a rebalancing that has reached its goal.
func (svc *service) settleBalance() {
	if svc.rebalances {
		svc.rebalances = false
		svc.sim.emitServiceAction(svc, "INFO", "SERVICE_REBALANCING_COMPLETED", "")
	}
}

// uneven reports whether moving a task would help, and whether the service has
// room to: maximumPercent above 100 that allows one task more.
func (svc *service) uneven() bool {
	if _, most := svc.limits(); most <= svc.desired {
		return false
	}
	_, gap := svc.spread()
	return gap > 1
}

// spread is the zone with the most running tasks, and how many more it has than
// the one with the fewest of those that have capacity.
func (svc *service) spread() (full string, gap int) {
	most, fewest := 0, -1
	for _, zone := range svc.sim.zones() {
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
