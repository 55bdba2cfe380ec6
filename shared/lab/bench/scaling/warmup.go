package scaling

import (
	"homeostat/shared/sim/traffic"
	"homeostat/shared/sim/workload"
)

// lateStart delays a scaler until a second.
type lateStart struct {
	workload.Scaler
	begin, tasks int
}

// Scale sets the given number of tasks in the first second and then calls the
// scaler.
func (l lateStart) Scale(s *workload.Sim) {
	if s.Second() < l.begin {
		return
	}
	if s.Second() == l.begin {
		s.SetDesired(l.tasks)
	}
	l.Scaler.Scale(s)
}

// withWarmUp delays a scaler with a short memory until shortly before the measured
// part. A trace with a step is played in full, because the step may come earlier.
func withWarmUp(scaler workload.Scaler, trace traffic.Trace, service workload.Service, from int) workload.Scaler {
	if from <= warmUp {
		return scaler
	}
	if _, _, stepped := stepOf(trace); stepped {
		return scaler
	}
	rate, _ := trace.Rate(from - warmUp)
	return lateStart{scaler, from - warmUp, workload.Needed(service.Capacities(), rate)}
}
