package arch_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// synthetic returns a small module with the given files, by path.
func synthetic(t *testing.T, files map[string]string) *tree {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, source := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(source)}
	}
	parsed, err := load(fsys)
	require.NoError(t, err)
	return parsed
}

func long(lines int) string { return strings.Repeat("\n", lines) }

// A checker that cannot fail proves nothing. This test breaks each rule once.
func TestTheCheckerFindsWhatBreaksARule(t *testing.T) {
	doc := "// Package x is for a test.\npackage x\n"
	for name, c := range map[string]struct {
		files map[string]string
		check func(*tree) []string
		want  []string
	}{
		"a lower layer that imports a higher one": {
			map[string]string{"shared/core/fleet/a.go": doc + `import "homeostat/shared/core/decide"`},
			checkImports,
			[]string{"shared/core/fleet/a.go:3: shared/core/fleet must not import homeostat/shared/core/decide: nouns are stored and replayed: they depend on nothing that may change under them"},
		},
		"steps that know each other": {
			map[string]string{"shared/aws/act/a.go": doc + `import "homeostat/shared/aws/record"`},
			checkImports,
			[]string{"shared/aws/act/a.go:3: shared/aws/act must not import homeostat/shared/aws/record: acting depends on AWS and on nouns, never on decisions"},
		},
		"a stranger's module": {
			map[string]string{"shared/core/judge/a.go": doc + `import "example.org/stats"`},
			checkImports,
			[]string{"shared/core/judge/a.go:3: shared/core/judge must not import example.org/stats: a revision is judged by its evidence alone"},
		},
		"a package that is only like an allowed one": {
			map[string]string{"shared/core/judge/a.go": doc + `import "homeostat/shared/fleetwood"`},
			checkImports,
			[]string{"shared/core/judge/a.go:3: shared/core/judge must not import homeostat/shared/fleetwood: a revision is judged by its evidence alone"},
		},
		"a decision that reads the environment": {
			map[string]string{"shared/core/decide/a.go": doc + `import _ "os/user"`},
			checkImports,
			[]string{"shared/core/decide/a.go:3: shared/core/decide must never import os/user: a decision has no input but its arguments and no effect but its result"},
		},
		"a service of the simulator that knows the ECS core": {
			map[string]string{"shared/sim/ecssim/ecr/a.go": doc + `import "homeostat/shared/sim/ecssim"`},
			checkImports,
			[]string{"shared/sim/ecssim/ecr/a.go:3: shared/sim/ecssim/ecr must not import homeostat/shared/sim/ecssim: a service of the simulator must not depend on the ECS core: the core connects the services"},
		},
		"a package without a row": {
			map[string]string{"shared/secret/a.go": doc},
			checkImports,
			[]string{"shared/secret stands in no row of the import table; add it with its reason"},
		},
		"a function that holds the simulator by two steps": {
			map[string]string{
				"functions/heal/main.go":       doc + `import "homeostat/shared/engine/app"`,
				"shared/engine/app/boot.go":    doc + `import "homeostat/shared/helper"`,
				"shared/helper/a.go":           doc + `import "homeostat/shared/sim/ecssim/wire"`,
				"shared/sim/ecssim/wire/a.go":  doc,
				"shared/helper/a_test.go":      doc + `import "testing"`,
				"tests/scenario/any.go":        doc + `import "homeostat/shared/sim/ecssim"`,
				"shared/sim/rehearse/other.go": doc + `import "homeostat/shared/sim/ecssim"`,
			},
			func(t *tree) []string { return checkClosures(t, closures()) },
			[]string{
				"functions/heal → shared/engine/app → shared/helper → homeostat/shared/sim/ecssim/wire: " + closures().why,
				"shared/engine/app → shared/helper → homeostat/shared/sim/ecssim/wire: " + closures().why,
			},
		},
		"a clock in a decision": {
			map[string]string{"shared/core/decide/a.go": doc + "import clock \"time\"\nfunc f() { _ = clock.Now() }"},
			checkSelectors,
			[]string{"shared/core/decide/a.go:4: shared/core/decide must not use clock.Now: time is an argument, so that a decision can be replayed and a day simulated in seconds"},
		},
		"a pipeline that goes round its interfaces": {
			map[string]string{"shared/engine/event/a.go": doc + "import \"homeostat/shared/aws/record\"\ntype p struct { l record.Lease; s record.Store }"},
			checkSelectors,
			[]string{"shared/engine/event/a.go:4: shared/engine/event must not use record.Store: the engine reaches the store through its interfaces; only the type of the lease is shared"},
		},
		"a client that is built anywhere": {
			map[string]string{"shared/aws/act/a.go": doc + "import \"github.com/aws/aws-sdk-go-v2/service/ecs\"\nfunc f() { ecs.NewFromConfig() }"},
			checkSelectors,
			[]string{"shared/aws/act/a.go:4: shared/aws/act must not use ecs.NewFromConfig: real clients are built in few places, so that a test can never reach AWS by accident"},
		},
		"a variable": {
			map[string]string{"shared/aws/act/a.go": doc + "var cache = map[string]int{}"},
			checkState,
			[]string{"shared/aws/act/a.go:3: the package-level variable cache is state that every test shares: make it a constant, a function or a field"},
		},
		"an init": {
			map[string]string{"shared/aws/act/a.go": doc + "func init() {}"},
			checkState,
			[]string{"shared/aws/act/a.go:3: func init runs before main can say what is wrong: call it instead"},
		},
		"a package that does not say what it is": {
			map[string]string{"shared/aws/act/a.go": "package act\n"},
			checkSize,
			[]string{"shared/aws/act has no package comment that says what it is for"},
		},
		"a file that is too long": {
			map[string]string{"shared/aws/act/a.go": doc + long(399)},
			checkSize,
			[]string{"shared/aws/act/a.go has 401 lines, expected at most 400"},
		},
		"a function that is too long": {
			map[string]string{"shared/aws/act/a.go": doc + "func f() {" + long(60) + "}"},
			checkSize,
			[]string{"shared/aws/act/a.go:3: func f has 61 lines, expected at most 60"},
		},
		"a function with a long table": {
			map[string]string{"shared/aws/act/a.go": doc + "func f() []int { return []int{" + long(80) + "} }"},
			checkSize,
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, c.check(synthetic(t, c.files)))
		})
	}
}

func TestTheCheckerLetsPassWhatKeepsTheRules(t *testing.T) {
	files := map[string]string{
		"shared/core/fleet/a.go":       "// Package fleet is for a test.\npackage fleet\nimport \"time\"\nvar _ = time.Now\n",
		"shared/aws/act/a.go":          "// Package act is for a test.\npackage act\nimport (\n\"context\"\n\"homeostat/shared/core/fleet\"\n\"github.com/aws/aws-sdk-go-v2/service/ecs/types\"\n)\n",
		"shared/aws/act/b.go":          "package act\nimport \"errors\"\n// ErrGone is one.\nvar ErrGone = errors.New(\"gone\")\nvar _ error = ErrGone\n",
		"shared/ops/cli/page.go":       "// Package cli is for a test.\npackage cli\nimport _ \"embed\"\n//go:embed page.html\nvar page string\nfunc (s server) init() {}\n" + "func f() {" + long(59) + "}" + long(334),
		"shared/aws/act/a_test.go":     "package act\nvar state int\nfunc init() {}\n",
		"shared/aws/act/testdata/a.go": "package broken\nvar state int\n",
		"tests/bench/helper.go":        "package bench\nvar state int\n",
		"node_modules/x/example.go":    "package x\n",
	}
	parsed := synthetic(t, files)
	assert.Empty(t, checkImports(parsed))
	assert.Empty(t, checkClosures(parsed, closures()))
	assert.Empty(t, checkState(parsed))
	assert.Empty(t, checkSize(parsed))
	assert.Len(t, parsed.packages, 3)
}
