package demand_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"homeostat/shared/core/demand"
	"homeostat/shared/sim/simtest/fixture"
)

// minutely returns an observation of one minute's CPU of some tasks.
func minutely(minute int, percent, running float64, ready int) demand.Observation {
	now := fixture.Noon().Add(time.Duration(minute) * time.Minute)
	return demand.Observation{
		Now: now, Desired: ready, Ready: ready,
		CPU:     []demand.Point{{At: now.Add(-time.Minute), Period: time.Minute, Value: percent}},
		Running: []demand.Point{{At: now.Add(-time.Minute), Period: time.Minute, Value: running}},
	}
}

func TestACPUInAnotherUnitIsSuspect(t *testing.T) {
	settings := demand.Settings{Min: 1, Max: 100, CPU: 70, Tick: time.Minute}
	for name, c := range map[string]struct {
		after   float64
		gap     int // minutes without an evaluation
		suspect bool
	}{
		"a fraction of 1":                   {0.66, 0, true},
		"a fraction of 1, with less demand": {0.5, 0, true},
		"no load":                           {0.05, 0, false},
		"zero":                              {0, 0, false},
		"a tenth of the demand":             {6.6, 0, false},
		"a hundredth after a gap":           {0.66, 5, false},
		"no change":                         {66, 0, false},
		"more, up to a full CPU":            {100, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			var s demand.State
			k := controller()
			for minute := range 30 {
				k.Step(&s, minutely(minute, 66, 5, 5), settings)
			}
			k.Step(&s, minutely(30+c.gap, c.after, 5, 5), settings)
			assert.Equal(t, c.suspect, s.Suspect())
		})
	}
}

// A CPU that falls to about a hundredth causes no scale-in within the hour. After
// the hour it counts.
func TestAHundredthOfTheCPUCausesNoScaleIn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		running := rapid.IntRange(2, 200).Draw(t, "running")
		percent := rapid.Float64Range(20, 90).Draw(t, "percent")
		settings := demand.Settings{Min: 1, Max: 1000, CPU: 70, Tick: time.Minute}
		var s demand.State
		k := controller()
		for minute := range 30 {
			k.Step(&s, minutely(minute, percent, float64(running), running), settings)
		}
		before, ok := k.Step(&s, minutely(30, percent, float64(running), running), settings)
		require.True(t, ok)
		var suspect time.Time
		for minute := 31; minute < 120; minute++ {
			o := minutely(minute, percent/100*rapid.Float64Range(0.8, 1.2).Draw(t, "ripple"), float64(running), running)
			if o.SuspectSince = suspect; suspect.IsZero() {
				suspect = o.Now
			}
			e, _ := k.Step(&s, o, settings)
			if minute < 90 {
				require.True(t, s.Suspect(), "minute %d", minute)
				require.Equal(t, before.Tasks, e.Tasks, "minute %d", minute)
			}
		}
		assert.False(t, s.Suspect(), "after an hour the value counts")
	})
}

func TestATaskThatStartsOrStopsIsNoChangeOfTheDemand(t *testing.T) {
	settings := demand.Settings{Min: 1, Max: 100, Tick: time.Minute}
	var s demand.State
	k := controller()
	for minute := range 30 {
		k.Step(&s, minutely(minute, 50, 2, 2), settings)
	}
	// Three tasks ran for half of the minute. The metric counts three.
	o := minutely(30, 40, 3, 3)
	o.Running = append([]demand.Point{{At: o.CPU[0].At.Add(-time.Minute), Period: time.Minute, Value: 2}}, o.Running...)
	e, ok := k.Step(&s, o, settings)
	require.True(t, ok)
	assert.InDelta(t, 1, e.Demand, 0.02, "40 %% of three tasks would be 1.2")

	// A fall before the count shows the new task may be none.
	e, ok = k.Step(&s, minutely(31, 30, 2, 3), settings)
	require.True(t, ok)
	assert.InDelta(t, 0.75, e.Demand, 0.02, "30 %% of up to two and a half tasks")
	// A rise counts.
	e, ok = k.Step(&s, minutely(32, 80, 2, 3), settings)
	require.True(t, ok)
	assert.GreaterOrEqual(t, e.Demand, 1.6)
}
