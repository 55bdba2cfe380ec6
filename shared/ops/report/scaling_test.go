package report_test

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/lab/bench/scaling"
	"homeostat/shared/ops/report"
)

func smallRun(t *testing.T) *scaling.Report {
	t.Helper()
	file, err := os.Open("../../lab/bench/scaling/testdata/small.jsonl")
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	r := &scaling.Report{}
	require.NoError(t, r.Read(file))
	return r
}

func pageOf(t *testing.T, r *scaling.Report) string {
	t.Helper()
	page, err := report.Scaling(r)
	require.NoError(t, err)
	return string(page)
}

func TestThePageShowsTheScalingBenchmark(t *testing.T) {
	page := pageOf(t, smallRun(t))
	for _, want := range []string{
		"2 traces, 36 measured hours, 2 seeds each", "Played on 2026-11-24",
		"Aims: 7 of 13 met", `<td class="bad">✗ missed</td><td class="words">target-tracking-60: fewer violating requests and fewer task-hours</td><td class="n">50 %</td>`,
		`<td class="ok">✓ met</td><td class="words">step: both worse</td>`,
		`<h2 id="losses">`, `HPA, Homeostat&#39;s signal*</span> &#43;0.6 %`, `id="trace-bursts"`, "A tenfold step of the traffic", "peak of 5 tasks",
		"target=55 down=120s", "Where Homeostat loses",
	} {
		assert.Contains(t, page, want)
	}
	assert.Equal(t, 1+2*2, strings.Count(page, "<svg "), "gains, and two charts a trace")
	for _, never := range []string{"NaN", "<script", "http://", "https://", "ZgotmplZ", "%!"} {
		assert.NotContains(t, page, never)
	}
}

func TestThePageOfOneTraceWithoutBaselinesIsAPage(t *testing.T) {
	alone := &scaling.Report{}
	alone.AddResult(scaling.Result{
		Trace: "<mine>", Policy: "homeostat", Seeds: 1,
		Cost: scaling.Cost{CostRatio: 1.2}, Scores: scaling.Scores{ScoreMid: 1.2}, Details: scaling.Details{Hours: 12},
	})
	page := pageOf(t, alone)
	assert.Contains(t, page, "there is nothing to compare")
	assert.Contains(t, page, "&lt;mine&gt;")
	assert.NotContains(t, page, "<mine>")
	assert.NotContains(t, page, `id="aims"`)
	assert.NotContains(t, page, "NaN")
	assert.NotEmpty(t, pageOf(t, &scaling.Report{}))
}

func TestAChartIsAFileOfItsOwn(t *testing.T) {
	charts := report.ScalingCharts(smallRun(t))
	require.Len(t, charts, 2)
	for _, c := range charts {
		t.Run(c.Name, func(t *testing.T) {
			assert.NotContains(t, string(c.SVG), "NaN")
			assert.Contains(t, string(c.SVG), "prefers-color-scheme: dark")
			marks := 0
			for d := xml.NewDecoder(strings.NewReader(string(c.SVG))); ; {
				token, err := d.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				require.NoError(t, err)
				if start, ok := token.(xml.StartElement); ok && start.Name.Local == "circle" || ok && start.Name.Local == "polygon" {
					marks++
				}
			}
			assert.Greater(t, marks, 3)
		})
	}
}

func TestAChangedFigureChangesThePage(t *testing.T) {
	r := smallRun(t)
	const missed = `<td class="bad">✗ missed</td><td class="words">cost divided by that of rate-oracle with as many violations</td>`
	assert.Contains(t, pageOf(t, r), missed)
	near := 1.1
	for i := range r.Results {
		if r.Results[i].Policy == scaling.Own {
			r.Results[i].RateOracleRatio = &near
		}
	}
	page := pageOf(t, r)
	assert.NotContains(t, page, missed)
	assert.Contains(t, page, "Aims: 8 of 13 met")
}
