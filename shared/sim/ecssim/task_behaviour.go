package ecssim

import (
	"math"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/autoscaling"
)

// Behaviour describes the tasks of one image. It is plain data. Zero fields take
// the values of Defaults.
type Behaviour struct {
	// StartDelay is the time from a task's creation to RUNNING.
	StartDelay Delay
	// StopDelay is the time from the order to stop to the end of the process.
	StopDelay Delay
	// FailToStart ends a task before it reaches RUNNING.
	FailToStart StartFailure
	// Exit describes the end of a task by itself. Defect describes the later
	// failure of an image that worked at first.
	Exit   Exit
	Defect Defect
	Health Health

	// CapacityRPS is the number of requests a second that one task can serve. CPU
	// is its number of CPU units then: a larger task serves more, in proportion.
	// Zero means any number.
	CapacityRPS float64
	CPU         int
	// CPUPerRequest is the CPU time of one request, in seconds of the whole
	// task's CPU. Zero means 1/CapacityRPS, so that CPU is the limit.
	CPUPerRequest float64
	// Slots is the number of requests that a task works on at once. Zero follows
	// from CapacityRPS and ResponseTime. A request without a free slot waits, and
	// is given up after Timeout.
	Slots   int
	Timeout time.Duration
	// Objective bounds the waits of requests.
	Objective Objective
	// IdleCPU is in percent of the task's CPU.
	IdleCPU float64
	Memory  Memory
	// ResponseTime is the mean time of a request in an idle task.
	ResponseTime time.Duration
	// ErrorRate is the share of served requests that are answered 5xx.
	ErrorRate float64

	// Logs are the last lines of a task before it ends by itself. Empty means
	// lines that match the end.
	Logs []string
	// DependsOn names the outages (see Outage) that make running tasks exit.
	DependsOn []string
}

// Exit describes the end of a task by itself: with Probability, After it began to
// run, with Code.
type Exit struct {
	Probability float64
	After       Delay
	Code        int
	// OOM makes it an out-of-memory kill (exit 137). The memory of the task
	// climbs to its limit until then.
	OOM bool
	// OnceHealthy counts After from the moment that the scheduler counts the task as
	// healthy.
	OnceHealthy bool
}

// Defect describes the later failure of an image that worked at first. It appears
// After the image first ran in the service.
type Defect struct {
	After time.Duration
	// Probability is the chance that a task fails by the defect. A running task
	// fails at a random moment of Spread. A later task fails Exit.After it began
	// to run. Both end by Exit. With Unhealthy they fail their health check for
	// good.
	Probability float64
	Spread      time.Duration
	Unhealthy   bool
	// Again is the time between two draws of a task that runs on; zero means one
	// draw.
	Again time.Duration
	// ErrorRate and ResponseTime apply to tasks that run on.
	ErrorRate    float64
	ResponseTime time.Duration
}

// Health describes the health checks of a task.
type Health struct {
	// Delay is the time from RUNNING until the application answers. A check passes
	// at its next probe after that.
	Delay Delay
	// Interval is the time between two probes of the load balancer. A new target
	// waits for its first one up to that time, and one passed probe is enough. Zero
	// means AWS's default of 30 s.
	Interval time.Duration
	// Hangs makes a failed probe of a container last its timeout. Otherwise the
	// application refuses it at once.
	Hangs bool
	// FailProbability is the chance that the application fails for good, FailAfter
	// the task began to run. With FailAfter zero it never answers. A check finds a
	// failure after its number of failed probes.
	FailProbability float64
	FailAfter       Delay
	// OverloadAfter is the time with demand above capacity until the load balancer
	// finds one task unhealthy; zero means never.
	OverloadAfter time.Duration
}

// Memory is the memory of a task: Percent of its size, or MiB. MiB is a smaller
// share of a larger task.
type Memory struct {
	Percent, MiB float64
	// Growth is in MiB an hour. At the limit the task is killed.
	Growth float64
}

// Objective bounds the waits of a service. At most the share Late of its requests
// waits longer than Wait for a slot. At most the share Busy of its tasks is busy.
type Objective struct {
	Wait time.Duration
	Late float64
	Busy float64
}

// StartFailure is the cause and the chance of a failed start. Cause is a word of
// the families "start" and "transient". Package stopreason has ECS's texts.
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

// Fixed returns a constant delay.
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

// Defaults returns b with defaults for zero fields. constants.go names their
// sources.
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
	if b.Health.Interval <= 0 {
		b.Health.Interval = autoscaling.TargetHealthInterval
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

// queueDefaults sets the defaults that decide the waits of requests. Slots and
// the time of a request follow from each other by Little's law.
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
