package report

import (
	"fmt"
	"html/template"
	"math"
	"slices"

	"homeostat/shared/lab/bench/scaling"
)

// The layout of the chart over time in SVG units.
const (
	timelineWidth, timelineHeight = 440.0, 330.0
	timelineLeft, timelineRight   = 34.0, 430.0
	timelineTop, timelineBottom   = 44.0, 298.0
)

// timeline draws the needed and the ready tasks of a part of a trace.
func timeline(s scaling.Series) template.HTML {
	c := &canvas{width: timelineWidth, height: timelineHeight, about: "Needed and ready tasks of " + s.Trace + " around its highest traffic"}
	high := slices.Max(s.Need)
	for _, t := range s.Tasks {
		high = max(high, slices.Max(t.Ready))
	}
	// A policy with many times too many tasks would hide the others.
	high = min(math.Ceil(high*1.05), math.Ceil(2.5*max(1, slices.Max(s.Need))))
	x := axis{low: 0, high: float64(len(s.Need)), begin: timelineLeft, end: timelineRight}
	y := axis{low: 0, high: high, begin: timelineBottom, end: timelineTop}
	for _, v := range ticks(high) {
		c.line(x.begin, y.at(v), x.end, y.at(v), "grid")
		c.text(x.begin-5, y.at(v)+3.5, "tick", "end", fmt.Sprintf("%g", v))
	}
	span := float64(s.To-s.From) / 3600
	for _, v := range ticks(span) {
		place := x.at(v / span * x.high)
		c.line(place, y.begin, place, y.begin+4, "zero")
		c.text(place, y.begin+15, "tick", "middle", hours(v))
	}
	c.text(x.end, timelineHeight-4, "tick", "end", "hours, from "+hours(float64(s.From)/3600)+" h of the trace")
	c.text(x.begin-5, timelineTop-8, "tick", "start", "tasks")
	need := append([][2]float64{{x.begin, y.begin}}, stairs(s.Need, x, y)...)
	c.path(append(need, [2]float64{x.end, y.begin}), "need")
	legend := x.begin
	c.add(`<rect class="need" x="%.1f" y="5" width="14" height="10"/>`, legend)
	c.text(legend+18, 14, "", "start", "needed")
	legend += 66
	for _, t := range slices.Backward(s.Tasks) {
		c.path(stairs(t.Ready, x, y), lineOf(t.Policy))
	}
	for _, t := range s.Tasks {
		f := styleOf(t.Policy)
		c.line(legend, 10, legend+14, 10, lineOf(t.Policy))
		c.text(legend+18, 14, f.family, "start", f.label)
		legend += 28 + f.width()
	}
	return c.svg()
}

// lineOf returns the class of a policy's line. AWS's two policies share a colour,
// so one is dashed.
func lineOf(policy string) string {
	class := "line " + styleOf(policy).family
	if policy == "target-tracking-60" {
		class += " dash"
	}
	return class
}

// stairs returns the corners of a step function.
func stairs(values []float64, x, y axis) (out [][2]float64) {
	for i, v := range values {
		place := y.at(v)
		if n := len(out); n > 0 && out[n-1][1] == place {
			out[n-1][0] = x.at(float64(i + 1))
			continue
		}
		out = append(out, [2]float64{x.at(float64(i)), place}, [2]float64{x.at(float64(i + 1)), place})
	}
	return out
}

// ticks returns about four round values up to a maximum.
func ticks(high float64) (out []float64) {
	step := math.Pow(10, math.Floor(math.Log10(high/4)))
	for _, times := range []float64{1, 2, 5, 10} {
		if high/(times*step) <= 5 {
			step *= times
			break
		}
	}
	for v := 0.0; v <= high+1e-9; v += step {
		out = append(out, math.Round(v*1e6)/1e6)
	}
	return out
}

func hours(h float64) string { return fmt.Sprintf("%.4g", h) }
