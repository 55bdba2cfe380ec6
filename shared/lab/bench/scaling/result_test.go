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

// small is the outcome of a small run: two traces, two seeds, some policies.
func small(t *testing.T) *Result {
	t.Helper()
	file, err := os.Open("testdata/small.jsonl")
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	r := &Result{}
	require.NoError(t, r.Read(file))
	return r
}

func TestWhatWasWrittenIsReadAgain(t *testing.T) {
	r := small(t)
	assert.Len(t, r.Trials(), 2)
	assert.Equal(t, "2 traces, 36 hours of them booked, each with 2 seeds", r.Extent())
	assert.Equal(t, "2026-11-24", r.Meta.Date)
	assert.Len(t, r.Frontiers, 2)
	assert.Len(t, r.Series, 2)
	assert.Len(t, r.Reactions, 6)
	best, ok := r.Choice(HPA)
	require.True(t, ok)
	assert.Less(t, *best.Of(best.Best), *best.Of(best.Default))
}

func TestTheLaterOfTwoLinesCounts(t *testing.T) {
	r := small(t)
	lines := len(r.Lines)
	require.NoError(t, r.Read(strings.NewReader(`{"trace":"noise","policy":"hpa","j_mid":7}`)))
	assert.Len(t, r.Lines, lines)
	l, ok := r.Trials()[1].Of(HPA)
	require.True(t, ok)
	assert.Equal(t, 7.0, l.JMid)
}

// Whoever is played again is put in the place of what was; the others stay, and
// both commands are named.
func TestAPartThatIsPlayedAgainLeavesTheRest(t *testing.T) {
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
	assert.Equal(t, command+" && homeostat bench scale --policy hpa", r.Meta.Command, "the same part once more is named once")
	page, err := Markdown([]byte(beginFigures+endFigures), r, nil)
	require.NoError(t, err)
	assert.Contains(t, string(page), "in 2 parts that were put together with `--from`")
	assert.Contains(t, string(page), "\n"+command+"\nhomeostat bench scale --policy hpa\n")
	r.Add(Extra{Series: &Series{Trace: before.Trace, Tasks: []Tasks{again}}})
	assert.Len(t, r.Series[0].Tasks, 1, "of another part of the trace nothing stays")
}

func TestWhatIsNoLineIsToldByItsNumber(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"another object":  {`{"trace":"a","policy":"b"}` + "\n" + `{"scenario":"bad"}`, "line 2 is nothing that bench scale writes: it names no trace and policy"},
		"a broken object": {`{"trace":`, "line 1 is nothing that bench scale writes: unexpected end of JSON input"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.EqualError(t, (&Result{}).Read(strings.NewReader(c.text)), c.want)
		})
	}
}

// change sets something of a policy's lines on all traces.
func change(r *Result, policy string, set func(*Line)) {
	for i := range r.Lines {
		if r.Lines[i].Policy == policy {
			set(&r.Lines[i])
		}
	}
}

func aim(t *testing.T, r *Result, name string) Aim {
	t.Helper()
	all := r.Aims()
	i := slices.IndexFunc(all, func(a Aim) bool { return a.Name == name })
	require.GreaterOrEqual(t, i, 0, "there is no aim %q", name)
	return all[i]
}

func TestAnAimIsMetOrMissedAsTheFiguresAre(t *testing.T) {
	worst, ratio, slow := Line{Violating: 90, TaskHours: 1e6, JLow: 99, JMid: 99, JHigh: 99, ActionsPerDay: 1e6}, 1.0, 71.0
	copied := func(of Line) func(*Line) {
		return func(l *Line) {
			l.Violating, l.TaskHours, l.ActionsPerDay = of.Violating, of.TaskHours, of.ActionsPerDay
			l.JLow, l.JMid, l.JHigh = of.JLow, of.JMid, of.JHigh
		}
	}
	for name, c := range map[string]struct {
		met, missed func(*Result)
	}{
		"step: fewer violating requests and fewer task-hours": {
			func(r *Result) { change(r, "step", copied(worst)) }, func(r *Result) { change(r, "step", copied(Line{TaskHours: 1})) },
		},
		"step: both worse": {
			func(r *Result) { change(r, "step", copied(worst)) }, func(r *Result) { change(r, Own, copied(worst)) },
		},
		"step: J at the middle price lower by": {
			func(r *Result) { change(r, "step", copied(worst)) }, func(r *Result) { change(r, Own, copied(worst)) },
		},
		"hpa-tuned, with its own signal: lower J with homeostat": {
			func(r *Result) { change(r, HPA+Tuned, copied(worst)) }, func(r *Result) { change(r, HPA+Tuned, copied(Line{})) },
		},
		"hpa-same-signal-tuned, fed with our signal: lower J with homeostat": {
			func(r *Result) { change(r, HPA+Same+Tuned, copied(worst)) }, func(r *Result) { change(r, HPA+Same+Tuned, copied(Line{})) },
		},
		"hpa-tuned, ours on CPU of 20 s as well: lower J with homeostat-cpu-20": {
			func(r *Result) { change(r, HPA+Tuned, copied(worst)) }, func(r *Result) { change(r, Own20, copied(worst)) },
		},
		"cost over that of rate-oracle at as many violations": {
			func(r *Result) { change(r, Own, func(l *Line) { l.B2Ratio = &ratio }) },
			func(r *Result) { change(r, Own, func(l *Line) { two := 2.0; l.B2Ratio = &two }) },
		},
		"a step to ten times, served after": {
			func(*Result) {},
			func(r *Result) {
				r.Add(Extra{Reaction: &Reaction{Policy: Own, Start: 40, Seeds: 2, Mean: &slow, Longest: &slow}})
			},
		},
		"no more actions a day than hpa": {
			func(r *Result) { change(r, HPA, copied(worst)) }, func(r *Result) { change(r, Own, copied(worst)) },
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
	got := aim(t, r, "a step to ten times, served after")
	assert.True(t, math.IsNaN(got.Value))
	assert.False(t, got.Met())
	assert.Equal(t, "–", got.Figure())
}

func TestNobodyIsComparedWithWhoWasNotPlayed(t *testing.T) {
	r := small(t)
	assert.Zero(t, Against(r.Trials(), Own, "keda").Traces)
	for _, a := range r.Aims() {
		assert.NotContains(t, a.Name, "keda")
	}
	assert.Empty(t, (&Result{}).Aims())
}

func TestNoneAgainstNoneIsNoMoreViolations(t *testing.T) {
	trial := func(ours, theirs Line) []Trial {
		ours.Policy, theirs.Policy = Own, "step"
		return []Trial{{Trace: "a", Lines: []Line{ours, theirs}}}
	}
	for name, c := range map[string]struct {
		ours, theirs                  Line
		violations, hours, both, none int
	}{
		"less of both":                     {Line{Violating: 1, TaskHours: 1}, Line{Violating: 2, TaskHours: 2}, 1, 1, 1, 0},
		"more of both":                     {Line{Violating: 2, TaskHours: 2}, Line{Violating: 1, TaskHours: 1}, 0, 0, 0, 1},
		"no violations, and cheaper":       {Line{TaskHours: 1}, Line{TaskHours: 2}, 1, 1, 1, 0},
		"as many violations, and cheaper":  {Line{Violating: 1, TaskHours: 1}, Line{Violating: 1, TaskHours: 2}, 0, 1, 0, 0},
		"fewer violations, at as much":     {Line{Violating: 1, TaskHours: 2}, Line{Violating: 2, TaskHours: 2}, 1, 0, 0, 0},
		"fewer violations, and dearer":     {Line{Violating: 1, TaskHours: 3}, Line{Violating: 2, TaskHours: 2}, 1, 0, 0, 0},
		"no violations of either, dearer":  {Line{TaskHours: 3}, Line{TaskHours: 2}, 1, 0, 0, 0},
		"violations where there were none": {Line{Violating: 1, TaskHours: 3}, Line{TaskHours: 2}, 0, 0, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			v := Against(trial(c.ours, c.theirs), Own, "step")
			assert.Equal(t, [5]int{1, c.violations, c.hours, c.both, c.none}, [5]int{v.Traces, v.FewerViolations, v.FewerHours, v.Both, v.BothWorse})
		})
	}
}

func TestALossIsEachTraceWithAHigherJ(t *testing.T) {
	r := small(t)
	change(r, "step", func(l *Line) { l.JMid = 0.5 })
	all := r.Losses()
	require.Len(t, all, 2, "both traces")
	for _, of := range all {
		assert.Equal(t, "step", of[0].Theirs.Policy, "the lowest J comes first")
		assert.InDelta(t, 100*(of[0].Ours.JMid-0.5)/0.5, of[0].By(), 1e-9)
	}
	change(r, Own, func(l *Line) { l.JMid = 0 })
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
	assert.ErrorContains(t, err, "the page has no place for figures")
}
