package ecssim

import (
	"math"
	"time"

	"homeostat/shared/core/fleet"
)

// Behaviour is what the tasks of one image do. It is plain data; zero fields take
// the defaults that Defaults shows.
type Behaviour struct {
	// StartDelay is the time from a task's creation to RUNNING.
	StartDelay Delay
	// StopDelay is the time from the order to stop to the end of the process.
	StopDelay Delay
	// FailToStart ends a task before it reaches RUNNING.
	FailToStart StartFailure

	// ExitProbability is the chance that a task ends by itself, ExitAfter it
	// began to run, with ExitCode. OOM makes it a kill for memory (exit 137),
	// with the memory of the task climbing to its limit until then.
	ExitProbability float64
	ExitAfter       Delay
	ExitCode        int
	OOM             bool
	// ExitOnceHealthy counts ExitAfter from the first health check that the task
	// passes: it dies just after it was called healthy.
	ExitOnceHealthy bool

	// An image may be sound at first. SickAfter is the time from when it first
	// ran in the service until it falls sick; the other Sick fields say how.
	// SickProbability is the chance that a task dies of it: one that runs then
	// at any moment of SickSpread, one that starts later ExitAfter it began to
	// run; both end as ExitCode and OOM say, or with SickUnhealthy by failing
	// their health check for good. With SickAgain a task that lives draws anew
	// that often. Tasks that live answer SickErrorRate of their
	// requests 5xx, and take SickResponseTime for one.
	SickAfter        time.Duration
	SickProbability  float64
	SickSpread       time.Duration
	SickAgain        time.Duration
	SickUnhealthy    bool
	SickErrorRate    float64
	SickResponseTime time.Duration

	// HealthDelay is the time from RUNNING until the task can serve and passes
	// its health check. HealthInterval is the load balancer's: a new target waits
	// up to so long for its first check, and one that passes is enough.
	HealthDelay    Delay
	HealthInterval time.Duration
	// UnhealthyProbability is the chance that a task fails its health check
	// for good, UnhealthyAfter it began to run; with UnhealthyAfter zero it
	// never passes one.
	UnhealthyProbability float64
	UnhealthyAfter       Delay
	// OverloadAfter is how long demand has to exceed capacity until one task
	// fails its health check; zero is never.
	OverloadAfter time.Duration

	// CapacityRPS is how many requests a second one task can serve. CPU is the
	// CPU units that it has then: a task of more serves more, in proportion;
	// zero is whatever it has.
	CapacityRPS float64
	CPU         int
	// CPUPerRequest is the CPU time that one request costs, in seconds of the
	// whole task's CPU; zero is 1/CapacityRPS, so that CPU is what runs out.
	CPUPerRequest float64
	// Slots is how many requests a task works on at once; zero is as many as
	// CapacityRPS and ResponseTime together say. A request that finds none free
	// waits, and is given up after Timeout.
	Slots   int
	Timeout time.Duration
	// Objective is when requests wait too long.
	Objective Objective
	// IdleCPU and Memory are percent of what the task has.
	IdleCPU float64
	Memory  float64
	// MemoryMiB is what a task needs, instead of Memory: of a bigger task it is
	// a smaller share. MemoryGrowth is how many MiB it grows by in an hour; at
	// the limit the task is killed for memory.
	MemoryMiB    float64
	MemoryGrowth float64
	// ResponseTime is the mean time of a request in an idle task.
	ResponseTime time.Duration
	// ErrorRate is the share of served requests that are answered 5xx.
	ErrorRate float64

	// Logs are the last lines that a task writes before it ends by itself; none
	// are words that fit the end.
	Logs []string
	// DependsOn names the outages (see Outage) that make running tasks exit.
	DependsOn []string
}

// Objective is what a service promises: at most the share Late of its requests
// waits longer than Wait for one of the slots of its tasks, and at most the
// share Busy of its tasks is busy.
type Objective struct {
	Wait time.Duration
	Late float64
	Busy float64
}

// StartFailure is why and how often a start fails. Cause is a word of the
// families "start" and "transient"; see package stopreason for what ECS says.
type StartFailure struct {
	Cause       fleet.Cause
	Probability float64
}

// The shapes of a Delay.
const (
	ShapeLognormal   = "lognormal"   // the default; with Sigma 0 a fixed time
	ShapeExponential = "exponential" // memoryless, with the given median
)

// Delay is a random time with a median. Sigma is the standard deviation of its
// logarithm.
type Delay struct {
	Median time.Duration
	Sigma  float64
	Shape  string
}

// Fixed is a delay without chance.
func Fixed(d time.Duration) Delay { return Delay{Median: d} }

func (d Delay) draw(e *entropy) time.Duration {
	switch {
	case d.Median <= 0:
		return 0
	case d.Shape == ShapeExponential:
		return time.Duration(float64(d.Median) / math.Ln2 * e.chance.ExpFloat64())
	case d.Sigma <= 0:
		return d.Median
	}
	return time.Duration(float64(d.Median) * math.Exp(d.Sigma*e.chance.NormFloat64()))
}

// Defaults is b with every zero field that would make no sense filled in.
// Model: a Fargate task that is up in about half a minute.
func (b Behaviour) Defaults() Behaviour {
	if b.StartDelay.Median == 0 {
		b.StartDelay = Delay{Median: 35 * time.Second, Sigma: 0.15}
	}
	if b.StopDelay.Median == 0 {
		b.StopDelay = Fixed(2 * time.Second)
	}
	if b.HealthDelay.Median == 0 {
		b.HealthDelay = Fixed(5 * time.Second)
	}
	if (b.ExitProbability > 0 || b.SickProbability > 0) && b.ExitAfter.Median == 0 {
		b.ExitAfter = Fixed(10 * time.Second)
	}
	if b.SickSpread <= 0 {
		b.SickSpread = 2 * time.Minute
	}
	if b.CapacityRPS <= 0 {
		b.CapacityRPS = 100
	}
	if b.CPUPerRequest <= 0 {
		b.CPUPerRequest = 1 / b.CapacityRPS
	}
	if b.Memory <= 0 {
		b.Memory = 30
	}
	return b.queueDefaults()
}

// The objective that is taken where none is said: a request in ten may wait
// longer than it is worked on, and a fifth of the tasks is kept free for a
// burst. Model.
const (
	defaultLate    = 0.1
	defaultBusy    = 0.8
	defaultTimeout = 10 * time.Second
)

// queueDefaults fill in what decides how long requests wait. Slots and the time
// of a request follow from each other by Little's law.
func (b Behaviour) queueDefaults() Behaviour {
	switch {
	case b.ResponseTime <= 0 && b.Slots > 0:
		b.ResponseTime = seconds(float64(b.Slots) / b.CapacityRPS)
	case b.ResponseTime <= 0:
		b.ResponseTime = 50 * time.Millisecond
	}
	if b.Slots <= 0 {
		b.Slots = max(1, int(math.Round(b.CapacityRPS*b.ResponseTime.Seconds())))
	}
	if b.Timeout <= 0 {
		b.Timeout = defaultTimeout
	}
	o := &b.Objective
	if o.Wait <= 0 {
		o.Wait = seconds(float64(b.Slots) / b.CapacityRPS)
	}
	if o.Late <= 0 {
		o.Late = defaultLate
	}
	if o.Busy <= 0 {
		o.Busy = defaultBusy
	}
	return b
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }
