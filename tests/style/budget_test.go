package style

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// found is a report of findings in two folders and of docs, of which some
// sentences of a hundred have a relative clause.
func found(comments, texts, relative int) *Report {
	r := &Report{}
	for i := range comments {
		r.Findings = append(r.Findings, Finding{Kind: Comments, File: "a/a.go", Line: i + 1, Message: "m"})
	}
	for i := range texts {
		r.Findings = append(r.Findings, Finding{Kind: Text, File: "b/b.go", Line: i + 1, Message: "m"})
	}
	for i := range 100 {
		r.Sentences = append(r.Sentences, Sentence{Kind: Docs, Relative: i < relative})
	}
	return r
}

func TestTheBudgetIsARatchet(t *testing.T) {
	const lowerIt = ": lower it with make style STYLE_FLAGS=-update"
	for name, c := range map[string]struct {
		budget string
		report *Report
		want   []string
	}{
		"as many findings as the budget says":   {"a comments 2\nb text 1\n", found(2, 1, 0), nil},
		"no budget and no finding":              {"", found(0, 0, 10), nil},
		"a finding above the budget":            {"a comments 1\n", found(2, 0, 0), []string{"a/a.go:1: m", "a/a.go:2: m", "a comments: 2 findings, the budget is 1"}},
		"a finding in a folder without budget":  {"a comments 1\n", found(1, 1, 0), []string{"b/b.go:1: m", "b text: 1 findings, the budget is 0"}},
		"fewer findings than the budget":        {"a comments 2\n", found(1, 0, 0), []string{"a comments: 1 findings, the budget is 2" + lowerIt}},
		"a folder that is gone":                 {"gone docs 2\n", found(0, 0, 0), []string{"gone docs: 0 findings, the budget is 2" + lowerIt}},
		"a share above its limit":               {"", found(0, 0, 11), []string{"11.0 % of the sentences of docs have a relative clause, the limit is 10 %: make style STYLE_FLAGS='-list relative' shows them"}},
		"a share within its budget":             {"share docs relative 20\n", found(0, 0, 20), nil},
		"a share above its budget":              {"share docs relative 20\n", found(0, 0, 21), []string{"21.0 % of the sentences of docs have a relative clause, the limit is 20 %: make style STYLE_FLAGS='-list relative' shows them"}},
		"a share a whole percent below":         {"share docs relative 20\n", found(0, 0, 19), []string{"19.0 % of the sentences of docs have a relative clause, the budget is 20 %" + lowerIt}},
		"a share that needs no budget any more": {"share docs relative 11\n", found(0, 0, 10), []string{"10.0 % of the sentences of docs have a relative clause, the budget is 11 %" + lowerIt}},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := ParseBudget(c.budget)
			require.NoError(t, err)
			assert.Equal(t, c.want, b.Compare(c.report))
		})
	}
}

func TestAnUpdateMayMoveFindingsButNotAddThem(t *testing.T) {
	for name, c := range map[string]struct {
		before, after string
		want          []string
	}{
		"fewer findings":                        {"a comments 2\n", "a comments 1\n", nil},
		"findings that moved to another folder": {"a comments 2\n", "b comments 2\n", nil},
		"more findings of a kind":               {"a comments 2\nb text 5\n", "a comments 3\n", []string{"comments: 3 findings, the budget is 2 in all folders"}},
		"a first budget":                        {"", "a text 1\n", []string{"text: 1 findings, the budget is 0 in all folders"}},
		"a larger share":                        {"share docs long 9\n", "share docs long 10\n", []string{"docs long: 10 %, the budget is 9 %"}},
	} {
		t.Run(name, func(t *testing.T) {
			before, err := ParseBudget(c.before)
			require.NoError(t, err)
			after, err := ParseBudget(c.after)
			require.NoError(t, err)
			assert.Equal(t, c.want, before.Grows(after))
		})
	}
}

func TestABudgetIsReadAsItWasWritten(t *testing.T) {
	want := BudgetOf(found(3, 2, 33))
	got, err := ParseBudget(want.Format())
	require.NoError(t, err)
	assert.Equal(t, want, got)
	assert.False(t, got.Empty())
	assert.Contains(t, want.Format(), "share docs relative 33\na comments 3\nb text 2\n")
	assert.True(t, BudgetOf(found(0, 0, 10)).Empty())
}

func TestABrokenBudgetIsRefusedWithItsLine(t *testing.T) {
	const number, form = "expected a number above zero at the end", "expected a folder, a kind and a number, or a share"
	for name, c := range map[string]struct{ line, want string }{
		"a number of zero":      {"a comments 0", number},
		"no number":             {"a comments", number},
		"a share of a percent":  {"share docs long 0.5", number},
		"a kind nobody knows":   {"a prose 3", form},
		"a share nobody knows":  {"share docs short 3", form},
		"a folder with a blank": {"a b comments 3", form},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseBudget("# comment\n" + c.line + "\n")
			assert.ErrorContains(t, err, "line 2: "+c.want)
		})
	}
}
