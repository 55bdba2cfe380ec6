package whatif

import (
	"fmt"
	"time"

	"homeostat/shared/demand"
	"homeostat/shared/fleet"
	"homeostat/shared/policy"
	"homeostat/shared/workload"
)

// Ours is Homeostat with what a policy says of a service.
func Ours(name string, e policy.Effective) (Plan, error) {
	if !e.ScaleEnabled {
		return Plan{}, fmt.Errorf("%s turns scaling off for the service, so there is nothing to rehearse: set scale.enabled to true, or rehearse fixed:N", name)
	}
	return Plan{
		Name: name, About: fmt.Sprintf("Homeostat with %d to %d tasks and a target of %g %% CPU", e.Min, e.Max, e.CPU), Min: e.Min, Max: e.Max,
		New: func(workload.Service) workload.Scaler { return &homeostat{rules: e, changed: -day} },
	}, nil
}

const (
	day = 24 * 3600
	// tick is how often a service is looked at, and what a point of the CPU metric
	// is about; seen is how long after its end it can be read.
	tick = 60
	seen = 153
	// near is the share of the target from which nothing is given back.
	near = 0.9
)

// homeostat decides as the functions do: each minute, by the CPU.
type homeostat struct {
	rules   policy.Effective
	changed int // the second of the last change
}

// Scale looks once a minute.
func (h *homeostat) Scale(s *workload.Sim) {
	now := s.Second()
	if now%tick != 0 || now < seen+tick {
		return
	}
	end := (now - seen) / tick * tick
	window := s.Window(end-tick, end)
	cpu, known := window.CPU()
	need, ok := demand.FromCPU(fleet.Reading{Value: cpu, Known: known}, window.Running/tick, h.rules.CPU)
	if !ok {
		return
	}
	tasks := min(max(need.Tasks, h.rules.Min), h.rules.Max)
	since := time.Duration(now-h.changed) * time.Second
	switch {
	case tasks > s.Desired() && since >= h.rules.CooldownOut, tasks < s.Desired() && since >= h.rules.CooldownIn && cpu < near*h.rules.CPU:
		s.SetDesired(tasks)
		h.changed = now
	}
}
