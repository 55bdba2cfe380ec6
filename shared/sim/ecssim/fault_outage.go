package ecssim

import (
	"cmp"
	"slices"
	"time"

	"homeostat/shared/core/fleet"
)

// Outage is a fault outside of the revision. Kind has three forms. A cause of the
// families "start" and "transient", such as fleet.PullNetwork, makes starts fail.
// Another word makes running tasks exit with code 1 if their Behaviour depends on
// that word. They exit after ExitAfter (median, exponential; default 30 s) in the
// outage or in their run. The cause fleet.ELBHealth is a fault of the load
// balancers, as on 20 October 2025: healthy tasks behind them fail their health
// checks.
type Outage struct {
	Kind      string
	Until     time.Time
	Services  []string // names; empty is all
	Zone      string   // of the Region, as a letter or in full; empty is all
	Host      string   // the id of an EC2 instance; empty is all
	ExitAfter time.Duration
	// Reason is ECS's text about a failed start; empty uses the text of the cause.
	Reason string
}

func (o *Outage) covers(t *task) bool {
	if o.Zone != "" && t.zone != o.Zone || o.Host != "" && (t.host == nil || t.host.id != o.Host) {
		return false
	}
	return len(o.Services) == 0 || slices.Contains(o.Services, t.serviceName())
}

// serviceName returns the service of the task. A standalone task counts for the
// service with the name of its family.
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

// SetOutage begins an outage now. Several may overlap.
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

// startOutage returns the failure of a start in an outage; zero for none.
func (s *Sim) startOutage(t *task, image string) startFailure {
	for i := range s.faults.outages {
		o := &s.faults.outages[i]
		family := fleet.Cause(o.Kind).Family()
		if s.Now().Before(o.Until) && o.covers(t) && (family == fleet.FamilyStart || family == fleet.FamilyTransient) {
			failure := failureOf(fleet.Cause(o.Kind), image)
			failure.text = cmp.Or(o.Reason, failure.text)
			return failure
		}
	}
	return startFailure{}
}

// exitInOutage schedules the exit of a task that starts during an outage.
func (s *Sim) exitInOutage(t *task) {
	for _, o := range s.faults.outages {
		if s.Now().Before(o.Until) && o.hits(t) {
			s.exitDuring(t, o)
		}
	}
}

func (s *Sim) exitDuring(t *task, o Outage) {
	delay := Delay{Median: o.ExitAfter, Shape: ShapeExponential}.draw(s.entropy)
	t.later(max(delay, s.config.Model.InstantExit), func() {
		if !s.Now().Before(o.Until) || t.last != taskRunning {
			return
		}
		if o.Kind == string(fleet.ELBHealth) {
			t.failTarget()
			return
		}
		t.hit = o.Kind
		t.exit(1, false)
	})
}
