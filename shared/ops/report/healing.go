package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"homeostat/shared/lab/bench"
)

//go:embed healing.html
var healingPage string

// healing is the data of the healing page.
type healing struct {
	Aims   []bench.Aim
	Groups []healingGroup
	Runs   int
	Seed   uint64
}

type healingGroup struct {
	Title, About string
	Charts       []template.HTML
	Scenarios    []healingScenario
}

type healingScenario struct {
	Name, Description string
	Results           []bench.Result
}

// Healing returns the page of the healing benchmark.
func Healing(lines []bench.Result, aims []bench.Aim) ([]byte, error) {
	page, err := template.New("healing").Funcs(template.FuncMap{
		"spread": bench.FormatInterval, "some": func(v float64) *float64 { return &v },
		"interval": func(i bench.Interval) *bench.Interval { return &i },
		"amount":   func(v float64) string { return fmt.Sprintf("%.3g", v) },
		"own":      func(policy string) bool { return strings.HasPrefix(policy, bench.Homeostat) },
	}).Parse(healingPage)
	if err != nil {
		return nil, fmt.Errorf("reading the page's template: %w", err)
	}
	data := healing{Aims: aims}
	if len(lines) > 0 {
		data.Runs, data.Seed = lines[0].Runs, lines[0].Seed
	}
	for _, g := range []struct{ group, title, about string }{
		{"bad", "Bad revisions", "A high share of detected runs is better. A dash means no decision."},
		{"good", "Good revisions", "Every rollback is false."},
		{"incident", "Incidents without a fix by rollback", "Every rollback is false and ineffective."},
	} {
		if of := resultsOfGroup(lines, g.group); len(of) > 0 {
			data.Groups = append(data.Groups, healingGroup{g.title, g.about, chartsOf(g.group, of), scenariosIn(of)})
		}
	}
	var out bytes.Buffer
	if err := page.Execute(&out, data); err != nil {
		return nil, fmt.Errorf("writing the page: %w", err)
	}
	return out.Bytes(), nil
}

func resultsOfGroup(lines []bench.Result, group string) []bench.Result {
	return slices.DeleteFunc(slices.Clone(lines), func(l bench.Result) bool { return l.Group != group })
}

// scenariosIn groups the results by scenario, in their order.
func scenariosIn(lines []bench.Result) []healingScenario {
	var out []healingScenario
	for _, l := range lines {
		if len(out) == 0 || out[len(out)-1].Name != l.Scenario {
			out = append(out, healingScenario{Name: l.Scenario, Description: bench.Description(l.Scenario)})
		}
		of := &out[len(out)-1]
		of.Results = append(of.Results, l)
	}
	return out
}

func chartsOf(group string, lines []bench.Result) []template.HTML {
	if group == "bad" {
		return []template.HTML{
			heatMap("Detected, % of runs", lines, 100, true, func(l bench.Result) *float64 { return l.Detected }),
			heatMap("Failed tasks before the decision, mean", lines, 20, false, func(l bench.Result) *float64 { return found(l, l.FailedTasks) }),
			heatMap("Seconds without a serving task, mean", lines, 300, false, func(l bench.Result) *float64 { return &l.Downtime }),
		}
	}
	return []template.HTML{heatMap("False rollbacks, % of runs", lines, 100, false, func(l bench.Result) *float64 { return &l.FalseRollback })}
}

// found returns the value if the policy detected at least one bad revision.
func found(l bench.Result, value float64) *float64 {
	if l.Detected == nil || *l.Detected == 0 {
		return nil
	}
	return &value
}

// The size of a heat map in SVG units.
const (
	cellWidth  = 62.0
	cellHeight = 20.0
	labelWidth = 230.0
	headHeight = 120.0
)

// heatMap draws a figure by scenario (row) and policy (column), from green (good)
// to red. worst is fully red.
func heatMap(title string, lines []bench.Result, worst float64, highIsGood bool, figure func(bench.Result) *float64) template.HTML {
	var rows, columns []string
	for _, l := range lines {
		if !slices.Contains(rows, l.Scenario) {
			rows = append(rows, l.Scenario)
		}
		if !slices.Contains(columns, l.Policy) {
			columns = append(columns, l.Policy)
		}
	}
	width, height := labelWidth+cellWidth*float64(len(columns))+70, headHeight+cellHeight*float64(len(rows))
	var svg strings.Builder
	fmt.Fprintf(&svg, `<figure><figcaption>%s</figcaption><svg viewBox="0 0 %g %g" role="img" aria-label="%s">`,
		template.HTMLEscapeString(title), width, height, template.HTMLEscapeString(title))
	for i, name := range columns {
		fmt.Fprintf(&svg, `<text transform="translate(%g %g) rotate(-40)">%s</text>`,
			labelWidth+cellWidth*(float64(i)+0.4), headHeight-8, template.HTMLEscapeString(name))
	}
	for i, name := range rows {
		fmt.Fprintf(&svg, `<text x="%g" y="%g" text-anchor="end">%s</text>`,
			labelWidth-6, headHeight+cellHeight*(float64(i)+0.7), template.HTMLEscapeString(name))
	}
	for _, l := range lines {
		x := labelWidth + cellWidth*float64(slices.Index(columns, l.Policy))
		y := headHeight + cellHeight*float64(slices.Index(rows, l.Scenario))
		color, text := "#8883", "–"
		if v := figure(l); v != nil {
			color, text = heat(*v/worst, highIsGood), fmt.Sprintf("%.3g", *v)
		}
		fmt.Fprintf(&svg, `<rect x="%g" y="%g" width="%g" height="%g" fill="%s"/><text class="cell" x="%g" y="%g" text-anchor="middle">%s</text>`,
			x, y, cellWidth-2, cellHeight-2, color, x+cellWidth/2-1, y+cellHeight*0.7, text)
	}
	svg.WriteString(`</svg></figure>`)
	return template.HTML(svg.String()) //nolint:gosec // numbers, and names that are escaped
}

// heat returns a colour from green (good) over yellow to red.
func heat(share float64, highIsGood bool) string {
	share = min(max(share, 0), 1)
	if highIsGood {
		share = 1 - share
	}
	// The square root separates a few percent of false rollbacks from none.
	return fmt.Sprintf("hsl(%.0f 62%% 62%%)", 140*(1-math.Sqrt(share)))
}
