package report

import (
	_ "embed" // day.css
	"fmt"
	"html"
	"time"

	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/rehearse"
)

// Moment is one numbered mark of the picture of a day.
type Moment struct {
	At   time.Time
	Text string
	// Alert draws the mark as a failure.
	Alert bool
}

// Size of the picture of a day, in SVG units.
const (
	dayWidth, dayTop, dayBottom = 1000.0, 64.0, 260.0
	dayLeft, dayRight           = 44.0, 976.0
	dayRow                      = 19.0
	// dayMarkGap is the least distance between two marks of one lane.
	dayMarkGap = 24.0
)

// dayStyle is the style sheet of the picture.
//
//go:embed day.css
var dayStyle string

// Day draws the task counts of a service over a day, with numbered moments below.
// figures is the line at the bottom.
func Day(s rehearse.ServiceResult, moments []Moment, figures string) []byte {
	if len(s.History) < 2 {
		return nil
	}
	height := dayBottom + 58 + dayRow*float64(len(moments)+1)
	c := &canvas{width: dayWidth, height: height, about: "Task counts of " + s.Service + " over a day, and the events of the day"}
	first, last := s.History[0].At, s.History[len(s.History)-1].At
	top := 1
	for _, h := range s.History {
		top = max(top, h.Desired+1) // a deployment doubles the running tasks for a minute only
	}
	x := axis{low: 0, high: last.Sub(first).Seconds(), begin: dayLeft, end: dayRight}
	y := axis{low: 0, high: float64(top) + 0.4, begin: dayBottom, end: dayTop}
	at := func(t time.Time) float64 { return x.at(t.Sub(first).Seconds()) }
	c.text(16, 26, "title", "start", "One day of "+s.Service+": the code that is deployed, on a simulated Amazon ECS")
	for n := 0; n <= top; n++ {
		c.line(x.begin, y.at(float64(n)), x.end, y.at(float64(n)), "grid")
		c.text(x.begin-8, y.at(float64(n))+4, "soft", "end", fmt.Sprint(n))
	}
	for t := first.Truncate(time.Hour).Add(time.Hour); t.Before(last); t = t.Add(time.Hour) {
		if t.Hour()%3 == 0 {
			c.text(at(t), dayBottom+18, "soft", "middle", t.Format("15:04"))
		}
	}
	running := stepsOf(s.History, at, func(h ecssim.Sample) float64 { return y.at(float64(h.Running)) })
	c.path(append(append([][2]float64{{x.begin, y.begin}}, running...), [2]float64{x.end, y.begin}), "run")
	c.path(stepsOf(s.History, at, func(h ecssim.Sample) float64 { return y.at(float64(h.Desired)) }), "want")
	c.add(`<rect class="run" x="%.0f" y="16" width="14" height="11"/>`, dayRight-190)
	c.text(dayRight-172, 26, "soft", "start", "running tasks")
	c.line(dayRight-84, 21, dayRight-70, 21, "want")
	c.text(dayRight-66, 26, "soft", "start", "desired")
	c.moments(moments, at)
	c.text(16, height-14, "soft", "start", figures)
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" role="img" aria-label="%s"><style>%s</style>%s</svg>`+"\n",
		c.width, c.height, c.width, c.height, html.EscapeString(c.about), "\n"+dayStyle, c.body.String())
}

// moments draws the numbered marks above the chart, in two lanes where they are
// close, and their texts below it.
func (c *canvas) moments(moments []Moment, at func(time.Time) float64) {
	lanes := [2]float64{-dayMarkGap, -dayMarkGap}
	for i, m := range moments {
		place, lane := at(m.At), 0
		if place-lanes[0] < dayMarkGap && place-lanes[1] >= dayMarkGap {
			lane = 1
		}
		place = max(place, lanes[lane]+dayMarkGap)
		lanes[lane] = place
		class, level := "mark", dayTop-10-20*float64(lane)+8
		if m.Alert {
			class += " bad"
		}
		c.line(at(m.At), level, at(m.At), dayBottom, "stem")
		c.add(`<circle class="%s" cx="%.1f" cy="%.1f" r="9"/>`, class, place, level)
		c.text(place, level+4, "number", "middle", fmt.Sprint(i+1))
		row := dayBottom + 50 + dayRow*float64(i)
		c.add(`<circle class="%s" cx="24" cy="%.1f" r="8"/>`, class, row-4)
		c.text(24, row, "number", "middle", fmt.Sprint(i+1))
		c.text(42, row, "time", "start", m.At.Format("15:04:05"))
		c.text(110, row, "", "start", m.Text)
	}
}

// stepsOf returns the corners of a count that stays until the next sample.
func stepsOf(history []ecssim.Sample, at func(time.Time) float64, of func(ecssim.Sample) float64) (out [][2]float64) {
	for i, h := range history {
		if i > 0 {
			out = append(out, [2]float64{at(h.At), out[len(out)-1][1]})
		}
		out = append(out, [2]float64{at(h.At), of(h)})
	}
	return out
}
