// Package report writes pages about runs. A page is one HTML file without scripts,
// for mail, repositories and archives.
package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/rehearse"
)

//go:embed rehearsal.html
var rehearsalPage string

// Rehearsal returns the page of rehearsed scenarios.
func Rehearsal(results []rehearse.Result) ([]byte, error) {
	page, err := template.New("rehearsal").Funcs(template.FuncMap{
		"chart": chart, "clock": clock, "figure": figure,
	}).Parse(rehearsalPage)
	if err != nil {
		return nil, fmt.Errorf("reading the page's template: %w", err)
	}
	var out bytes.Buffer
	if err := page.Execute(&out, results); err != nil {
		return nil, fmt.Errorf("writing the page: %w", err)
	}
	return out.Bytes(), nil
}

// clock formats seconds of the scenario as h:mm:ss.
func clock(seconds float64) string {
	n := int(seconds)
	return fmt.Sprintf("%d:%02d:%02d", n/3600, n/60%60, n%60)
}

func figure(seconds *float64) string {
	if seconds == nil {
		return "–"
	}
	return fmt.Sprintf("%.0f s", *seconds)
}

// The size of a chart in SVG units.
const (
	chartWidth  = 900.0
	chartHeight = 160.0
	chartPad    = 28.0
)

// chart draws the desired, running and healthy counts as steps.
func chart(s rehearse.ServiceResult) template.HTML {
	if len(s.History) < 2 {
		return ""
	}
	first, last := s.History[0].At, s.History[len(s.History)-1].At
	top := 1
	for _, h := range s.History {
		top = max(top, h.Desired, h.Running, h.Healthy)
	}
	var svg strings.Builder
	fmt.Fprintf(&svg, `<svg viewBox="0 0 %g %g" role="img" aria-label="task counts over time">`, chartWidth, chartHeight)
	for n := 0; n <= top; n += 1 + top/6 {
		y := rise(n, top)
		fmt.Fprintf(&svg, `<line class="grid" x1="%g" x2="%g" y1="%g" y2="%g"/><text x="4" y="%g">%d</text>`, chartPad, chartWidth, y, y, y+4, n)
	}
	for _, series := range []struct {
		class string
		of    func(ecssim.Sample) int
	}{
		{"desired", func(h ecssim.Sample) int { return h.Desired }},
		{"running", func(h ecssim.Sample) int { return h.Running }},
		{"healthy", func(h ecssim.Sample) int { return h.Healthy }},
	} {
		fmt.Fprintf(&svg, `<path class="%s" d="%s"/>`, series.class, steps(s.History, first, last, top, series.of))
	}
	svg.WriteString(`</svg>`)
	return template.HTML(svg.String()) //nolint:gosec // built from numbers alone
}

func rise(n, top int) float64 {
	return chartHeight - 12 - float64(n)/float64(top)*(chartHeight-24)
}

func steps(history []ecssim.Sample, first, last time.Time, top int, of func(ecssim.Sample) int) string {
	var path strings.Builder
	span := last.Sub(first).Seconds()
	for i, h := range history {
		x := chartPad + h.At.Sub(first).Seconds()/span*(chartWidth-chartPad-4)
		y := rise(of(h), top)
		if i == 0 {
			fmt.Fprintf(&path, "M%.1f %.1f", x, y)
			continue
		}
		fmt.Fprintf(&path, "H%.1fV%.1f", x, y)
	}
	return path.String()
}
