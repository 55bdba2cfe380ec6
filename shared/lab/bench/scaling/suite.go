package scaling

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"homeostat/shared/lab/baseline"
	"homeostat/shared/sim/traffic"
	"homeostat/shared/sim/workload"
)

// Table returns the built-in policies with the oracle. Suite adds the rate oracle
// for each trace. Homeostat's policies use the violation price.
func Table(price float64) []Policy {
	return slices.Concat(OwnPolicies(price), baselines(), []Policy{oracle()})
}

// baselines returns AWS's scalers and the fixed fleets.
func baselines() []Policy {
	var out []Policy
	for _, r := range baseline.Policies() {
		c := Policy{Name: r.Name, About: r.About, Tuned: r.Tuned, ShortMemory: r.ShortMemory}
		for _, s := range r.Settings {
			c.Settings = append(c.Settings, Setting{
				Name: s.Name,
				New:  func(start RunInput) workload.Scaler { return s.New(start.Service, start.Trace) },
			})
		}
		out = append(out, c)
	}
	return out
}

// Suite plays all policies on all traces.
type Suite struct {
	// Traces are played at their own rates; see Scaled.
	Traces  []traffic.Trace
	Service workload.Service
	Seeds   []uint64
	Table   []Policy
	// Peers plays the policies of another program. Nil leaves them out.
	Peers Player
	// Policies lists the policies to play. Empty means all.
	Policies []string
	// Untuned leaves out NAME-tuned. Chosen holds the settings of an earlier run;
	// if it is empty, the suite searches for them.
	Untuned bool
	Chosen  []Choice
	// Steps adds the measurement of the reaction to a step.
	Steps bool
	// Progress receives a line of text for each part. It may be nil.
	Progress func(string)
	// Done receives the results of each finished trace.
	Done func([]Result) error
	// Extra receives the other items of a page. It may be nil.
	Extra func(Extra) error
}

// Names returns the names of all policies.
func (m Suite) Names() []string {
	var names []string
	for _, c := range m.Table {
		names = append(names, c.Name)
	}
	return slices.Concat(names, []string{RateOracle}, PeerNames())
}

// Check returns an error for a suite that cannot be played.
func (m Suite) Check() error {
	for _, p := range m.Policies {
		if !slices.Contains(m.Names(), p) {
			return fmt.Errorf("there is no policy %q, expected one of %s", p, strings.Join(m.Names(), ", "))
		}
		if m.Peers == nil && slices.Contains(PeerNames(), p) {
			return fmt.Errorf("%s needs the peers' program: build it with make peers", p)
		}
	}
	named := map[string]bool{}
	for _, t := range m.Traces {
		if named[t.Name] {
			return fmt.Errorf("two traces have the name %s: rename one", t.Name)
		}
		named[t.Name] = true
	}
	return Job{Traces: m.Traces, Seeds: m.Seeds, Half: Second}.Check()
}

// Play tunes the policies on the first halves and reports on the second halves,
// trace by trace. The same suite gives the same results.
func (m Suite) Play(ctx context.Context) error {
	if err := m.Check(); err != nil {
		return err
	}
	chosen, err := m.choose(ctx)
	if err != nil {
		return err
	}
	if err := m.steps(ctx); err != nil {
		return fmt.Errorf("playing the step: %w", err)
	}
	for i, t := range m.Traces {
		m.reportProgress("playing %s: %d of %d traces", t.Name, i+1, len(m.Traces))
		results, err := m.trace(ctx, t, chosen)
		if err != nil {
			return fmt.Errorf("playing %s: %w", t.Name, err)
		}
		if err := m.Done(results); err != nil {
			return err
		}
	}
	return nil
}

// choose searches for the best settings, or takes the given ones.
func (m Suite) choose(ctx context.Context) (choices, error) {
	if m.Untuned {
		return nil, nil
	}
	chosen := choices(m.Chosen)
	if len(chosen) == 0 {
		var err error
		if chosen, err = m.tune(ctx); err != nil {
			return nil, err
		}
	}
	for _, c := range chosen {
		if err := m.add(Extra{Choice: &c}); err != nil {
			return nil, err
		}
	}
	return chosen, nil
}

func (m Suite) steps(ctx context.Context) error {
	if !m.Steps {
		return nil
	}
	m.reportProgress("playing a tenfold step, with a start-up time of %s", stepStart)
	took, err := m.measureReactions(ctx)
	if err != nil {
		return err
	}
	for _, r := range took {
		if err := m.add(Extra{Reaction: &r}); err != nil {
			return err
		}
	}
	return nil
}

func (m Suite) add(e Extra) error {
	if m.Extra == nil {
		return nil
	}
	return m.Extra(e)
}

func (m Suite) reportProgress(format string, args ...any) {
	if m.Progress != nil {
		m.Progress(fmt.Sprintf(format, args...))
	}
}

func (m Suite) plays(policy string) bool {
	return len(m.Policies) == 0 || slices.Contains(m.Policies, policy)
}

// trace returns the results of one trace.
func (m Suite) trace(ctx context.Context, t traffic.Trace, chosen choices) ([]Result, error) {
	lowerBounds, err := m.lowerBounds(ctx, t)
	if err != nil {
		return nil, err
	}
	b := traceRuns{trace: t.Name, lowerBounds: lowerBounds, runs: map[Entry][]Run{}, ready: map[string][]float64{}}
	table := slices.Clone(m.Table)
	if m.plays(RateOracle) {
		table = append(table, rateOracle(t))
	}
	entries := m.entries(table, chosen)
	j := Job{Traces: []traffic.Trace{t}, Service: m.Service, Seeds: m.Seeds, Half: Second, Entries: entries}
	if m.Extra != nil {
		j.Watch = busiest(t)
	}
	if len(entries) > 0 {
		if err := Play(ctx, j, table, b.add); err != nil {
			return nil, err
		}
	}
	if policies := m.peers(); len(policies) > 0 {
		j.Entries, j.Defaults, j.Policies = chosen.entriesOf(policies), true, policies
		if err := m.Peers(ctx, j, b.add); err != nil {
			return nil, err
		}
	}
	results, err := b.results(chosen)
	if err != nil || m.Extra == nil {
		return results, err
	}
	return results, m.extras(t, b, j.Watch)
}

// entries returns the default and chosen settings of the policies, and all settings
// of the rate oracle.
func (m Suite) entries(table []Policy, chosen choices) (out []Entry) {
	for _, c := range table {
		for i, s := range c.Settings {
			e := Entry{c.Name, s.Name}
			if m.plays(c.Name) && (i == 0 || c.Name == RateOracle || chosen.has(e)) {
				out = append(out, e)
			}
		}
	}
	return out
}

// extras passes on the data of the charts of a trace.
func (m Suite) extras(t traffic.Trace, b traceRuns, w Watch) error {
	known, err := b.rateOracle()
	if err != nil {
		return err
	}
	if len(known) > 0 {
		if err := m.Extra(Extra{Frontier: &RateFrontier{Trace: t.Name, About: t.About, Points: frontierOf(known)}}); err != nil {
			return err
		}
	}
	series := Series{Trace: t.Name, Watch: w, Need: w.need(t, m.Service)}
	for _, p := range Charted() {
		if ready := b.ready[p]; len(ready) > 0 {
			series.Tasks = append(series.Tasks, Tasks{p, ready})
		}
	}
	if len(series.Tasks) == 0 {
		return nil
	}
	return m.Extra(Extra{Series: &series})
}

// peers returns the policies of the other program.
func (m Suite) peers() []string {
	if m.Peers == nil {
		return nil
	}
	return slices.DeleteFunc(PeerNames(), func(name string) bool { return !m.plays(name) })
}

// ServiceFor returns the service of the benchmark, with room for twice the peak.
func ServiceFor(peak int) workload.Service {
	service := workload.Standard()
	service.Max = max(service.Max, 2*peak)
	return service
}

// Scaled scales the 99.5th percentile minute of each trace to the rate of peak
// tasks. A positive number of days cuts the traces first.
func Scaled(traces []traffic.Trace, service workload.Service, peak, days int) ([]traffic.Trace, error) {
	rate := service.Capacities()[peak]
	out := make([]traffic.Trace, len(traces))
	for i, t := range traces {
		if days > 0 {
			t.Requests = t.Requests[:min(len(t.Requests), max(1, days*day/t.Step))]
		}
		if t.Seconds() < 2*initialSkip || len(t.Requests) < 4 {
			return nil, fmt.Errorf("%s lasts %d s, expected at least %d s and four intervals, because one half is for tuning: give a longer trace", t.Name, t.Seconds(), 2*initialSkip)
		}
		var err error
		if out[i], err = t.ScaledTo(rate); err != nil {
			return nil, err
		}
	}
	return out, nil
}
