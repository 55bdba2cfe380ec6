package traffic_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"homeostat/shared/sim/traffic"
)

func generated(t *testing.T, name string) traffic.Trace {
	t.Helper()
	all := traffic.Generated()
	i := slices.IndexFunc(all, func(g traffic.Trace) bool { return g.Name == name })
	require.GreaterOrEqual(t, i, 0, name)
	return all[i]
}

// mean returns the mean rate between two times in hours.
func mean(t traffic.Trace, from, to float64) float64 {
	sum, n := 0.0, 0
	for s := int(from * 3600); s < int(to*3600); s++ {
		rate, _ := t.Rate(s)
		sum += rate
		n++
	}
	return sum / float64(n)
}

func TestGeneratedTracesMatchTheirNames(t *testing.T) {
	for name, c := range map[string]struct {
		hours int
		step  int
		// low and high are times in hours, and times is the ratio of the mean rates
		// of the minutes there.
		low, high, times float64
	}{
		"flat":        {6, 1, 0, 5.5, 1},
		"ramp":        {4, 1, 0.5, 2.5, 7},
		"step":        {4, 1, 0.98, 1, 10},
		"daily":       {168, 60, 4, 20, 9},
		"weekly":      {336, 60, 5*24 + 20, 20, 2.5},
		"flash-crowd": {6, 1, 0.98, 1 + 1./60, 10},
		"square":      {6, 1, 0.1, 0.4, 4},
		"on-off":      {48, 60, 0, 0, 0},
		"sawtooth":    {6, 1, 0, 0.3166, 5},
		"noise":       {48, 60, 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			g := generated(t, name)
			assert.Equal(t, c.hours*3600, g.Seconds())
			assert.Equal(t, c.step, g.Step)
			assert.NotContains(t, g.About, "\n")
			assert.Greater(t, len(g.About), 20)
			if c.times > 0 {
				assert.InEpsilon(t, c.times, mean(g, c.high, c.high+1./60)/mean(g, c.low, c.low+1./60), 0.1)
			}
		})
	}
	assert.Len(t, traffic.Generated(), 10)
}

func TestBatchesAreAllOrNothing(t *testing.T) {
	values := map[float64]int{}
	g := generated(t, "on-off")
	changes := 0
	for i, n := range g.Requests {
		values[n]++
		if i > 0 && n != g.Requests[i-1] {
			changes++
		}
	}
	assert.Len(t, values, 2)
	assert.InDelta(t, 0.25, float64(values[24000])/float64(len(g.Requests)), 0.1, "a quarter of the time has requests")
	assert.Greater(t, changes, 60)
}

func TestNoiseWandersAroundItsMedian(t *testing.T) {
	g := generated(t, "noise")
	sorted := slices.Sorted(slices.Values(g.Requests))
	median := sorted[len(sorted)/2]
	assert.InEpsilon(t, 200*60, median, 0.1)
	inside := 0
	for _, n := range g.Requests {
		if n > median/2 && n < median*2 {
			inside++
		}
	}
	assert.Greater(t, float64(inside)/float64(len(g.Requests)), 0.9)
}

func TestGeneratedTracesAreConstantAndSurviveAFile(t *testing.T) {
	again := traffic.Generated()
	for i, g := range traffic.Generated() {
		assert.Equal(t, again[i], g)
		var out bytes.Buffer
		require.NoError(t, traffic.Write(&out, g))
		read, err := traffic.Read(g.Name, &out)
		require.NoError(t, err)
		assert.Equal(t, g, read)
	}
}

func TestTheRateAddsUpToTheRequests(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		trace := traffic.Trace{
			Step:     rapid.IntRange(1, 120).Draw(t, "step"),
			Requests: rapid.SliceOfN(rapid.Float64Range(0, 1e6), 2, 50).Draw(t, "requests"),
		}
		arrived, rates, low, high := 0.0, 0.0, trace.Requests[0], 0.0
		for _, n := range trace.Requests {
			arrived += n
			low, high = min(low, n), max(high, n)
		}
		for s := range trace.Seconds() {
			rate, exact := trace.Rate(s)
			require.Equal(t, trace.Step == 1, exact)
			require.GreaterOrEqual(t, rate, low/float64(trace.Step)*(1-1e-9), "a rate is never below all that was counted")
			require.LessOrEqual(t, rate, high/float64(trace.Step)*(1+1e-9), "nor above it")
			rates += rate
		}
		require.InDelta(t, arrived, rates, 1e-6*(1+arrived))
	})
}

func TestScalingBringsTheHighMinutesToARate(t *testing.T) {
	for _, g := range traffic.Generated() {
		scaled, err := g.ScaledTo(100)
		require.NoError(t, err)
		assert.Equal(t, g.About, scaled.About)
		again, err := scaled.ScaledTo(100)
		require.NoError(t, err)
		assert.InEpsilonSlice(t, positive(scaled.Requests), positive(again.Requests), 1e-9, g.Name)
		assert.NotEqual(t, g.Requests, scaled.Requests)
	}
}

func positive(all []float64) []float64 {
	return slices.DeleteFunc(slices.Clone(all), func(n float64) bool { return n == 0 })
}
