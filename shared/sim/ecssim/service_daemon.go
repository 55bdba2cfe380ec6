package ecssim

import "homeostat/shared/sim/ecssim/placement"

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
