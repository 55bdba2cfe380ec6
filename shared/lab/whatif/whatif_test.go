package whatif_test

import (
	"context"
	"math"
	"testing"
	"time"

	"homeostat/shared/core/policy"
	"homeostat/shared/lab/recording"
	"homeostat/shared/lab/whatif"
	"homeostat/shared/sim/simtest/fixture"
	"homeostat/shared/sim/traffic"
	"homeostat/shared/sim/workload"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// daily returns two days of traffic between a tenth of a rate and the rate.
func daily(rate float64) recording.Recording {
	r := recording.Recording{Trace: traffic.Trace{Name: "daily.csv", Step: 60}}
	for minute := range 2 * 24 * 60 {
		share := 0.55 - 0.45*math.Cos(2*math.Pi*float64(minute)/1440)
		r.Requests = append(r.Requests, 60*rate*share)
	}
	return r
}

func theCase(seeds int) whatif.Case {
	return whatif.Case{Recording: daily(200), Service: workload.Standard(), Task: whatif.FargateTask(1024, 2048, whatif.X86), Seeds: seeds}
}

func plans(t *testing.T, names ...string) []whatif.Plan {
	t.Helper()
	var out []whatif.Plan
	for _, name := range names {
		p, ok, err := whatif.ParsePlan(name, 1, 30)
		require.NoError(t, err)
		require.True(t, ok, name)
		out = append(out, p)
	}
	return out
}

func TestAConstantFleetCostsItsTasksTimesTheTime(t *testing.T) {
	out, err := whatif.Play(t.Context(), theCase(2), plans(t, "fixed:20", "fixed:1"))
	require.NoError(t, err)
	many, one := out[0], out[1]
	assert.InDelta(t, 20*48, many.TaskHours, 0.1)
	assert.InDelta(t, 20*48*(0.04048+2*0.004445), many.CostUSD, 0.1)
	assert.Zero(t, many.Violating, "200 requests/s are ten busy tasks of twenty")
	assert.Zero(t, many.Actions)
	assert.InDelta(t, 20, many.MostTasks, 0)
	assert.InDelta(t, 48, one.TaskHours, 0.1)
	assert.Greater(t, one.Violating, 90.0)
	assert.Greater(t, one.MinutesAtMax, 40*60.0, "one task is too few nearly always")
	assert.Len(t, many.Line, 600)
	assert.InDelta(t, 20, many.Line[300].Ready, 1e-9)
}

func TestACancelledRunEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := whatif.Play(ctx, theCase(1), plans(t, "fixed:4"))
	assert.ErrorIs(t, err, context.Canceled)
}

func TestHomeostatFollowsAPolicy(t *testing.T) {
	e := policy.Default().For(fixture.Web(), nil, "")
	e.Max = 30
	ours, err := whatif.HomeostatPlan("homeostat.yaml", e, time.Time{})
	require.NoError(t, err)
	e.Max = 4
	bounded, err := whatif.HomeostatPlan("small.yaml", e, time.Time{})
	require.NoError(t, err)
	out, err := whatif.Play(t.Context(), theCase(1), append(plans(t, "fixed:20"), ours, bounded))
	require.NoError(t, err)
	assert.Less(t, out[1].TaskHours, 0.8*out[0].TaskHours)
	assert.Less(t, out[1].Violating, 20.0)
	assert.LessOrEqual(t, out[2].MostTasks, 4.0)
	assert.Greater(t, out[2].MinutesAtMax, 600.0, "the maximum was too low for hours")

	e.ScaleEnabled = false
	_, err = whatif.HomeostatPlan("off.yaml", e, time.Time{})
	assert.ErrorContains(t, err, "off.yaml disables scaling for the service")
}

// A policy with a request count of 10 s is evaluated at each value. It serves steps
// that a metric of one minute reports too late.
func TestACountOfTenSecondsIsPlayedAsOften(t *testing.T) {
	c := theCase(1)
	c.Recording.Requests = nil
	for minute := range 12 * 60 {
		rate := 60.0
		if minute%120 >= 60 {
			rate = 300
		}
		c.Recording.Requests = append(c.Recording.Requests, 60*rate)
	}
	e := policy.Default().For(fixture.Web(), nil, "")
	e.Max = 30
	cpu, err := whatif.HomeostatPlan("cpu.yaml", e, time.Time{})
	require.NoError(t, err)
	assert.Contains(t, cpu.About, "a target of 70 % CPU")
	e.Metric = &policy.MetricRules{Expression: "requests", Metrics: map[string]policy.MetricQuery{
		"requests": {Namespace: "Shop", Name: "Requests", Stat: "Sum", Period: 10 * time.Second},
	}}
	counts, err := whatif.HomeostatPlan("counts.yaml", e, time.Time{})
	require.NoError(t, err)
	assert.Contains(t, counts.About, "its requests, counted every 10s")
	out, err := whatif.Play(t.Context(), c, []whatif.Plan{cpu, counts})
	require.NoError(t, err)
	t.Logf("violating %.2f %% and %.2f %%, task-hours %.1f and %.1f", out[0].Violating, out[1].Violating, out[0].TaskHours, out[1].TaskHours)
	assert.Less(t, out[1].Violating, 0.5*out[0].Violating)
	assert.Less(t, out[1].TaskHours, out[0].TaskHours)
}

func TestAnArmTaskIsAFifthCheaper(t *testing.T) {
	x86, arm := whatif.FargateTask(256, 512, ""), whatif.FargateTask(256, 512, whatif.ARM)
	assert.InDelta(t, 0.0123425, x86.HourUSD, 1e-9)
	assert.InDelta(t, 0.8, arm.HourUSD/x86.HourUSD, 0.001)
	assert.Equal(t, "Fargate's list price of us-east-1, Linux X86_64, on demand, as of 2026-06", x86.Price)
}

func TestAReportNotesAMaximumThatIsTooLow(t *testing.T) {
	c := theCase(1)
	c.Recording.Notes = []string{"the last 2 periods had not arrived"}
	r, err := whatif.Answer(t.Context(), c, whatif.Assumed{}, []whatif.Plan{ours(t, 30), ours(t, 4), plans(t, "fixed:2")[0]})
	require.NoError(t, err)
	assert.Len(t, r.Differences, 2)
	assert.InDelta(t, 2, r.Days, 1e-9)
	assert.InEpsilon(t, 0.55*200*2*86400, r.Requests, 1e-6)
	require.Len(t, r.Notes, 2, r.Notes)
	assert.Regexp(t, `^homeostat.yaml had too few tasks for \d+ minutes because of its maximum of 4: a higher one would reduce violations$`, r.Notes[1])

	alone, err := whatif.Answer(t.Context(), c, whatif.Assumed{}, plans(t, "fixed:20"))
	require.NoError(t, err)
	assert.Empty(t, alone.Differences, "nothing to compare with")
}

// ours returns the plan of the built-in policy with a maximum.
func ours(t *testing.T, most int) whatif.Plan {
	t.Helper()
	e := policy.Default().For(fixture.Web(), nil, "")
	e.Max = most
	plan, err := whatif.HomeostatPlan("homeostat.yaml", e, time.Time{})
	require.NoError(t, err)
	return plan
}

func TestTheSameCaseGivesTheSameOutcome(t *testing.T) {
	first, err := whatif.Play(t.Context(), theCase(2), []whatif.Plan{ours(t, 30)})
	require.NoError(t, err)
	second, err := whatif.Play(t.Context(), theCase(2), []whatif.Plan{ours(t, 30)})
	require.NoError(t, err)
	assert.Equal(t, first, second)
}

func TestPlansAreCompared(t *testing.T) {
	out, err := whatif.Play(t.Context(), theCase(3), append(plans(t, "fixed:20", "fixed:4"), ours(t, 30)))
	require.NoError(t, err)
	assert.Equal(t, whatif.CheaperAndWorse, whatif.Compare(out[1], out[0]).Verdict)
	assert.Equal(t, whatif.MoreExpensiveAndBetter, whatif.Compare(out[0], out[1]).Verdict)
	assert.Equal(t, whatif.Alike, whatif.Compare(out[2], out[2]).Verdict)
	d := whatif.Compare(out[1], out[0])
	require.Len(t, d.Words, 3)
	assert.Regexp(t, `^it would have cost \d+\.\d\d instead of \d+\.\d\d USD, 80\.0 % less: 192 task-hours instead of 960$`, d.Words[0])
	assert.Regexp(t, ` % of the requests would have violated the objective instead of 0 %, where there was none; in \d+ minutes instead of 0$`, d.Words[1])
}

func TestPlansAreNamed(t *testing.T) {
	p, ok, err := whatif.ParsePlan("fixed:8", 1, 5)
	require.NoError(t, err)
	assert.True(t, ok)
	assert.Equal(t, []int{8, 8}, []int{p.Min, p.Max})

	_, ok, err = whatif.ParsePlan("now.yaml", 1, 5)
	require.NoError(t, err)
	assert.False(t, ok)

	for text, want := range map[string]string{
		"fixed":         `"fixed" needs a number of tasks, such as fixed:8`,
		"fixed:0":       `"fixed:0": "0" is no number of tasks, expected 1 to 5000, such as fixed:8`,
		"fixed:2.5":     `"fixed:2.5": a fixed fleet has a whole number of tasks and no bounds`,
		"fixed:8,max=9": `"fixed:8,max=9": a fixed fleet has a whole number of tasks and no bounds`,
	} {
		_, ok, err := whatif.ParsePlan(text, 1, 5)
		assert.True(t, ok, text)
		assert.ErrorContains(t, err, want)
	}
	for _, name := range whatif.PlanNames() {
		_, ok, err := whatif.ParsePlan(name, 1, 5)
		assert.NoError(t, err)
		assert.True(t, ok, name)
	}
}

func TestSchedulesHoldByTheTimeOfTheRecording(t *testing.T) {
	p, err := policy.Parse("homeostat.yaml", []byte(`version: 1
scale:
  min: 1
  max: 30
  schedules:
    - {cron: "0 12 * * *", zone: "UTC", for: 6h, min: 20}
`))
	require.NoError(t, err)
	begin := time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)
	scheduled, err := whatif.HomeostatPlan("homeostat.yaml", p.For(fixture.Web(), nil, ""), begin)
	require.NoError(t, err)
	unknown, err := whatif.HomeostatPlan("homeostat.yaml", p.For(fixture.Web(), nil, ""), time.Time{})
	require.NoError(t, err)
	require.Len(t, unknown.Notes, 1)
	assert.Contains(t, unknown.Notes[0], "add a line such as # begin: 2026-11-16T00:00:00Z")

	c := theCase(1)
	c.Recording.Begin = begin
	out, err := whatif.Play(t.Context(), c, []whatif.Plan{scheduled, unknown})
	require.NoError(t, err)
	for _, m := range out[0].Line {
		switch hour := m.Second % 86400 / 3600; {
		case hour >= 12 && hour < 18:
			assert.GreaterOrEqual(t, m.Ready, 19.0, "second %d: its tasks start before the schedule", m.Second)
		case hour < 10:
			assert.Less(t, m.Ready, 19.0, "second %d", m.Second)
		}
	}
	assert.Less(t, out[1].MostTasks, 20.0)
}
