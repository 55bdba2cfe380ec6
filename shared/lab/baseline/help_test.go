package baseline_test

import (
	"testing"
	"time"

	"homeostat/shared/core/staffing"
	"homeostat/shared/sim/workload"
)

// spans is traffic with a constant rate in each span.
type spans []struct {
	seconds int
	rate    float64
}

func (s spans) Seconds() (sum int) {
	for _, span := range s {
		sum += span.seconds
	}
	return sum
}

// Rate is exact, so the simulation adds no noise.
func (s spans) Rate(second int) (float64, bool) {
	for _, span := range s {
		if second -= span.seconds; second < 0 {
			return span.rate, true
		}
	}
	return 0, true
}

// plain returns a service with simple figures: one request/s costs a task 1 % CPU,
// and a start takes 10 s.
func plain() workload.Service {
	return workload.Service{
		Rate: 100, Objective: staffing.Objective{Slots: 1, Wait: 1, Late: 0.5, Busy: 0.8},
		StartMedian: 10 * time.Second, Timeout: time.Second, Min: 1, Max: 100,
	}
}

// change is a new desired count and the second of the change.
type change struct{ second, count int }

// play returns the changes of the desired count by a scaler.
func play(t *testing.T, service workload.Service, rates workload.Rates, tasks int, by workload.Scaler) (changes []change) {
	t.Helper()
	s := workload.New(service, rates, tasks, 1)
	for !s.Over() {
		before := s.Desired()
		by.Scale(s)
		if s.Desired() != before {
			changes = append(changes, change{s.Second(), s.Desired()})
		}
		s.Step()
	}
	return changes
}
