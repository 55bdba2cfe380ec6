package baseline_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"homeostat/shared/lab/baseline"
	"homeostat/shared/sim/workload"
)

func TestPoliciesHaveNamesAndDescriptions(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range baseline.Policies() {
		assert.False(t, seen[c.Name], c.Name)
		seen[c.Name] = true
		assert.Greater(t, len(strings.Fields(c.About)), 6, c.Name)
		require.NotEmpty(t, c.Settings, c.Name)
		assert.Equal(t, c.Tuned, len(c.Settings) > 1, c.Name)
		names := map[string]bool{}
		for _, s := range c.Settings {
			assert.False(t, names[s.Name], "%s %s", c.Name, s.Name)
			names[s.Name] = true
		}
	}
	for _, name := range []string{"target-tracking-60", "target-tracking-20", "step", "predictive"} {
		assert.True(t, seen[name], name)
	}
	assert.Equal(t, "target=60 cooldowns=300/300 period=60", baseline.Policies()[0].Settings[0].Name)
}

// Each run gets a new scaler, so no state passes from one run to the next.
func TestRunsOfASettingAreAlike(t *testing.T) {
	service := workload.Standard()
	traffic := spans{{3600, 100}, {3600, 350}, {7200, 80}}
	for _, c := range baseline.Policies() {
		first := play(t, service, traffic, 8, c.Settings[0].New(service, traffic))
		assert.Equal(t, first, play(t, service, traffic, 8, c.Settings[0].New(service, traffic)), c.Name)
		assert.NotEmpty(t, first, c.Name)
	}
}

func TestPoliciesKeepTheBounds(t *testing.T) {
	all := baseline.Policies()
	rapid.Check(t, func(t *rapid.T) {
		service := workload.Standard()
		service.Min = rapid.IntRange(1, 5).Draw(t, "min")
		service.Max = service.Min + rapid.IntRange(0, 20).Draw(t, "more")
		var traffic spans
		for range rapid.IntRange(1, 6).Draw(t, "spans") {
			traffic = append(traffic, spans{{rapid.IntRange(1, 2000).Draw(t, "seconds"), rapid.Float64Range(0, 800).Draw(t, "rate")}}...)
		}
		c := rapid.SampledFrom(all).Draw(t, "contestant")
		setting := rapid.SampledFrom(c.Settings).Draw(t, "setting")
		by := setting.New(service, traffic)
		s := workload.New(service, traffic, service.Min, 1)
		for !s.Over() {
			by.Scale(s)
			require.GreaterOrEqual(t, s.Desired(), service.Min)
			require.LessOrEqual(t, s.Desired(), service.Max)
			s.Step()
		}
	})
}

func TestConstantFleetsAreSizedByTheTraffic(t *testing.T) {
	service := plain() // 80 requests/s per task
	traffic := spans{{60 * 398, 100}, {60, 790}, {60, 400}, {1, 3000}}
	assert.Equal(t, baseline.Fixed{Tasks: 5}, baseline.ForHighMinutes(service, traffic), "of 400 minutes one is left out")
	assert.Equal(t, baseline.Fixed{Tasks: 38}, baseline.ForPeak(service, traffic))
	assert.Equal(t, baseline.Fixed{Tasks: 2}, baseline.ForHighMinutes(service, spans{{30, 100}}), "less than a minute has its peak only")
	assert.Equal(t, []change{{0, 5}}, play(t, service, traffic, 2, baseline.ForHighMinutes(service, traffic)))
}

// idle never scales. It shows the time of the service model alone.
type idle struct{}

func (idle) Scale(*workload.Sim) {}

// BenchmarkSecond measures one second of a day with ups and downs. The difference
// to "idle" is the time of a scaler.
func BenchmarkSecond(b *testing.B) {
	var traffic spans
	for range 12 {
		traffic = append(traffic, spans{{3600, 100}, {3600, 350}}...)
	}
	service := workload.Standard()
	run := func(name string, by func() workload.Scaler) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				workload.Run(workload.New(service, traffic, 10, 1), by())
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(traffic.Seconds()), "ns/second")
		})
	}
	run("idle", func() workload.Scaler { return idle{} })
	for _, c := range baseline.Policies() {
		run(c.Name, func() workload.Scaler { return c.Settings[0].New(service, traffic) })
	}
}
