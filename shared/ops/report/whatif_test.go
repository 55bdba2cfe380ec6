package report_test

import (
	"testing"

	"homeostat/shared/lab/whatif"
	"homeostat/shared/ops/report"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheWhatIfPageShowsEachPlan(t *testing.T) {
	line := []whatif.Moment{{Second: 0, Rate: 10, Needed: 1, Ready: 2}, {Second: 86400, Rate: 90, Needed: 5, Ready: 4}}
	page, err := report.WhatIf(whatif.Report{
		Trace: "<week>.csv", Days: 7, Seeds: 5, Notes: []string{"the last 2 periods had not arrived"},
		Plans: []whatif.Outcome{
			{Plan: "homeostat.yaml", About: "ours", Cost: whatif.Cost{TaskHours: 1234.56, CostUSD: 61.5}, Line: line},
			{Plan: "fixed:8", About: "always 8 tasks", Line: line},
		},
		Differences: []whatif.Difference{{Plan: "homeostat.yaml", Against: "fixed:8", Verdict: whatif.CheaperAndBetter, Words: []string{"much"}}},
	})
	require.NoError(t, err)
	html := string(page)
	for _, want := range []string{
		"What if: &lt;week&gt;.csv", "homeostat.yaml against fixed:8: cheaper and better served", "<td>1234.6</td><td>61.50</td>", "always 8 tasks",
		`<polyline class="served" points="28.0,`, `<polyline class="rate"`, "day 1, 00:00", "the last 2 periods had not arrived",
	} {
		assert.Contains(t, html, want)
	}
	assert.NotContains(t, html, "<script")
	assert.NotContains(t, html, "<week>")

	_, err = report.WhatIf(whatif.Report{})
	assert.NoError(t, err, "nothing to show is no fault")
}
