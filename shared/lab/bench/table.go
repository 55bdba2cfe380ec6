package bench

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// Print writes the lines of one scenario as a table, each figure with the two
// ends of its 95 % interval.
func Print(out io.Writer, lines []Line) error {
	if len(lines) == 0 {
		return nil
	}
	fmt.Fprintf(out, "%s (%d runs, seeds from %d)\n", lines[0].Scenario, lines[0].Runs, lines[0].Seed)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "  policy\tdetected %\tfailed tasks\tknown\tdecided s\trecovered s\tdown s\tfalse %\tin vain %")
	for _, l := range lines {
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", l.Policy,
			Spread(l.Detected, l.DetectedInterval), Spread(&l.FailedTasks, &l.FailedTasksInterval), Spread(&l.ToldTasks, &l.ToldTasksInterval),
			Spread(l.Decide, l.DecideInterval), Spread(l.Recover, l.RecoverInterval), Spread(&l.Downtime, &l.DowntimeInterval),
			Spread(&l.FalseRollback, &l.FalseRollbackInterval), Spread(&l.RollbackInVain, &l.RollbackInVainInterval))
	}
	return table.Flush()
}

// Spread is a figure with the two ends of its interval; "–" for none.
func Spread(value *float64, i *Interval) string {
	switch {
	case value == nil:
		return "–"
	case i == nil || i[0] == i[1]:
		return fmt.Sprintf("%.1f", *value)
	}
	return fmt.Sprintf("%.1f [%.1f %.1f]", *value, i[0], i[1])
}
