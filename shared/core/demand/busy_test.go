package demand_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"homeostat/shared/core/demand"
)

// minutely is a look at a minute's CPU of so many tasks.
func minutely(minute int, percent, running float64, ready int) demand.Observation {
	now := noon().Add(time.Duration(minute) * time.Minute)
	return demand.Observation{
		Now: now, Desired: ready, Ready: ready,
		CPU:     []demand.Point{{At: now.Add(-time.Minute), Period: time.Minute, Value: percent}},
		Running: []demand.Point{{At: now.Add(-time.Minute), Period: time.Minute, Value: running}},
	}
}

func TestACPUInAnotherUnitIsNotBelieved(t *testing.T) {
	settings := demand.Settings{Min: 1, Max: 100, CPU: 70, Tick: time.Minute}
	for name, c := range map[string]struct {
		after   float64
		gap     int // minutes without a look
		doubted bool
	}{
		"a fraction of 1":                   {0.66, 0, true},
		"a fraction of 1, with less work":   {0.5, 0, true},
		"idle":                              {0.05, 0, false},
		"nothing at all":                    {0, 0, false},
		"a tenth of the work":               {6.6, 0, false},
		"a hundredth after a while unseen":  {0.66, 5, false},
		"as ever":                           {66, 0, false},
		"more, up to what a CPU can become": {100, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			var s demand.State
			k := controller()
			for minute := range 30 {
				k.Step(&s, minutely(minute, 66, 5, 5), settings)
			}
			k.Step(&s, minutely(30+c.gap, c.after, 5, 5), settings)
			assert.Equal(t, c.doubted, s.Suspect())
		})
	}
}

// Whatever the CPU of a busy fleet is divided by that a hundredth of the work
// comes of it: it is not given back within the hour, and is after it.
func TestABusyFleetIsNotGivenBackForAHundredth(t *testing.T) {
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
		var doubted time.Time
		for minute := 31; minute < 120; minute++ {
			o := minutely(minute, percent/100*rapid.Float64Range(0.8, 1.2).Draw(t, "ripple"), float64(running), running)
			if o.SuspectSince = doubted; doubted.IsZero() {
				doubted = o.Now
			}
			e, _ := k.Step(&s, o, settings)
			if minute < 90 {
				require.True(t, s.Suspect(), "minute %d", minute)
				require.Equal(t, before.Tasks, e.Tasks, "minute %d", minute)
			}
		}
		assert.False(t, s.Suspect(), "after an hour it is believed")
	})
}

func TestATaskThatStartsOrStopsIsNoChangeOfTheWork(t *testing.T) {
	settings := demand.Settings{Min: 1, Max: 100, Tick: time.Minute}
	var s demand.State
	k := controller()
	for minute := range 30 {
		k.Step(&s, minutely(minute, 50, 2, 2), settings)
	}
	// Half of the minute there were three tasks, which the metric counts as three.
	o := minutely(30, 40, 3, 3)
	o.Running = append([]demand.Point{{At: o.CPU[0].At.Add(-time.Minute), Period: time.Minute, Value: 2}}, o.Running...)
	e, ok := k.Step(&s, o, settings)
	require.True(t, ok)
	assert.InDelta(t, 1, e.Work, 0.02, "40 %% of three tasks would be 1.2")

	// A fall that is told while the count has not caught up may be none.
	e, ok = k.Step(&s, minutely(31, 30, 2, 3), settings)
	require.True(t, ok)
	assert.InDelta(t, 0.75, e.Work, 0.02, "30 %% of up to two and a half tasks")
	// A rise is one.
	e, ok = k.Step(&s, minutely(32, 80, 2, 3), settings)
	require.True(t, ok)
	assert.GreaterOrEqual(t, e.Work, 1.6)
}
