package ecssim

import (
	"strconv"
	"strings"

	"homeostat/shared/sim/ecssim/appautoscaling"
)

// scalables implements appautoscaling.Services on a Sim.
type scalables struct{ *Sim }

// Find returns the ACTIVE service of "service/cluster/name".
func (s scalables) Find(resourceID string) appautoscaling.Scalable {
	parts := strings.Split(resourceID, "/")
	if len(parts) != 3 || parts[0] != "service" {
		return nil
	}
	if c := s.findCluster(parts[1]); c != nil {
		if svc := c.findService(parts[2]); svc != nil && svc.status == statusActive {
			return scalable{svc}
		}
	}
	return nil
}

// scalable implements appautoscaling.Scalable on a service.
type scalable struct{ *service }

// ResourceID implements appautoscaling.Scalable.
func (s scalable) ResourceID() string { return "service/" + s.cluster.name + "/" + s.name }

// Active implements appautoscaling.Scalable.
func (s scalable) Active() bool { return s.status == statusActive }

// Counts implements appautoscaling.Scalable.
func (s scalable) Counts() (desired, running int) {
	running, _ = s.counts(nil)
	return s.desired, running
}

// Deploying implements appautoscaling.Scalable.
func (s scalable) Deploying() bool {
	p := s.primary()
	return p != nil && p.rollout == rolloutInProgress
}

// SetDesired implements appautoscaling.Scalable.
func (s scalable) SetDesired(n int) {
	s.setDesired(n)
	s.addEvent("has reached a new desired count of " + strconv.Itoa(n) + " (Application Auto Scaling).")
	s.sim.emitServiceAction(s.service, "INFO", "SERVICE_DESIRED_COUNT_UPDATED", "")
}

// setDesired changes the desired count, after adding the results until now.
func (svc *service) setDesired(n int) {
	if n == svc.desired {
		return
	}
	svc.accrue()
	svc.desired = n
	svc.steady = false
	svc.recount()
	svc.wakeScheduler()
}
