package ecssim

import (
	"slices"
	"time"

	"homeostat/shared/core/fleet"
)

// Outage is a trouble that no revision is to blame for. Kind is either a cause
// of the families "start" and "transient" (fleet.PullNetwork, say): starts
// fail with it; or any other word: running tasks whose Behaviour depends on
// that word exit with code 1, ExitAfter (median, exponential; default 30 s)
// into the outage or their run. fleet.ELBHealth is the trouble of the load
// balancers themselves, as on 20 October 2025: tasks behind them fail their
// health checks though nothing ails them.
type Outage struct {
	Kind      string
	Until     time.Time
	Services  []string // names; empty is all
	Zone      string   // of the Region, as a letter or in full; empty is all
	Host      string   // the id of an EC2 instance; empty is all
	ExitAfter time.Duration
}

func (o *Outage) covers(t *task) bool {
	if o.Zone != "" && t.zone != o.Zone || o.Host != "" && (t.host == nil || t.host.id != o.Host) {
		return false
	}
	return len(o.Services) == 0 || slices.Contains(o.Services, t.serviceName())
}

// serviceName is the task's service; a standalone task counts as of the service
// that its family is named after.
func (t *task) serviceName() string {
	if t.service == nil {
		return t.td.family
	}
	return t.service.name
}

// hits reports whether the outage makes the running task exit.
func (o *Outage) hits(t *task) bool {
	if !o.covers(t) {
		return false
	}
	if o.Kind == string(fleet.ELBHealth) {
		return t.service != nil && t.service.balanced()
	}
	return slices.Contains(t.behaviour.DependsOn, o.Kind)
}

// SetOutage begins an outage now; several may overlap.
func (s *Sim) SetOutage(o Outage) {
	s.locked(func() {
		if o.ExitAfter <= 0 {
			o.ExitAfter = outageExit
		}
		o.Zone = s.zoneName(o.Zone)
		s.faults.outages = append(s.faults.outages, o)
		for _, c := range s.clusters {
			for _, t := range slices.Clone(c.order) {
				if t.last == taskRunning && o.hits(t) {
					s.exitDuring(t, o)
				}
			}
		}
	})
}

// startOutage is the cause that an outage fails a start with; "" for none.
func (s *Sim) startOutage(t *task) fleet.Cause {
	for i := range s.faults.outages {
		o := &s.faults.outages[i]
		family := fleet.Cause(o.Kind).Family()
		if s.Now().Before(o.Until) && o.covers(t) && (family == fleet.FamilyStart || family == fleet.FamilyTransient) {
			return fleet.Cause(o.Kind)
		}
	}
	return ""
}

// exitInOutage makes a task that begins to run during an outage exit.
func (s *Sim) exitInOutage(t *task) {
	for _, o := range s.faults.outages {
		if s.Now().Before(o.Until) && o.hits(t) {
			s.exitDuring(t, o)
		}
	}
}

func (s *Sim) exitDuring(t *task, o Outage) {
	delay := Delay{Median: o.ExitAfter, Shape: ShapeExponential}.draw(s.entropy)
	t.later(max(delay, instantExit), func() {
		if !s.Now().Before(o.Until) || t.last != taskRunning {
			return
		}
		if o.Kind == string(fleet.ELBHealth) {
			t.fail()
			return
		}
		t.hit = o.Kind
		t.exit(1, false)
	})
}
