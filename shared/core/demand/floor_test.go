package demand_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/demand"
	"homeostat/shared/sim/simtest/fixture"
)

func TestTheMemoryIsAFloorBesideTheDemand(t *testing.T) {
	at := func(minutesAgo int, value float64) demand.Point {
		return demand.Point{At: fixture.Noon().Add(-time.Duration(minutesAgo) * time.Minute), Period: time.Minute, Value: value}
	}
	for name, c := range map[string]struct {
		target float64
		memory []demand.Point
		want   int
		says   string
	}{
		"without a target the memory is ignored":       {0, []demand.Point{at(1, 100)}, 1, ""},
		"at the target no change":                      {80, []demand.Point{at(1, 80)}, 4, ""},
		"above it more tasks":                          {80, []demand.Point{at(1, 90)}, 5, "memory 90 % x 4, target 80 %: 5 tasks"},
		"the highest value of the last minutes counts": {80, []demand.Point{at(3, 90), at(2, 40), at(1, 40)}, 5, "memory 90 %"},
		"an old value does not":                        {80, []demand.Point{at(9, 200), at(1, 40)}, 2, ""},
		"NaN does not":                                 {80, []demand.Point{at(2, math.NaN()), at(1, 40)}, 2, ""},
		"a negative value is unknown":                  {80, []demand.Point{at(1, -5)}, 4, "memory unknown, no scale-in: 4 tasks"},
		"a missing value prevents a scale-in":          {80, nil, 4, "memory unknown, no scale-in: 4 tasks"},
	} {
		t.Run(name, func(t *testing.T) {
			var s demand.State
			k := controller()
			settings := demand.Settings{Min: 1, Max: 100, Tick: time.Minute}
			for minute := -20; minute < 0; minute++ {
				k.Step(&s, minutely(minute, 10, 4, 4), settings)
			}
			settings.Memory = c.target
			o := minutely(0, 10, 4, 4)
			o.Running = append([]demand.Point{at(3, 4), at(2, 4)}, o.Running...)
			o.Memory = c.memory
			e, ok := k.Step(&s, o, settings)
			require.True(t, ok)
			assert.Equal(t, c.want, e.Tasks, e.Text)
			assert.Contains(t, e.Text, c.says)
		})
	}
}
