package ecssim

import "time"

// watchHealth schedules the health checks of a task that has begun to run.
func (t *task) watchHealth() {
	e, b := t.sim.entropy, &t.behaviour
	fails := e.happens(b.Health.FailProbability) || t.failsCheckByDefect()
	never := fails && b.Health.FailAfter.Median <= 0
	if !never {
		t.later(b.Health.Delay.draw(e)+t.firstCheck(), t.pass)
	}
	if fails && !never {
		t.later(b.Health.FailAfter.draw(e), t.fail)
	}
	if t.checked() {
		t.later(max(elbDetect, 2*b.Health.Interval, t.grace()), func() {
			if !t.everReady {
				t.fail()
			}
		})
	}
}

// firstCheck returns the wait of a new target for the load balancer's check.
func (t *task) firstCheck() time.Duration {
	interval := t.behaviour.Health.Interval
	if interval <= 0 || t.service == nil || !t.service.balanced() {
		return 0
	}
	return time.Duration(t.sim.entropy.chance.Int64N(int64(interval)))
}

// grace returns the grace period after RUNNING. The scheduler ignores failing checks
// in it.
func (t *task) grace() time.Duration {
	grace := time.Duration(0)
	if t.service != nil {
		grace = t.service.grace
	}
	for _, c := range t.td.containers {
		grace = max(grace, c.startPeriod)
	}
	return grace
}

// pass marks the task as ready, at its first passed check.
func (t *task) pass() {
	if t.last != taskRunning || t.failing {
		return
	}
	t.change(func() { t.ready, t.everReady, t.healthy = true, true, t.sim.Now() })
	if t.afterPass != nil {
		t.afterPass()
	}
	if t.service != nil {
		if t.checked() {
			t.deployment.breakerHealthy()
		}
		t.service.wakeScheduler()
	}
}

// fail fails the task's health check for good. The scheduler acts on it after the
// grace period.
func (t *task) fail() {
	if t.last != taskRunning || t.failing {
		return
	}
	t.change(func() { t.ready, t.failing = false, true })
	if t.service == nil || !t.checked() {
		return
	}
	if wait := t.started.Add(t.grace()).Sub(t.sim.Now()); wait > 0 {
		t.later(wait, t.markUnhealthy)
		return
	}
	t.markUnhealthy()
}

// markUnhealthy marks the task for replacement.
func (t *task) markUnhealthy() {
	if t.unhealthy {
		return
	}
	svc := t.service
	t.change(func() { t.unhealthy = true })
	if groups := svc.targetGroups(); len(groups) > 0 {
		svc.addEvent("(port 80) is unhealthy in (target-group " + groups[0] + ") due to (reason Health checks failed)")
	} else {
		svc.addEvent("(task " + t.id + ") failed container health checks.")
	}
	svc.wakeScheduler()
}

// stopUnhealthy stops an unhealthy task. The circuit breaker counts it in its
// second stage.
func (t *task) stopUnhealthy() {
	reason := "Task failed container health checks"
	if groups := t.service.targetGroups(); len(groups) > 0 {
		reason = "Task failed ELB health checks in (target-group " + groups[0] + ")"
	} else if t.service.balanced() {
		reason = "Task failed ELB health checks in (elb " + t.service.setup.Objects("loadBalancers")[0].String("loadBalancerName") + ")"
	}
	t.writeLastLines()
	t.stop(stopScheduler, reason)
	t.failed()
	t.deployment.breakerCounts()
}
