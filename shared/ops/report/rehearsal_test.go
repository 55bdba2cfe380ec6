package report_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/ops/report"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/rehearse"
)

func TestThePageShowsARehearsal(t *testing.T) {
	start := time.Date(2026, 1, 5, 6, 0, 0, 0, time.UTC)
	detect := 12.0
	page, err := report.Rehearsal([]rehearse.Result{{
		Scenario: "a <script> in a name", Seed: 7, Runs: 2,
		Services: []rehearse.ServiceResult{{
			Service: "shop/web", TasksFailed: 3, DetectS: &detect,
			Episodes: []rehearse.EpisodeResult{
				{At: 61, Trigger: "task-stopped", Cause: "app-exit", Decision: "rollback", Action: "run web:1", Result: "done", Verdict: "act", Reasons: []string{"bad-revision: three failed"}},
				{At: 62, Trigger: "task-running", Decision: "none", Verdict: "idle", Reasons: []string{"healthy: all is well"}},
			},
			History: []ecssim.Sample{{At: start, Desired: 1, Running: 1, Healthy: 1}, {At: start.Add(time.Hour), Desired: 3, Running: 2, Healthy: 2}},
		}},
		Invariants: []rehearse.InvariantResult{{Name: "holds", Held: true}, {Name: "does not", Detail: "seed 8"}},
	}})
	require.NoError(t, err)
	text := string(page)
	for _, want := range []string{
		"a &lt;script&gt; in a name", "Seed 7, 2 runs", "0:01:01", "bad-revision: three failed", "12 s",
		`class="desired" d="M28.0 102.7H896.0V12.0"`, "Evaluations without an action", "healthy: all is well",
		`<td class="broken">broken</td><td>does not</td><td>seed 8</td>`,
	} {
		assert.Contains(t, text, want)
	}
	assert.NotContains(t, text, "<script", "the page carries no script")
	assert.Equal(t, 1, strings.Count(text, "<svg"))
}
