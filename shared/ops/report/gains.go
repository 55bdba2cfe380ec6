package report

import (
	"fmt"
	"math"
	"slices"

	"homeostat/shared/lab/bench/scaling"
)

// The layout of the gains chart in SVG units, and the ends of its axis in percent.
const (
	gainsWidth, gainsLeft, gainsRight = 640.0, 150.0, 600.0
	gainsRow, gainsTop                = 24.0, 40.0
	gainMost, gainLeast               = 80.0, -60.0
)

// gains draws the difference between Homeostat's cost score and each baseline's, by
// trace.
func gains(all []scaling.TraceResults, baselines []string) *canvas {
	baselines = slices.DeleteFunc(slices.Clone(baselines), func(r string) bool { return scaling.Compare(all, scaling.Own, r).Traces == 0 })
	c := &canvas{
		width: gainsWidth, height: gainsTop + gainsRow*float64(len(baselines)) + 26,
		about: "Difference of Homeostat's cost score from each baseline's, one mark for each trace",
	}
	x := axis{low: gainLeast, high: gainMost, begin: gainsLeft, end: gainsRight}
	bottom := gainsTop + gainsRow*float64(len(baselines))
	for v := gainLeast; v <= gainMost; v += 20 {
		class := "grid"
		if v == 0 {
			class = "zero"
		}
		c.line(x.at(v), gainsTop-6, x.at(v), bottom, class)
		c.text(x.at(v), bottom+14, "tick", "middle", fmt.Sprintf("%+.0f %%", v))
	}
	c.text(x.at(0)-8, 14, "known", "end", "baseline's score is lower ←")
	c.text(x.at(0)+8, 14, "own", "start", "→ Homeostat's score is lower, by")
	for i, baseline := range baselines {
		y := gainsTop + gainsRow*(float64(i)+0.5)
		f := styleOf(baseline)
		c.text(gainsLeft-10, y+4, f.family, "end", f.label)
		for _, t := range all {
			us, played := t.Of(scaling.Own)
			them, there := t.Of(baseline)
			if played && there {
				gain := 100 * (them.ScoreMid - us.ScoreMid) / them.ScoreMid
				c.add(`<g class="faint">`)
				c.mark(x.at(gain), y, 3.4, f, fmt.Sprintf("%s: %.1f %% (score %.3f, %s %.3f)", t.Trace, gain, us.ScoreMid, baseline, them.ScoreMid))
				c.add(`</g>`)
			}
		}
		if median := scaling.Compare(all, scaling.Own, baseline).Gain[1]; !math.IsNaN(median) {
			c.add(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="zero" stroke-width="3"/>`, x.at(median), y-9, x.at(median), y+9)
		}
	}
	return c
}

// The layout of the small charts in SVG units.
const (
	multipleColumns                 = 5
	multipleWidth, multipleHeight   = 200.0, 150.0
	multipleTitle, multiplesHeading = 18.0, 26.0
)

// multiples draws the Pareto charts of all traces side by side.
func multiples(r *scaling.Report) *canvas {
	all := r.ByTrace()
	rows := (len(all) + multipleColumns - 1) / multipleColumns
	c := &canvas{
		width: multipleColumns * multipleWidth, height: multiplesHeading + float64(rows)*multipleHeight,
		about: "Cost (to the right) and violations (upwards) of each policy on each trace",
	}
	place := 10.0
	for _, one := range []policyStyle{
		{label: "Homeostat", family: own},
		{label: "AWS", family: aws},
		{label: "AWS, best setting", family: aws, tuned: true},
		{label: "Kubernetes, KEDA, Knative", family: kube},
		{label: "the same, best setting", family: kube, tuned: true},
		{label: "oracle", family: known},
	} {
		c.mark(place, 11, 4, one, one.label)
		c.text(place+9, 15, one.family, "start", one.label)
		place += 24 + one.width()
	}
	c.text(place, 15, "known", "start", "line: rate oracle; dots: Homeostat's score")
	for i, t := range all {
		left, top := float64(i%multipleColumns)*multipleWidth, multiplesHeading+float64(i/multipleColumns)*multipleHeight
		p := newPareto(t, frontierOf(r, t.Trace), left+30, top+multipleTitle+6, left+multipleWidth-12, top+multipleHeight-20)
		c.text(left+30, top+multipleTitle-4, "title", "start", shortened(t.Trace))
		p.grid(c, true)
		p.draw(c, 3)
	}
	return c
}

// shortened cuts a name to the width of its chart.
func shortened(name string) string {
	const most = 22
	if runes := []rune(name); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return name
}

func frontierOf(r *scaling.Report, trace string) []scaling.Point {
	for _, f := range r.Frontiers {
		if f.Trace == trace {
			return f.Points
		}
	}
	return nil
}

// Chart is a chart with its file name.
type Chart struct {
	Name string
	SVG  []byte
}

// ScalingCharts returns the charts beside the page of the scaling benchmark.
func ScalingCharts(r *scaling.Report) []Chart {
	return []Chart{
		{"scaling-gains.svg", gains(r.ByTrace(), gainBaselines()).alone()},
		{"scaling-traces.svg", multiples(r).alone()},
	}
}

// gainBaselines returns the baselines of the gains chart, each at its default and
// at its best setting.
func gainBaselines() (out []string) {
	for _, baseline := range slices.Concat(scaling.Documented(), scaling.Kubernetes()) {
		out = append(out, baseline, baseline+scaling.Tuned)
	}
	return out
}
