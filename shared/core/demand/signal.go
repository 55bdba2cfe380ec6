package demand

import (
	"fmt"
	"time"

	"homeostat/shared/core/fleet"
)

// Point is one value of a metric.
type Point = fleet.Sample

// Observation holds the known facts about a service at one time. Points come
// oldest first. They may overlap with points of earlier observations, and may be
// missing. A missing value never counts as zero.
type Observation struct {
	Now time.Time
	// Requests are the requests that arrived in each period. A count does not
	// saturate.
	Requests []Point
	// CPU is the average utilisation of the running tasks, in percent.
	CPU []Point
	// Running is the average number of running tasks in each period of CPU, with the
	// same At. It is the sample count of the CPU metric.
	Running []Point
	// Memory is the average memory utilisation of the running tasks, in percent.
	Memory []Point
	// Load is the metric of the policy, in the unit of Settings.LoadPerTask.
	Load []Point
	// Backlog is the number of waiting items now; nil if it is not known.
	Backlog *Point
	// Desired is the desired count, Ready the number of serving tasks.
	Desired, Ready int
	// Startups are the times from creation to health, of tasks that became healthy
	// since the last observation.
	Startups []time.Duration
	// SuspectSince is the start of a suspect CPU; zero while it is trusted.
	SuspectSince time.Time
	// Deploying is true during a deployment. It prevents a scale-in.
	Deploying bool
}

// Settings are the settings of an operator. A zero field means that the value is
// learned or not used, except for Min and Max.
type Settings struct {
	// Min and Max bound the count.
	Min, Max int
	// CPU is the target of the average utilisation, in percent, for demand by CPU. At
	// 0 the price of a violation decides.
	CPU float64
	// Insist is true if the CPU target also holds for other learned signals.
	Insist bool
	// Memory is the target of the average memory utilisation, in percent; 0 ignores
	// the memory.
	Memory float64
	// RequestsPerTask is the number of requests a second that one task can serve; 0
	// learns it.
	RequestsPerTask float64
	// LoadPerTask is the part of Observation.Load that one task can serve; 0 ignores
	// Load.
	LoadPerTask float64
	// BacklogPerTask is the number of waiting items for each task; 0 ignores the
	// backlog.
	BacklogPerTask float64
	// Price is the value of one percentage point of violating requests, as a share of
	// the cost. At 0.1, one point is worth a tenth more tasks. At 0, or if it is no
	// usable number, it is 0.1.
	Price float64
	// Tick is the interval of Step for a service with an active alarm.
	Tick time.Duration
}

// Code names a signal in a stored state. A code never changes, and no other
// signal gets the code of a removed one.
type Code uint8

// The codes. None is the code of a state without a sample.
const (
	None     Code = 0
	Requests Code = 1 // counted requests times their cost
	Load     Code = 2 // the metric of the policy
	CPU      Code = 3 // busy tasks by CPU
)

// Signal measures the demand of a service by one metric. A signal keeps no state
// of a service and may be shared.
type Signal interface {
	// Code returns the stable code. It is never None.
	Code() Code
	// Name returns the name for texts.
	Name() string
	// Points returns the observed values, oldest first; nil if none is known.
	Points(o Observation) []Point
	// Valid reports whether a point is a possible value of the metric.
	Valid(p Point) bool
	// Usable reports whether a value can be converted to a demand, under the learned
	// cost of a request and the settings.
	Usable(cost Cost, c Settings) bool
	// Sizing returns the relation of tasks and demand under the settings.
	Sizing(c Settings) Sizing
	// sample converts a point to a demand; ok is false if the point says nothing. The
	// caller sets the time and the period of the sample.
	sample(cost Cost, p Point, o Observation, c Settings) (out sample, ok bool)
	// text returns the arithmetic of a point for people, such as "CPU 46 % x 1".
	text(cost Cost, p Point, o Observation, c Settings) string
}

// Signals returns all signals, the best one first. The controller follows the
// first signal with a fresh value.
func Signals() []Signal { return []Signal{metric{}, requests{}, cpu{}} }

// Sizing is the relation of tasks and demand for one signal under the settings of
// a service. The zero Sizing is the objective of the controller alone.
type Sizing struct {
	// Declared is true if the policy declares the capacity of a task, headroom
	// included: n tasks serve a demand of n.
	Declared bool
	// CPU is the highest average CPU, in percent; 0 sets none.
	CPU float64
}

// learnedSizing returns the sizing of a signal without a declared capacity.
func (c Settings) learnedSizing(cpuTarget bool) Sizing {
	if cpuTarget {
		return Sizing{CPU: max(c.CPU, 0)}
	}
	return Sizing{}
}

// metric is the metric expression of the policy, in units of the policy. It is
// read from CloudWatch by GetMetricData. The policy declares the units that one
// task serves. It is the best signal: the operator named it for this purpose.
type metric struct{}

func (metric) Code() Code                     { return Load }
func (metric) Name() string                   { return "the policy's metric" }
func (metric) Points(o Observation) []Point   { return o.Load }
func (metric) Valid(p Point) bool             { return valid(p, maxCount) }
func (metric) Usable(_ Cost, c Settings) bool { return c.LoadPerTask > 0 }
func (metric) Sizing(Settings) Sizing         { return Sizing{Declared: true} }
func (metric) text(_ Cost, p Point, _ Observation, c Settings) string {
	return fmt.Sprintf("metric %.4g / %.4g a task", p.Value, c.LoadPerTask)
}

func (metric) sample(_ Cost, p Point, _ Observation, c Settings) (sample, bool) {
	return sample{demand: p.Value / c.LoadPerTask}, valid(p, maxCount)
}

// requests is the number of requests in a period, times the busy task-seconds of
// one request. The source is RequestCount of the load balancer, or a counting
// metric of the policy without a capacity. A count does not saturate. The cost of
// a request is learned from the CPU, or declared by the policy.
type requests struct{}

func (requests) Code() Code                   { return Requests }
func (requests) Name() string                 { return "requests" }
func (requests) Points(o Observation) []Point { return o.Requests }
func (requests) Valid(p Point) bool           { return valid(p, maxCount) }

func (requests) Usable(cost Cost, c Settings) bool {
	_, known := cost.PerRequest()
	return known || c.RequestsPerTask > 0
}

func (requests) Sizing(c Settings) Sizing {
	if c.RequestsPerTask > 0 {
		return Sizing{Declared: true}
	}
	return c.learnedSizing(c.Insist)
}

func (requests) sample(cost Cost, p Point, _ Observation, c Settings) (out sample, ok bool) {
	if !valid(p, maxCount) {
		return out, false
	}
	seconds := p.Period.Seconds()
	each, _ := cost.PerRequest()
	if c.RequestsPerTask > 0 {
		each = 1 / c.RequestsPerTask
	}
	out.demand = p.Value / seconds * each
	// The variance of a Poisson count equals its mean.
	out.noise = out.demand * each / seconds
	return out, true
}

func (requests) text(cost Cost, p Point, _ Observation, c Settings) string {
	period := p.Period.Seconds()
	if c.RequestsPerTask > 0 {
		return fmt.Sprintf("%.0f requests in %g s / %.4g a task", p.Value, period, c.RequestsPerTask*period)
	}
	each, _ := cost.PerRequest()
	return fmt.Sprintf("%.0f requests in %g s x %.2g s", p.Value, period, each)
}

// cpu is the average CPU of the running tasks, in percent, times their number.
// The source is CPUUtilization of AWS/ECS, with its sample count for the number
// of tasks. It saturates: more demand than the tasks can serve does not show.
type cpu struct{}

func (cpu) Code() Code                                                       { return CPU }
func (cpu) Name() string                                                     { return "CPU" }
func (cpu) Points(o Observation) []Point                                     { return o.CPU }
func (cpu) Valid(p Point) bool                                               { return valid(p, maxPercent) }
func (cpu) Usable(Cost, Settings) bool                                       { return true }
func (cpu) Sizing(c Settings) Sizing                                         { return c.learnedSizing(true) }
func (cpu) sample(_ Cost, p Point, o Observation, _ Settings) (sample, bool) { return busy(p, o) }

func (cpu) text(_ Cost, p Point, o Observation, _ Settings) string {
	running, _ := fleet.During(o.Running, p.At)
	return cpuText(p.Value, running)
}

// cpuText returns the arithmetic of a CPU demand for people.
func cpuText(percent, running float64) string {
	return fmt.Sprintf("CPU %.0f %% x %.3g", percent, running)
}
