package ecssim

import (
	"math"
	"time"
)

// firstRun is an image in a service, by its digest.
type firstRun struct {
	service *service
	digest  string
}

// appears reports whether the image becomes defective at some time.
func (d *Defect) appears() bool {
	return d.Probability > 0 || d.ErrorRate > 0 || d.ResponseTime > 0
}

// noteFirstRun records the first run of the task's image in the service, and
// schedules the defect of the task for the onset. A standalone task takes the
// service of the cluster that ran the image first.
func (t *task) noteFirstRun() {
	if !t.behaviour.Defect.appears() {
		return
	}
	onset := t.firstRanAt().Add(t.behaviour.Defect.After)
	if wait := onset.Sub(t.sim.Now()); wait > 0 {
		t.later(wait, t.becomeDefective)
		return
	}
	t.defective = true
	t.drawDefectAgain()
}

// drawDefectAgain repeats the draw after a while, for a task that still runs.
func (t *task) drawDefectAgain() {
	if again := t.behaviour.Defect.Again; again > 0 {
		t.later(again, t.becomeDefective)
	}
}

func (t *task) firstRanAt() time.Time {
	digest, now := t.digests[t.td.main()], t.sim.Now()
	if t.service != nil {
		key := firstRun{t.service, digest}
		if first, ok := t.sim.firstRuns[key]; ok {
			return first
		}
		t.sim.firstRuns[key] = now
		return now
	}
	first := now
	for _, svc := range t.cluster.services {
		if at, ok := t.sim.firstRuns[firstRun{svc, digest}]; ok && at.Before(first) {
			first = at
		}
	}
	return first
}

// becomeDefective applies the defect to a running task. The task fails within the
// spread, or it runs on and answers badly.
func (t *task) becomeDefective() {
	if t.last != taskRunning {
		return
	}
	e, b := t.sim.entropy, &t.behaviour
	t.change(func() { t.defective = true })
	if !e.happens(b.Defect.Probability) {
		t.drawDefectAgain()
		return
	}
	after := time.Duration(e.chance.Float64() * float64(b.Defect.Spread))
	if b.Defect.Unhealthy {
		t.later(after, t.fail)
		return
	}
	if b.Exit.OOM {
		t.oomAt = t.sim.Now().Add(after)
	}
	t.later(after, func() { t.exit(b.Exit.Code, b.Exit.OOM) })
}

// exitsByDefect draws whether a task that starts after the onset exits by the
// defect.
func (t *task) exitsByDefect() bool {
	return t.defective && !t.behaviour.Defect.Unhealthy && t.sim.entropy.happens(t.behaviour.Defect.Probability)
}

// failsCheckByDefect draws whether a task that starts after the onset never
// passes a health check.
func (t *task) failsCheckByDefect() bool {
	return t.defective && t.behaviour.Defect.Unhealthy && t.sim.entropy.happens(t.behaviour.Defect.Probability)
}

// errorRate returns the share of requests that the task answers with 5xx.
func (t *task) errorRate() float64 {
	if t.defective {
		return max(t.behaviour.ErrorRate, t.behaviour.Defect.ErrorRate)
	}
	return t.behaviour.ErrorRate
}

// responseTime returns the mean time of a request in the idle task.
func (t *task) responseTime() time.Duration {
	if t.defective && t.behaviour.Defect.ResponseTime > 0 {
		return t.behaviour.Defect.ResponseTime
	}
	return t.behaviour.ResponseTime
}

// of returns the behaviour in a task of another size.
func (b Behaviour) of(t *task) Behaviour {
	if cpu, _ := t.units(); b.CPU > 0 && cpu > 0 {
		factor := cpu / float64(b.CPU)
		b.CapacityRPS, b.CPUPerRequest = b.CapacityRPS*factor, b.CPUPerRequest/factor
		b.Slots = max(1, int(math.Round(float64(b.Slots)*factor)))
	}
	return b
}

// watchMemory kills the task when its memory reaches the limit.
func (t *task) watchMemory() {
	b := &t.behaviour
	if b.Memory.MiB <= 0 && b.Memory.Growth <= 0 {
		return
	}
	_, limit := t.units()
	free := limit * (100 - t.memoryShare()) / 100
	var after time.Duration
	switch {
	case free <= 0:
		after = t.sim.config.Model.InstantExit // it needs too much from the start
	case b.Memory.Growth > 0:
		full := time.Duration(free / b.Memory.Growth * float64(time.Hour))
		after = max(Delay{Median: full, Sigma: leakSigma}.draw(t.sim.entropy), t.sim.config.Model.InstantExit)
	default:
		return
	}
	t.oomAt = t.started.Add(after)
	t.later(after, func() { t.exit(exitKilled, true) })
}

// memoryShare returns the memory of the starting task, in percent of its limit.
func (t *task) memoryShare() float64 {
	_, limit := t.units()
	if t.behaviour.Memory.MiB <= 0 || limit <= 0 {
		return t.behaviour.Memory.Percent
	}
	return min(100, 100*t.behaviour.Memory.MiB/limit)
}
