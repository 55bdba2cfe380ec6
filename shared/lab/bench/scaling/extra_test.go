package scaling

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/sim/traffic"
	"homeostat/shared/sim/workload"
)

// extrasOf plays a suite and keeps the extras.
func extrasOf(t *testing.T, m Suite) *Report {
	t.Helper()
	r := &Report{}
	m.Extra = func(e Extra) error {
		r.Add(e)
		return nil
	}
	m.Done = func(results []Result) error {
		for _, l := range results {
			r.AddResult(l)
		}
		return nil
	}
	require.NoError(t, m.Play(t.Context()))
	return r
}

func TestASuiteReturnsTheDataOfAPage(t *testing.T) {
	m := tiny()
	m.Table[1].Name, m.Steps = Own, true
	r := extrasOf(t, m)
	best, ok := r.Choice("fleet")
	require.True(t, ok)
	assert.Equal(t, []string{"one", "two"}, []string{best.Default, best.Best})
	require.Len(t, best.Scores, 4, "all settings that were tried")
	assert.Less(t, *best.Of("two"), *best.Of("nine"))
	require.Len(t, r.Frontiers, 2)
	assert.NotEmpty(t, r.Frontiers[0].Points)
	require.Len(t, r.Series, 2)
	assert.Equal(t, Own, r.Series[0].Tasks[0].Policy)
	assert.Len(t, r.Series[0].Tasks[0].Ready, len(r.Series[0].Need))
	require.Len(t, r.Reactions, 2, "fleet and ours; not the oracle")
	assert.Equal(t, Reaction{Policy: "fleet", Start: 40, Seeds: 2, Never: 2}, r.Reactions[0], "one task never serves a step")

	results := r.Results
	m.Chosen = []Choice{{Policy: "fleet", Default: "one", Best: "three"}}
	r = extrasOf(t, m)
	l, ok := r.ByTrace()[0].Of("fleet" + Tuned)
	require.True(t, ok)
	assert.Equal(t, "three", l.Setting, "what was found before is not searched for again")
	assert.Equal(t, results[0], r.Results[0])
}

func TestPoliciesWithALongMemoryAreTunedWithTheirHistory(t *testing.T) {
	// Two days of the first half. A policy with the whole history sees both.
	trace := traffic.Trace{Name: "days", Step: 60, Requests: make([]float64, 4*24*60)}
	for i := range trace.Requests {
		trace.Requests[i] = 60 * 14
	}
	seen := map[string]int{}
	observer := func(name string) func(RunInput) workload.Scaler {
		return func(s RunInput) workload.Scaler {
			seen[name] = max(seen[name], s.Trace.Seconds())
			return script{0: 2}
		}
	}
	one := func(name string, forgets bool) Policy {
		return Policy{Name: name, Tuned: true, ShortMemory: forgets, Settings: []Setting{{"default", observer(name)}}}
	}
	m := Suite{Traces: []traffic.Trace{trace}, Service: plain(), Seeds: []uint64{1}, Table: []Policy{one("forgets", true)}}
	_, err := m.tune(t.Context())
	require.NoError(t, err)
	m.Table = []Policy{one("learns", false)}
	_, err = m.tune(t.Context())
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"forgets": 24 * hour, "learns": 48 * hour}, seen)
	for _, c := range baselines() {
		learns := c.Name == "predictive" || c.Name == "predictive"+Same
		assert.Equal(t, c.Tuned && !learns, c.ShortMemory, c.Name)
	}
}

func TestEachVariantIsPlayedOnAServiceOfItsOwn(t *testing.T) {
	var rates []float64
	fleet := Policy{Name: Own, Settings: []Setting{{"default", func(s RunInput) workload.Scaler {
		rates = append(rates, s.Trace.Requests[0])
		return script{}
	}}}}
	m := Suite{Table: []Policy{fleet, {Name: "other", Settings: fleet.Settings}}, Seeds: []uint64{1, 2, 3}}
	var got []Variant
	require.NoError(t, m.Sensitivity(t.Context(), []traffic.Trace{named("a", spans(1300, 14))}, func(v Variant) error {
		got = append(got, v)
		return nil
	}))
	require.Len(t, got, len(variations()), "ours alone is there to be played")
	r := &Report{Variants: got}
	all := r.VariantSummaries()
	require.Len(t, all, len(got))
	assert.Equal(t, unchanged, all[0].Variant)
	assert.Equal(t, 1, got[0].Result.Seeds)
	small, usually, big := rates[1], rates[0], rates[2]
	assert.Less(t, small, usually)
	assert.Less(t, usually, big)
}
