package bench

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"homeostat/shared/sim/rehearse"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// knownCourse is a rollout of two tasks. A bad revision fails both within seconds,
// one after the other.
const knownCourse = `
scenario: a known course
duration: 15m
policy: "version: 1"
images:
  good: {start_delay: {median: 30s}, health_delay: {median: 5s}, depends_on: [database]}
  better: {start_delay: {median: 30s}, health_delay: {median: 5s}, depends_on: [database]}
  bad: {start_delay: {median: 30s, sigma: 0.1}, exit_probability: 1, exit_after: {median: 1s}, exit_code: 1}
services:
  - {cluster: shop, service: web, image: "shop/web:v1", runs: good, desired: 2, mode: act, load_balancer: true}
steps:
  - {at: 1m, push: {image: "shop/web:v2", runs: RUNS}}
  - {at: 1m, register: {service: shop/web, image: "shop/web:v2"}}
`

func outcomeOf(t *testing.T, group, runs, policy, more string) outcome {
	t.Helper()
	chosen, err := policiesOf([]string{policy})
	require.NoError(t, err)
	s, err := chosen[0].read(scenario{name: "tiny.yaml", data: []byte(strings.ReplaceAll(knownCourse, "RUNS", runs) + more)})
	require.NoError(t, err)
	out, err := play(t.Context(), s, group, chosen[0], rehearse.Options{Seed: 1})
	require.NoError(t, err)
	return out
}

func TestAKnownCourseIsMeasuredAsItWas(t *testing.T) {
	outage := "  - {at: 5m, outage: {kind: database, for: 4m}}\n"
	for _, c := range []struct {
		name, group, runs, policy, more string
		want                            outcome
		decides, recovers               bool
	}{
		{
			name: "COUNT 1 decides at the first failure, before its event", group: groupBad, runs: "bad", policy: "ecs-count-1",
			want: outcome{detected: true, failed: 1}, decides: true, recovers: true,
		},
		{
			name: "COUNT 2 at the second", group: groupBad, runs: "bad", policy: "ecs-count-2",
			want: outcome{detected: true, failed: 2}, decides: true, recovers: true,
		},
		{
			name: "the common Lambda at the event of the first", group: groupBad, runs: "bad", policy: "rollback-on-any-failure",
			want: outcome{detected: true, failed: 2, known: 1}, decides: true, recovers: true,
		},
		{name: "a good rollout is left alone", group: groupGood, runs: "better", policy: "rollback-on-any-failure", want: outcome{}},
		{
			name: "an outage makes the common Lambda roll back a good revision", group: groupIncident, runs: "better", policy: "rollback-on-any-failure",
			more: outage, want: outcome{falseRollback: true, ineffective: true, failed: 1, known: 1},
		},
		{name: "ECS's breaker ends with the rollout", group: groupIncident, runs: "better", policy: "ecs-count-1", more: outage},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := outcomeOf(t, c.group, c.runs, c.policy, c.more)
			assert.Equal(t, c.decides, out.decide != nil)
			assert.Equal(t, c.recovers, out.recover != nil)
			if c.recovers {
				assert.LessOrEqual(t, *out.decide, *out.recover)
				assert.Zero(t, out.downtime, "the old tasks serve on")
			}
			if c.want == (outcome{}) {
				assert.False(t, out.detected || out.falseRollback || out.ineffective)
				return
			}
			assert.Equal(t, c.want.detected, out.detected, "detected")
			assert.Equal(t, c.want.falseRollback, out.falseRollback, "false rollback")
			assert.Equal(t, c.want.ineffective, out.ineffective, "ineffective")
			assert.Equal(t, c.want.failed, out.failed, "failed")
			assert.Equal(t, c.want.known, out.known, "known")
		})
	}
}

func TestWithoutAHealerEverythingThatFailsIsCounted(t *testing.T) {
	out := outcomeOf(t, groupBad, "bad", "none", "")
	assert.False(t, out.detected)
	assert.Nil(t, out.decide)
	assert.Greater(t, out.failed, 10)
	assert.Equal(t, out.failed, out.known)
}

func TestHomeostatsReactionIsTheTimeFromTheEventToTheCall(t *testing.T) {
	out := outcomeOf(t, groupBad, "bad", Homeostat, "")
	require.True(t, out.detected)
	assert.GreaterOrEqual(t, out.known, 3)
	require.NotNil(t, out.reaction)
	assert.InDelta(t, 0.5, *out.reaction, 0.01, "EventBridge's latency, and nothing else on the virtual clock")
}

func TestTheSameSeedsGiveTheSameBytes(t *testing.T) {
	played := func() string {
		results, err := Heal(t.Context(), Options{Runs: 4, Seed: 7, Scenarios: []string{"bad-start-half-of-4"}, Policies: []string{"none", Homeostat, "ecs-count-3"}})
		require.NoError(t, err)
		require.Len(t, results, 3)
		assert.Equal(t, Homeostat, results[0].Policy, "in the order of the policies, not of the call")
		text, err := json.Marshal(results)
		require.NoError(t, err)
		return string(text)
	}
	first := played()
	assert.Equal(t, first, played())
	assert.Contains(t, first, `[{"scenario":"bad-start-half-of-4","policy":"homeostat","runs":4,"detected_pct":`)
}

func TestEveryScenarioCanBePlayed(t *testing.T) {
	groups := map[string]int{}
	for _, name := range Scenarios() {
		found, err := scenariosOf([]string{name})
		require.NoError(t, err)
		parsed, err := rehearse.Parse(name, found[0].data)
		require.NoError(t, err)
		groups[found[0].group]++
		_, bad := parsed.Images[badImage]
		assert.Equal(t, found[0].group == groupBad, bad, "%s: only a bad scenario has a bad image", name)
		assert.LessOrEqual(t, parsed.Duration, 72*time.Hour, name)
		assert.NotEmpty(t, Description(name))
	}
	assert.Len(t, groups, 3, "the first word of a file's name is bad, good or incident")
	assert.GreaterOrEqual(t, groups[groupBad], 12)
	assert.GreaterOrEqual(t, groups[groupGood], 12)
	assert.GreaterOrEqual(t, groups[groupIncident], 18)
}

func TestProbingIsWrittenIntoTheScenariosPolicy(t *testing.T) {
	chosen, err := policiesOf([]string{"homeostat-probing"})
	require.NoError(t, err)
	for _, name := range Scenarios() {
		found, err := scenariosOf([]string{name})
		require.NoError(t, err)
		s, err := chosen[0].read(found[0])
		require.NoError(t, err)
		assert.Equal(t, len(s.Services), strings.Count(s.Policy, "heal: {probe: true, rollback_alarms: ["), name)
	}
}

func TestUnknownNamesAreErrors(t *testing.T) {
	_, err := Heal(t.Context(), Options{Runs: 1, Scenarios: []string{"none such"}})
	assert.ErrorContains(t, err, `there is no scenario "none such", expected one of bad-`)
	_, err = Heal(t.Context(), Options{Runs: 1, Policies: []string{"unknown"}})
	assert.ErrorContains(t, err, `there is no policy "unknown", expected one of homeostat`)
}

func result(scenario string, detected, known, falseRollback float64) Result {
	group, _, _ := strings.Cut(scenario, "-")
	return Result{Scenario: scenario, Policy: Homeostat, Group: group, Runs: 200, Rollbacks: Rollbacks{Detected: &detected, FalseRollback: falseRollback}, KnownTasks: known}
}

func TestAims(t *testing.T) {
	for _, c := range []struct {
		name    string
		results []Result
		held    []bool
	}{
		{"few failures", []Result{result("bad-start-all", 100, 3, 0)}, []bool{true}},
		{"a failure too many", []Result{result("bad-start-all", 100, 3.01, 0)}, []bool{false}},
		{"few failures, but seldom found", []Result{result("bad-start-half", 60, 2, 0)}, []bool{false}},
		{"good revisions are pooled", []Result{result("good-4-tasks-0-pct", 0, 0, 0), result("good-1-tasks-0-pct", 0, 0, 0.5)}, []bool{false}},
		{"an incident may err once in a hundred", []Result{result("incident-host-fresh", 0, 0, 1)}, []bool{true}},
		{"but not twice", []Result{result("incident-host-fresh", 0, 0, 2)}, []bool{false}},
		{"what others do is no aim", []Result{{Scenario: "bad-start-all", Policy: "none"}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var held []bool
			for _, a := range Aims(c.results) {
				held = append(held, a.Met())
				assert.Equal(t, a.Met(), strings.HasPrefix(a.String(), "met "))
			}
			assert.Equal(t, c.held, held)
		})
	}
}

func TestResultsAreReadAsPrinted(t *testing.T) {
	want := []Result{summarize(scenario{name: "bad-x", group: groupBad}, policy{name: "none"}, 3, []outcome{
		{detected: true, failed: 2, known: 1, decide: seconds(time.Second), recover: seconds(time.Minute), downtime: 4},
		{falseRollback: true, ineffective: true, failed: 4, known: 3},
	})}
	assert.Equal(t, 50.0, *want[0].Detected)
	assert.Equal(t, 50.0, want[0].FalseRollback)
	assert.Equal(t, 3.0, want[0].FailedTasks)
	assert.Equal(t, 2.0, want[0].Downtime)
	assert.Equal(t, 60.0, *want[0].Recover)
	var text bytes.Buffer
	require.NoError(t, json.NewEncoder(&text).Encode(want[0]))
	got, err := Read(&text)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	_, err = Read(strings.NewReader("{}\n"))
	assert.ErrorContains(t, err, "line 1")
}

func TestAPagesFiguresAreReplaced(t *testing.T) {
	results := []Result{result("bad-start-all", 100, 3, 0), result("incident-host-fresh", 0, 0, 1)}
	page, err := Markdown([]byte("# Title\n"+beginFigures+"old\n"+endFigures+"after\n"), results, append(Aims(results), Aim{Name: "lost", Value: math.NaN(), Limit: 1}))
	require.NoError(t, err)
	text := string(page)
	assert.True(t, strings.HasPrefix(text, "# Title\n") && strings.HasSuffix(text, "after\n"))
	assert.NotContains(t, text, "old\n")
	assert.Contains(t, text, "| bad-start-all | 100.0 |")
	assert.Contains(t, text, "| lost | NaN | 1 | **missed** |")
	again, err := Markdown(page, results, append(Aims(results), Aim{Name: "lost", Value: math.NaN(), Limit: 1}))
	require.NoError(t, err)
	assert.Equal(t, text, string(again))
	_, err = Markdown([]byte("no marks"), results, nil)
	assert.ErrorContains(t, err, "no marks for figures")
}
