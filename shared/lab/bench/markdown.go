package bench

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// These marks enclose the figures of a page.
const (
	beginFigures = "<!-- figures: written by bench heal --markdown -->\n"
	endFigures   = "<!-- end of figures -->\n"
)

// Markdown replaces the figures of a page.
func Markdown(page []byte, results []Result, aims []Aim) ([]byte, error) {
	var figures strings.Builder
	writeAims(&figures, aims)
	for _, t := range []struct {
		group, title string
		figure       func(Result) (*float64, *Interval)
	}{
		{groupBad, "Detected, % of runs", func(l Result) (*float64, *Interval) { return l.Detected, l.DetectedInterval }},
		{groupBad, "Failed tasks before the decision (or all without a decision), mean", func(l Result) (*float64, *Interval) { return &l.FailedTasks, &l.FailedTasksInterval }},
		{groupBad, "Failed tasks with an event before the decision, mean", func(l Result) (*float64, *Interval) { return &l.KnownTasks, &l.KnownTasksInterval }},
		{groupBad, "Seconds from the first failure to the decision, median", func(l Result) (*float64, *Interval) { return l.Decide, l.DecideInterval }},
		{groupBad, "Seconds from the first failure until all tasks were good, median", func(l Result) (*float64, *Interval) { return l.Recover, l.RecoverInterval }},
		{groupBad, "Seconds without a serving task, mean", func(l Result) (*float64, *Interval) { return &l.Downtime, &l.DowntimeInterval }},
		{groupGood, "Good revisions: false rollbacks, % of runs", func(l Result) (*float64, *Interval) { return &l.FalseRollback, &l.FalseRollbackInterval }},
		{groupIncident, "Incidents: ineffective rollbacks, % of runs", func(l Result) (*float64, *Interval) { return &l.IneffectiveRollback, &l.IneffectiveRollbackInterval }},
	} {
		writeTable(&figures, t.title, slices.DeleteFunc(slices.Clone(results), func(l Result) bool { return l.Group != t.group }), t.figure)
	}
	return between(page, beginFigures, endFigures, figures.String())
}

// between replaces the text between two marks of a page.
func between(page []byte, begin, end, text string) ([]byte, error) {
	before, rest, begins := bytes.Cut(page, []byte(begin))
	_, after, ends := bytes.Cut(rest, []byte(end))
	if !begins || !ends {
		return nil, errors.New("the page has no marks for figures, expected the lines " + strings.TrimSpace(begin) + " and " + strings.TrimSpace(end))
	}
	return slices.Concat(before, []byte(begin), []byte(text), []byte(end), after), nil
}

func writeAims(out *strings.Builder, aims []Aim) {
	out.WriteString("\n| aim | measured | at most | | on |\n|---|---|---|---|---|\n")
	for _, a := range aims {
		verdict := "met"
		if !a.Met() {
			verdict = "**missed**"
		}
		fmt.Fprintf(out, "| %s | %.3g%s | %g%s | %s | %s |\n", a.Name, a.Value, a.Unit, a.Limit, a.Unit, verdict, a.Of)
	}
	out.WriteString("\n")
}

// writeTable writes a figure of each scenario and policy, with its interval.
func writeTable(out *strings.Builder, title string, results []Result, figure func(Result) (*float64, *Interval)) {
	if len(results) == 0 {
		return
	}
	var policies []string
	for _, l := range results {
		if !slices.Contains(policies, l.Policy) {
			policies = append(policies, l.Policy)
		}
	}
	fmt.Fprintf(out, "### %s\n\n| | %s |\n|---|%s\n", title, strings.Join(policies, " | "), strings.Repeat("---|", len(policies)))
	for start := 0; start < len(results); start += len(policies) {
		row := results[start:min(start+len(policies), len(results))]
		fmt.Fprintf(out, "| %s |", row[0].Scenario)
		for _, l := range row {
			value, i := figure(l)
			fmt.Fprintf(out, " %s |", FormatInterval(value, i))
		}
		out.WriteString("\n")
	}
	out.WriteString("\n")
}
