package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"homeostat/shared/lab/bench/scaling"
	"homeostat/shared/sim/traffic"
)

type benchScaleVerb struct {
	output
	recordFlags
	traceFlags
	Policy         []string `help:"Play these policies only; may be repeated." placeholder:"NAME"`
	Seeds          int      `default:"20" help:"Play each trace with this number of seeds; the same seeds give the same lines."`
	Tune           bool     `default:"true" negatable:"" help:"Add each baseline with its best single setting, found on the first halves of all traces."`
	ViolationPrice float64  `default:"0.1" help:"Set scale.violation_price in the policies of Homeostat. The cost scores always use the same three prices." placeholder:"PRICE"`
	Peers          string   `help:"Use this program for Kubernetes, KEDA and Knative instead of dist/peers.test, which make peers builds." placeholder:"FILE"`
	Out            string   `help:"Write scaling.jsonl and scaling-page.jsonl to this folder, or with --record write this file." placeholder:"PATH"`
	Tuned          string   `help:"Read the settings from the scaling-page.jsonl of an earlier run instead of a search." placeholder:"FILE"`

	Sensitivity bool `help:"Add a few policies with another peak, start-up time, objective or concurrency."`
	scalePage
}

// builtPeers is where make puts the peers' program.
const builtPeers = "dist/peers.test"

// Run plays the benchmark and prints the results of each trace, or records a
// service's own traffic.
func (v *benchScaleVerb) Run(s *session) error {
	if v.Record != "" {
		return v.write(s, v.Out)
	}
	if len(v.From) > 0 {
		r, err := v.earlier()
		if err != nil {
			return err
		}
		if err := v.printAll(s, r.ByTrace()); err != nil {
			return err
		}
		return v.show(s, v.Output, r)
	}
	if err := v.check(); err != nil {
		return usageError{err}
	}
	m, read, err := v.matrix(s)
	if err != nil {
		return err
	}
	r := &scaling.Report{}
	if err := v.play(s, m, read, r); err != nil {
		return err
	}
	return v.show(s, v.Output, r)
}

// matrix returns the suite of the flags, and the unscaled traces.
func (v *benchScaleVerb) matrix(s *session) (scaling.Suite, []traffic.Trace, error) {
	m := scaling.Suite{
		Service: scaling.ServiceFor(v.Peak), Table: scaling.Table(v.ViolationPrice), Policies: v.Policy, Untuned: !v.Tune,
		Progress: func(words string) { fmt.Fprintln(s.err, "homeostat:", words) },
		Steps:    v.Out != "" || v.wanted(),
	}
	for seed := range v.Seeds {
		m.Seeds = append(m.Seeds, uint64(seed)+1)
	}
	read, err := v.traces()
	if err != nil {
		return m, nil, err
	}
	if m.Traces, err = scaling.Scaled(read, m.Service, v.Peak, v.Days); err != nil {
		return m, nil, usageError{err}
	}
	if m.Peers, err = v.peers(s); err != nil {
		return m, nil, err
	}
	if v.Tuned != "" {
		found, err := results(v.Tuned)
		if err != nil {
			return m, nil, err
		}
		if m.Chosen = found.Choices; len(m.Chosen) == 0 {
			return m, nil, usageError{fmt.Errorf("--tuned %s: it has no settings that were tuned: give the scaling-page.jsonl of a run with --out", v.Tuned)}
		}
	}
	if err := m.Check(); err != nil {
		return m, nil, usageError{err}
	}
	return m, read, nil
}

// check returns an error for flags that are not possible.
func (v *benchScaleVerb) check() error {
	if err := v.traceFlags.check(", or --record CLUSTER/SERVICE"); err != nil {
		return err
	}
	switch {
	case v.Seeds < 1 || v.Seeds > maxSeeds:
		return fmt.Errorf("--seeds is %d, expected 1 to %d", v.Seeds, maxSeeds)
	case !(v.ViolationPrice > 0) || math.IsInf(v.ViolationPrice, 0):
		return fmt.Errorf("--violation-price is %v, expected a number above 0", v.ViolationPrice)
	}
	return nil
}

// peers returns the program that plays the peers. Without it a message names the
// peers that are left out.
func (v *benchScaleVerb) peers(s *session) (scaling.Player, error) {
	wanted := func(name string) bool { return slices.Contains(v.Policy, name) }
	if len(v.Policy) > 0 && !slices.ContainsFunc(scaling.PeerNames(), wanted) {
		return nil, nil
	}
	path := v.Peers
	if path == "" {
		path = builtPeers
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return nil, usageError{fmt.Errorf("--peers %s: it is a folder: give the program that make peers builds", path)}
	case err == nil:
		// A name without a folder would be searched for in PATH.
		if path, err = filepath.Abs(path); err != nil {
			return nil, fmt.Errorf("--peers: %w", err)
		}
		return scaling.PeerProgram(path), nil
	case v.Peers != "":
		return nil, usageError{fmt.Errorf("--peers %s: %w: make peers builds it", path, plainPathError(err))}
	}
	fmt.Fprintf(s.err, "homeostat: there is no %s, so %s are left out: make peers builds it\n", path, strings.Join(scaling.PeerNames(), ", "))
	return nil, nil
}

// play prints the results. With --out it writes them to a file, and all other data
// of a page to a second one. An interrupted run keeps the finished traces.
func (v *benchScaleVerb) play(s *session, m scaling.Suite, read []traffic.Trace, r *scaling.Report) error {
	lines, extras := io.Discard, io.Discard
	if v.Out != "" {
		for name, to := range map[string]*io.Writer{"scaling.jsonl": &lines, "scaling-page.jsonl": &extras} {
			file, err := createIn(v.Out, name)
			if err != nil {
				return fmt.Errorf("--out %s: %w", v.Out, plainPathError(err))
			}
			defer func() { _ = file.Close() }() // the error of each write was returned
			*to = file
		}
	}
	m.Extra = func(e scaling.Extra) error {
		r.Add(e)
		return writeJSON(extras, e)
	}
	if err := m.Extra(scaling.Extra{Meta: v.meta()}); err != nil {
		return err
	}
	through := 0
	m.Done = func(trial []scaling.Result) error {
		for _, l := range trial {
			r.AddResult(l)
		}
		if err := errors.Join(writeLines(lines, trial), v.print(s, trial)); err != nil {
			return fmt.Errorf("writing the lines: %w", err)
		}
		through++
		return nil
	}
	err := m.Play(s.ctx)
	if errors.Is(err, context.Canceled) {
		fmt.Fprintf(s.err, "homeostat: %d of %d traces are finished; their lines are kept\n", through, len(m.Traces))
	}
	if err != nil || !v.Sensitivity {
		return err
	}
	return m.Sensitivity(s.ctx, read, func(one scaling.Variant) error { return m.Extra(scaling.Extra{Variant: &one}) })
}

func (v *benchScaleVerb) printAll(s *session, all []scaling.TraceResults) error {
	for _, t := range all {
		if err := v.print(s, t.Results); err != nil {
			return err
		}
	}
	return nil
}

func (v *benchScaleVerb) print(s *session, lines []scaling.Result) error {
	if v.Output == "json" {
		return writeLines(s.out, lines)
	}
	return scaling.Print(s.out, lines)
}

// createIn creates a file in a folder. It creates a missing folder.
func createIn(folder, name string) (*os.File, error) {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return nil, err
	}
	return os.Create(filepath.Join(folder, name))
}

func writeLines(to io.Writer, lines []scaling.Result) error {
	for _, l := range lines {
		if err := writeJSON(to, l); err != nil {
			return err
		}
	}
	return nil
}
