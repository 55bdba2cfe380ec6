package ecssim

import (
	"cmp"
	"slices"
	"time"

	"homeostat/shared/sim/ecssim/placement"
	"homeostat/shared/sim/ecssim/wire"
)

// taskLaunch is a request to run tasks.
type taskLaunch struct {
	cluster   *cluster
	td        *taskDefinition
	in        wire.Object
	overrides taskOverrides
	rules     placement.Rules
	strategy  []wire.Object
	subnets   []string
	host      *instance // of StartTask; nil means by placement
	started   []*task
}

func (s *Sim) newLaunch(c *cluster, td *taskDefinition, in wire.Object) (*taskLaunch, error) {
	l := &taskLaunch{cluster: c, td: td, in: in, subnets: subnetsOf(in), strategy: in.Objects("capacityProviderStrategy")}
	if len(l.strategy) == 0 && in.String("launchType") == "" {
		l.strategy = c.strategy
	}
	var err error
	if l.overrides, err = parseOverrides(td, in.Object("overrides")); err != nil {
		return nil, err
	}
	if l.rules, err = placementRules(in); err != nil {
		return nil, err
	}
	return l, nil
}

// where returns the launch type and the capacity provider of the next task.
func (l *taskLaunch) where() (launchType, provider string) {
	if len(l.strategy) > 0 {
		return nextProvider(l.strategy, func(name string) int {
			n := 0
			for _, t := range l.started {
				n += count(t.provider == name)
			}
			return n
		})
	}
	return cmp.Or(l.in.String("launchType"), l.td.launchType()), ""
}

// nextProvider returns the provider of the next task of a strategy. base comes
// first, then the provider furthest behind its weight.
func nextProvider(strategy []wire.Object, have func(name string) int) (launchType, provider string) {
	best, lowest := "", 0.0
	for _, item := range strategy {
		name := item.String("capacityProvider")
		base, _ := item.Int("base")
		weight, _ := item.Int("weight")
		n := have(name)
		if n < base {
			return providerType(name), name
		}
		if weight == 0 {
			continue
		}
		if share := float64(n-base) / float64(weight); best == "" || share < lowest {
			best, lowest = name, share
		}
	}
	return providerType(best), best
}

// placementRules reads placementConstraints and placementStrategy.
func placementRules(in wire.Object) (placement.Rules, error) {
	var constraints []placement.Constraint
	for _, c := range in.Objects("placementConstraints") {
		constraints = append(constraints, placement.Constraint{Type: c.String("type"), Expression: c.String("expression")})
	}
	var order []placement.Strategy
	for _, s := range in.Objects("placementStrategy") {
		order = append(order, placement.Strategy{Type: s.String("type"), Field: s.String("field")})
	}
	rules, err := placement.New(constraints, order)
	if err != nil {
		return rules, wire.Errorf("InvalidParameterException", "%s", "Invalid placement: "+err.Error()+".")
	}
	return rules, nil
}

// subnetsOf returns the subnets of a request or a service.
func subnetsOf(in wire.Object) []string {
	return in.Object("networkConfiguration").Object("awsvpcConfiguration").Strings("subnets")
}

// subnetZone returns the Availability Zone of a subnet. Assumed: subnets are in the
// zones a, b and c by turns, in the order of their first use.
func (s *Sim) subnetZone(subnet string) string {
	i := slices.Index(s.subnets, subnet)
	if i < 0 {
		i = len(s.subnets)
		s.subnets = append(s.subnets, subnet)
	}
	return s.zoneName(string(rune('a' + i%regionZones)))
}

// zonesOf returns the zones with capacity among those of the subnets; without
// subnets all of them.
func (s *Sim) zonesOf(subnets []string) []string {
	zones := s.zones()
	if len(subnets) == 0 {
		return zones
	}
	own := map[string]bool{}
	for _, subnet := range subnets {
		own[s.subnetZone(subnet)] = true
	}
	return slices.DeleteFunc(zones, func(zone string) bool { return !own[zone] })
}

// firstZone returns a zone for a standalone task, or "".
func (s *Sim) firstZone(subnets []string) string {
	zones := s.zonesOf(subnets)
	if len(zones) == 0 {
		return ""
	}
	return zones[0]
}

// subnetIn returns the first of the subnets in a zone, else the first one.
func (s *Sim) subnetIn(subnets []string, zone string) string {
	for _, subnet := range subnets {
		if s.subnetZone(subnet) == zone {
			return subnet
		}
	}
	if len(subnets) == 0 {
		return ""
	}
	return subnets[0]
}

// dependencies returns the wait of the task for the containers that its containers
// depend on. failed is the text of a dependency that never reaches its condition.
func (t *task) dependencies() (wait time.Duration, failed string) {
	for _, c := range t.td.containers {
		w, why := t.waitFor(c.name, map[string]bool{})
		if wait = max(wait, w); why != "" {
			return wait, why
		}
	}
	return wait, ""
}

// waitFor returns the time until a container can start. A circle of dependencies
// counts once; ECS refuses it at registration.
func (t *task) waitFor(name string, seen map[string]bool) (wait time.Duration, failed string) {
	i := slices.IndexFunc(t.td.containers, func(c containerDef) bool { return c.name == name })
	if i < 0 || seen[name] {
		return 0, ""
	}
	seen[name] = true
	c := t.td.containers[i]
	for _, d := range c.after {
		w, why := t.waitFor(d.container, seen)
		if why != "" {
			return w, why
		}
		own, why := t.reaches(name, d)
		if why != "" {
			return w + own, why
		}
		wait = max(wait, w+own)
	}
	return wait, ""
}

// reaches returns the time from the start of a container to the condition that a target
// waits for. Texts: amazon-ecs-agent, agent/engine/dependencygraph.
func (t *task) reaches(target string, d dependency) (wait time.Duration, failed string) {
	i := slices.IndexFunc(t.td.containers, func(c containerDef) bool { return c.name == d.container })
	if i < 0 || d.condition == "START" {
		return 0, ""
	}
	c, b := t.td.containers[i], t.sim.behaviours[t.digests[i]].Defaults()
	ends := b.Exit.Probability > 0 && t.sim.entropy.happens(b.Exit.Probability)
	of := "container ordering dependency [" + d.container + "] for target [" + target + "] "
	late := "dependency graph: " + of + "has timed out."
	switch {
	case d.condition == "HEALTHY" && c.check != nil && b.Health.FailProbability < 1:
		wait = max(c.check.interval, b.Health.Delay.Median)
	case d.condition == "HEALTHY" || !ends:
		return c.startTimeout, late
	default:
		wait = b.Exit.After.draw(t.sim.entropy)
		if d.condition == "SUCCESS" && b.Exit.Code != 0 {
			t.endOther(i, ContainerEnd{Code: &b.Exit.Code})
			return wait, "dependency graph: failed to resolve " + of + "as dependency did not exit successfully."
		}
	}
	if wait > c.startTimeout {
		return c.startTimeout, late
	}
	return wait, ""
}

// failDependency ends a task whose container can never start.
func (t *task) failDependency(text string) {
	t.failStart("Task failed to start", "CannotStartContainerError: "+text)
}
