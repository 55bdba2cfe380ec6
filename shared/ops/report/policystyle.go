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

// face is how a policy is shown.
type policyStyle struct {
	policy string
	// label is its short name.
	label  string
	family string
	tuned  bool
}

// faceOf is that of a policy by its name.
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
		f.label += ", our signal"
	}
	if tuned {
		f.label += "*"
	}
	return f
}

// width is about how wide the label is, in SVG units: ours is bold.
func (f policyStyle) width() float64 {
	letter := 5.8
	if f.family == own {
		letter = 7
	}
	return letter * float64(len([]rune(f.label)))
}
