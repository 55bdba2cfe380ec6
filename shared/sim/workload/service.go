// Package workload models a service under traffic: tasks with a start-up time,
// waiting requests, a saturating CPU, delayed metrics and a bill. One step is one
// second.
//
// It is a fluid model, so requests are a quantity. M/M/c (package staffing) gives
// the waiting within a second, and a backlog the waiting over more than a second.
// The tests compare it with a simulation request by request.
package workload

import (
	"time"

	"homeostat/shared/core/staffing"
	"homeostat/shared/sim/autoscaling"
)

// Service holds the constants of a run.
type Service struct {
	// Rate is the capacity of a busy task in requests/s.
	Rate float64
	// Objective limits the waiting time of the requests. Its Slots is the number of
	// requests that a task serves at once.
	Objective staffing.Objective
	// StartMedian and StartSigma describe the lognormal time from the creation of a
	// task until its containers run. A sigma of 0 always gives the median.
	StartMedian time.Duration
	StartSigma  float64
	// HealthInterval is the load balancer's interval. A running task waits up to
	// one interval for its first request.
	HealthInterval time.Duration
	// Deregistration is the time that a stopping task is billed without new
	// requests.
	Deregistration time.Duration
	// MinimumBill is the minimum charge of a task.
	MinimumBill time.Duration
	// Timeout is the longest waiting time of a request.
	Timeout time.Duration
	// Min and Max limit the desired count.
	Min, Max int
}

// Standard returns the service of the benchmark.
func Standard() Service {
	return Service{
		Rate:           standardRate,
		Objective:      staffing.Objective{Slots: standardSlots, Wait: standardWait, Late: standardLate, Busy: standardBusy},
		StartMedian:    standardStart,
		StartSigma:     standardSigma,
		HealthInterval: autoscaling.TargetHealthInterval,
		Deregistration: standardDrain,
		MinimumBill:    standardBill,
		Timeout:        standardTimeout,
		Min:            standardMin,
		Max:            standardMax,
	}
}

// ServiceTime returns the mean time to serve a request.
func (s Service) ServiceTime() time.Duration {
	return time.Duration(float64(s.Objective.Slots) / s.Rate * float64(time.Second))
}

// Capacities returns the highest rates, in requests/s, at which 0, 1, … Max tasks
// keep the objective.
func (s Service) Capacities() []float64 {
	loads := s.Objective.Loads(s.Max)
	for i := range loads {
		loads[i] *= s.Rate
	}
	return loads
}

// Needed returns the lowest number of tasks with a capacity of at least the rate,
// or the highest number if none has.
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
