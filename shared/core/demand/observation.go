package demand

import (
	"time"

	"homeostat/shared/core/fleet"
)

// Point is one value of a metric.
type Point = fleet.Sample

// Observation is what is known of a service now. Points come oldest first, may
// overlap with those of earlier observations, and may be missing: nothing is
// ever taken for zero.
type Observation struct {
	Now time.Time
	// Requests are how many arrived in each period: a count does not saturate.
	Requests []Point
	// CPU is the average utilisation of the running tasks, in percent.
	CPU []Point
	// Running is how many tasks ran on average in each period of CPU, aligned
	// with it by At: the sample count of the CPU metric says so.
	Running []Point
	// Memory is the average memory utilisation of the running tasks, in percent.
	Memory []Point
	// Load is any other measure of the work that arrives, in what
	// Settings.LoadPerTask counts: queue messages that wait, a metric expression.
	Load []Point
	// Backlog are the items that wait now; nil where that is not known.
	Backlog *Point
	// Desired is the desired count, Ready the tasks that serve.
	Desired, Ready int
	// Startups are the times from a task's creation until it was healthy, of
	// tasks that became so since the last observation.
	Startups []time.Duration
	// SuspectSince is since when the CPU is not believed; zero while it is.
	SuspectSince time.Time
	// Deploying is true while a deployment runs: then nothing is given back.
	Deploying bool
}

// Settings are what a person may set. The zero value of each means that it is
// learned or not used, except for Min and Max.
type Settings struct {
	Min, Max int
	// CPU is the average utilisation to aim at, in percent, where the work is
	// known by CPU alone; 0 lets the price of a violation decide.
	CPU float64
	// Insist is true where CPU holds also where a better signal tells of the work.
	Insist bool
	// Memory is the average memory utilisation to aim at, in percent; 0 uses none.
	Memory float64
	// RequestsPerTask is how many requests a second one task can serve; 0
	// learns it.
	RequestsPerTask float64
	// LoadPerTask is how much of Observation.Load one task bears; 0 uses none.
	LoadPerTask float64
	// BacklogPerTask is how many waiting items one task may have; 0 uses none.
	BacklogPerTask float64
	// Price is what one percentage point of violating requests is worth, as a
	// share of the cost: 0.1 says that a tenth more tasks are as bad.
	Price float64
	// Tick is how often Step is called while the service is hot.
	Tick time.Duration
}

// aims reports whether the CPU target holds on a signal.
func (c Settings) aims(rung Signal) bool { return c.CPU > 0 && (rung == CPU || c.Insist) }
