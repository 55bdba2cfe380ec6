package route_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/route"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write docs/triggers.md anew")

// declaredKinds returns the values of the TriggerKind constants in the source,
// so that a new kind cannot be forgotten here.
func declaredKinds(t *testing.T) []fleet.TriggerKind {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../fleet/trigger.go", nil, 0)
	require.NoError(t, err)
	var kinds []fleet.TriggerKind
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if of, ok := spec.Type.(*ast.Ident); !ok || of.Name != "TriggerKind" {
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		require.NoError(t, err)
		kinds = append(kinds, fleet.TriggerKind(value))
		return true
	})
	require.Greater(t, len(kinds), 10, "the constants are in trigger.go")
	return kinds
}

// rows returns the row of each kind.
func rows(t *testing.T) (all []route.Route) {
	t.Helper()
	for _, kind := range declaredKinds(t) {
		all = append(all, route.Of(kind))
	}
	return all
}

func TestEveryTriggerKindHasARowOfItsOwn(t *testing.T) {
	for _, r := range rows(t) {
		if r.Kind != fleet.Ignored && r.Kind != fleet.ImageScan { // no rule delivers scans
			assert.NotEqual(t, route.Discarded, r.Find, "%s needs a row in table.go", r.Kind)
		}
	}
	for _, kind := range declaredKinds(t) {
		assert.Equal(t, kind, route.Of(kind).Kind)
	}
}

func TestEveryRuleDeliversAKindAndEveryRowNamesARuleThatExists(t *testing.T) {
	known, named := map[string]bool{}, map[string]bool{}
	for _, rule := range route.Rules() {
		known[rule.Name] = true
	}
	for _, r := range rows(t) {
		for _, name := range r.Rules {
			if name == "" {
				continue
			}
			named[name] = true
			assert.True(t, known[name], "%s: there is no rule %q", r.Kind, name)
		}
	}
	for name := range known {
		assert.True(t, named[name], "the rule %q delivers no kind of the table", name)
	}
}

func TestARowIsConsistent(t *testing.T) {
	for _, r := range rows(t) {
		t.Run(string(r.Kind), func(t *testing.T) {
			assert.NotEmpty(t, r.Source)
			delivered := r.Rules[0] != ""
			switch r.Find {
			case route.Discarded:
				assert.False(t, delivered, "a discarded event must not be paid for")
				assert.Zero(t, r.Answers)
				assert.Equal(t, route.ReadsNothing, r.Reads)
			case route.BySweep:
				assert.False(t, delivered, "a schedule targets its function itself")
				assert.True(t, r.Scheduled)
			default:
				assert.True(t, delivered, "EventBridge delivers it")
				assert.False(t, r.Scheduled)
				assert.NotZero(t, r.Answers)
				all := r.Find == route.ByRegion || r.Find == route.ByCluster
				assert.Equal(t, all, r.Reads == route.ReadsNothing, "an event for many services reads none of them")
			}
		})
	}
}

func TestAnUnknownKindIsDiscarded(t *testing.T) {
	r := route.Of("made-up")
	assert.Equal(t, route.Discarded, r.Find)
	assert.False(t, r.Asks(route.Heal|route.Scale))
}

func TestTheDecidersOfASetAreNamedInTheirOrder(t *testing.T) {
	assert.Equal(t, "heal, scale", (route.Scale | route.Heal).String())
	assert.Empty(t, route.Decider(0).String())
}

const page = "../../../docs/triggers.md"

func TestThePageOfTriggersIsTheTable(t *testing.T) {
	want := written(t)
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(want), 0o644))
	}
	got, err := os.ReadFile(page)
	require.NoError(t, err)
	assert.Equal(t, want, string(got), "go test ./shared/core/route -update writes the page anew")
}

func written(t *testing.T) string {
	var b strings.Builder
	b.WriteString(pageHead)
	for _, r := range rows(t) {
		rules := strings.Join(strings.Fields(strings.Join(r.Rules[:], " ")), ", ")
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", r.Kind, r.Source, or(rules), r.Find, r.Reads, or(r.Answers.String()))
	}
	b.WriteString(pageFoot)
	return b.String()
}

func or(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

const pageHead = `# Triggers

Every event becomes a trigger of one kind. This page shows the route table in shared/core/route, written by
` + "`go test ./shared/core/route -update`" + `. The kinds are stable: ` + "`homeostat decode`" + ` prints them.

| kind | source | rules | services are found | an evaluation reads | deciders that answer |
|---|---|---|---|---|---|
`

const pageFoot = `
Services are found:

- ` + "`by-name`" + `: the event names the service. An event without one is dropped as ` + "`no-service`" + `.
- ` + "`by-repository`" + `: all enrolled services that run an image of the repository.
- ` + "`by-alarm`" + `: the service in the alarm's dimensions, else all enrolled services that watch the alarm.
- ` + "`by-region`" + `: all enrolled services of the function's account and region.
- ` + "`by-cluster`" + `: the enrolled services of the event's cluster.
- ` + "`by-sweep`" + `: the service that a timer names, else all enrolled services, shard by shard.
- ` + "`by-task`" + `: the service that the event names, else the service of its task, which ECS names.
- ` + "`by-instance`" + `: the enrolled services with tasks on the event's EC2 instance. ECS is asked in each cluster with enrolled services.
- ` + "`discarded`" + `: the event is dropped before any service is searched.

No rule delivers scans of images, though ` + "`homeostat decode`" + ` reads them. No decision depends on the findings of a scan. With
enhanced scanning an image is scanned again whenever a new vulnerability is published, so an account would pay for events without an
effect. A gate on findings would read them when an image is rolled out. Amazon Inspector and Security Hub send the alerts.

A Spot warning costs one call for each cluster with enrolled services, and two calls in the cluster of the instance. Its episode explains
the task failures that follow. The warning delays the return to Spot. With ` + "`heal.drain_hosts`" + ` ECS moves the tasks before the
instance ends. A task retirement that names a task costs one call. Its episode explains the replacement of the task by ECS.

An evaluation reads:

- ` + "`load`" + `: CPU and the other signals of demand.
- ` + "`alarm`" + `: the load, and the service revisions where the policy names the alarm for rollbacks.
- ` + "`revisions`" + `: the service revisions.
- ` + "`deployment`" + `: the service revisions and the rollback alarms, and the load where there are such alarms.
- ` + "`sweep`" + `: the load; revisions, tasks and the watched tag only where they are due.

Memory and policy add to this: a recent task failure, for example, adds the task definitions.
`

// Each event reads the table several times.
func TestARowIsFoundWithoutAnAllocation(t *testing.T) {
	for _, kind := range []fleet.TriggerKind{fleet.TaskStopped, fleet.Tick, "unknown"} {
		assert.Zero(t, testing.AllocsPerRun(10, func() { route.Of(kind) }), kind)
	}
}
