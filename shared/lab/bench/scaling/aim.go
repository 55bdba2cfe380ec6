package scaling

import (
	"fmt"
	"math"
)

// Aim is a figure with a limit that Homeostat must reach.
type Aim struct {
	Name string `json:"aim"`
	// Value is NaN without a measurement. The aim is then not met.
	Value float64 `json:"value"`
	Limit float64 `json:"limit"`
	Unit  string  `json:"unit"`
	// AtLeast reports whether the limit is a minimum.
	AtLeast bool `json:"at_least,omitempty"`
	// Of describes the sample, such as the number of traces.
	Of string `json:"of"`
}

// Met reports whether the figure reaches the limit.
func (a Aim) Met() bool {
	if a.AtLeast {
		return a.Value >= a.Limit
	}
	return a.Value <= a.Limit
}

// Bound returns the limit as a text.
func (a Aim) Bound() string {
	if a.AtLeast {
		return fmt.Sprintf("≥ %g%s", a.Limit, a.Unit)
	}
	return fmt.Sprintf("≤ %g%s", a.Limit, a.Unit)
}

// Figure returns the value as a text.
func (a Aim) Figure() string {
	if math.IsNaN(a.Value) {
		return "–"
	}
	return fmt.Sprintf("%.4g%s", a.Value, a.Unit)
}

// String returns the aim as one line for people.
func (a Aim) String() string {
	verdict := "met"
	if !a.Met() {
		verdict = "MISSED"
	}
	return fmt.Sprintf("%-6s  %s: %s, %s (%s)", verdict, a.Name, a.Figure(), a.Bound(), a.Of)
}

// Aims compares the results of Homeostat with their limits. It omits the aims of
// policies without results.
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
		out = append(out, costScoreAim("on Homeostat's signal", minSameSignalShare, Compare(all, Own, baseline+Same+Tuned))...)
	}
	out = append(out, costScoreAim("with Homeostat on CPU of 20 s", minSameSignalShare, Compare(all, Own20, HPA+Tuned))...)
	out = append(out, oracleAims(all)...)
	for _, took := range r.Reactions {
		if took.Policy == Own {
			out = append(out, reactionAim(took))
		}
	}
	out = append(out, actionsAim(all, HPA)...)
	return append(out, actionsAim(all, HPA+Tuned)...)
}

// awsAims returns the aims against an AWS policy at its default.
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
			Name: v.Baseline + ": cost score at the middle price lower by", AtLeast: true, Limit: minGain, Unit: " %",
			Value: round(v.Gain[1]), Of: fmt.Sprintf("median of %d traces", v.Traces),
		},
	}
}

// costScoreAim returns the aim of a lower cost score on most traces.
func costScoreAim(how string, least float64, v Comparison) []Aim {
	if v.Traces == 0 {
		return nil
	}
	return []Aim{{
		Name: v.Baseline + ", " + how + ": lower cost score with " + v.Policy, AtLeast: true, Limit: math.Floor(10*least) / 10, Unit: " %",
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
		Name: "cost divided by that of " + RateOracle + " with as many violations", Limit: maxOracleRatio, Unit: " ×",
		Value: round(medianOf(ratios)), Of: fmt.Sprintf("median of %d traces", len(ratios)),
	}}
}

func reactionAim(took Reaction) Aim {
	a := Aim{
		Name: "tenfold step served after", Limit: float64(took.Start) + maxReactionDelay, Unit: " s", Value: math.NaN(),
		Of: fmt.Sprintf("the longest of %d seeds; tasks start in %d s", took.Seeds, took.Start),
	}
	if took.Longest != nil && took.Never == 0 {
		a.Value = *took.Longest
	}
	return a
}

// actionsAim returns the aim of no more actions than a baseline, on each trace.
func actionsAim(all []TraceResults, baseline string) []Aim {
	steady, traces := 0, 0
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
			steady++
		}
	}
	if traces == 0 {
		return nil
	}
	return []Aim{{
		Name: "no more actions a day than " + baseline, AtLeast: true, Limit: 100, Unit: " %", Value: share(steady, traces),
		Of: fmt.Sprintf("%d of %d traces; medians %.4g and %.4g a day", steady, traces, medianOf(ours), medianOf(theirs)),
	}}
}
