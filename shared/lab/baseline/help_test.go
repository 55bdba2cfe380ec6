package baseline_test

import (
	"testing"
	"time"

	"homeostat/shared/core/staffing"
	"homeostat/shared/sim/workload"
)

// spans is traffic of so many seconds of a rate each.
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

// Rate is exact: nothing is to be added.
func (s spans) Rate(second int) (float64, bool) {
	for _, span := range s {
		if second -= span.seconds; second < 0 {
			return span.rate, true
		}
	}
	return 0, true
}

// plain is a service whose tasks serve one request a second for each percent of
// CPU, and start in ten seconds.
func plain() workload.Service {
	return workload.Service{
		Rate: 100, Objective: staffing.Objective{Slots: 1, Wait: 1, Late: 0.5, Busy: 0.8},
		StartMedian: 10 * time.Second, Timeout: time.Second, Min: 1, Max: 100,
	}
}

// change is a new desired count, and when it was set.
type change struct{ second, count int }

// play tells what a scaler does, beginning with so many tasks.
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
