package scaling

import (
	"bytes"
	"flag"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// small returns a small run with two traces, two seeds and some policies.
func small(t *testing.T) *Report {
	t.Helper()
	file, err := os.Open("testdata/small.jsonl")
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	r := &Report{}
	require.NoError(t, r.Read(file))
	return r
}

func TestResultsAreReadAsWritten(t *testing.T) {
	r := small(t)
	assert.Len(t, r.ByTrace(), 2)
	assert.Equal(t, "2 traces, 36 measured hours, 2 seeds each", r.Extent())
	assert.Equal(t, "2026-11-24", r.Meta.Date)
	assert.Len(t, r.Frontiers, 2)
	assert.Len(t, r.Series, 2)
	assert.Len(t, r.Reactions, 6)
	best, ok := r.Choice(HPA)
	require.True(t, ok)
	assert.Less(t, *best.Of(best.Best), *best.Of(best.Default))
}

func TestTheLaterOfTwoResultsCounts(t *testing.T) {
	r := small(t)
	results := len(r.Results)
	require.NoError(t, r.Read(strings.NewReader(`{"trace":"noise","policy":"hpa","j_mid":7}`)))
	assert.Len(t, r.Results, results)
	l, ok := r.ByTrace()[1].Of(HPA)
	require.True(t, ok)
	assert.Equal(t, 7.0, l.ScoreMid)
}

// A part that is played again replaces the earlier one. The other parts stay, and
// both commands are listed.
func TestAPartThatIsPlayedAgainKeepsTheOthers(t *testing.T) {
	r := small(t)
	command, before := r.Meta.Command, r.Series[0]
	require.Greater(t, len(before.Tasks), 1)
	again := before.Tasks[1]
	again.Ready = []float64{7}
	r.Add(Extra{Meta: &Meta{Date: "2027-01-01", Command: "homeostat bench scale --policy hpa"}})
	r.Add(Extra{Series: &Series{Trace: before.Trace, Watch: before.Watch, Need: before.Need, Tasks: []Tasks{again}}})
	assert.Equal(t, Meta{Date: "2027-01-01", Command: command + " && homeostat bench scale --policy hpa", Tuned: true}, r.Meta)
	require.Len(t, r.Series[0].Tasks, len(before.Tasks))
	assert.Equal(t, before.Tasks[0], r.Series[0].Tasks[0])
	assert.Equal(t, again, r.Series[0].Tasks[1])

	r.Add(Extra{Meta: &Meta{Command: "homeostat bench scale --policy hpa"}})
	assert.Equal(t, command+" && homeostat bench scale --policy hpa", r.Meta.Command, "a repeated part is listed once")
	page, err := Markdown([]byte(beginFigures+endFigures), r, nil)
	require.NoError(t, err)
	assert.Contains(t, string(page), "in 2 parts, combined with `--from`")
	assert.Contains(t, string(page), "\n"+command+"\nhomeostat bench scale --policy hpa\n")
	r.Add(Extra{Series: &Series{Trace: before.Trace, Tasks: []Tasks{again}}})
	assert.Len(t, r.Series[0].Tasks, 1, "another part of the trace replaces all tasks")
}

func TestErrorsNameTheLine(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"another object":  {`{"trace":"a","policy":"b"}` + "\n" + `{"scenario":"bad"}`, "line 2 is not from bench scale: it has no trace and policy"},
		"a broken object": {`{"trace":`, "line 1 is not from bench scale: unexpected end of JSON input"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.EqualError(t, (&Report{}).Read(strings.NewReader(c.text)), c.want)
		})
	}
}

// change modifies the results of a policy on all traces.
func change(r *Report, policy string, set func(*Result)) {
	for i := range r.Results {
		if r.Results[i].Policy == policy {
			set(&r.Results[i])
		}
	}
}

func aim(t *testing.T, r *Report, name string) Aim {
	t.Helper()
	all := r.Aims()
	i := slices.IndexFunc(all, func(a Aim) bool { return a.Name == name })
	require.GreaterOrEqual(t, i, 0, "there is no aim %q", name)
	return all[i]
}

func TestAnAimIsMetOrMissedAsTheFiguresAre(t *testing.T) {
	worst, ratio, slow := Result{Violations: Violations{Violating: 90}, Cost: Cost{TaskHours: 1e6}, Scores: Scores{99, 99, 99}, ActionsPerDay: 1e6}, 1.0, 71.0
	copied := func(of Result) func(*Result) {
		return func(l *Result) {
			l.Violating, l.TaskHours, l.ActionsPerDay = of.Violating, of.TaskHours, of.ActionsPerDay
			l.ScoreLow, l.ScoreMid, l.ScoreHigh = of.ScoreLow, of.ScoreMid, of.ScoreHigh
		}
	}
	for name, c := range map[string]struct {
		met, missed func(*Report)
	}{
		"step: fewer violating requests and fewer task-hours": {
			func(r *Report) { change(r, "step", copied(worst)) }, func(r *Report) { change(r, "step", copied(figures(0, 1))) },
		},
		"step: both worse": {
			func(r *Report) { change(r, "step", copied(worst)) }, func(r *Report) { change(r, Own, copied(worst)) },
		},
		"step: cost score at the middle price lower by": {
			func(r *Report) { change(r, "step", copied(worst)) }, func(r *Report) { change(r, Own, copied(worst)) },
		},
		"hpa-tuned, with its own signal: lower cost score with homeostat": {
			func(r *Report) { change(r, HPA+Tuned, copied(worst)) }, func(r *Report) { change(r, HPA+Tuned, copied(Result{})) },
		},
		"hpa-same-signal-tuned, on Homeostat's signal: lower cost score with homeostat": {
			func(r *Report) { change(r, HPA+Same+Tuned, copied(worst)) }, func(r *Report) { change(r, HPA+Same+Tuned, copied(Result{})) },
		},
		"hpa-tuned, with Homeostat on CPU of 20 s: lower cost score with homeostat-cpu-20": {
			func(r *Report) { change(r, HPA+Tuned, copied(worst)) }, func(r *Report) { change(r, Own20, copied(worst)) },
		},
		"cost divided by that of rate-oracle with as many violations": {
			func(r *Report) { change(r, Own, func(l *Result) { l.RateOracleRatio = &ratio }) },
			func(r *Report) { change(r, Own, func(l *Result) { two := 2.0; l.RateOracleRatio = &two }) },
		},
		"tenfold step served after": {
			func(*Report) {},
			func(r *Report) {
				r.Add(Extra{Reaction: &Reaction{Policy: Own, Start: 40, Seeds: 2, Mean: &slow, Longest: &slow}})
			},
		},
		"no more actions a day than hpa": {
			func(r *Report) { change(r, HPA, copied(worst)) }, func(r *Report) { change(r, Own, copied(worst)) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := small(t)
			c.met(r)
			got := aim(t, r, name)
			assert.True(t, got.Met(), got)
			r = small(t)
			c.missed(r)
			got = aim(t, r, name)
			assert.False(t, got.Met(), got)
			assert.Contains(t, got.String(), "MISSED")
		})
	}
}

func TestAStepThatWasNeverServedIsNoReaction(t *testing.T) {
	r := small(t)
	ten := 10.0
	r.Add(Extra{Reaction: &Reaction{Policy: Own, Start: 40, Seeds: 2, Mean: &ten, Longest: &ten, Never: 1}})
	got := aim(t, r, "tenfold step served after")
	assert.True(t, math.IsNaN(got.Value))
	assert.False(t, got.Met())
	assert.Equal(t, "–", got.Figure())
}

func TestPoliciesWithoutResultsAreNotCompared(t *testing.T) {
	r := small(t)
	assert.Zero(t, Compare(r.ByTrace(), Own, "keda").Traces)
	for _, a := range r.Aims() {
		assert.NotContains(t, a.Name, "keda")
	}
	assert.Empty(t, (&Report{}).Aims())
}

// figures returns a result with two figures.
func figures(violating, hours float64) Result {
	return Result{Violations: Violations{Violating: violating}, Cost: Cost{TaskHours: hours}}
}

func TestNoneAgainstNoneIsNoMoreViolations(t *testing.T) {
	traceTable := func(ours, theirs Result) []TraceResults {
		ours.Policy, theirs.Policy = Own, "step"
		return []TraceResults{{Trace: "a", Results: []Result{ours, theirs}}}
	}
	for name, c := range map[string]struct {
		ours, theirs                  Result
		violations, hours, both, none int
	}{
		"less of both":                              {figures(1, 1), figures(2, 2), 1, 1, 1, 0},
		"more of both":                              {figures(2, 2), figures(1, 1), 0, 0, 0, 1},
		"no violations, and cheaper":                {figures(0, 1), figures(0, 2), 1, 1, 1, 0},
		"as many violations, and cheaper":           {figures(1, 1), figures(1, 2), 0, 1, 0, 0},
		"fewer violations, at as much":              {figures(1, 2), figures(2, 2), 1, 0, 0, 0},
		"fewer violations at a higher cost":         {figures(1, 3), figures(2, 2), 1, 0, 0, 0},
		"no violations of either, at a higher cost": {figures(0, 3), figures(0, 2), 1, 0, 0, 0},
		"violations where there were none":          {figures(1, 3), figures(0, 2), 0, 0, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			v := Compare(traceTable(c.ours, c.theirs), Own, "step")
			assert.Equal(t, [5]int{1, c.violations, c.hours, c.both, c.none}, [5]int{v.Traces, v.FewerViolations, v.FewerHours, v.Both, v.BothWorse})
		})
	}
}

func TestALossIsATraceWithAHigherScore(t *testing.T) {
	r := small(t)
	change(r, "step", func(l *Result) { l.ScoreMid = 0.5 })
	all := r.Losses()
	require.Len(t, all, 2, "both traces")
	for _, of := range all {
		assert.Equal(t, "step", of[0].Baseline.Policy, "the lowest score comes first")
		assert.InDelta(t, 100*(of[0].Own.ScoreMid-0.5)/0.5, of[0].ExcessPercent(), 1e-9)
	}
	change(r, Own, func(l *Result) { l.ScoreMid = 0 })
	assert.Empty(t, r.Losses())
}

var update = flag.Bool("update", false, "write testdata anew")

func TestThePageHasTheFiguresBetweenItsMarks(t *testing.T) {
	page := []byte("before\n" + beginFigures + "what was there\n" + endFigures + "after\n")
	got, err := Markdown(page, small(t), []string{"chart.svg"})
	require.NoError(t, err)
	if *update {
		require.NoError(t, os.WriteFile("testdata/small.golden.md", got, 0o600))
	}
	want, err := os.ReadFile("testdata/small.golden.md")
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
	assert.NotContains(t, string(got), "NaN")
	assert.NotContains(t, string(got), "what was there")
	again, err := Markdown(got, small(t), []string{"chart.svg"})
	require.NoError(t, err)
	assert.True(t, bytes.Equal(got, again), "written twice it is the same")
	_, err = Markdown([]byte("no marks"), small(t), nil)
	assert.ErrorContains(t, err, "the page has no marks for figures")
}
