package rehearse_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/sim/rehearse"
)

func TestTraffic(t *testing.T) {
	file := filepath.Join(t.TempDir(), "day.csv")
	require.NoError(t, os.WriteFile(file, []byte("t_s,requests\n0,600\n60,600\n120,1200\n180,1200\n"), 0o600))
	const begins = "images:\n  v1: {capacity_rps: 100}\n"
	for _, c := range []struct {
		name, yaml string
		want       float64 // requests in the hour
		within     float64
	}{
		{"a rate", begins + fleet(", runs: v1, load: [{at: 0s, rps: 10}]"), 36000, 1e-6},
		{"a rate with noise", begins + fleet(", runs: v1, noise: true, load: [{at: 0s, rps: 10}]"), 36000, 600},
		// The minutes have 10/s and 20/s, with a slope between their middles, and
		// then 20/s.
		{"a trace from a file", begins + fleet(", runs: v1, trace: {file: "+file+"}"), 600 + 600 + 20*58*60, 150},
		{"a trace in place", begins + fleet(", runs: v1, trace: {every: 1m, requests: [600, 600, 1200, 1200]}"), 600 + 600 + 20*58*60, 150},
		{"a trace with a peak", begins + fleet(", runs: v1, trace: {every: 1m, requests: [600, 600, 1200, 1200], peak: 40}"), 2 * (600 + 600 + 20*58*60), 300},
		{"a trace of seconds is exact", begins + fleet(", runs: v1, noise: true, trace: {every: 1s, requests: [7, 1, 4]}"), 7 + 1 + 4*3598, 1e-6},
		{
			"a step to another rate", begins + fleet(", runs: v1, load: [{at: 0s, rps: 10}]") + "steps:\n  - {at: 30m, traffic: {service: shop/web, rps: 20}}\n",
			10*1800 + 20*1800, 1e-6,
		},
		{
			"a step to a trace", begins + fleet(", runs: v1, load: [{at: 0s, rps: 10}]") +
				"steps:\n  - {at: 30m, traffic: {service: shop/web, trace: {every: 10m, requests: [6000, 6000, 0]}}}\n",
			// The slope from 10/s to zero lies between the middles of the last
			// two.
			10*1800 + 10*900 + 10*600/2, 150,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			played := tell(t, hour+c.yaml)
			assert.InDelta(t, c.want, played.stats().Requests-played.before.Requests, c.within)
		})
	}
}

func TestTrafficThatMakesNoSense(t *testing.T) {
	for _, c := range []struct{ name, yaml, err string }{
		{"two kinds at once", fleet(", load: [{at: 0s, rps: 1}], trace: {file: x}"), "load and trace exclude each other"},
		{"a trace of nothing", fleet(", trace: {every: 1m}"), "expected one of file and requests"},
		{"no interval", fleet(", trace: {requests: [1]}"), "expected whole seconds"},
		{"negative requests", fleet(", trace: {every: 1m, requests: [1, -1]}"), "trace.requests[1] is -1"},
		{"a negative peak", fleet(", trace: {every: 1m, requests: [1], peak: -1}"), "trace.peak is -1"},
		{"a negative wait", fleet(", deregistration: -1s"), "deregistration is -1s"},
		{"a negative delay", fleet("") + "metrics: {delay: -1s}\n", "a delay is negative"},
		{"a step without a service", fleet("") + "steps:\n  - {at: 1m, traffic: {service: shop/none, rps: 1}}\n", "the scenario has no service"},
		{"a step of two kinds", fleet("") + "steps:\n  - {at: 1m, traffic: {service: shop/web, rps: 1, trace: {file: x}}}\n", "exclude each other"},
		{"a share above one", "images:\n  v1: {objective: {late: 2}}\n" + fleet(", runs: v1"), "objective.late is 2"},
		{"negative slots", "images:\n  v1: {slots: -1}\n" + fleet(", runs: v1"), "slots and capacity_rps"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := rehearse.Parse("s.yaml", []byte(hour+c.yaml))
			require.ErrorContains(t, err, c.err)
		})
	}
	t.Run("a file that is not there", func(t *testing.T) {
		s, err := rehearse.Parse("s.yaml", []byte(hour+fleet(", trace: {file: /nowhere/day.csv}")))
		require.NoError(t, err)
		_, err = rehearse.New(s, rehearse.Options{})
		require.ErrorContains(t, err, "/nowhere/day.csv")
	})
}

func TestMetricsAreAsLateAsTheScenarioSays(t *testing.T) {
	alarm := func(metrics string) time.Duration {
		var raised time.Duration
		s, err := rehearse.Parse("s.yaml", []byte(hour+metrics+"images:\n  v1: {capacity_rps: 10}\n"+
			fleet(", runs: v1, load: [{at: 0s, rps: 10}, {at: 10m, rps: 39}]")+
			"alarms:\n  - {name: hot, service: shop/web, above: 70, for: 1}\n"))
		require.NoError(t, err)
		run, err := rehearse.New(s, rehearse.Options{})
		require.NoError(t, err)
		run.Sim().Events(func(event []byte) {
			if raised == 0 && run.Sim().Now().After(run.Start().Add(10*time.Minute)) && bytes.Contains(event, []byte(`"alarmName":"hot"`)) {
				raised = run.Sim().Now().Sub(run.Start())
			}
		})
		require.NoError(t, run.Play(t.Context()))
		return raised
	}
	assert.InDelta(t, 11*60+150, alarm("").Seconds(), 5)
	assert.InDelta(t, 11*60+30, alarm("metrics: {delay: 30s}\n").Seconds(), 5)
}
