package report_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/lab/bench"
	"homeostat/shared/ops/report"
)

func TestThePageShowsTheHealingBenchmark(t *testing.T) {
	all, none, ten := 100.0, 0.0, 10.0
	page, err := report.Healing([]bench.Result{
		{Scenario: "bad-start-all", Policy: "homeostat", Group: "bad", Runs: 5, Seed: 9, Rollbacks: bench.Rollbacks{Detected: &all}, Damage: bench.Damage{FailedTasks: 3, Decide: &ten}, Intervals: bench.Intervals{DetectedInterval: &bench.Interval{56.6, 100}}},
		{Scenario: "bad-start-all", Policy: "<none>", Group: "bad", Runs: 5, Seed: 9, Rollbacks: bench.Rollbacks{Detected: &none}, Damage: bench.Damage{FailedTasks: 28}},
		{Scenario: "incident-host-fresh", Policy: "homeostat", Group: "incident", Runs: 5, Seed: 9, Rollbacks: bench.Rollbacks{FalseRollback: 20}},
	}, []bench.Aim{{Name: "few failures", Value: 3, Limit: 3}, {Name: "no answer", Value: math.NaN(), Limit: 1}})
	require.NoError(t, err)
	text := string(page)
	for _, want := range []string{
		"5 runs per scenario and policy, seeds from 9", "100.0 [56.6 100.0]", `<td class="held">met</td><td>few failures</td>`,
		`<td class="broken">missed</td><td>no answer</td>`, "every start of the new revision fails", `class="own"`,
		`fill="hsl(140 62% 62%)"/><text class="cell" x="260" y="134" text-anchor="middle">100</text>`,
		`fill="hsl(0 62% 62%)"/><text class="cell" x="322" y="134" text-anchor="middle">0</text>`,
	} {
		assert.Contains(t, text, want)
	}
	assert.NotContains(t, text, "<none>", "names are escaped")
	assert.NotContains(t, text, "<script")
	assert.NotContains(t, text, "Good revisions", "a group without lines is left out")
	assert.Equal(t, 4, strings.Count(text, "<svg"))
}
