// Package placement chooses the container instance of a task, by the placement
// constraints and strategies of ECS. It follows the developer guide, "How Amazon ECS
// places tasks on container instances", and "Cluster query language".
package placement

import (
	"errors"
	"fmt"
	"math/rand/v2"
)

// Host is a container instance that has room for the task.
type Host struct {
	// ID is the id of the EC2 instance, Zone its Availability Zone.
	ID, Zone string
	// Attributes are the others, by name.
	Attributes map[string]string
	// CPU and Memory are what is left, in CPU units and MiB.
	CPU, Memory int
	// Group is the number of tasks on the host of the group of the task.
	Group int
}

// attribute returns the value of an attribute, and whether the host has it.
func (h *Host) attribute(name string) (string, bool) {
	if name == "ecs.availability-zone" {
		return h.Zone, true
	}
	value, ok := h.Attributes[name]
	return value, ok
}

// Constraint is a placement constraint: distinctInstance, or memberOf with an
// expression.
type Constraint struct{ Type, Expression string }

// Strategy is a placement strategy: spread or binpack by a field, or random.
type Strategy struct{ Type, Field string }

// Rules are the constraints and the strategies of a service or a task, in their
// order.
type Rules struct {
	members  []expression
	distinct bool
	order    []Strategy
}

// New reads constraints and strategies. Without a strategy the zones are spread, as
// ECS does for services.
func New(constraints []Constraint, strategies []Strategy) (Rules, error) {
	r := Rules{order: strategies}
	for _, c := range constraints {
		switch c.Type {
		case "distinctInstance":
			r.distinct = true
		case "memberOf":
			e, err := parse(c.Expression)
			if err != nil {
				return r, fmt.Errorf("invalid expression %q: %w", c.Expression, err)
			}
			r.members = append(r.members, e)
		default:
			return r, fmt.Errorf("invalid placement constraint type %q", c.Type)
		}
	}
	for _, s := range strategies {
		if err := s.valid(); err != nil {
			return r, err
		}
	}
	if len(strategies) == 0 {
		r.order = []Strategy{{"spread", "attribute:ecs.availability-zone"}}
	}
	return r, nil
}

// Distinct returns the rules with at most one task of the group on a host.
func (r Rules) Distinct() Rules {
	r.distinct = true
	return r
}

func (s Strategy) valid() error {
	switch s.Type {
	case "random":
		return nil
	case "binpack":
		if s.Field != "cpu" && s.Field != "memory" && s.Field != "CPU" && s.Field != "MEMORY" {
			return fmt.Errorf("binpack needs the field cpu or memory, got %q", s.Field)
		}
		return nil
	case "spread":
		if s.Field == "" {
			return errors.New("spread needs a field")
		}
		return nil
	}
	return fmt.Errorf("invalid placement strategy type %q", s.Type)
}

// Allows reports whether the constraints permit the host.
func (r Rules) Allows(h *Host) bool {
	if r.distinct && h.Group > 0 {
		return false
	}
	for _, e := range r.members {
		if !e.holds(h) {
			return false
		}
	}
	return true
}

// Choose returns the index of the best of the hosts that the constraints permit, or
// -1 if there is none. Of equal hosts it takes the first. chance serves the strategy
// random.
func (r Rules) Choose(hosts []Host, chance *rand.Rand) int {
	var left []int
	for i := range hosts {
		if r.Allows(&hosts[i]) {
			left = append(left, i)
		}
	}
	for _, s := range r.order {
		if len(left) < 2 {
			break
		}
		left = s.narrow(hosts, left, chance)
	}
	if len(left) == 0 {
		return -1
	}
	return left[0]
}

// narrow returns the hosts that the strategy prefers.
func (s Strategy) narrow(hosts []Host, left []int, chance *rand.Rand) []int {
	if s.Type == "random" {
		i := chance.IntN(len(left))
		return left[i : i+1]
	}
	cost := func(i int) int { return hosts[i].CPU }
	switch {
	case s.Type == "spread":
		tasks := map[string]int{}
		for i := range hosts {
			tasks[s.fieldOf(&hosts[i])] += hosts[i].Group
		}
		cost = func(i int) int { return tasks[s.fieldOf(&hosts[i])] }
	case s.Field == "memory" || s.Field == "MEMORY":
		cost = func(i int) int { return hosts[i].Memory }
	}
	var best []int
	for _, i := range left {
		switch {
		case len(best) == 0 || cost(i) < cost(best[0]):
			best = append(best[:0], i)
		case cost(i) == cost(best[0]):
			best = append(best, i)
		}
	}
	return best
}

// fieldOf returns the group of a host for a spread.
func (s Strategy) fieldOf(h *Host) string {
	if s.Field == "instanceId" || s.Field == "host" {
		return h.ID
	}
	const prefix = "attribute:"
	if len(s.Field) > len(prefix) && s.Field[:len(prefix)] == prefix {
		value, _ := h.attribute(s.Field[len(prefix):])
		return value
	}
	return ""
}
