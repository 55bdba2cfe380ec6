package report

import (
	"strings"

	"homeostat/shared/lab/bench/scaling"
)

// The families of policies, as classes of the charts.
const (
	own   = "own"
	aws   = "aws"
	kube  = "kube"
	known = "known"
)

// policyStyle is the appearance of a policy.
type policyStyle struct {
	policy string
	// label is the short name.
	label  string
	family string
	tuned  bool
}

// styleOf returns the appearance of a policy.
func styleOf(policy string) policyStyle {
	base, tuned := strings.CutSuffix(policy, scaling.Tuned)
	base, same := strings.CutSuffix(base, scaling.Same)
	f := policyStyle{policy: policy, tuned: tuned, label: base}
	for _, row := range []struct{ name, label, family string }{
		{scaling.Own, "Homeostat", own},
		{scaling.Own20, "Homeostat, CPU 20 s", own},
		{scaling.Own60, "Homeostat, CPU 60 s", own},
		{"target-tracking-60", "Tracking 60 s", aws},
		{"target-tracking-20", "Tracking 20 s", aws},
		{"target-tracking-requests", "Tracking requests", aws},
		{"step", "Step", aws},
		{"predictive", "Predictive", aws},
		{scaling.HPA, "HPA", kube},
		{"keda", "KEDA", kube},
		{"knative", "Knative", kube},
		{scaling.Oracle, "Oracle", known},
		{scaling.RateOracle, "Rate oracle", known},
	} {
		if row.name == base {
			f.label, f.family = row.label, row.family
		}
	}
	if f.family == "" {
		f.family = aws
	}
	if same {
		f.label += ", Homeostat's signal"
	}
	if tuned {
		f.label += "*"
	}
	return f
}

// width returns the approximate width of the label in SVG units. Homeostat's is
// bold.
func (f policyStyle) width() float64 {
	letter := 5.8
	if f.family == own {
		letter = 7
	}
	return letter * float64(len([]rune(f.label)))
}
