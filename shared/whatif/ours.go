package whatif

import (
	"fmt"
	"time"

	"homeostat/shared/demand"
	"homeostat/shared/fleet"
	"homeostat/shared/policy"
	"homeostat/shared/workload"
)

// Ours is Homeostat with what a policy says of a service. The traffic began at a
// time, which the policy's schedules go by; a zero one is not known.
func Ours(name string, e policy.Effective, begin time.Time) (Plan, error) {
	if !e.ScaleEnabled {
		return Plan{}, fmt.Errorf("%s turns scaling off for the service, so there is nothing to rehearse: set scale.enabled to true, or rehearse fixed:N", name)
	}
	p := Plan{Name: name, Min: e.Min, Max: e.Max}
	p.About = fmt.Sprintf("Homeostat with %d to %d tasks and a target of %g %% CPU", e.Min, e.Max, e.CPU)
	if len(e.Schedules) > 0 && begin.IsZero() {
		p.Notes = append(p.Notes, name+" has schedules, which were left out, because the file does not say when it began: add a line such as # begin: 2026-11-16T00:00:00Z")
		e.Schedules = nil
	}
	// The model must let a schedule have what it asks for.
	for _, s := range e.Schedules {
		if s.Min != nil {
			p.Min, p.Max = min(p.Min, *s.Min), max(p.Max, *s.Min)
		}
		if s.Max != nil {
			p.Max = max(p.Max, *s.Max)
		}
	}
	if len(e.Schedules) > 0 {
		p.About += ", and its schedules"
	}
	p.New = func(service workload.Service) workload.Scaler {
		return &homeostat{rules: e, begin: begin, ahead: service.StartMedian + service.HealthInterval, changed: -day}
	}
	return p, nil
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
	rules policy.Effective
	begin time.Time
	// ahead is how long before a schedule begins its tasks are asked for.
	ahead   time.Duration
	changed int // the second of the last change
}

// bounds are those of a second: of the policy and its schedules, with a minimum
// that is about to rise.
func (h *homeostat) bounds(second int) (least, most int) {
	if len(h.rules.Schedules) == 0 {
		return h.rules.Min, h.rules.Max
	}
	now := h.begin.Add(time.Duration(second) * time.Second)
	b := h.rules.BoundsAt(now)
	if at, tasks := h.rules.Upcoming(now); !at.IsZero() && at.Sub(now) <= h.ahead {
		b.Min = max(b.Min, tasks)
	}
	return b.Min, max(b.Max, b.Min)
}

// Scale looks once a minute.
func (h *homeostat) Scale(s *workload.Sim) {
	now := s.Second()
	if now%tick != 0 {
		return
	}
	least, most := h.bounds(now)
	if bounded := min(max(s.Desired(), least), most); bounded != s.Desired() {
		s.SetDesired(bounded)
		h.changed = now
	}
	if now < seen+tick {
		return
	}
	end := (now - seen) / tick * tick
	window := s.Window(end-tick, end)
	cpu, known := window.CPU()
	need, ok := demand.FromCPU(fleet.Reading{Value: cpu, Known: known}, window.Running/tick, h.rules.CPU)
	if !ok {
		return
	}
	tasks := min(max(need.Tasks, least), most)
	since := time.Duration(now-h.changed) * time.Second
	switch {
	case tasks > s.Desired() && since >= h.rules.CooldownOut, tasks < s.Desired() && since >= h.rules.CooldownIn && cpu < near*h.rules.CPU:
		s.SetDesired(tasks)
		h.changed = now
	}
}
