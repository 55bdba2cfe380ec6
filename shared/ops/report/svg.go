package report

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strings"
)

// chartStyle holds the colours and fonts of the scaling charts: Homeostat, AWS,
// Kubernetes and the oracles.
const chartStyle = `
svg.chart { --own: #0b57d0; --aws: #a84b00; --kube: #7a3db8; --known: #59636e; --ink: #1f2328; --grid: #0000001a; --need: #0000001f; --paper: #ffffff; }
@media (prefers-color-scheme: dark) { svg.chart { --own: #8ab4f8; --aws: #f2a25c; --kube: #d0a2ff; --known: #9aa4ae; --ink: #e6e8eb; --grid: #ffffff22; --need: #ffffff2e; --paper: #16181c; } }
svg.chart { background: var(--paper); font-family: system-ui, sans-serif; }
svg.chart text { font-size: 11px; fill: var(--ink); }
svg.chart text.own { fill: var(--own); font-weight: 600; } svg.chart text.aws { fill: var(--aws); } svg.chart text.kube { fill: var(--kube); } svg.chart text.known { fill: var(--known); }
svg.chart .title { font-weight: 600; font-size: 12px; } svg.chart .tick { font-size: 10px; fill: var(--known); }
svg.chart .grid { stroke: var(--grid); fill: none; } svg.chart .zero { stroke: var(--known); fill: none; }
svg.chart .mark { stroke-width: 1.6; } svg.chart .mark.own { fill: var(--own); stroke: var(--own); } svg.chart .mark.aws { fill: var(--aws); stroke: var(--aws); }
svg.chart .mark.kube { fill: var(--kube); stroke: var(--kube); } svg.chart .mark.known { fill: var(--known); stroke: var(--known); }
svg.chart .mark.tuned { fill: var(--paper); } svg.chart .faint { opacity: .55; }
svg.chart .line { fill: none; stroke-width: 1.4; stroke-linejoin: round; } svg.chart .line.own { stroke: var(--own); stroke-width: 2.2; } svg.chart .line.aws { stroke: var(--aws); }
svg.chart .line.kube { stroke: var(--kube); } svg.chart .line.known { stroke: var(--known); } svg.chart .dash { stroke-dasharray: 4 3; } svg.chart .dots { stroke-dasharray: 1 3; stroke-linecap: round; }
svg.chart .need { fill: var(--need); stroke: none; }
@media print { svg.chart { --own: #0b57d0; --aws: #a84b00; --kube: #7a3db8; --known: #59636e; --ink: #000; --grid: #0003; --need: #0002; --paper: #fff; } }
`

// canvas is a chart during its drawing.
type canvas struct {
	body          strings.Builder
	width, height float64
	about         string
}

func (c *canvas) add(format string, args ...any) { fmt.Fprintf(&c.body, format, args...) }

func (c *canvas) text(x, y float64, class, anchor, words string) {
	c.add(`<text x="%.1f" y="%.1f" class="%s" text-anchor="%s">%s</text>`, x, y, class, anchor, html.EscapeString(words))
}

func (c *canvas) line(x1, y1, x2, y2 float64, class string) {
	c.add(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="%s"/>`, x1, y1, x2, y2, class)
}

// path draws a line through points.
func (c *canvas) path(points [][2]float64, class string) {
	if len(points) < 2 {
		return
	}
	c.add(`<path class="%s" d="M`, class)
	for i, p := range points {
		if i > 0 {
			c.body.WriteByte('L')
		}
		c.add("%.1f %.1f", p[0], p[1])
	}
	c.body.WriteString(`"/>`)
}

// mark draws a policy: a circle for Homeostat, a square for AWS, a triangle for
// Kubernetes and a diamond for oracles. A hollow mark is a best setting.
func (c *canvas) mark(x, y, size float64, p policyStyle, title string) {
	class := "mark " + p.family
	if p.tuned {
		class += " tuned"
	}
	shape := ""
	switch p.family {
	case own:
		shape = fmt.Sprintf(`<circle class="%s" cx="%.1f" cy="%.1f" r="%.1f">`, class, x, y, size)
	case aws:
		shape = fmt.Sprintf(`<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f">`, class, x-size*0.85, y-size*0.85, 1.7*size, 1.7*size)
	case kube:
		shape = fmt.Sprintf(`<polygon class="%s" points="%.1f,%.1f %.1f,%.1f %.1f,%.1f">`, class, x, y-1.1*size, x+size, y+0.8*size, x-size, y+0.8*size)
	default:
		shape = fmt.Sprintf(`<polygon class="%s" points="%.1f,%.1f %.1f,%.1f %.1f,%.1f %.1f,%.1f">`, class, x, y-size, x+size, y, x, y+size, x-size, y)
	}
	tag := strings.Fields(shape)[0][1:]
	c.add(`%s<title>%s</title></%s>`, shape, html.EscapeString(title), tag)
}

// svg returns the chart as a part of a page.
func (c *canvas) svg() template.HTML {
	whole := fmt.Sprintf(`<svg class="chart" viewBox="0 0 %.0f %.0f" role="img" aria-label="%s">%s</svg>`,
		c.width, c.height, html.EscapeString(c.about), c.body.String())
	return template.HTML(whole) //nolint:gosec // numbers, and words that are escaped
}

// alone returns the chart as a file.
func (c *canvas) alone() []byte {
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" role="img" aria-label="%s"><style>%s</style>%s</svg>`+"\n",
		c.width, c.height, c.width, c.height, html.EscapeString(c.about), chartStyle, c.body.String())
}

// axis maps values to positions.
type axis struct {
	low, high   float64 // values
	begin, end  float64 // positions
	logarithmic bool
	// bend is the value at the change from a linear to a logarithmic scale, for an
	// axis from 0.
	bend float64
}

func (a axis) bent(v float64) float64 {
	switch {
	case a.logarithmic:
		return math.Log(v)
	case a.bend > 0:
		return math.Log1p(v / a.bend)
	}
	return v
}

// at returns the position of a value, within the axis.
func (a axis) at(v float64) float64 {
	v = min(max(v, a.low), a.high)
	return a.begin + (a.end-a.begin)*(a.bent(v)-a.bent(a.low))/(a.bent(a.high)-a.bent(a.low))
}
