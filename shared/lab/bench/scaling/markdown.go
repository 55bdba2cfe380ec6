package scaling

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// These marks enclose the figures of a page.
const (
	beginFigures = "<!-- figures: written by bench scale --markdown -->\n"
	endFigures   = "<!-- end of figures -->\n"
)

// Markdown replaces the figures of a page. The charts are files in the same folder.
func Markdown(page []byte, r *Report, charts []string) ([]byte, error) {
	before, rest, begins := bytes.Cut(page, []byte(beginFigures))
	_, after, ends := bytes.Cut(rest, []byte(endFigures))
	if !begins || !ends {
		return nil, errors.New("the page has no marks for figures, expected the lines " +
			strings.TrimSpace(beginFigures) + " and " + strings.TrimSpace(endFigures))
	}
	w := &markdown{}
	w.played(r)
	w.aims(r.Aims())
	for _, p := range r.ComparisonGroups() {
		w.comparisonGroup(p)
	}
	w.losses(r)
	for _, c := range charts {
		w.printf("![%s](%s)\n\n", strings.TrimSuffix(c, ".svg"), c)
	}
	w.overview(r.ByTrace())
	w.reactions(r.Reactions)
	w.sensitivity(r.VariantSummaries())
	w.choices(r)
	for _, t := range r.ByTrace() {
		w.traceTable(t)
	}
	return slices.Concat(before, []byte(beginFigures), []byte(w.String()), []byte(endFigures), after), nil
}

type markdown struct{ strings.Builder }

func (w *markdown) printf(format string, args ...any) { fmt.Fprintf(w, format, args...) }

// head begins a table under a title.
func (w *markdown) head(title string, columns ...string) {
	if title != "" {
		w.printf("### %s\n\n", title)
	}
	w.printf("| %s |\n|%s\n", strings.Join(columns, " | "), strings.Repeat("---|", len(columns)))
}

func (w *markdown) row(cells ...string) { w.printf("| %s |\n", strings.Join(cells, " | ")) }

func (w *markdown) played(r *Report) {
	commands := r.Meta.Commands()
	if len(commands) == 1 {
		w.printf("\nPlayed on %s with %s by `%s`: %s. %s\n\n", r.Meta.Date, r.Meta.Platform, commands[0], r.Extent(), r.Meta.Halves())
		return
	}
	w.printf("\nPlayed on %s with %s, in %d parts, combined with `--from`: %s. %s\n\n<details><summary>Commands</summary>\n\n```\n%s\n```\n\n</details>\n\n",
		r.Meta.Date, r.Meta.Platform, len(commands), r.Extent(), r.Meta.Halves(), strings.Join(commands, "\n"))
}

// Extent returns the number of traces, hours and seeds as a text.
func (r *Report) Extent() string {
	seeds, hours := 0, 0.0
	all := r.ByTrace()
	for _, t := range all {
		seeds = max(seeds, t.Results[0].Seeds)
		hours += t.Results[0].Hours
	}
	return fmt.Sprintf("%d traces, %.0f measured hours, %d seeds each", len(all), hours, seeds)
}

// Halves describes the parts of the traces for tuning and for the results.
func (m Meta) Halves() string {
	days := ""
	if m.Days > 0 {
		days = fmt.Sprintf(" Longer traces are cut to %d days.", m.Days)
	}
	tuned := "No policy was tuned."
	if m.Tuned {
		tuned = "Tuned on the first halves, measured on the second halves."
	}
	return fmt.Sprintf("Scaled to a peak of %d tasks. %s%s", m.Peak, tuned, days)
}

func (w *markdown) aims(all []Aim) {
	met := len(slices.DeleteFunc(slices.Clone(all), func(a Aim) bool { return !a.Met() }))
	w.head(fmt.Sprintf("Aims: %d of %d met", met, len(all)), "", "aim", "figure", "wanted", "on")
	for _, a := range all {
		verdict := "met"
		if !a.Met() {
			verdict = "**missed**"
		}
		w.row(verdict, a.Name, a.Figure(), a.Bound(), a.Of)
	}
	w.printf("\n")
}

func (w *markdown) comparisonGroup(p ComparisonGroup) {
	w.printf("### %s\n\n%s\n\n", p.Title, p.About)
	w.head("", "policy", "baseline", "traces", "fewer violations", "fewer task-hours", "both", "both worse", "lower score at 0.03", "at 0.1", "at 0.3", "score at 0.1 lower by, median")
	for _, v := range p.Comparisons {
		w.row(v.Policy, v.Baseline, fmt.Sprint(v.Traces), fmt.Sprint(v.FewerViolations), fmt.Sprint(v.FewerHours), fmt.Sprint(v.Both),
			fmt.Sprint(v.BothWorse), fmt.Sprint(v.Lower[0]), fmt.Sprint(v.Lower[1]), fmt.Sprint(v.Lower[2]), fmt.Sprintf("%.1f %%", v.Gain[1]))
	}
	w.printf("\n")
}

func (w *markdown) losses(r *Report) {
	w.printf("### Where Homeostat loses\n\nTraces and baselines with a lower cost score than `%s` at the middle price. The percentage is the excess of Homeostat's score. The missed aims follow.\n\n", Own)
	all := r.Losses()
	if len(all) > 0 {
		w.head("", "trace", "violating %", "cost ÷ oracle", "score", "baselines with a lower score")
	}
	for _, of := range all {
		ours := of[0].Own
		var baselines []string
		for _, l := range of {
			baselines = append(baselines, fmt.Sprintf("%s (%.1f %%)", l.Baseline.Policy, l.ExcessPercent()))
		}
		w.row(of[0].Trace, fmt.Sprintf("%.3f", ours.Violating), fmt.Sprintf("%.3f", ours.CostRatio), fmt.Sprintf("%.3f", ours.ScoreMid), strings.Join(baselines, ", "))
	}
	w.printf("\n")
	for _, a := range r.Aims() {
		if !a.Met() {
			w.printf("- %s: %s, wanted %s (%s).\n", a.Name, a.Figure(), a.Bound(), a.Of)
		}
	}
	w.printf("\n")
}

// Losses returns the baselines with a lower cost score than Homeostat's, by trace
// and with the lowest score first.
func (r *Report) Losses() (out [][]Loss) {
	of := map[string][]Loss{}
	for _, p := range r.ComparisonGroups() {
		for _, v := range p.Comparisons {
			if v.Policy != Own {
				continue
			}
			for _, l := range v.Losses {
				of[l.Trace] = append(of[l.Trace], l)
			}
		}
	}
	for _, t := range r.ByTrace() {
		if all := of[t.Trace]; len(all) > 0 {
			slices.SortStableFunc(all, func(a, b Loss) int { return cmp.Compare(a.Baseline.ScoreMid, b.Baseline.ScoreMid) })
			out = append(out, all)
		}
	}
	return out
}

// MainPolicies returns the policies of the tables. The result file holds all
// policies.
func MainPolicies() []string {
	names := []string{Own, Own20, Own60}
	for _, p := range slices.Concat(Documented(), Kubernetes()) {
		names = append(names, p, p+Tuned)
	}
	return append(names, Oracle, RateOracle)
}

func (w *markdown) overview(all []TraceResults) {
	policies := slices.DeleteFunc(MainPolicies(), func(p string) bool {
		return !slices.ContainsFunc(all, func(t TraceResults) bool { _, ok := t.Of(p); return ok })
	})
	w.head("Cost score at the middle price", append([]string{"trace"}, policies...)...)
	for _, t := range all {
		cells := []string{t.Trace}
		for _, p := range policies {
			cell := "–"
			if l, ok := t.Of(p); ok {
				cell = fmt.Sprintf("%.2f", l.ScoreMid)
			}
			cells = append(cells, cell)
		}
		w.row(cells...)
	}
	w.printf("\n")
}

func (w *markdown) reactions(all []Reaction) {
	if len(all) == 0 {
		return
	}
	w.head(fmt.Sprintf("Tenfold step, with a start-up time of %d s", all[0].Start), "policy", "mean time, s", "longest, s", "seeds never served")
	for _, r := range all {
		w.row(r.Policy, orDash(r.Mean, "%.0f"), orDash(r.Longest, "%.0f"), fmt.Sprintf("%d of %d", r.Never, r.Seeds))
	}
	w.printf("\n")
}

func (w *markdown) sensitivity(all []VariantSummary) {
	if len(all) == 0 {
		return
	}
	w.head("Sensitivity to the assumptions", "variant", "policy", "traces", "violating %, median", "cost ÷ oracle, median", "score, median", "lower score with homeostat")
	for _, v := range all {
		costScoreAim := "–"
		if v.Policy != Own {
			costScoreAim = fmt.Sprintf("%d of %d", v.Lower, v.Traces)
		}
		w.row(v.Variant, v.Policy, fmt.Sprint(v.Traces), fmt.Sprintf("%.3f", v.Violating), fmt.Sprintf("%.3f", v.CostRatio), fmt.Sprintf("%.3f", v.CostScore), costScoreAim)
	}
	w.printf("\nOne seed, the second half of at most two days of each trace.\n\n")
}

func (w *markdown) choices(r *Report) {
	if len(r.Choices) == 0 {
		return
	}
	w.head("Tuning", "policy", "default", "mean score", "best single setting", "mean score", "settings tried")
	for _, c := range r.Choices {
		w.row(c.Policy, c.Default, orDash(c.Of(c.Default), "%.3f"), c.Best, orDash(c.Of(c.Best), "%.3f"), fmt.Sprint(len(c.Scores)))
	}
	w.printf("\nMeans over the first halves of all traces.\n\n")
}

// Of returns the mean cost score of a setting over the whole tuning part.
func (c Choice) Of(setting string) *float64 {
	for _, s := range c.Scores {
		if s.Setting == setting {
			return s.Full
		}
	}
	return nil
}

func (w *markdown) traceTable(t TraceResults) {
	w.printf("<details><summary>%s</summary>\n\n", t.Trace)
	w.head("", "policy", "setting", "violating %", "95 %", "cost ÷ oracle", "score 0.03", "score 0.1", "score 0.3", "task-hours", "p95 ms", "p99 ms", "worst hour %", "actions a day", "÷ rate-oracle")
	for _, p := range MainPolicies() {
		l, ok := t.Of(p)
		if !ok {
			continue
		}
		w.row(l.Policy, l.Setting, fmt.Sprintf("%.3f", l.Violating), fmt.Sprintf("%.3f–%.3f", l.ViolatingCI[0], l.ViolatingCI[1]),
			fmt.Sprintf("%.3f", l.CostRatio), fmt.Sprintf("%.3f", l.ScoreLow), fmt.Sprintf("%.3f", l.ScoreMid), fmt.Sprintf("%.3f", l.ScoreHigh),
			fmt.Sprintf("%.1f", l.TaskHours), fmt.Sprintf("%.0f", l.P95), fmt.Sprintf("%.0f", l.P99), fmt.Sprintf("%.1f", l.WorstHour),
			fmt.Sprintf("%.0f", l.ActionsPerDay), orDash(l.RateOracleRatio, "%.3f"))
	}
	w.printf("\n</details>\n\n")
}
