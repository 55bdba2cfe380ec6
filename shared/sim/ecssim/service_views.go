package ecssim

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"homeostat/shared/sim/autoscaling"
	"homeostat/shared/sim/ecssim/appautoscaling"
	"homeostat/shared/sim/ecssim/elb"
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

// balancers implements elb.Balancers by the services of ECS.
type balancers struct{ *Sim }

// groupsOf returns the target groups of a service, with the alternate one.
func groupsOf(svc *service) []string {
	groups := svc.targetGroups()
	if alternate := svc.groupPair()[1]; alternate != "" {
		groups = append(groups, alternate)
	}
	return groups
}

// behind returns the services that are behind a target group; "" is every group.
func (b balancers) behind(arn string) []*service {
	var out []*service
	for _, c := range b.clusters {
		for _, svc := range c.services {
			groups := groupsOf(svc)
			if arn == "" && len(groups) > 0 || slices.Contains(groups, arn) {
				out = append(out, svc)
			}
		}
	}
	return out
}

// Groups returns the target groups of all services.
func (b balancers) Groups() []elb.Group {
	var out []elb.Group
	for _, svc := range b.behind("") {
		for i, arn := range groupsOf(svc) {
			if slices.ContainsFunc(out, func(g elb.Group) bool { return g.ARN == arn }) {
				continue
			}
			g := elb.Group{
				ARN: arn, Created: svc.created, Port: svc.portBehind(i), Interval: autoscaling.TargetHealthInterval, Timeout: checkTimeout,
				Healthy: healthyThreshold, Unhealthy: unhealthyThreshold, Deregistration: svc.drainDelay(), Zones: b.zones(),
			}
			if pair := svc.groupPair(); pair[1] != "" {
				g.Primary, g.Balancer = pair[0], svc.balancerName()
				g.Weights = svc.weights(pair)
			}
			out = append(out, g)
		}
	}
	return out
}

// weights returns the shares of the traffic of both target groups, in percent.
func (svc *service) weights(pair [2]string) []elb.Weight {
	p := svc.primary()
	if p == nil {
		return []elb.Weight{{Group: pair[0], Percent: 100}, {Group: pair[1]}}
	}
	green, share := svc.greenShare()
	out := []elb.Weight{{Group: pair[0]}, {Group: pair[1]}}
	if green == nil {
		out[p.group].Percent = 100
		return out
	}
	out[green.group].Percent += int(math.Round(100 * share))
	out[green.plan.blue.group].Percent += 100 - int(math.Round(100*share))
	return out
}

// portBehind returns the container port of a load balancer of the service.
func (svc *service) portBehind(i int) int {
	if balancers := svc.setup.Objects("loadBalancers"); i < len(balancers) {
		if n, ok := balancers[i].Int("containerPort"); ok {
			return n
		}
	}
	return 80 // of a load balancer without a container: a Classic one, or a gateway
}

// Targets returns the tasks that are registered with a target group.
func (b balancers) Targets(arn string) []elb.Target {
	var out []elb.Target
	for _, svc := range b.behind(arn) {
		pair := svc.groupPair()
		port := svc.portBehind(max(0, slices.Index(svc.targetGroups(), arn)))
		for _, t := range svc.live {
			if pair[1] != "" && slices.Contains(pair[:], arn) && t.targetGroup() != arn {
				continue
			}
			if state := t.targetState(); state != "" {
				out = append(out, elb.Target{IP: t.network.address, Zone: t.zone, Port: port, State: state})
			}
		}
	}
	return out
}

// targetState returns the health of the task as a target, or "" if it is not
// registered.
func (t *task) targetState() string {
	if t.last == taskDeactivating {
		return "draining"
	}
	if t.last != taskActivating && t.last != taskRunning {
		return ""
	}
	for _, c := range t.checks {
		switch {
		case !c.balancer:
		case c.failed:
			return "unhealthy"
		case c.passed:
			return "healthy"
		}
	}
	return "initial"
}
