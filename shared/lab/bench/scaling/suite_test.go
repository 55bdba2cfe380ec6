package scaling

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/sim/traffic"
	"homeostat/shared/sim/workload"
)

// tiny returns a suite of fixed fleets on two traces of single seconds with a need
// of two tasks.
func tiny() Suite {
	fleet := func(n int) func(RunInput) workload.Scaler {
		return func(RunInput) workload.Scaler { return script{0: n} }
	}
	return Suite{
		Traces:  []traffic.Trace{named("a", spans(1200, 14)), named("b", spans(800, 15, 800, 8))},
		Service: plain(), Seeds: []uint64{1, 2},
		Table: []Policy{
			{Name: "fleet", Tuned: true, Settings: []Setting{{"one", fleet(1)}, {"nine", fleet(9)}, {"two", fleet(2)}, {"three", fleet(3)}}},
			{Name: "alone", Settings: []Setting{{"default", fleet(4)}}},
			oracle(),
		},
	}
}

func named(name string, t traffic.Trace) traffic.Trace {
	t.Name = name
	return t
}

func resultsOf(t *testing.T, m Suite) (out []Result) {
	t.Helper()
	m.Done = func(results []Result) error {
		out = append(out, results...)
		return nil
	}
	require.NoError(t, m.Play(t.Context()))
	return out
}

func policiesOf(results []Result) (names []string) {
	for _, l := range results {
		names = append(names, l.Policy+" "+l.Setting)
	}
	return names
}

func TestTuningTakesTheSettingThatServesAtTheLeastCost(t *testing.T) {
	results := resultsOf(t, tiny())
	require.Len(t, results, 2*5)
	names := policiesOf(results[:5])
	assert.Equal(t, []string{"fleet one", "fleet-tuned two", "alone default", "oracle clairvoyant"}, names[:4],
		"one task violates everything, two violate nothing, three cost more")
	assert.Contains(t, names[4], RateOracle)
	assert.Equal(t, "b", results[5].Trace)
	assert.Equal(t, 2, results[1].Seeds)
	assert.Zero(t, results[1].Violating)
	assert.InDelta(t, 1, results[1].CostRatio, 1e-9, "two tasks are what is needed all the time")
	assert.InDelta(t, 2, results[2].CostRatio, 1e-9, "four tasks")
	assert.InDelta(t, 2, *results[2].RateOracleRatio, 0.1, "the rate oracle needs two as well")
	assert.InDelta(t, 1, *results[2].BoundMid, 1e-9)
	for _, l := range results {
		assert.GreaterOrEqual(t, l.ScoreMid, *l.BoundMid-0.01, "%s: no policy is below the bound", l.Policy)
	}
}

func TestUntunedSuitesHaveNoTunedPolicies(t *testing.T) {
	m := tiny()
	m.Untuned, m.Policies = true, []string{"fleet"}
	results := resultsOf(t, m)
	assert.Equal(t, []string{"fleet one", "fleet one"}, policiesOf(results))
	assert.Nil(t, results[0].RateOracleRatio, "the rate's oracle was not played")
}

func TestTheSameSuiteGivesTheSameBytes(t *testing.T) {
	m := tiny()
	m.Table = append(baselines()[:1], m.Table...)
	first, err := json.Marshal(resultsOf(t, m))
	require.NoError(t, err)
	second, err := json.Marshal(resultsOf(t, m))
	require.NoError(t, err)
	assert.Equal(t, string(first), string(second))
}

func TestAnInvalidSuiteIsAnError(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Suite)
		want   string
	}{
		"an unknown policy": {
			func(m *Suite) { m.Policies = []string{"fleet", "flete"} },
			`there is no policy "flete", expected one of fleet, alone, oracle, rate-oracle, hpa, hpa-same-signal, keda, keda-same-signal, knative, knative-same-signal`,
		},
		"a peer without its program": {
			func(m *Suite) { m.Policies = []string{"hpa"} },
			"hpa needs the peers' program: build it with make peers",
		},
		"two traces of one name": {
			func(m *Suite) { m.Traces[1].Name = "a" },
			"two traces have the name a: rename one",
		},
		"no traces": {func(m *Suite) { m.Traces = nil }, "the job has no traces"},
		"no seeds":  {func(m *Suite) { m.Seeds = nil }, "the job has no seeds"},
	} {
		t.Run(name, func(t *testing.T) {
			m := tiny()
			c.change(&m)
			assert.EqualError(t, m.Play(t.Context()), c.want)
		})
	}
}

func TestFinishedTracesStayAfterAnInterruption(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	m := tiny()
	var got []Result
	m.Done = func(results []Result) error {
		got = append(got, results...)
		cancel()
		return nil
	}
	assert.ErrorIs(t, m.Play(ctx), context.Canceled)
	assert.Len(t, got, 5, "the first trace")
}

// others plays fixed fleets in place of the peers' program.
func others(jobs *[]Job) Player {
	table := tiny().Table[:1]
	table[0].Name = "hpa"
	return func(ctx context.Context, j Job, done func(Sample) error) error {
		*jobs = append(*jobs, j)
		return Play(ctx, j, table, done)
	}
}

func TestPeersAreTunedAndPlayedByTheirProgram(t *testing.T) {
	m := tiny()
	var jobs []Job
	m.Peers, m.Policies = others(&jobs), []string{"hpa"}
	results := resultsOf(t, m)
	assert.Equal(t, []string{"hpa one", "hpa-tuned two", "hpa one", "hpa-tuned two"}, policiesOf(results))
	require.Len(t, jobs, 6, "each trace is tuned on twice, and played")
	assert.Equal(t, Whole, jobs[0].Half)
	assert.Equal(t, 600, jobs[0].Traces[0].Seconds())
	assert.Equal(t, []uint64{tuningSeed}, jobs[0].Seeds)
	assert.Empty(t, jobs[0].Entries, "all settings")
	assert.Equal(t, []Entry{{"hpa", "one"}, {"hpa", "nine"}, {"hpa", "two"}, {"hpa", "three"}}[2:], jobs[2].Entries[len(jobs[2].Entries)-2:], "the better ones again")
	assert.Contains(t, jobs[2].Entries, Entry{"hpa", "one"}, "and the default")
	assert.Equal(t, []Entry{{"hpa", "one"}, {"hpa", "two"}}, jobs[4].Entries)
	assert.Equal(t, []string{"hpa"}, jobs[4].Policies)

	jobs, m.Untuned = nil, true
	assert.Equal(t, []string{"hpa one", "hpa one"}, policiesOf(resultsOf(t, m)))
}

func TestAPeerThatWasNotPlayedWithEachSeedIsAnError(t *testing.T) {
	m := tiny()
	m.Untuned, m.Policies = true, []string{"hpa"}
	m.Peers = func(_ context.Context, _ Job, done func(Sample) error) error {
		return done(Sample{Entry: Entry{"hpa", "one"}, Default: true})
	}
	m.Done = func([]Result) error { return nil }
	assert.ErrorContains(t, m.Play(t.Context()), `playing a: hpa at "one" was played 1 times, expected 2`)
	stop := errors.New("it broke")
	m.Peers = func(context.Context, Job, func(Sample) error) error { return stop }
	assert.ErrorIs(t, m.Play(t.Context()), stop)
}

func TestPoliciesHaveUniqueNamesAndADefault(t *testing.T) {
	m := Suite{Table: Table(PriceMid)}
	assert.Subset(t, m.Names(), []string{"homeostat", "target-tracking-60", "target-tracking-20", "step", "predictive", "hpa", "keda", "knative", Oracle, RateOracle})
	seen := map[string]bool{}
	for _, name := range m.Names() {
		assert.False(t, seen[name], name)
		seen[name] = true
	}
	for _, c := range m.Table {
		assert.NotEmpty(t, c.About, c.Name)
		require.NotEmpty(t, c.Settings, c.Name)
		names := map[string]bool{}
		for _, one := range c.Settings {
			assert.False(t, names[one.Name], "%s %s", c.Name, one.Name)
			names[one.Name] = true
		}
	}
}

func TestTracesAreScaledToThePeak(t *testing.T) {
	service := ServiceFor(60)
	assert.Equal(t, 120, service.Max, "there is room above the peak")
	got, err := Scaled([]traffic.Trace{{Name: "days", Step: 3600, Requests: slices.Repeat([]float64{7}, 48)}}, service, 60, 1)
	require.NoError(t, err)
	assert.Equal(t, 24*hour, got[0].Seconds())
	rate, _ := got[0].Rate(0)
	assert.Equal(t, 60, workload.Needed(service.Capacities(), rate-1e-9))
	_, err = Scaled([]traffic.Trace{spans(600, 8)}, service, 60, 0)
	assert.EqualError(t, err, "spans lasts 600 s, expected at least 1200 s and four intervals, because one half is for tuning: give a longer trace")
	_, err = Scaled([]traffic.Trace{spans(2000, 0)}, service, 60, 0)
	assert.ErrorContains(t, err, "too few requests")
}

func TestTheEndOfTheFirstHalfIsTunedOn(t *testing.T) {
	long := traffic.Trace{Step: 60, Requests: make([]float64, 6*1440)}
	long.Requests[3*1440-1], long.Requests[2*1440] = 7, 5
	got := tuningPart(long, tuningSpan)
	assert.Equal(t, 24*hour, got.Seconds())
	assert.Equal(t, 5.0, got.Requests[0])
	assert.Equal(t, 7.0, got.Requests[1439])
	half, from := historyPart(long, tuningSpan)
	assert.Equal(t, 3*24*hour, half.Seconds(), "a long memory gets all of it")
	assert.Equal(t, 2*24*hour, from)
	assert.Equal(t, 500, tuningPart(spans(1000, 8), tuningSpan).Seconds())
}

// A script takes the place of the peers' program and prints fixed outcomes.
func TestThePeersProgramGetsItsJobAndReturnsOutcomes(t *testing.T) {
	dir := t.TempDir()
	script := func(text string) string {
		path := filepath.Join(dir, "peers")
		require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o700))
		return path
	}
	j := Job{Traces: []traffic.Trace{spans(10, 8)}, Seeds: []uint64{7}, Half: Whole, Policies: []string{"hpa"}}
	var got []Sample
	done := func(s Sample) error {
		got = append(got, s)
		return nil
	}
	const both = `{"trace":"t","policy":"keda","seed":7}` + "\n" + `{"trace":"t","policy":"hpa","setting":"x","seed":7,"run":{"task_hours":3}}`
	path := script(`grep -q '"policies":\["hpa"\]' "$6" || exit 1; test "$1 $2 $3 $4 $5 $7" = "-test.run ^TestPlay$ -test.timeout 0 -job -out" || exit 2; echo '` + both + `' > "$8"`)
	require.NoError(t, PeerProgram(path)(t.Context(), j, done))
	assert.Equal(t, []Sample{{Trace: "t", Entry: Entry{"hpa", "x"}, Seed: 7, Run: Run{TaskHours: 3}}}, got, "keda was not requested")

	assert.ErrorContains(t, PeerProgram(script("echo out of luck; exit 3"))(t.Context(), j, done), "exit status 3: out of luck: if it is older than this program")
	assert.ErrorContains(t, PeerProgram(script(`echo '{' > "$8"`))(t.Context(), j, done), "reading the peers' outcomes")
	assert.ErrorContains(t, PeerProgram(filepath.Join(dir, "gone"))(t.Context(), j, done), "no such file")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.ErrorIs(t, PeerProgram(script("sleep 60"))(ctx, j, done), context.Canceled)
}
