package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"homeostat/shared/lab/bench"
	"homeostat/shared/ops/report"
)

type benchVerb struct {
	Heal  benchHealVerb  `cmd:"" help:"Play the same failures against Homeostat, the means of ECS and the common Lambda."`
	Scale benchScaleVerb `cmd:"" help:"Play the same traffic against Homeostat and the scalers of AWS, Kubernetes, KEDA and Knative."`
	Fit   benchFitVerb   `cmd:"" help:"Fit the numbers of the scaling controller to traffic."`
}

type benchHealVerb struct {
	output
	Scenario []string `help:"Play these scenarios only; may be repeated." placeholder:"NAME"`
	Policy   []string `help:"Play these policies only; may be repeated." placeholder:"NAME"`
	Runs     int      `default:"200" help:"Play each scenario against each policy with this number of seeds."`
	Seed     uint64   `default:"1" help:"Set the first seed; the same seeds give the same lines."`
	HTML     string   `help:"Write a page with charts to this file." placeholder:"FILE"`
	Markdown string   `help:"Replace the figures in this page, such as docs/benchmarks/healing.md." placeholder:"FILE"`
	From     string   `help:"Read the lines of an earlier run with --output json from this file and play nothing." placeholder:"FILE"`
	Aims     bool     `help:"Exit with 1 if an aim is missed."`

	Sensitivity bool `help:"Play a few scenarios with other values of the numbers that AWS does not publish (30 runs are enough)."`

	List bool `help:"List the scenarios and policies and play nothing."`
}

// Run plays the benchmark and prints each scenario as soon as it is through.
func (v *benchHealVerb) Run(s *session) error {
	if v.List {
		return v.list(s)
	}
	if v.Runs < 1 {
		return usageError{fmt.Errorf("--runs is %d, expected 1 or more", v.Runs)}
	}
	if v.Sensitivity {
		return v.sensitivity(s)
	}
	lines, err := v.lines(s)
	if _, unknown := errors.AsType[bench.UnknownError](err); unknown {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	aims := bench.Aims(lines)
	if err := errors.Join(v.html(lines, aims), v.markdown(lines, aims)); err != nil {
		return err
	}
	return v.verdict(s, aims)
}

// lines are played, or read.
func (v *benchHealVerb) lines(s *session) ([]bench.Result, error) {
	if v.From == "" {
		return bench.Heal(s.ctx, bench.Options{
			Runs: v.Runs, Seed: v.Seed, Scenarios: v.Scenario, Policies: v.Policy,
			Done: func(lines []bench.Result) error { return v.print(s, lines) },
		})
	}
	file, err := os.Open(v.From)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", v.From, plainPathError(err))
	}
	defer func() { _ = file.Close() }()
	lines, err := bench.Read(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", v.From, err)
	}
	for start := 0; start < len(lines); {
		end := start + 1
		for end < len(lines) && lines[end].Scenario == lines[start].Scenario {
			end++
		}
		if err := v.print(s, lines[start:end]); err != nil {
			return nil, err
		}
		start = end
	}
	return lines, nil
}

// sensitivity plays the variations. Each line is printed as soon as it is known in
// JSON, and the tables at the end as text.
func (v *benchHealVerb) sensitivity(s *session) error {
	var variants []bench.Variant
	keep := func(one bench.Variant) error {
		variants = append(variants, one)
		if v.Output == "json" {
			return writeJSON(s.out, one)
		}
		return nil
	}
	err := v.variants(s, keep)
	if _, unknown := errors.AsType[bench.UnknownError](err); unknown {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	if v.Markdown != "" {
		if err := v.rewrite(func(page []byte) ([]byte, error) { return bench.SensitivityMarkdown(page, variants) }); err != nil {
			return err
		}
	}
	if v.Output == "json" {
		return nil
	}
	return bench.PrintSensitivity(s.out, variants)
}

// variants plays the variations, or reads them from an earlier run.
func (v *benchHealVerb) variants(s *session, keep func(bench.Variant) error) error {
	if v.From == "" {
		return bench.Sensitivity(s.ctx, bench.Options{Runs: v.Runs, Seed: v.Seed, Scenarios: v.Scenario, Policies: v.Policy}, keep)
	}
	raw, err := os.ReadFile(v.From)
	if err != nil {
		return fmt.Errorf("%s: %w", v.From, plainPathError(err))
	}
	lines := json.NewDecoder(bytes.NewReader(raw))
	for n := 1; ; n++ {
		var one bench.Variant
		switch err := lines.Decode(&one); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil || one.Name == "":
			return fmt.Errorf("%s: object %d is no line of bench heal --sensitivity --output json", v.From, n)
		}
		if err := keep(one); err != nil {
			return err
		}
	}
}

func (v *benchHealVerb) list(s *session) error {
	for _, name := range bench.Scenarios() {
		fmt.Fprintln(s.out, "scenario", name)
	}
	names, abouts := bench.Policies()
	for i, name := range names {
		fmt.Fprintf(s.out, "policy %s: %s\n", name, abouts[i])
	}
	return nil
}

func (v *benchHealVerb) print(s *session, lines []bench.Result) error {
	if v.Output == "text" {
		return bench.Print(s.out, lines)
	}
	for _, l := range lines {
		if err := writeJSON(s.out, l); err != nil {
			return err
		}
	}
	return nil
}

func (v *benchHealVerb) html(lines []bench.Result, aims []bench.Aim) error {
	if v.HTML == "" {
		return nil
	}
	page, err := report.Healing(lines, aims)
	if err != nil {
		return err
	}
	if err := os.WriteFile(v.HTML, page, 0o644); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

func (v *benchHealVerb) markdown(lines []bench.Result, aims []bench.Aim) error {
	if v.Markdown == "" {
		return nil
	}
	return v.rewrite(func(page []byte) ([]byte, error) { return bench.Markdown(page, lines, aims) })
}

// rewrite changes the page of --markdown.
func (v *benchHealVerb) rewrite(change func([]byte) ([]byte, error)) error {
	page, err := os.ReadFile(v.Markdown)
	if err != nil {
		return fmt.Errorf("%s: %w", v.Markdown, plainPathError(err))
	}
	if page, err = change(page); err != nil {
		return fmt.Errorf("%s: %w", v.Markdown, err)
	}
	if err := os.WriteFile(v.Markdown, page, 0o644); err != nil {
		return fmt.Errorf("writing the figures: %w", err)
	}
	return nil
}

// verdict prints the aims. In JSON only the lines are printed, so that each
// object has the same shape.
func (v *benchHealVerb) verdict(s *session, aims []bench.Aim) error {
	missed := false
	for _, a := range aims {
		missed = missed || !a.Met()
		if v.Output == "text" {
			fmt.Fprintln(s.out, a)
		}
	}
	if v.Aims && missed {
		return errFound
	}
	return nil
}
