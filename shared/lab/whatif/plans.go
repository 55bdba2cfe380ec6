package whatif

import (
	"fmt"
	"strconv"
	"strings"

	"homeostat/shared/sim/workload"
)

// ParsePlan parses the plan NAME:VALUE[,min=N][,max=N]. least and most are the
// default bounds. ok is false for an unknown name.
func ParsePlan(text string, least, most int) (plan Plan, ok bool, err error) {
	head, bounds, _ := strings.Cut(text, ",")
	name, value, valued := strings.Cut(head, ":")
	for _, n := range planKinds() {
		if n.name != name {
			continue
		}
		plan = Plan{Name: text, Min: least, Max: most}
		number := n.value
		if valued {
			if number, err = strconv.ParseFloat(value, 64); err != nil || !(number >= n.least && number <= n.most) {
				return plan, true, fmt.Errorf("%q: %s is no %s, expected %g to %g, such as %s:%g", text, quoted(value), n.what, n.least, n.most, n.name, n.value)
			}
		} else if n.needed {
			return plan, true, fmt.Errorf("%q needs a %s, such as %s:%g", text, n.what, n.name, n.value)
		}
		plan.About, plan.New = n.about(number), n.make(number)
		if name == "fixed" {
			plan.Min, plan.Max = int(number), int(number)
			if bounds != "" || number != float64(int(number)) {
				return plan, true, fmt.Errorf("%q: a fixed fleet has a whole number of tasks and no bounds, such as fixed:8", text)
			}
			return plan, true, nil
		}
		return plan, true, plan.bound(text, bounds)
	}
	return plan, false, nil
}

// bound reads min=N and max=N.
func (p *Plan) bound(text, bounds string) error {
	for part := range strings.SplitSeq(bounds, ",") {
		if part == "" {
			continue
		}
		key, value, _ := strings.Cut(part, "=")
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 || n > maxTasks || (key != "min" && key != "max") {
			return fmt.Errorf("%q: %s is no bound, expected min=N or max=N with 0 to %d tasks", text, quoted(part), maxTasks)
		}
		if key == "min" {
			p.Min = n
		} else {
			p.Max = n
		}
	}
	if p.Min > p.Max {
		return fmt.Errorf("%q: min is %d, above max, %d: raise max, or lower min", text, p.Min, p.Max)
	}
	return nil
}

// planKind is a kind of plan.
type planKind struct {
	name, what         string
	value, least, most float64
	// needed reports whether the value has no default.
	needed bool
	about  func(float64) string
	make   func(float64) func(workload.Service) workload.Scaler
}

func planKinds() []planKind { return append([]planKind{fixed()}, awsPlans()...) }

// fixed is a fleet that does not scale.
func fixed() planKind {
	return planKind{
		name: "fixed", what: "number of tasks", value: 8, least: 1, most: maxTasks, needed: true,
		about: func(n float64) string { return fmt.Sprintf("always %g tasks", n) },
		make: func(float64) func(workload.Service) workload.Scaler {
			return func(workload.Service) workload.Scaler { return idle{} }
		},
	}
}

// PlanNames returns an example of each plan.
func PlanNames() []string {
	var out []string
	for _, n := range planKinds() {
		out = append(out, fmt.Sprintf("%s:%g", n.name, n.value))
	}
	return out
}

func quoted(s string) string { return strconv.Quote(s) }
