package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"

	"homeostat/shared/lab/whatif"
)

//go:embed whatif.html
var whatIfPage string

// WhatIf returns the page of a rehearsal on recorded traffic: the figures, the
// differences, and charts of the ready and the needed tasks.
func WhatIf(r whatif.Report) ([]byte, error) {
	page, err := template.New("whatif").Funcs(template.FuncMap{
		"tasks": tasksChart, "rates": ratesChart,
		"amount": func(v float64) string { return fmt.Sprintf("%.4g", v) },
		"fixed":  func(digits int, v float64) string { return fmt.Sprintf("%.*f", digits, v) },
	}).Parse(whatIfPage)
	if err != nil {
		return nil, fmt.Errorf("reading the page's template: %w", err)
	}
	var out bytes.Buffer
	if err := page.Execute(&out, r); err != nil {
		return nil, fmt.Errorf("writing the page: %w", err)
	}
	return out.Bytes(), nil
}

// curve is one line of a chart.
type curve struct {
	class string
	of    func(whatif.Moment) float64
}

// tasksChart draws the ready and the needed tasks.
func tasksChart(o whatif.Outcome) template.HTML {
	return lineChart(o.Line, "tasks over time",
		curve{"needed", func(m whatif.Moment) float64 { return m.Needed }}, curve{"served", func(m whatif.Moment) float64 { return m.Ready }})
}

// ratesChart draws the traffic. All plans share it.
func ratesChart(r whatif.Report) template.HTML {
	if len(r.Plans) == 0 {
		return ""
	}
	return lineChart(r.Plans[0].Line, "requests a second over time", curve{"rate", func(m whatif.Moment) float64 { return m.Rate }})
}

// gridLines is the number of horizontal lines of a chart.
const gridLines = 4

func lineChart(line []whatif.Moment, about string, curves ...curve) template.HTML {
	if len(line) < 2 {
		return ""
	}
	top := 1.0
	for _, m := range line {
		for _, c := range curves {
			top = max(top, c.of(m))
		}
	}
	height := func(v float64) float64 { return chartHeight - chartPad - v/top*(chartHeight-2*chartPad) }
	var svg strings.Builder
	fmt.Fprintf(&svg, `<svg viewBox="0 0 %g %g" role="img" aria-label="%s">`, chartWidth, chartHeight, template.HTMLEscapeString(about))
	for n := range gridLines + 1 {
		v := top * float64(n) / gridLines
		fmt.Fprintf(&svg, `<line class="grid" x1="%g" x2="%g" y1="%.1f" y2="%.1f"/><text x="0" y="%.1f">%s</text>`, chartPad, chartWidth, height(v), height(v), height(v)-3, label(v, top))
	}
	last := float64(line[len(line)-1].Second)
	for n := range gridLines + 1 {
		at := last * float64(n) / gridLines
		anchor := []string{"start", "middle", "middle", "middle", "end"}[n]
		fmt.Fprintf(&svg, `<text x="%.1f" y="%g" text-anchor="%s">%s</text>`, chartPad+(chartWidth-chartPad)*float64(n)/gridLines, chartHeight-8, anchor, days(at))
	}
	for _, c := range curves {
		fmt.Fprintf(&svg, `<polyline class="%s" points="`, c.class)
		for _, m := range line {
			fmt.Fprintf(&svg, "%.1f,%.1f ", chartPad+(chartWidth-chartPad)*float64(m.Second)/last, height(c.of(m)))
		}
		svg.WriteString(`"/>`)
	}
	svg.WriteString(`</svg>`)
	return template.HTML(svg.String()) //nolint:gosec // numbers, and a text that is escaped
}

// label formats the number beside a grid line.
func label(v, top float64) string {
	if top >= 2*gridLines {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.1f", v)
}

// days formats the time since the start.
func days(seconds float64) string {
	n := int(seconds)
	return fmt.Sprintf("day %d, %02d:%02d", n/86400, n/3600%24, n/60%60)
}
