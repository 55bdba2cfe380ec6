package scaling

import "slices"

// Varied is what a policy came to in a variant: medians over the traces, and on
// how many of them Homeostat's J was lower.
type Varied struct {
	Variant, Policy         string
	Traces, Lower           int
	Violating, CostRatio, J float64
}

// Sensitivities are the variants' figures, by variant and policy.
func (r *Result) Sensitivities() (out []Varied) {
	var names []string
	lines := map[string][]Line{}
	for _, v := range r.Variants {
		if !slices.Contains(names, v.Name) {
			names = append(names, v.Name)
		}
		lines[v.Name] = append(lines[v.Name], v.Line)
	}
	for _, name := range names {
		all := trials(lines[name])
		for _, policy := range varied() {
			if v := variedOf(all, policy); v.Traces > 0 {
				v.Variant, v.Lower = name, Against(all, Own, policy).Lower[1]
				out = append(out, v)
			}
		}
	}
	return out
}

func variedOf(all []Trial, policy string) Varied {
	var violating, cost, js []float64
	for _, t := range all {
		if l, ok := t.Of(policy); ok {
			violating, cost, js = append(violating, l.Violating), append(cost, l.CostRatio), append(js, l.JMid)
		}
	}
	return Varied{
		Policy: policy, Traces: len(js),
		Violating: medianOf(violating), CostRatio: medianOf(cost), J: medianOf(js),
	}
}
