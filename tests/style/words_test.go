package style

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWordsAreFoundAsTheListSays(t *testing.T) {
	list, err := parseWords("hush*\tsuppress\nis|are told\talerted\na person is told\talert\nlook|looks at a service\treconcile\ntwo-hands\texternal\nhand.md\toperating.md\tthe page moved\n")
	require.NoError(t, err)
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"a star stands for every ending":             {"Hush, hushed, HushDown", []string{"Hush → suppress", "hushed → suppress", "HushDown → suppress"}},
		"a pattern matches whole words only":         {"unhush is toldyou", nil},
		"alternatives stand for each other":          {"who is told, who are told", []string{"is told → alerted", "are told → alerted"}},
		"the longer of two patterns counts":          {"a person is told", []string{"a person is told → alert"}},
		"a phrase may be broken by a line":           {"It looks\n  at a service", []string{"looks at a service → reconcile"}},
		"a phrase is not broken by punctuation":      {"It looks, at a service", nil},
		"a dash in a pattern means a dash":           {"two-hands and two hands", []string{"two-hands → external"}},
		"a full stop in a pattern means a full stop": {"see docs/hand.md", []string{"hand.md → operating.md"}},
		"a phrase at the end may be incomplete":      {"It looks at a", nil},
		"an empty text has no words":                 {"", nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, m := range list.find(c.text) {
				got = append(got, m.found+" → "+m.better)
			}
			assert.Equal(t, c.want, got)
		})
	}
}

func TestBrokenListsAreRefusedWithTheirLine(t *testing.T) {
	for name, c := range map[string]struct{ words, allow, want string }{
		"a word without a better word":     {"# comment\n\nhush", "", "words.txt: line 3: expected a phrase, a tab and a better word: \"hush\""},
		"a word with an empty better word": {"hush\t \tcomment", "", "words.txt: line 1: expected a phrase, a tab and a better word: \"hush\\t \\tcomment\""},
		"a pattern without a word":         {"-\tdash", "", "words.txt: line 1: no word in \"-\""},
		"an exception without a reason":    {"hush\tsuppress", "docs/\thush", "allow.txt: line 1: expected a place, a tab, words, a tab and a reason: \"docs/\\thush\""},
		"an exception with two reasons":    {"hush\tsuppress", "docs/\thush\tone\ttwo", "allow.txt: line 1: expected a place, a tab, words, a tab and a reason: \"docs/\\thush\\tone\\ttwo\""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := newRules(c.words, "", c.allow)
			assert.EqualError(t, err, c.want)
		})
	}
}

func TestExceptionsCoverTheirPlaceAndWords(t *testing.T) {
	exceptions, err := parseAllow("ops/cli/\tThaw\talias\ndocs/hand.md\t*\tpage\n1234567\tthaw\told commit")
	require.NoError(t, err)
	r := &Rules{allow: exceptions}
	for name, c := range map[string]struct {
		place, words string
		want         bool
	}{
		"a file below the folder":     {"ops/cli/a/b.go", "thaw", true},
		"the words in any case":       {"ops/cli/b.go", "THAW", true},
		"other words of the folder":   {"ops/cli/b.go", "thaws", false},
		"a folder with a longer name": {"ops/cliff/b.go", "thaw", false},
		"any words of a file":         {"docs/hand.md", "thaws", true},
		"a long sentence of a file":   {"docs/hand.md", longSentence, false},
		"a commit":                    {"1234567", "thaw", true},
		"another commit":              {"7654321", "thaw", false},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.want, r.allowed(c.place, c.words)) })
	}
}

// The lists of the repository are read by the check itself. This test names
// the line of a broken one.
func TestTheListsOfTheRepositoryAreSound(t *testing.T) {
	rules, err := LoadRules(repository())
	require.NoError(t, err)
	assert.Greater(t, len(rules.words.exact)+len(rules.words.prefix), 50)
	assert.Greater(t, len(rules.verbs), 300)
	assert.NotEmpty(t, rules.allow)
	for verb := range rules.verbs {
		assert.Empty(t, rules.words.find(verb), "the verb %q is a banned word", verb)
		assert.Regexp(t, `^[a-z]+$`, verb)
	}
}
