package scaling

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// Print writes the results of one trace as a table.
func Print(out io.Writer, results []Result) error {
	if len(results) == 0 {
		return nil
	}
	first := results[0]
	fmt.Fprintf(out, "%s: %.4g hours, seeds: %d", first.Trace, first.Hours, first.Seeds)
	if first.BoundMid != nil {
		fmt.Fprintf(out, "; lowest cost score: %.3f", *first.BoundMid)
	}
	fmt.Fprintln(out)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "policy\tviolating %\tcost ratio\tscore\tof rate-oracle\ttask-hours\tp95 ms\tp99 ms\tworst hour %\treaction s\tactions a day\t  setting")
	for _, l := range results {
		fmt.Fprintf(table, "%s\t%.3f\t%.3f\t%.3f\t%s\t%.1f\t%.0f\t%.0f\t%.2f\t%s\t%.1f\t  %s\n",
			l.Policy, l.Violating, l.CostRatio, l.ScoreMid, orDash(l.RateOracleRatio, "%.3f"), l.TaskHours, l.P95, l.P99, l.WorstHour,
			orDash(l.Reaction, "%.0f"), l.ActionsPerDay, l.Setting)
	}
	return table.Flush()
}

// orDash formats a figure, or returns a dash for nil.
func orDash(figure *float64, format string) string {
	if figure == nil {
		return "–"
	}
	return fmt.Sprintf(format, *figure)
}
