package bench

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// Print writes the results of one scenario as a table. Each figure has its 95 %
// interval.
func Print(out io.Writer, results []Result) error {
	if len(results) == 0 {
		return nil
	}
	fmt.Fprintf(out, "%s (%d runs, seeds from %d)\n", results[0].Scenario, results[0].Runs, results[0].Seed)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "  policy\tdetected %\tfailed tasks\tknown\tdecided s\trecovered s\tdown s\tfalse %\tineffective %")
	for _, l := range results {
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", l.Policy,
			FormatInterval(l.Detected, l.DetectedInterval), FormatInterval(&l.FailedTasks, &l.FailedTasksInterval), FormatInterval(&l.KnownTasks, &l.KnownTasksInterval),
			FormatInterval(l.Decide, l.DecideInterval), FormatInterval(l.Recover, l.RecoverInterval), FormatInterval(&l.Downtime, &l.DowntimeInterval),
			FormatInterval(&l.FalseRollback, &l.FalseRollbackInterval), FormatInterval(&l.IneffectiveRollback, &l.IneffectiveRollbackInterval))
	}
	return table.Flush()
}

// FormatInterval formats a figure with its interval, or a dash for none.
func FormatInterval(value *float64, i *Interval) string {
	switch {
	case value == nil:
		return "–"
	case i == nil || i[0] == i[1]:
		return fmt.Sprintf("%.1f", *value)
	}
	return fmt.Sprintf("%.1f [%.1f %.1f]", *value, i[0], i[1])
}
