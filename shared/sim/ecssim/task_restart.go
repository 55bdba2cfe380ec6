package ecssim

import (
	"slices"
	"time"
)

// restartDef is the restart policy of a container: it is restarted in its task instead
// of the task being stopped. AWS: API reference of ContainerRestartPolicy.
type restartDef struct {
	ignored []int
	period  time.Duration
}

// restarts reports whether the restart policy of a container restarts it after an exit.
// It must have run for the period first.
func (t *task) restarts(i, code int, since time.Time) bool {
	policy := t.td.containers[i].restart
	if policy == nil || t.last != taskRunning || slices.Contains(policy.ignored, code) {
		return false
	}
	return t.sim.Now().Sub(since) >= policy.period
}

// began returns the last start of the main container.
func (t *task) began() time.Time {
	if t.restarted.After(t.started) {
		return t.restarted
	}
	return t.started
}

// restart starts the main container again. The task stays RUNNING, and its checks go
// on: they may fail meanwhile.
func (t *task) restart() {
	b, e := &t.behaviour, t.sim.entropy
	t.writeLastLines()
	t.change(func() { t.answers, t.restarted = false, t.sim.Now() })
	for _, c := range t.checks {
		t.probeUntilFailed(c, t.sim.Now(), func() bool { return !t.answers })
	}
	t.later(b.Health.Delay.draw(e), func() { t.change(func() { t.answers = !t.failing }) })
	if e.happens(b.Exit.Probability) || t.exitsByDefect() {
		t.later(b.Exit.After.draw(e), func() { t.exit(b.Exit.Code, b.Exit.OOM) })
	}
}
