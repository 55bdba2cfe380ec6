package demand

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/sim/simtest/fixture"
)

const root = "../../.."

// connections is the worked example of CONTRIBUTING.md ("Add a scaling signal"): a
// service with 50 connections for each busy task. The example keeps the values in
// Observation.Load, because it adds no field of its own.
type connections struct{}

const perTask = 50

func (connections) Code() Code                   { return 200 }
func (connections) Name() string                 { return "connections" }
func (connections) Points(o Observation) []Point { return o.Load }
func (connections) Valid(p Point) bool           { return valid(p, maxCount) }
func (connections) Usable(Cost, Settings) bool   { return true }
func (connections) Sizing(c Settings) Sizing     { return c.learnedSizing(c.Insist) }

func (connections) sample(_ Cost, p Point, _ Observation, _ Settings) (sample, bool) {
	return sample{demand: p.Value / perTask}, valid(p, maxCount)
}

func (connections) text(_ Cost, p Point, _ Observation, _ Settings) string {
	return fmt.Sprintf("%.0f connections / %d a task", p.Value, perTask)
}

// A signal needs one type and one element of the list: the controller scales on
// it, and prefers it to the CPU.
func TestAnAddedSignalScales(t *testing.T) {
	k := NewController(Usual())
	k.signals = append([]Signal{connections{}}, Signals()...)
	now := fixture.Noon()
	at := func(value float64) []Point { return []Point{{At: now, Period: time.Minute, Value: value}} }
	o := Observation{Now: now, Desired: 2, Ready: 2, Load: at(500), CPU: at(10), Running: at(2)}
	var s State
	e, ok := k.Step(&s, o, Settings{Min: 1, Max: 100, Tick: time.Minute})
	require.True(t, ok)
	assert.Equal(t, connections{}.Code(), s.Signal)
	assert.InDelta(t, 10, e.Demand, 1e-9)
	assert.GreaterOrEqual(t, e.Tasks, 12, "10 busy tasks and headroom")
	assert.True(t, strings.HasPrefix(e.Text, "demand 10.00 tasks (500 connections / 50 a task), forecast 10.00 in 60 s, "), e.Text)

	o.Load = nil
	o.Now = now.Add(maxAge + time.Second)
	o.CPU[0].At, o.Running[0].At = o.Now, o.Now
	e, ok = k.Step(&s, o, Settings{Min: 1, Max: 100, Tick: time.Minute})
	require.True(t, ok)
	assert.Equal(t, CPU, s.Signal, "without a fresh value the next signal counts")
	assert.InDelta(t, 0.2, e.Demand, 1e-9)
}

func TestTheCodesOfSignalsAreStable(t *testing.T) {
	codes := map[string]Code{}
	for _, signal := range Signals() {
		codes[signal.Name()] = signal.Code()
	}
	assert.Equal(t, map[string]Code{"requests": 1, "the policy's metric": 2, "CPU": 3}, codes)
	assert.True(t, None.known())
	assert.False(t, Code(200).known(), "a stored state of an unknown signal is refused")
}

// The metric of the policy replaces the requests as soon as it has a value, and
// one missing value does not switch back.
func TestTheFirstSignalWithAFreshValueIsFollowed(t *testing.T) {
	k := NewController(Usual())
	c := Settings{Min: 1, Max: 100, Tick: time.Minute, RequestsPerTask: 10, LoadPerTask: 5}
	now := fixture.Noon()
	var s State
	for minute, want := range []Code{Requests, Load, Load, Load, Load, Load, Load, Load, Requests} {
		now = now.Add(time.Minute)
		point := []Point{{At: now, Period: time.Minute, Value: 600}}
		o := Observation{Now: now, Desired: 1, Ready: 1, Requests: point}
		if minute == 1 {
			o.Load = point
		}
		_, ok := k.Step(&s, o, c)
		require.True(t, ok)
		assert.Equal(t, want, s.Signal, "minute %d", minute)
	}
}

// The guide names at most 8 files, and the requests signal is in no other file of
// the product.
func TestTheGuideNamesTheFilesOfASignal(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "CONTRIBUTING.md"))
	require.NoError(t, err)
	_, guide, ok := strings.Cut(string(text), "\n## Add a scaling signal\n")
	require.True(t, ok)
	guide, _, _ = strings.Cut(guide, "\n## ")
	named := map[string]bool{}
	for _, file := range regexp.MustCompile("`(shared/[a-z_/]+\\.go)`").FindAllStringSubmatch(guide, -1) {
		named[file[1]] = true
		assert.FileExists(t, filepath.Join(root, file[1]))
	}
	assert.LessOrEqual(t, len(named), 8)
	example := regexp.MustCompile("(?s)```go\n(.*?)```").FindStringSubmatch(strings.ReplaceAll(guide, "\n   ", "\n"))
	require.NotNil(t, example)
	code, err := os.ReadFile("signal_test.go")
	require.NoError(t, err)
	assert.Contains(t, string(code), example[1], "the example is code of this file")
	// Only the requests have a learned cost, and target groups.
	named["shared/core/demand/cost.go"], named["shared/core/fleet/target_group.go"] = true, true
	// And comparisons of revisions.
	named["shared/core/decide/regression.go"], named["shared/core/decide/evidence.go"] = true, true
	named["shared/core/judge/traffic.go"] = true
	signal := regexp.MustCompile(`\b(\w+\.Requests|Requests:|Requests +\[\])\b|CountsRequests\(\)`)
	for _, wing := range []string{"core", "aws", "engine"} {
		err := filepath.WalkDir(filepath.Join(root, "shared", wing), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			source, err := os.ReadFile(path)
			name, _ := filepath.Rel(root, path)
			if signal.Match(source) {
				assert.True(t, named[filepath.ToSlash(name)], "%s mentions the requests, and the guide does not name it", name)
			}
			return err
		})
		require.NoError(t, err)
	}
}
