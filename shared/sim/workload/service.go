// Package workload is what a service makes of its traffic: tasks that take
// time to start, requests that wait, a processor that saturates, metrics that
// come late, and a bill. One step is one second.
//
// It is a fluid model: requests are a quantity, not things. Waiting within a
// second is that of M/M/c (package staffing), waiting over more than a second
// is a backlog that is worked off. A simulation request by request agrees with
// it; see the tests.
package workload

import (
	"time"

	"homeostat/shared/core/staffing"
)

// Service is what does not change during a run.
type Service struct {
	// Rate is how many requests a second one task serves when it is busy all
	// the time.
	Rate float64
	// Objective is when a request waits too long; its Slots are how many
	// requests a task serves at once.
	Objective staffing.Objective
	// StartMedian and StartSigma are the lognormal time from a task's creation
	// until its containers run, in seconds; a sigma of 0 is always the median.
	StartMedian time.Duration
	StartSigma  float64
	// HealthInterval is the load balancer's: a task that runs waits up to so
	// long until it is sent requests.
	HealthInterval time.Duration
	// Deregistration is how long a task that is to stop is billed and serves
	// nothing new.
	Deregistration time.Duration
	// MinimumBill is what a task costs at least.
	MinimumBill time.Duration
	// Timeout is after how long a waiting request is given up.
	Timeout time.Duration
	// Min and Max bound the desired count.
	Min, Max int
}

// Standard is the service of the benchmark: 20 requests/s a task, two at once,
// so that one takes 100 ms; at most one in ten may wait longer than that, and no
// more than four fifths of the tasks may be busy.
// Starts are those of an image of some 400 MB on Fargate with a load balancer's
// check every ten seconds (docs/benchmarks/scaling.md gives the sources).
func Standard() Service {
	return Service{
		Rate:           standardRate,
		Objective:      staffing.Objective{Slots: standardSlots, Wait: standardWait, Late: standardLate, Busy: standardBusy},
		StartMedian:    standardStart,
		StartSigma:     standardSigma,
		HealthInterval: standardHealth,
		Deregistration: standardDrain,
		MinimumBill:    standardBill,
		Timeout:        standardTimeout,
		Min:            standardMin,
		Max:            standardMax,
	}
}

// ServiceTime is the mean time that a request is worked on.
func (s Service) ServiceTime() time.Duration {
	return time.Duration(float64(s.Objective.Slots) / s.Rate * float64(time.Second))
}

// Capacities are the rates, in requests/s, up to which 0, 1, … Max tasks keep
// the objective.
func (s Service) Capacities() []float64 {
	loads := s.Objective.Loads(s.Max)
	for i := range loads {
		loads[i] *= s.Rate
	}
	return loads
}

// Needed is the least number of tasks whose capacity holds the rate; the
// number of the last where none does.
func Needed(capacities []float64, rate float64) int {
	low, high := 0, len(capacities)-1
	for low < high {
		middle := (low + high) / 2
		if capacities[middle] >= rate {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return low
}
