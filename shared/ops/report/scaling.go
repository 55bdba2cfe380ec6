package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"homeostat/shared/lab/bench/scaling"
)

//go:embed scaling.html
var scalingPage string

// scaled is the data of the scaling page.
type scaled struct {
	Meta      scaling.Meta
	Extent    string
	Style     template.CSS
	Headlines []scaling.Comparison
	Gains     template.HTML
	Aims      []scaling.Aim
	Met       int
	Groups    []scaling.ComparisonGroup
	Losses    [][]scaling.Loss
	Traces    []scaledTrace
	Reactions []scaling.Reaction
	Variants  []scaling.VariantSummary
	Choices   []scaling.Choice
	Abouts    []scaling.About
}

// scaledTrace is a section of the page.
type scaledTrace struct {
	Name, About      string
	Hours            float64
	Seeds            int
	Pareto, Timeline template.HTML
	Results          []scaling.Result
}

// Scaling returns the page of the scaling benchmark.
func Scaling(r *scaling.Report) ([]byte, error) {
	page, err := template.New("scaling").Funcs(template.FuncMap{
		"label":  func(policy string) string { return styleOf(policy).label },
		"family": func(policy string) string { return styleOf(policy).family },
		"figure": digits, "given": orNothing, "share": func(part, whole int) int { return 100 * part / max(1, whole) },
		"own": func(policy string) bool { return policy == scaling.Own },
		"at":  func(values [3]int, i int) int { return values[i] }, "gain": func(values [3]float64, i int) string { return signed(values[i]) },
		"signed": signed,
		"slug":   func(name string) string { return "trace-" + strings.ReplaceAll(name, " ", "-") },
	}).Parse(scalingPage)
	if err != nil {
		return nil, fmt.Errorf("reading the page's template: %w", err)
	}
	all := r.ByTrace()
	data := scaled{
		Meta: r.Meta, Extent: r.Extent(), Style: chartStyle, Headlines: headlines(all), Aims: r.Aims(), Groups: r.ComparisonGroups(),
		Losses: r.Losses(), Reactions: r.Reactions, Variants: r.VariantSummaries(), Choices: r.Choices, Abouts: scaling.Abouts(),
	}
	for _, a := range data.Aims {
		if a.Met() {
			data.Met++
		}
	}
	if chart := gains(all, gainBaselines()); len(data.Headlines) > 0 {
		data.Gains = chart.svg()
	}
	for _, t := range all {
		data.Traces = append(data.Traces, traceOf(r, t))
	}
	var out bytes.Buffer
	if err := page.Execute(&out, data); err != nil {
		return nil, fmt.Errorf("writing the page: %w", err)
	}
	return out.Bytes(), nil
}

// headlines compares Homeostat with AWS's policies at their defaults, and with the
// Kubernetes baselines at their best settings if they were tuned.
func headlines(all []scaling.TraceResults) (out []scaling.Comparison) {
	for _, baseline := range scaling.Documented() {
		out = append(out, scaling.Compare(all, scaling.Own, baseline))
	}
	for _, baseline := range scaling.Kubernetes() {
		tuned := scaling.Compare(all, scaling.Own, baseline+scaling.Tuned)
		if tuned.Traces == 0 {
			tuned = scaling.Compare(all, scaling.Own, baseline)
		}
		out = append(out, tuned)
	}
	return slices.DeleteFunc(out, func(v scaling.Comparison) bool { return v.Traces == 0 })
}

func traceOf(r *scaling.Report, t scaling.TraceResults) scaledTrace {
	out := scaledTrace{Name: t.Trace, Hours: t.Results[0].Hours, Seeds: t.Results[0].Seeds, Results: t.Results}
	for _, f := range r.Frontiers {
		if f.Trace == t.Trace {
			out.About = f.About
		}
	}
	const left, top, right, bottom = 40, 20, paretoWidth - 16, paretoHeight - 34
	out.Pareto = newPareto(t, frontierOf(r, t.Trace), left, top, right, bottom).chart()
	for _, s := range r.Series {
		if s.Trace == t.Trace && len(s.Need) > 0 {
			out.Timeline = timeline(s)
		}
	}
	return out
}

// digits formats a figure with three to four significant digits.
func digits(v float64) string {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return "–"
	case math.Abs(v) >= 100:
		return fmt.Sprintf("%.0f", v)
	case math.Abs(v) >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.3f", v)
}

func orNothing(v *float64) string {
	if v == nil {
		return "–"
	}
	return digits(*v)
}

func signed(v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	return strings.ReplaceAll(fmt.Sprintf("%+.1f %%", v), "-", "−")
}
