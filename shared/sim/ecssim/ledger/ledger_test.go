package ledger

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"homeostat/shared/sim/ecssim/appautoscaling"
	"homeostat/shared/sim/ecssim/cloudwatch"
	"homeostat/shared/sim/ecssim/ecr"
	"homeostat/shared/sim/ecssim/ecsrule"
	"homeostat/shared/sim/ecssim/wire"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// update writes the page anew: go test ./shared/sim/ecssim/ledger -update.
var update = flag.Bool("update", false, "write docs/ecssim-rules.md")

const root = ".."

func TestEveryRuleHasASourceAndATestOrIsSaidToBeMissing(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range All() {
		t.Run(r.Topic+": "+r.Rule, func(t *testing.T) {
			assert.False(t, seen[r.Rule], "the rule stands twice")
			seen[r.Rule] = true
			assert.NotEmpty(t, r.Source)
			if r.Missing != "" {
				assert.Empty(t, r.Code+r.Test, "a rule is followed, or it is missing")
				return
			}
			file, symbol, _ := strings.Cut(r.Code, " ")
			assert.True(t, declares(t, filepath.Join(root, file), symbol), "%s does not declare %q", file, symbol)
			folder, name, _ := strings.Cut(r.Test, " ")
			assert.True(t, hasTest(t, filepath.Join(root, folder), name), "%s has no test %q", folder, name)
		})
	}
}

// declares reports whether a file declares a name; "" asks for the file only.
func declares(t *testing.T, path, name string) bool {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	require.NoError(t, err)
	found := name == ""
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			found = found || n.Name.Name == name
		case *ast.TypeSpec:
			found = found || n.Name.Name == name
		case *ast.ValueSpec:
			for _, ident := range n.Names {
				found = found || ident.Name == name
			}
		}
		return true
	})
	return found
}

func hasTest(t *testing.T, folder, name string) bool {
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	require.NoError(t, err)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		if strings.Contains(string(raw), "func "+name+"(t *testing.T)") {
			return true
		}
	}
	return false
}

func TestThePageIsMadeFromTheLedger(t *testing.T) {
	const page = "../../../../docs/ecssim-rules.md"
	want := render()
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(want), 0o644))
	}
	got, err := os.ReadFile(page)
	require.NoError(t, err)
	assert.Equal(t, want, string(got), "the page is stale: go test ./shared/sim/ecssim/ledger -update")
}

// render returns the page.
func render() string {
	var out strings.Builder
	out.WriteString(`# Rules of AWS in ecssim

This page is made from the tables in ` + "`shared/sim/ecssim/ledger`" + ` and from the rules of requests. A test compares them.
Each rule has a source, code below ` + "`shared/sim/ecssim`" + ` and a test, or it is said to be missing. [ecssim](ecssim.md) has the operations and
the members of requests.
`)
	topic := ""
	for _, r := range All() {
		if r.Topic != topic {
			topic = r.Topic
			fmt.Fprintf(&out, "\n## %s\n\n| rule | source | code | test |\n|---|---|---|---|\n", topic)
		}
		if r.Missing != "" {
			fmt.Fprintf(&out, "| %s | %s | **not modelled** | %s |\n", r.Rule, r.Source, r.Missing)
			continue
		}
		folder, name, _ := strings.Cut(r.Test, " ")
		if folder != "." {
			name = folder + " " + name
		}
		fmt.Fprintf(&out, "| %s | %s | `%s` | `%s` |\n", r.Rule, r.Source, r.Code, name)
	}
	out.WriteString("\n## Rules between the members of a request\n\nA request that breaks one is refused with AWS's code. `TestEveryRuleRefusesARequestThatBreaksIt` breaks each once.\n\n| operation | rule | source |\n|---|---|---|\n")
	for _, r := range requestRules() {
		fmt.Fprintf(&out, "| %s | %s | %s |\n", r.Operation, r.Name, r.Source)
	}
	return out.String()
}

func requestRules() []wire.Rule {
	return slices.Concat(ecsrule.All(nil), cloudwatch.Rules(), appautoscaling.Rules(), ecr.Rules())
}
