package ecssim

import "time"

// healthCheck is one check of a task and its result: the container's own check, or
// the target group's.
type healthCheck struct {
	balancer bool
	interval time.Duration
	// failures is the number of failed probes in a row that make it unhealthy, and
	// lasts the time of one failed probe.
	failures int
	lasts    time.Duration
	// first is the first probe. Failed probes before counted do not count.
	first, counted time.Time
	// grace is the end of the time in which the scheduler ignores a failed check.
	grace          time.Time
	passed, failed bool
}

// watchHealth schedules the health checks of a task that has begun to run.
func (t *task) watchHealth() {
	e, b := t.sim.entropy, &t.behaviour
	fails := e.happens(b.Health.FailProbability) || t.failsCheckByDefect()
	never := fails && b.Health.FailAfter.Median <= 0
	t.checks = t.newChecks()
	if !never {
		t.later(b.Health.Delay.draw(e), t.answer)
	}
	if fails && !never {
		t.later(b.Health.FailAfter.draw(e), t.fail)
	}
	for _, c := range t.checks {
		t.probeUntilFailed(c, c.first, func() bool { return !t.answers && !c.passed })
	}
	if len(t.checks) == 0 {
		t.later(uncheckedWait, t.becomeHealthy)
	}
}

// newChecks returns the checks of the task. The probes of a target group begin at
// any moment of its interval. Those of a container begin one interval after the
// start (Docker's documentation of HEALTHCHECK).
func (t *task) newChecks() []*healthCheck {
	var checks []*healthCheck
	grace := t.started
	if t.service != nil {
		grace = t.started.Add(t.service.grace)
	}
	if t.service != nil && t.service.balanced() {
		interval := t.behaviour.Health.Interval
		first := t.started.Add(time.Duration(t.sim.entropy.chance.Int64N(int64(interval))))
		checks = append(checks, &healthCheck{balancer: true, interval: interval, failures: unhealthyThreshold, first: first, grace: grace})
	}
	if spec := t.td.check(); spec != nil {
		c := &healthCheck{
			interval: spec.interval, failures: spec.retries, grace: grace,
			first: t.started.Add(spec.interval), counted: t.started.Add(spec.startPeriod),
		}
		if t.behaviour.Health.Hangs {
			c.lasts = spec.timeout
		}
		checks = append(checks, c)
	}
	return checks
}

// next returns the first probe at or after an instant.
func (c *healthCheck) next(at time.Time) time.Time {
	if !at.After(c.first) {
		return c.first
	}
	missed := at.Sub(c.first) + c.interval - 1
	return c.first.Add(missed / c.interval * c.interval)
}

// probeUntilFailed fails a check once all its probes from an instant on have
// failed, if still holds then.
func (t *task) probeUntilFailed(c *healthCheck, from time.Time, still func() bool) {
	first := c.next(from)
	for !first.After(c.counted) && !c.counted.IsZero() {
		first = first.Add(c.interval)
	}
	last := first.Add(time.Duration(c.failures-1) * (c.interval + c.lasts)).Add(c.lasts)
	t.later(last.Sub(t.sim.Now()), func() {
		if still() && t.last == taskRunning {
			t.failCheck(c)
		}
	})
}

// answer marks the application as able to serve. Its checks pass at their next
// probe. A target that was unhealthy before needs several.
func (t *task) answer() {
	if t.last != taskRunning || t.failing {
		return
	}
	t.change(func() { t.answers = true })
	now := t.sim.Now()
	for _, c := range t.checks {
		wait := c.next(now).Sub(now)
		if c.failed && c.balancer {
			wait += (healthyThreshold - 1) * c.interval
		}
		t.later(wait, func() { t.passCheck(c) })
	}
}

// passCheck passes a check for the first time.
func (t *task) passCheck(c *healthCheck) {
	if t.last != taskRunning || t.failing || t.unhealthy != nil {
		return
	}
	t.change(func() { c.passed, c.failed = true, false })
	for _, other := range t.checks {
		if !other.passed {
			return
		}
	}
	t.becomeHealthy()
}

// becomeHealthy runs once: after the first passed probe of each check, or after
// the wait of a task without a check.
func (t *task) becomeHealthy() {
	if t.last != taskRunning {
		return
	}
	t.change(func() { t.healthy = t.sim.Now() })
	if t.afterPass != nil {
		t.afterPass()
	}
	if t.service != nil {
		t.deployment.breakerHealthy()
		t.service.wakeScheduler()
	}
}

// fail makes the application fail for good. Each check that it passed finds that
// after its number of failed probes.
func (t *task) fail() {
	if t.last != taskRunning || t.failing {
		return
	}
	t.change(func() { t.answers, t.failing = false, true })
	for _, c := range t.checks {
		t.probeUntilFailed(c, t.sim.Now(), func() bool { return true })
	}
}

// failTarget fails the target group's check at once, without a failure of the
// application before it.
func (t *task) failTarget() {
	for _, c := range t.checks {
		if c.balancer && t.last == taskRunning {
			t.failCheck(c)
		}
	}
}

// failCheck fails a check. The scheduler acts on it after the grace period, if the
// check still fails then.
func (t *task) failCheck(c *healthCheck) {
	if c.failed {
		return
	}
	t.change(func() { c.failed = true })
	if wait := c.grace.Sub(t.sim.Now()); wait > 0 {
		t.later(wait, func() {
			if c.failed {
				t.markUnhealthy(c)
			}
		})
		return
	}
	t.markUnhealthy(c)
}

// markUnhealthy marks the task for replacement.
func (t *task) markUnhealthy(c *healthCheck) {
	if t.unhealthy != nil {
		return
	}
	t.change(func() { t.unhealthy = c })
	svc := t.service
	if svc == nil {
		return
	}
	if group := t.targetGroup(); c.balancer && group != "" {
		svc.addEvent("(port 80) is unhealthy in (target-group " + group + ") due to (reason Health checks failed)")
	} else if !c.balancer {
		svc.addEvent("(task " + t.id + ") failed container health checks.")
	}
	svc.wakeScheduler()
}

// stopUnhealthy stops an unhealthy task. The circuit breaker counts it in its
// second stage.
func (t *task) stopUnhealthy() {
	reason := "Task failed container health checks"
	if group := t.targetGroup(); t.unhealthy.balancer && group != "" {
		reason = "Task failed ELB health checks in (target-group " + group + ")"
	} else if t.unhealthy.balancer {
		reason = "Task failed ELB health checks in (elb " + t.service.setup.Objects("loadBalancers")[0].String("loadBalancerName") + ")"
	}
	t.writeLastLines()
	t.stop(stopScheduler, reason)
	t.failed()
	t.deployment.failedCheck()
}
