package reason_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"homeostat/shared/core/reason"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write docs/reasons.md anew")

// declared returns the constants of the type Name in the source, by identifier.
func declared(t *testing.T) map[string]reason.Name {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "reason.go", nil, 0)
	require.NoError(t, err)
	names := map[string]reason.Name{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		require.NoError(t, err)
		names[spec.Names[0].Name] = reason.Name(value)
		return true
	})
	require.Greater(t, len(names), 80)
	return names
}

func TestEveryReasonStandsInTheTableOnce(t *testing.T) {
	rows := map[reason.Name]int{}
	for _, e := range reason.All() {
		rows[e.Name]++
		assert.NotEmpty(t, e.Group, e.Name)
		for _, sentence := range []string{e.Means, e.Advice} {
			assert.True(t, strings.HasSuffix(sentence, "."), "%s: %q is a sentence", e.Name, sentence)
		}
	}
	names := declared(t)
	assert.Len(t, rows, len(names), "no two constants share a name")
	for constant, name := range names {
		assert.Equal(t, 1, rows[name], "%s needs one row in table.go", constant)
		assert.Regexp(t, `^[a-z]+(-[a-z]+)*$`, string(name))
	}
}

// sources returns the product code of the shared folder that may name a reason.
func sources(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	require.NoError(t, filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "core/reason/") {
			return err
		}
		raw, err := os.ReadFile(path)
		out[path] = string(raw)
		return err
	}))
	return out
}

func TestEveryReasonIsGivenSomewhereAndNoneIsALiteral(t *testing.T) {
	used := map[string]bool{}
	selector, literal := regexp.MustCompile(`\breason\.([A-Z]\w+)`), regexp.MustCompile(`(fleet\.Reason\{+\s*Name:|\.Name =|nothing\(|notify\(|handled\()\s*"[a-z-]+"`)
	for path, text := range sources(t) {
		for _, m := range selector.FindAllStringSubmatch(text, -1) {
			used[m[1]] = true
		}
		if strings.Contains(path, "core/decide/") || strings.Contains(path, "core/guard/") || strings.Contains(path, "core/massfailure/") || strings.Contains(path, "engine/") {
			assert.Empty(t, literal.FindString(text), "%s names a reason by a literal", path)
		}
	}
	for constant := range declared(t) {
		assert.True(t, used[constant], "reason.%s is given nowhere", constant)
	}
}

func TestARenamedReasonIsFoundByItsOldName(t *testing.T) {
	assert.Equal(t, reason.SelfTriggered, reason.Current("own-echo"))
	assert.Equal(t, reason.AtNeed, reason.Current("work-fits"))
	assert.Equal(t, reason.BadRevision, reason.Current("bad-revision"))
	assert.Equal(t, reason.Name("of-a-later-release"), reason.Current("of-a-later-release"), "an unknown name is kept")
}

const page = "../../../docs/reasons.md"

func TestThePageOfReasonsIsTheTable(t *testing.T) {
	want := written()
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(want), 0o644))
	}
	got, err := os.ReadFile(page)
	require.NoError(t, err)
	assert.Equal(t, want, string(got), "go test ./shared/core/reason -update writes the page anew")
}

func TestThePolicyKeysInTheAdviceExist(t *testing.T) {
	policy, err := os.ReadFile("../../../docs/policy.md")
	require.NoError(t, err)
	key := regexp.MustCompile("`((?:heal|scale|redeploy|limits)(?:\\.[a-z_]+)?)`")
	for _, e := range reason.All() {
		for _, m := range key.FindAllStringSubmatch(e.Means+e.Advice, -1) {
			last := m[1][strings.LastIndex(m[1], ".")+1:]
			assert.Contains(t, string(policy), last, "%s names the policy key %s", e.Name, m[1])
		}
	}
}

func written() string {
	var b strings.Builder
	b.WriteString(pageHead)
	group := ""
	for _, e := range reason.All() {
		if e.Group != group {
			group = e.Group
			fmt.Fprintf(&b, "\n## %s\n\n| reason | meaning | advice |\n|---|---|---|\n", group)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", e.Name, e.Means, e.Advice)
	}
	return b.String()
}

const pageHead = `# Reasons

Every decision has reasons. Their names are stable: metrics, alarms, scenarios and stored episodes go by them. The first reason is the dimension
` + "`Reason` of the metric `DecisionReasons`" + `. This page is written from the table in shared/core/reason (` + "`go test ./shared/core/reason -update`" + `).
`
