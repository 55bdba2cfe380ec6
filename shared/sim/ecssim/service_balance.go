package ecssim

import (
	"slices"

	"homeostat/shared/sim/ecssim/placement"
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

// The scheduling strategies.
const (
	schedulingReplica = "REPLICA"
	schedulingDaemon  = "DAEMON"
)

func (svc *service) scheduling() string {
	if svc.daemon {
		return schedulingDaemon
	}
	return schedulingReplica
}

// followInstances sets the desired count of a daemon service: one task on each
// ACTIVE instance that its constraints permit. AWS: developer guide, "Daemon
// scheduling strategy".
func (svc *service) followInstances() {
	if !svc.daemon || svc.status != statusActive {
		return
	}
	n := 0
	for _, i := range svc.cluster.instances {
		n += count(i.status == statusActive && svc.permits(i))
	}
	svc.setDesired(n)
}

// permits reports whether the constraints of the service allow the instance, other
// tasks of the service left aside.
func (svc *service) permits(i *instance) bool {
	h := svc.cluster.host(i, "")
	return svc.rules.Allows(&h)
}

// misplaced reports whether a task of a daemon service is on an instance that is not
// ACTIVE.
func (t *task) misplaced() bool {
	return t.service != nil && t.service.daemon && t.host != nil && t.host.status != statusActive
}

// wakeDaemons runs the scheduler of the daemon services of the cluster.
func (c *cluster) wakeDaemons() {
	for _, svc := range c.services {
		if svc.daemon {
			svc.wakeScheduler()
		}
	}
}

// ofTask returns the rules for the next task of the service. A daemon has one task on
// an instance.
func (svc *service) ofTask() placement.Rules {
	if svc.daemon {
		return svc.rules.Distinct()
	}
	return svc.rules
}
