package style

import (
	"io/fs"
	"os"
	"path"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func repository() fs.FS { return os.DirFS("../..") }

func rules(t *testing.T) *Rules {
	t.Helper()
	r, err := LoadRules(repository())
	require.NoError(t, err)
	return r
}

// check returns the findings of a tree of files.
func check(t *testing.T, files map[string]string) []string {
	t.Helper()
	tree := fstest.MapFS{}
	for name, text := range files {
		tree[name] = &fstest.MapFile{Data: []byte(text)}
	}
	names, err := walk(tree)
	require.NoError(t, err)
	report, err := rules(t).Check(tree, names)
	require.NoError(t, err)
	var out []string
	for _, f := range report.Findings {
		out = append(out, string(f.Kind)+" "+f.String())
	}
	return out
}

const longText = "one two three four five six seven eight nine ten one two three four five six seven eight nine ten one two three four five six seven eight nine ten more"

// findingCase is a file and its findings.
type findingCase struct {
	file, text string
	want       []string
}

func checkAll(t *testing.T, cases map[string]findingCase) {
	t.Helper()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, check(t, map[string]string{c.file: c.text}))
		})
	}
}

func TestFindingsOfCommentsAndDocsHaveTheirFileAndLine(t *testing.T) {
	checkAll(t, map[string]findingCase{
		"a word in a line of a comment": {
			"a/a.go", "package a\n\n// f does this.\n// It looks again\n// and looks at\n// the service.\nfunc f() {}\n",
			[]string{`comments a/a.go:4: word "looks again": write "reconcile again or requeue"`, `comments a/a.go:5: word "looks at the service": write "reconcile the service"`},
		},
		"a long sentence in a comment": {
			"a/a.go", "package a\n\n// f does this and that. Here\n// " + longText + ".\nfunc f() {}\n",
			[]string{`comments a/a.go:3: sentence of 32 words, expected at most 30: "Here one two three four five six seven eight nine ten one tw…"`},
		},
		"a word in a comment after code": {
			"a/a.go", "package a\n\nfunc f() {} // the roster\n",
			[]string{`comments a/a.go:3: word "roster": write "inventory"`},
		},
		"a word in a block comment": {
			"a/a.go", "package a\n\n/* f does this\nto the roster. */\nfunc f() {}\n",
			[]string{`comments a/a.go:4: word "roster": write "inventory"`},
		},
		"a word in a comment of a test, whose sentences do not count": {
			"a/a_test.go", "package a\n\n// The roster " + longText + ".\nconst c = \"a text of the roster\"\n",
			[]string{`comments a/a_test.go:3: word "roster": write "inventory"`},
		},
		"a word in a paragraph of a page": {
			"docs/a.md", "# Title\n\nThe first line.\nThe second is told.\n",
			[]string{`docs docs/a.md:4: word "is told": write "is alerted or is notified"`},
		},
		"a word in a table and in a heading": {
			"docs/a.md", "# The roster\n\n| the census |\n",
			[]string{`docs docs/a.md:1: word "roster": write "inventory"`, `docs docs/a.md:3: word "census": write "service counts"`},
		},
		"a long sentence of a page, behind fenced code": {
			"docs/a.md", "```\nroster\n```\nIt is short.\nHere " + longText + "\n",
			[]string{`docs docs/a.md:5: sentence of 32 words, expected at most 30: "Here one two three four five six seven eight nine ten one tw…"`},
		},
	})
}

func TestFindingsOfHelpAndTextsHaveTheirFileAndLine(t *testing.T) {
	checkAll(t, map[string]findingCase{
		"a help text that begins with a noun": {
			"a/a.go", "package a\n\ntype t struct {\n\tA int `help:\"Print the number.\"`\n\tB int `name:\"b\" help:\"The number.\"`\n}\n",
			[]string{`help a/a.go:5: help "The number.": begin with a verb such as "Print", "Write", "Set"`},
		},
		"a word in a help text": {
			"a/a.go", "package a\n\ntype t struct {\n\tA int `help:\"Print the roster.\"`\n}\n",
			[]string{`help a/a.go:4: word "roster": write "inventory"`},
		},
		"a target whose help begins with a noun": {
			"Makefile", "# targets\nrun: ## Run it\nstop: run ## The end of the run\nother:\n",
			[]string{`help Makefile:3: help "The end of the run": begin with a verb such as "Print", "Write", "Set"`},
		},
		"a word in a text for people": {
			"a/a.go", "package a\n\nconst c = \"the service is in the roster\"\n",
			[]string{`text a/a.go:3: word "roster": write "inventory"`},
		},
		"a word in a text of two literals": {
			"a/a.go", "package a\n\nfunc f(s string) string {\n\treturn \"nobody is told of \" + s +\n\t\t\" in the roster\"\n}\n",
			[]string{`text a/a.go:4: word "nobody is told": write "no alert is sent"`, `text a/a.go:5: word "roster": write "inventory"`},
		},
		"a word in a line of a raw text": {
			"a/a.go", "package a\n\nconst c = `a text\nof the roster`\n",
			[]string{`text a/a.go:4: word "roster": write "inventory"`},
		},
		"a long sentence in a text for people": {
			"a/a.go", "package a\n\nconst c = \"" + longText + "\"\n",
			[]string{`text a/a.go:3: sentence of 31 words, expected at most 30: "one two three four five six seven eight nine ten one two thr…"`},
		},
	})
}

func TestOtherTextsAreNotChecked(t *testing.T) {
	checkAll(t, map[string]findingCase{
		"a text of three words is a name": {"a/a.go", "package a\n\nconst c = \"in the roster\"\n", nil},
		"an import is no text":            {"a/a.go", "package a\n\nimport _ \"x.org/the roster of it\"\n", nil},
		"a directive is no comment":       {"a/a.go", "package a\n\n//nolint:roster // the roster\n//go:embed roster\nvar c string\n", nil},
		"a generated file":                {"a/a.go", "// Code generated by x; DO NOT EDIT.\n\n// The roster.\npackage a\n", nil},
		"a file of testdata":              {"a/testdata/a.md", "The roster.", nil},
		"a vendored file":                 {"vendor/x/a.go", "package a // roster", nil},
		"the changelog":                   {"CHANGELOG.md", "The roster.", nil},
		"an exception":                    {"shared/ops/cli/a.go", "package a // thaw it, the roster", []string{`comments shared/ops/cli/a.go:1: word "roster": write "inventory"`}},
	})
}

func TestAFileThatIsNoGoIsAnError(t *testing.T) {
	_, err := rules(t).Check(fstest.MapFS{"a.go": {Data: []byte("no go")}}, []string{"a.go"})
	assert.ErrorContains(t, err, "a.go:1:1")
}

// The numbers of this tree were counted by an independent program.
func TestTheCountsOfATreeAreExact(t *testing.T) {
	tree := os.DirFS("testdata/tree")
	files, err := walk(tree)
	require.NoError(t, err)
	report, err := rules(t).Check(tree, files)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"comments: 8 sentences, 50.0 % have a relative clause (limit 10 %), 12.5 % have over 30 words (limit 4 %), 25.0 % begin with What, Who, Where or One that (limit 0.3 %)",
		"docs: 7 sentences, 42.9 % have a relative clause (limit 10 %), 14.3 % have over 30 words (limit 8 %), 28.6 % begin with What, Who, Where or One that (limit 0.3 %)",
	}, report.Summary())
	assert.Len(t, report.Having("relative"), 7)
	assert.Len(t, report.Having("long"), 2)
	assert.Len(t, report.Having("begin"), 4)
	counts := map[string]int{}
	for _, f := range report.Findings {
		counts[path.Dir(f.File)+" "+string(f.Kind)]++
	}
	assert.Equal(t, map[string]int{". help": 2, "docs docs": 7, "shop comments": 5, "shop help": 2, "shop text": 1}, counts)
	problems := report.Problems()
	assert.Len(t, problems, 17+6, "each finding and each share above its limit")
	assert.Contains(t, problems, "42.9 % of the sentences of docs have a relative clause, the limit is 10 %: make style STYLE_FLAGS='-list relative' shows them")
}
