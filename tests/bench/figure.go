package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
)

// Figure is one measured value and what is aimed at.
type Figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	// Target is the most that the value may be or, with AtLeast, the least.
	// Zero aims at nothing: the figure is there for comparison.
	Target  float64 `json:"target,omitempty"`
	AtLeast bool    `json:"at_least,omitempty"`
	// Note says how it was measured.
	Note string `json:"note,omitempty"`
}

// Ratio is how many times better than the target the value is; below 1 the
// target is missed. It is 0 where there is no target.
func (f Figure) Ratio() float64 {
	switch {
	case f.Target == 0 || f.Value == 0:
		return 0
	case f.AtLeast:
		return f.Value / f.Target
	}
	return f.Target / f.Value
}

// Verdict is met, missed, or "-" without a target.
func (f Figure) Verdict() string {
	switch {
	case f.Target == 0:
		return "-"
	case f.Ratio() >= 1:
		return "met"
	}
	return "missed"
}

// MarshalJSON adds ratio and verdict.
func (f Figure) MarshalJSON() ([]byte, error) {
	type plain Figure
	return json.Marshal(struct {
		plain
		Ratio   float64 `json:"ratio,omitempty"`
		Verdict string  `json:"verdict"`
	}{plain(f), f.Ratio(), f.Verdict()})
}

// Print writes the figures as a table, one a line.
func Print(out io.Writer, figures []Figure) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "FIGURE\tVALUE\tTARGET\tRATIO\tVERDICT\tNOTE")
	for _, f := range figures {
		target, ratio := "-", "-"
		if f.Target != 0 {
			sign := "≤ "
			if f.AtLeast {
				sign = "≥ "
			}
			target, ratio = sign+number(f.Target), number(f.Ratio())
		}
		_, _ = fmt.Fprintf(table, "%s\t%s %s\t%s\t%s\t%s\t%s\n", f.Name, number(f.Value), f.Unit, target, ratio, f.Verdict(), f.Note)
	}
	return table.Flush()
}

// number keeps three digits and sets thousands apart.
func number(x float64) string {
	if x < 1000 {
		return strconv.FormatFloat(x, 'g', 3, 64)
	}
	digits := strconv.FormatFloat(x, 'f', 0, 64)
	var out strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out.WriteByte(',')
		}
		out.WriteRune(d)
	}
	return out.String()
}
