package scaling

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/staffing"
	"homeostat/shared/sim/traffic"
	"homeostat/shared/sim/workload"
)

// plain returns a service for calculations by hand: a task has a capacity of 8 of
// its 10 requests/s, starts in 20 s, drains for 30 s and is billed for at least one
// minute.
func plain() workload.Service {
	return workload.Service{
		Rate: 10, Objective: staffing.Objective{Slots: 1, Wait: 1, Late: 0.9, Busy: 0.8},
		StartMedian: 20 * time.Second, Deregistration: 30 * time.Second, MinimumBill: time.Minute,
		Timeout: 10 * time.Second, Min: 1, Max: 10,
	}
}

// script sets the desired count at given seconds.
type script map[int]int

func (s script) Scale(sim *workload.Sim) {
	if n, ok := s[sim.Second()]; ok {
		sim.SetDesired(n)
	}
}

// spans returns a trace of single seconds from pairs of a length and a rate.
func spans(pairs ...float64) traffic.Trace {
	t := traffic.Trace{Name: "spans", Step: 1}
	for i := 0; i < len(pairs); i += 2 {
		for range int(pairs[i]) {
			t.Requests = append(t.Requests, pairs[i+1])
		}
	}
	return t
}

func TestARunMatchesACalculationByHand(t *testing.T) {
	// The need is one task for 100 s, two for 100 s and one for 200 s.
	trace := spans(100, 8, 100, 16, 200, 8)
	for _, c := range []struct {
		name   string
		script script
		want   Run
	}{
		{
			name:   "a start 20 s ahead and an immediate stop violate nothing and cost only the start and the draining",
			script: script{80: 2, 200: 1},
			want:   Run{TaskHours: (400 + 20 + 100 + 30) / 3600.0, Actions: 2, ActionsIn: 1},
		},
		{
			// For 20 s half of the need is missing.
			name: "a start with the rise is 20 s late", script: script{100: 2, 200: 1},
			want: Run{
				TaskHours: (400 + 100 + 30) / 3600.0, Actions: 2, ActionsIn: 1,
				Elasticity: Elasticity{ThetaU: 100 * 20 * 0.5 / 400, TauU: 100 * 20 / 400.0},
			},
		},
		{
			name: "a second task that stays is surplus for 200 s", script: script{80: 2},
			want: Run{TaskHours: (400 + 320) / 3600.0, Actions: 1, Elasticity: Elasticity{ThetaO: 100 * 200.0 / 400, TauO: 50}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Measure(trace, plain(), 1, 0, c.script)
			assert.InDelta(t, c.want.TaskHours, got.TaskHours, 1e-9)
			assert.Equal(t, c.want.Actions, got.Actions)
			assert.Equal(t, c.want.ActionsIn, got.ActionsIn)
			assert.InDelta(t, c.want.ThetaU, got.ThetaU, 1e-9, "theta_u")
			assert.InDelta(t, c.want.ThetaO, got.ThetaO, 1e-9, "theta_o")
			assert.InDelta(t, c.want.TauU, got.TauU, 1e-9, "tau_u")
			assert.InDelta(t, c.want.TauO, got.TauO, 1e-9, "tau_o")
			assert.InDelta(t, 400*8.0+100*8, got.Requests, 1e-9)
			assert.Equal(t, c.want.TauU == 0, got.Violating == 0)
		})
	}
}

func TestALateStartViolatesByItsBacklog(t *testing.T) {
	// In 20 s, 16 requests/s arrive and 10 are served. That leaves 120, and 20 are
	// rejected, because at most 10 s of capacity may wait. After that the backlog
	// falls by 4 requests/s. The 25th second is the first one with at most 2
	// waiting requests at its end.
	got := Measure(spans(100, 8, 100, 16, 200, 8), plain(), 1, 0, script{100: 2})
	assert.InDelta(t, 44.0/60, got.ViolationMinutes, 1e-9)
	assert.InDelta(t, 100*44*16.0/4000, got.Violating, 1e-9)
	assert.InDelta(t, got.Violating, got.WorstHour, 1e-9, "all within one hour")
	assert.InDelta(t, 100*20.0/4000, got.Rejected, 1e-9)
	assert.Greater(t, got.P99, 9000.0, "up to 10 s were waited at 10 a second, 5 at 20")
	assert.Less(t, got.P99, 11000.0)
}

func TestOnlyTheSecondHalfIsMeasured(t *testing.T) {
	trace := spans(100, 8, 100, 16, 200, 8)
	cut, from := Second.Cut(trace)
	assert.Equal(t, 400, cut.Seconds())
	got := Measure(cut, plain(), 1, from, script{100: 2, 200: 1})
	assert.Zero(t, got.Violating)
	assert.InDelta(t, (200+30)/3600.0, got.TaskHours, 1e-9)
	assert.Equal(t, 1, got.Actions)
	cut, from = First.Cut(trace)
	assert.Equal(t, 200, cut.Seconds())
	assert.Equal(t, 50, from)
}

func TestTheReactionToAStepIsMeasured(t *testing.T) {
	got := Measure(spans(3600, 8, 3600, 80), plain(), 1, 0, script{3630: 10})
	require.NotNil(t, got.Reaction)
	assert.Equal(t, 50.0, *got.Reaction, "30 s of thought and 20 s of start")
	for name, trace := range map[string]traffic.Trace{
		"flat":               spans(7200, 8),
		"a peak of a minute": spans(3600, 8, 60, 80, 3600, 8),
		"less than twice":    spans(3600, 8, 3600, 14),
		"down":               spans(3600, 80, 3600, 8),
		"from nothing":       spans(3600, 0, 3600, 8),
		"not steady before":  spans(300, 8, 300, 80, 3600, 8, 3600, 80),
	} {
		assert.Nil(t, Measure(trace, plain(), 1, 0, script{}).Reaction, name)
	}
	assert.Nil(t, Measure(spans(3600, 8, 3600, 80), plain(), 1, 0, script{}).Reaction, "never reached")
}

func TestGeneratedStepsAreKnownAsSteps(t *testing.T) {
	for _, trace := range traffic.Generated() {
		second, _, found := stepOf(trace)
		switch trace.Name {
		case "step":
			assert.True(t, found)
			assert.Equal(t, 3600, second)
		case "square":
			assert.True(t, found)
			assert.Equal(t, 900, second)
		default:
			assert.False(t, found, trace.Name)
		}
	}
}

func TestAResultIsTheMeanOfItsRuns(t *testing.T) {
	three, five := 3.0, 5.0
	runs := []Run{
		{Hours: 12, Violations: Violations{Violating: 1}, TaskHours: 10, Actions: 6, Latency: Latency{P95: 100}, Reaction: &three},
		{Hours: 12, Violations: Violations{Violating: 3}, TaskHours: 12, Actions: 2, Latency: Latency{P95: 300}, Reaction: &five},
	}
	l := Sum("trace", "policy", "", runs, []float64{10, 10})
	assert.Equal(t, 2, l.Seeds)
	assert.Equal(t, 2.0, l.Violating)
	assert.Equal(t, 1.1, l.CostRatio)
	assert.Equal(t, 8.0, l.ActionsPerDay)
	assert.Equal(t, 200.0, l.P95)
	assert.InDelta(t, 1.1+0.03*2, l.ScoreLow, 1e-9)
	assert.InDelta(t, 1.1+0.1*2, l.ScoreMid, 1e-9)
	assert.InDelta(t, 1.1+0.3*2, l.ScoreHigh, 1e-9)
	assert.Equal(t, 4.0, *l.Reaction)
	assert.Equal(t, Interval{1, 3}, l.ViolatingCI)
	assert.Nil(t, Sum("trace", "policy", "", append(runs, Run{Hours: 1}), []float64{1, 1, 1}).Reaction, "one seed never reached it")
}

func TestTheDeviationIsTheDistanceFromPerfect(t *testing.T) {
	assert.Zero(t, Elasticity{}.deviation())
	assert.InDelta(t, 7, Elasticity{TauO: 7}.deviation(), 1e-9)
	assert.InDelta(t, 2*math.Pow(5, 0.2), Elasticity{ThetaU: 2, ThetaO: 2, TauU: 2, TauO: 2, Instability: 2}.deviation(), 1e-9)
}

func TestTheKeysOfAResultAreStable(t *testing.T) {
	text, err := json.Marshal(Result{})
	require.NoError(t, err)
	const keys = `"trace","policy","seeds","violating_requests_pct","violation_minutes","p95_ms","p99_ms","task_hours","cost_ratio",` +
		`"theta_u","theta_o","tau_u","tau_o","instability","deviation","actions_per_day","j_low","j_mid","j_high"`
	at := 0
	for key := range strings.SplitSeq(keys, ",") {
		i := strings.Index(string(text), key+":")
		assert.GreaterOrEqual(t, i, at, key)
		at = i
	}
	assert.Less(t, at, strings.Index(string(text), `"setting":`), "what follows is more")
}

func TestTheBootstrapDrawsTheSameEachTime(t *testing.T) {
	values := []float64{1, 2, 3, 4, 100}
	mean, i := Bootstrap(values)
	again, j := Bootstrap(values)
	assert.Equal(t, 22.0, mean)
	assert.Equal(t, mean, again)
	assert.Equal(t, i, j)
	assert.Less(t, i[0], 22.0)
	assert.Greater(t, i[1], 22.0)
	_, alone := Bootstrap([]float64{7})
	assert.Equal(t, Interval{7, 7}, alone)
}

// fixed returns a policy with two settings: a small fleet and a big one.
func fixed(name string) Policy {
	fleet := func(n int) func(RunInput) workload.Scaler {
		return func(RunInput) workload.Scaler { return script{0: n} }
	}
	return Policy{Name: name, Tuned: true, Settings: []Setting{{"one", fleet(1)}, {"four", fleet(4)}}}
}

func play(t *testing.T, j Job) []Sample {
	t.Helper()
	var out []Sample
	require.NoError(t, Play(t.Context(), j, []Policy{fixed("a"), fixed("b")}, func(s Sample) error {
		out = append(out, s)
		return nil
	}))
	return out
}

func TestAJobIsPlayedInItsOrderAndTheSameEachTime(t *testing.T) {
	rising := traffic.Trace{Name: "rising", Step: 60, Requests: []float64{60, 120, 300, 600, 900, 1200}}
	falling := traffic.Trace{Name: "falling", Step: 60, Requests: []float64{1200, 900, 600, 300, 120, 60}}
	j := Job{Traces: []traffic.Trace{rising, falling}, Service: plain(), Seeds: []uint64{1, 2, 3}, Half: Second}
	first := play(t, j)
	require.Len(t, first, 2*2*2*3)
	assert.Equal(t, first, play(t, j))
	assert.Equal(t, []string{"rising", "a", "one"}, []string{first[0].Trace, first[0].Policy, first[0].Setting})
	assert.Equal(t, []string{"falling", "b", "four"}, []string{first[23].Trace, first[23].Policy, first[23].Setting})
	assert.Equal(t, first[0].Run.Requests, first[3].Run.Requests, "the same seed gives all policies the same arrivals")
	assert.NotEqual(t, first[0].Run.Requests, first[1].Run.Requests)

	j.Entries = []Entry{{"b", "four"}}
	assert.Len(t, play(t, j), 2*3)
	j.Entries, j.Defaults = nil, true
	assert.Len(t, play(t, j), 2*2*3)
}

func TestAJobEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("that will do")
	n := 0
	j := Job{Traces: []traffic.Trace{spans(1000, 8)}, Service: plain(), Seeds: make([]uint64, 1000), Half: First}
	err := Play(ctx, j, []Policy{fixed("a")}, func(Sample) error {
		if n++; n == 3 {
			cancel(stop)
		}
		return nil
	})
	assert.ErrorIs(t, err, stop)
	assert.Less(t, n, 1000)
	assert.ErrorIs(t, Play(t.Context(), j, []Policy{fixed("a")}, func(Sample) error { return stop }), stop)
}
