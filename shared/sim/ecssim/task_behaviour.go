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
	// Exit is how a task ends by itself, and Defect how an image fails later that
	// was sound at first.
	Exit   Exit
	Defect Defect
	Health Health

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
	// IdleCPU is percent of what the task has.
	IdleCPU float64
	Memory  Memory
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

// Exit is how a task ends by itself: with Probability, After it began to run,
// with Code.
type Exit struct {
	Probability float64
	After       Delay
	Code        int
	// OOM makes it a kill for memory (exit 137), with the memory of the task
	// climbing to its limit until then.
	OOM bool
	// OnceHealthy counts After from the first health check that the task passes.
	OnceHealthy bool
}

// Defect is how an image fails that was sound at first. It appears After the
// image first ran in the service.
type Defect struct {
	After time.Duration
	// Probability is the chance that a task fails by it. A task that runs then
	// fails at any moment of Spread, one that starts later Exit.After it began to
	// run. Both end as Exit says, or with Unhealthy fail their health check for
	// good.
	Probability float64
	Spread      time.Duration
	Unhealthy   bool
	// Again is how often a task that goes on running draws anew; zero is never.
	Again time.Duration
	// ErrorRate and ResponseTime are those of the tasks that go on running.
	ErrorRate    float64
	ResponseTime time.Duration
}

// Health is how a task passes and fails its health check.
type Health struct {
	// Delay is the time from RUNNING until the task can serve and passes its
	// health check. Interval is the load balancer's: a new target waits up to so
	// long for its first check, and one that passes is enough.
	Delay    Delay
	Interval time.Duration
	// FailProbability is the chance that a task fails its health check for good,
	// FailAfter it began to run; with FailAfter zero it never passes one.
	FailProbability float64
	FailAfter       Delay
	// OverloadAfter is how long demand has to exceed capacity until one task
	// fails its health check; zero is never.
	OverloadAfter time.Duration
}

// Memory is what a task needs: Percent of what it has, or MiB, which is a
// smaller share of a bigger task.
type Memory struct {
	Percent, MiB float64
	// Growth is how many MiB it grows by in an hour; at the limit the task is
	// killed for memory.
	Growth float64
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
		b.StartDelay = Delay{Median: defaultStart, Sigma: startSigma}
	}
	if b.StopDelay.Median == 0 {
		b.StopDelay = Fixed(defaultStop)
	}
	if b.Health.Delay.Median == 0 {
		b.Health.Delay = Fixed(defaultReady)
	}
	if (b.Exit.Probability > 0 || b.Defect.Probability > 0) && b.Exit.After.Median == 0 {
		b.Exit.After = Fixed(defaultExit)
	}
	if b.Defect.Spread <= 0 {
		b.Defect.Spread = defaultSpread
	}
	if b.CapacityRPS <= 0 {
		b.CapacityRPS = defaultCapacity
	}
	if b.CPUPerRequest <= 0 {
		b.CPUPerRequest = 1 / b.CapacityRPS
	}
	if b.Memory.Percent <= 0 {
		b.Memory.Percent = defaultMemory
	}
	return b.queueDefaults()
}

// queueDefaults fill in what decides how long requests wait. Slots and the time
// of a request follow from each other by Little's law.
func (b Behaviour) queueDefaults() Behaviour {
	switch {
	case b.ResponseTime <= 0 && b.Slots > 0:
		b.ResponseTime = seconds(float64(b.Slots) / b.CapacityRPS)
	case b.ResponseTime <= 0:
		b.ResponseTime = defaultResponse
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
