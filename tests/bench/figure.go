package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
)

// Figure is a measured value with its target.
type Figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	// Target is the maximum of the value, or its minimum with AtLeast. Zero means
	// no target.
	Target  float64 `json:"target,omitempty"`
	AtLeast bool    `json:"at_least,omitempty"`
	// Note describes the measurement.
	Note string `json:"note,omitempty"`
}

// Ratio returns how many times better than the target the value is. Below 1 the
// target is missed. Without a target it returns 0.
func (f Figure) Ratio() float64 {
	switch {
	case f.Target == 0 || f.Value == 0:
		return 0
	case f.AtLeast:
		return f.Value / f.Target
	}
	return f.Target / f.Value
}

// Verdict returns met, missed, or "-" without a target.
func (f Figure) Verdict() string {
	switch {
	case f.Target == 0:
		return "-"
	case f.Ratio() >= 1:
		return "met"
	}
	return "missed"
}

// MarshalJSON adds the ratio and the verdict.
func (f Figure) MarshalJSON() ([]byte, error) {
	type plain Figure
	return json.Marshal(struct {
		plain
		Ratio   float64 `json:"ratio,omitempty"`
		Verdict string  `json:"verdict"`
	}{plain(f), f.Ratio(), f.Verdict()})
}

// Print writes the figures as a table.
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

// number keeps three digits and groups thousands.
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
