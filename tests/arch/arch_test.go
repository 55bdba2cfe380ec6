package arch_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const root = "../.."

func product(t *testing.T) *tree {
	t.Helper()
	parsed, err := load(os.DirFS(root))
	require.NoError(t, err)
	require.Greater(t, len(parsed.packages), 20, "the product's packages are found")
	return parsed
}

func none(t *testing.T, problems []string) {
	t.Helper()
	for _, p := range problems {
		t.Error(p)
	}
}

func TestImportsRunUpwardOnly(t *testing.T) { none(t, checkImports(product(t))) }

func TestFunctionsHoldNothingThatIsNotDeployed(t *testing.T) {
	none(t, checkClosures(product(t), closures()))
}

func TestNamesThatAPackageMayUseOfAnother(t *testing.T) { none(t, checkSelectors(product(t))) }

func TestPackagesHaveNoStateOfTheirOwn(t *testing.T) { none(t, checkState(product(t))) }

func TestFilesAndFunctionsCanBeReadAtOnce(t *testing.T) { none(t, checkSize(product(t))) }

// Only the go command follows imports through the modules of others.
func TestFunctionsHoldNothingThatOthersBringAlong(t *testing.T) {
	command := exec.Command("go", "list", "-deps", "-f", "{{.ImportPath}}", "./functions/...")
	command.Dir = root
	command.Stderr = os.Stderr
	out, err := command.Output()
	require.NoError(t, err)
	deps := strings.Fields(string(out))
	require.Contains(t, deps, "homeostat/shared/engine/event")
	for _, dep := range deps {
		assert.False(t, coveredBy(closures().imports, dep), "functions hold %s: %s", dep, closures().why)
	}
}

// Every row of the table is about an existing or planned package, and has a reason.
func TestTheTableGivesReasons(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range rules() {
		assert.NotEmpty(t, r.why, r.pattern)
		assert.NotEmpty(t, r.allow, r.pattern)
		assert.False(t, seen[r.pattern], "%s stands twice", r.pattern)
		seen[r.pattern] = true
	}
	for _, b := range append(bans(), closures()) {
		assert.NotEmpty(t, b.why)
	}
	for _, s := range selectorRules() {
		assert.NotEmpty(t, s.why)
	}
}
