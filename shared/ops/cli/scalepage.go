package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"homeostat/shared/lab/bench/scaling"
	"homeostat/shared/ops/report"
)

// scalePage is what becomes of the scaling benchmark's figures.
type scalePage struct {
	From     []string `help:"Play nothing, and take what --out or --output json wrote into this file; may be repeated, and of two lines for the same the later one counts." placeholder:"FILE"`
	HTML     string   `help:"Write a page with charts to this file." placeholder:"FILE"`
	Markdown string   `help:"Replace the figures in this page, docs/benchmarks/scaling.md say, and write its charts beside it." placeholder:"FILE"`
	Aims     bool     `help:"Print the aims, and exit with 1 where one is missed."`
	Date     string   `help:"Set the date of the run in the page instead of today." placeholder:"YYYY-MM-DD"`
}

// wanted reports whether more is asked for than lines.
func (v *scalePage) wanted() bool { return v.HTML != "" || v.Markdown != "" || v.Aims }

// earlier is what earlier runs wrote.
func (v *scalePage) earlier() (*scaling.Report, error) { return results(v.From...) }

func results(names ...string) (*scaling.Report, error) {
	r := &scaling.Report{}
	for _, name := range names {
		file, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, plainPathError(err))
		}
		err = r.Read(file)
		if err := errors.Join(err, file.Close()); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return r, nil
}

// show writes the pages and says whether the aims are met.
func (v *scalePage) show(s *session, form string, r *scaling.Report) error {
	if v.HTML != "" {
		page, err := report.Scaling(r)
		if err != nil {
			return err
		}
		if err := os.WriteFile(v.HTML, page, 0o644); err != nil {
			return fmt.Errorf("writing the page: %w", err)
		}
	}
	if err := v.markdown(r); err != nil {
		return err
	}
	if !v.Aims {
		return nil
	}
	missed := false
	for _, a := range r.Aims() {
		missed = missed || !a.Met()
		if form == "text" {
			fmt.Fprintln(s.out, a)
		}
	}
	if missed {
		return errFound
	}
	return nil
}

func (v *scalePage) markdown(r *scaling.Report) error {
	if v.Markdown == "" {
		return nil
	}
	page, err := os.ReadFile(v.Markdown)
	if err != nil {
		return fmt.Errorf("%s: %w", v.Markdown, plainPathError(err))
	}
	var names []string
	charts := report.ScalingCharts(r)
	for _, c := range charts {
		names = append(names, c.Name)
	}
	if page, err = scaling.Markdown(page, r, names); err != nil {
		return fmt.Errorf("%s: %w", v.Markdown, err)
	}
	for _, c := range charts {
		if err := os.WriteFile(filepath.Join(filepath.Dir(v.Markdown), c.Name), c.SVG, 0o644); err != nil {
			return fmt.Errorf("writing a chart: %w", err)
		}
	}
	if err := os.WriteFile(v.Markdown, page, 0o644); err != nil {
		return fmt.Errorf("writing the figures: %w", err)
	}
	return nil
}

// meta says when and how the lines are made.
func (v *benchScaleVerb) meta() *scaling.Meta {
	date := v.Date
	if date == "" {
		date = time.Now().UTC().Format(time.DateOnly)
	}
	return &scaling.Meta{
		Date: date, Command: v.command(), Platform: fmt.Sprintf("%s, %s/%s, %d processors", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0)),
		Peak: v.Peak, Days: v.Days, Seeds: v.Seeds, Tuned: v.Tune,
	}
}

// command is the call without where its answers go.
func (v *benchScaleVerb) command() string {
	words := []string{"homeostat bench scale"}
	add := func(asked bool, format string, args ...any) {
		if asked {
			words = append(words, fmt.Sprintf(format, args...))
		}
	}
	for _, t := range v.Trace {
		add(true, "--trace %s", filepath.Base(t))
	}
	add(v.Traces != "", "--traces %s", filepath.Base(v.Traces))
	add(v.Generated, "--generated")
	for _, p := range v.Policy {
		add(true, "--policy %s", p)
	}
	add(v.Peak != defaultPeak, "--peak %d", v.Peak)
	add(true, "--seeds %d", v.Seeds)
	add(v.Days > 0, "--days %d", v.Days)
	add(!v.Tune, "--no-tune")
	add(v.ViolationPrice != scaling.PriceMid, "--violation-price %g", v.ViolationPrice)
	add(v.Tuned != "", "--tuned %s", filepath.Base(v.Tuned))
	add(v.Sensitivity, "--sensitivity")
	return strings.Join(words, " ")
}
