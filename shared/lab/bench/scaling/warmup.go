package scaling

import (
	"homeostat/shared/sim/traffic"
	"homeostat/shared/sim/workload"
)

// late is a scaler that is not asked before a second.
type lateStart struct {
	workload.Scaler
	begin, tasks int
}

// Scale begins then, with the tasks that it is given.
func (l lateStart) Scale(s *workload.Sim) {
	if s.Second() < l.begin {
		return
	}
	if s.Second() == l.begin {
		s.SetDesired(l.tasks)
	}
	l.Scaler.Scale(s)
}

// beginLate spares a scaler that forgets the time that it would forget. Where
// there is a step, which may be in that time, its reaction is wanted.
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
