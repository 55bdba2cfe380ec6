package scaling

import (
	"fmt"
	"math"
)

// Aim is a figure that Homeostat must reach, and what it came to.
type Aim struct {
	Name string `json:"aim"`
	// Value is NaN where it could not be measured; then it is not met.
	Value float64 `json:"value"`
	Limit float64 `json:"limit"`
	Unit  string  `json:"unit"`
	// AtLeast says that more is better.
	AtLeast bool `json:"at_least,omitempty"`
	// Of says what it was measured on.
	Of string `json:"of"`
}

// Met reports whether the aim was reached.
func (a Aim) Met() bool {
	if a.AtLeast {
		return a.Value >= a.Limit
	}
	return a.Value <= a.Limit
}

// Bound is the aim in words.
func (a Aim) Bound() string {
	if a.AtLeast {
		return fmt.Sprintf("≥ %g%s", a.Limit, a.Unit)
	}
	return fmt.Sprintf("≤ %g%s", a.Limit, a.Unit)
}

// Figure is what was measured, in words.
func (a Aim) Figure() string {
	if math.IsNaN(a.Value) {
		return "–"
	}
	return fmt.Sprintf("%.4g%s", a.Value, a.Unit)
}

// String is the aim as a line for people.
func (a Aim) String() string {
	verdict := "met"
	if !a.Met() {
		verdict = "MISSED"
	}
	return fmt.Sprintf("%-6s  %s: %s, %s (%s)", verdict, a.Name, a.Figure(), a.Bound(), a.Of)
}

// Aims compares Homeostat's lines with what it must reach. Aims of what was not
// played are left out.
func (r *Report) Aims() (out []Aim) {
	all := r.ByTrace()
	for _, baseline := range AWS() {
		if v := Compare(all, Own, baseline); v.Traces > 0 {
			out = append(out, awsAims(v)...)
		}
	}
	for _, baseline := range Kubernetes() {
		out = append(out, costScoreAim("with its own signal", minOwnSignalShare, Compare(all, Own, baseline+Tuned))...)
	}
	for _, baseline := range Kubernetes() {
		out = append(out, costScoreAim("fed with our signal", minSameSignalShare, Compare(all, Own, baseline+Same+Tuned))...)
	}
	out = append(out, costScoreAim("ours on CPU of 20 s as well", minSameSignalShare, Compare(all, Own20, HPA+Tuned))...)
	out = append(out, oracleAims(all)...)
	for _, took := range r.Reactions {
		if took.Policy == Own {
			out = append(out, reactionAim(took))
		}
	}
	out = append(out, actionsAim(all, HPA)...)
	return append(out, actionsAim(all, HPA+Tuned)...)
}

// beyond are the aims against a policy of AWS at its default.
func awsAims(v Comparison) []Aim {
	return []Aim{
		{
			Name: v.Baseline + ": fewer violating requests and fewer task-hours", AtLeast: true, Limit: minBothShare, Unit: " %",
			Value: share(v.Both, v.Traces), Of: fmt.Sprintf("%d of %d traces", v.Both, v.Traces),
		},
		{
			Name: v.Baseline + ": both worse", Value: float64(v.BothWorse), Unit: " traces", Of: fmt.Sprintf("%d traces", v.Traces),
		},
		{
			Name: v.Baseline + ": J at the middle price lower by", AtLeast: true, Limit: minGain, Unit: " %",
			Value: round(v.Gain[1]), Of: fmt.Sprintf("median of %d traces", v.Traces),
		},
	}
}

// lower is the aim of a lower CostScore on most traces.
func costScoreAim(how string, least float64, v Comparison) []Aim {
	if v.Traces == 0 {
		return nil
	}
	return []Aim{{
		Name: v.Baseline + ", " + how + ": lower J with " + v.Policy, AtLeast: true, Limit: math.Floor(10*least) / 10, Unit: " %",
		Value: share(v.Lower[1], v.Traces), Of: fmt.Sprintf("%d of %d traces", v.Lower[1], v.Traces),
	}}
}

func share(part, whole int) float64 { return math.Round(1000*float64(part)/float64(whole)) / 10 }

func oracleAims(all []TraceResults) []Aim {
	var ratios []float64
	for _, t := range all {
		if l, ok := t.Of(Own); ok && l.RateOracleRatio != nil {
			ratios = append(ratios, *l.RateOracleRatio)
		}
	}
	if len(ratios) == 0 {
		return nil
	}
	return []Aim{{
		Name: "cost over that of " + RateOracle + " at as many violations", Limit: maxOracleRatio, Unit: " ×",
		Value: round(medianOf(ratios)), Of: fmt.Sprintf("median of %d traces", len(ratios)),
	}}
}

func reactionAim(took Reaction) Aim {
	a := Aim{
		Name: "a step to ten times, served after", Limit: float64(took.Start) + maxReactionDelay, Unit: " s", Value: math.NaN(),
		Of: fmt.Sprintf("the longest of %d seeds; tasks start in %d s", took.Seeds, took.Start),
	}
	if took.Longest != nil && took.Never == 0 {
		a.Value = *took.Longest
	}
	return a
}

// calmer is the aim of no more actions than a rival's, on each trace.
func actionsAim(all []TraceResults, baseline string) []Aim {
	calm, traces := 0, 0
	var ours, theirs []float64
	for _, t := range all {
		us, played := t.Of(Own)
		them, there := t.Of(baseline)
		if !played || !there {
			continue
		}
		traces++
		ours, theirs = append(ours, us.ActionsPerDay), append(theirs, them.ActionsPerDay)
		if us.ActionsPerDay <= them.ActionsPerDay {
			calm++
		}
	}
	if traces == 0 {
		return nil
	}
	return []Aim{{
		Name: "no more actions a day than " + baseline, AtLeast: true, Limit: 100, Unit: " %", Value: share(calm, traces),
		Of: fmt.Sprintf("%d of %d traces; medians %.4g and %.4g a day", calm, traces, medianOf(ours), medianOf(theirs)),
	}}
}
