package report

import (
	"fmt"
	"html/template"
	"math"
	"slices"

	"homeostat/shared/lab/bench/scaling"
)

// The layout of the Pareto chart in SVG units, and the ends of its axes.
const (
	paretoWidth, paretoHeight = 440.0, 330.0
	costMost                  = 4.0 // higher costs are drawn at the edge
	violatingBend             = 0.05
	tickRoom                  = 24.0 // between two labels of an axis
)

// pareto is a chart of the cost and the violations of each policy on a trace.
type pareto struct {
	trial    scaling.TraceResults
	frontier []scaling.Point
	x, y     axis
	points   []point
}

// point is the position of a policy.
type point struct {
	policyStyle
	line scaling.Result
	x, y float64
}

// newPareto places the policies within a box.
func newPareto(t scaling.TraceResults, frontier []scaling.Point, left, top, right, bottom float64) pareto {
	p := pareto{trial: t, frontier: frontier}
	least, most := 0.95, 1.5
	for _, policy := range scaling.MainPolicies() {
		if l, ok := t.Of(policy); ok {
			least, most = min(least, l.CostRatio*0.96), max(most, l.CostRatio*1.06)
		}
	}
	p.x = axis{low: max(least, 0.3), high: min(most, costMost), begin: left, end: right, logarithmic: true}
	p.y = axis{low: 0, high: 100, begin: bottom, end: top, bend: violatingBend}
	for _, policy := range scaling.MainPolicies() {
		if l, ok := t.Of(policy); ok && policy != scaling.RateOracle {
			p.points = append(p.points, point{styleOf(policy), l, p.x.at(l.CostRatio), p.y.at(l.Violating)})
		}
	}
	return p
}

// chart returns the complete chart of one trace.
func (p pareto) chart() template.HTML {
	c := &canvas{width: paretoWidth, height: paretoHeight, about: "Cost and violations of each policy on " + p.trial.Trace + "; the table below has the figures"}
	p.grid(c, true)
	c.text(p.x.begin, 12, "tick", "start", "violating requests, %")
	c.text(p.x.end, paretoHeight-4, "tick", "end", "cost ÷ oracle's")
	p.draw(c, 4.6)
	p.label(c)
	return c.svg()
}

func (p pareto) grid(c *canvas, words bool) {
	for _, v := range []float64{0, 0.1, 1, 10, 100} {
		y := p.y.at(v)
		c.line(p.x.begin, y, p.x.end, y, "grid")
		if words {
			c.text(p.x.begin-5, y+3.5, "tick", "end", fmt.Sprintf("%g", v))
		}
	}
	var labels []float64
	for _, v := range []float64{1, 2, 3, 4, 0.5, 1.5, 0.75, 1.25} {
		if v < p.x.low || v > p.x.high {
			continue
		}
		x := p.x.at(v)
		c.line(x, p.y.begin, x, p.y.end, "grid")
		// If the labels do not fit, the round values stay.
		if words && !slices.ContainsFunc(labels, func(o float64) bool { return math.Abs(o-x) < tickRoom }) {
			c.text(x, p.y.begin+13, "tick", "middle", fmt.Sprintf("%g", v))
			labels = append(labels, x)
		}
	}
}

// draw draws the frontier, the curve of Homeostat's cost score and the marks,
// Homeostat last.
func (p pareto) draw(c *canvas, size float64) {
	var frontier [][2]float64
	for _, f := range p.frontier {
		frontier = append(frontier, [2]float64{p.x.at(f.CostRatio), p.y.at(f.Violating)})
	}
	c.path(frontier, "line known")
	if l, ok := p.trial.Of(scaling.Own); ok {
		c.path(p.equal(l.ScoreMid), "line own dots")
	}
	for _, one := range p.points {
		if i := slices.IndexFunc(p.points, func(o point) bool { return o.policy == one.policy+scaling.Tuned }); i >= 0 {
			c.line(one.x, one.y, p.points[i].x, p.points[i].y, "line faint "+one.family)
		}
	}
	for _, one := range slices.Backward(p.points) {
		c.mark(one.x, one.y, size, one.policyStyle, fmt.Sprintf("%s (%s): %.3f %% violating, cost %.3f, score %.3f", one.policy, one.line.Setting, one.line.Violating, one.line.CostRatio, one.line.ScoreMid))
	}
}

// equal returns the curve of an equal cost score at the middle price, within the
// chart.
func (p pareto) equal(j float64) (out [][2]float64) {
	const steps = 60
	for i := range steps + 1 {
		violating := violatingBend * math.Expm1(float64(i)/steps*math.Log1p(100/violatingBend))
		cost := j - scaling.PriceMid*violating
		if cost >= p.x.low && cost <= p.x.high {
			out = append(out, [2]float64{p.x.at(cost), p.y.at(violating)})
		}
	}
	return out
}

// box is an occupied area.
type box struct{ left, top, right, bottom float64 }

func (b box) meets(o box) bool {
	return b.left < o.right && o.left < b.right && b.top < o.bottom && o.top < b.bottom
}

// label writes the names beside the marks if there is room, Homeostat and the
// defaults first. The other policies have a mark, its title and the table.
func (p pareto) label(c *canvas) {
	var taken []box
	for _, one := range p.points {
		taken = append(taken, box{one.x - 4, one.y - 4, one.x + 4, one.y + 4})
	}
	order := slices.Clone(p.points)
	slices.SortStableFunc(order, func(a, b point) int { return rank(a.policyStyle) - rank(b.policyStyle) })
	for _, one := range order {
		const high = 11.0
		wide := one.width()
		for _, place := range [][2]float64{{8, 4}, {-8 - wide, 4}, {-wide / 2, -8}, {-wide / 2, 16}, {6, -7}, {6, 14}, {-6 - wide, -7}, {-6 - wide, 14}, {10, -18}, {10, 25}, {-10 - wide, -18}, {-10 - wide, 25}} {
			b := box{one.x + place[0], one.y + place[1] - high + 2, one.x + place[0] + wide, one.y + place[1] + 2}
			if b.left < p.x.begin || b.right > p.x.end+8 || b.top < p.y.end-8 || b.bottom > p.y.begin+2 || slices.ContainsFunc(taken, b.meets) {
				continue
			}
			taken = append(taken, b)
			c.text(b.left, one.y+place[1], one.family, "start", one.label)
			break
		}
	}
}

func rank(f policyStyle) int {
	switch {
	case f.policy == scaling.Own:
		return 0
	case f.tuned:
		return 3
	case f.family == own:
		return 1
	}
	return 2
}
