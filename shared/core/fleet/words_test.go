package fleet_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/fleet"
)

// constants returns the values of the package's text constants of a type.
func constants(t *testing.T, kind string) (values []string) {
	t.Helper()
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), entry.Name(), nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if name, ok := spec.Type.(*ast.Ident); ok && name.Name == kind {
				text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
				require.NoError(t, err)
				values = append(values, text)
			}
			return true
		})
	}
	return values
}

func texts[T ~string](words []T) []string {
	out := make([]string, 0, len(words))
	for _, w := range words {
		out = append(out, string(w))
	}
	return out
}

func TestTheListsOfWordsAreComplete(t *testing.T) {
	for kind, list := range map[string][]string{
		"TriggerKind": texts(fleet.TriggerKinds()), "DecisionKind": texts(fleet.DecisionKinds()), "Outcome": texts(fleet.Outcomes()), "Cause": texts(fleet.Causes()),
	} {
		t.Run(kind, func(t *testing.T) {
			want := constants(t, kind)
			require.NotEmpty(t, want)
			assert.ElementsMatch(t, want, list)
		})
	}
}
