package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"homeostat/shared/core/demand"
	"homeostat/shared/lab/bench/scaling"
)

type benchFitVerb struct {
	output
	traceFlags
	Policy []string `help:"Fit for these policies of Homeostat only; may be repeated." placeholder:"NAME"`
	Number []string `help:"Fit this number of the controller only; may be repeated." placeholder:"NAME"`
	Prior  bool     `help:"Measure the losses of the strategies for a service without history instead."`
}

// Run fits the numbers of the controller to the traffic and prints each step.
func (v *benchFitVerb) Run(s *session) error {
	m, err := v.suite(s)
	if err != nil {
		return usageError{err}
	}
	if v.Prior {
		return v.prior(s, m)
	}
	if v.Output == "text" {
		fmt.Fprintf(s.out, "%-14s values, each with its mean cost score; * marks the best\n", "number")
	}
	before, steps := demand.Fitted(), 0
	after, err := m.Fit(s.ctx, v.Number, func(step scaling.Fitted) error {
		steps++
		return v.print(s.out, step)
	})
	if err != nil {
		return err
	}
	if v.Output == "json" {
		return nil
	}
	changed := 0
	old := before.Numbers()
	for i, n := range after.Numbers() {
		if *n.Value != *old[i].Value {
			fmt.Fprintf(s.out, "write %s: %g in shared/core/demand/constants.go (now %g)\n", n.Name, *n.Value, *old[i].Value)
			changed++
		}
	}
	fmt.Fprintf(s.out, "%d of %d numbers have a better value on this traffic\n", changed, steps)
	return nil
}

// suite returns the suite of the flags.
func (v *benchFitVerb) suite(s *session) (scaling.Suite, error) {
	m := scaling.Suite{
		Service: scaling.ServiceFor(v.Peak), Table: scaling.OwnPolicies(scaling.PriceMid), Policies: v.Policy, Seeds: []uint64{0},
		Progress: func(text string) { fmt.Fprintln(s.err, "homeostat:", text) },
	}
	if err := v.check(""); err != nil {
		return m, err
	}
	read, err := v.traces()
	if err != nil {
		return m, err
	}
	if m.Traces, err = scaling.Scaled(read, m.Service, v.Peak, v.Days); err != nil {
		return m, err
	}
	return m, m.CheckFit(v.Number)
}

// print prints one step: the scores of the values, the lowest one first.
func (v *benchFitVerb) print(out io.Writer, step scaling.Fitted) error {
	if v.Output == "json" {
		return writeJSON(out, step)
	}
	var line strings.Builder
	for i, one := range step.Tried {
		mark := ""
		if one.Value == step.Best {
			mark = "*"
		}
		if i > 0 {
			line.WriteString("  ")
		}
		fmt.Fprintf(&line, "%g%s: %.4f", one.Value, mark, one.Score)
	}
	_, err := fmt.Fprintf(out, "%-14s %s\n", step.Number, line.String())
	return err
}

// prior prints the table of losses: margins in rows, scale-in delays in columns.
func (v *benchFitVerb) prior(s *session, m scaling.Suite) error {
	table, err := m.Prior(s.ctx)
	if err != nil {
		return err
	}
	if v.Output == "json" {
		return writeJSON(s.out, table)
	}
	columns := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, row := range table {
		for _, loss := range row {
			fmt.Fprintf(columns, "%.2f\t", loss)
		}
		fmt.Fprintln(columns)
	}
	return columns.Flush()
}
