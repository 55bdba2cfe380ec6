package record_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/aws/record"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"
)

func TestTheAlarmIndexIsKept(t *testing.T) {
	onEvery(t, func(t *testing.T, s *record.Store) {
		none, err := s.AlarmIndex(ctx, fixture.Home())
		require.NoError(t, err)
		assert.True(t, none.At.IsZero(), "it was never looked after")

		var alarms []fleet.TriggerAlarm
		for i := range 10_000 {
			alarms = append(alarms, fleet.TriggerAlarm{Cluster: "shop", Service: fmt.Sprint("web-", i), Threshold: 70, Period: time.Minute})
		}
		require.NoError(t, s.SaveAlarmIndex(ctx, fixture.Home(), alarms[1:], noon))
		standing, err := s.AlarmIndex(ctx, fixture.Home())
		require.NoError(t, err)
		assert.Equal(t, noon, standing.At)
		assert.False(t, standing.Has(alarms[0]))
		for _, alarm := range alarms[1:] {
			require.True(t, standing.Has(alarm))
		}

		require.NoError(t, s.SaveAlarmIndex(ctx, fixture.Home(), nil, noon.Add(time.Hour)))
		standing, err = s.AlarmIndex(ctx, fixture.Home())
		require.NoError(t, err)
		assert.Equal(t, noon.Add(time.Hour), standing.At)
		assert.False(t, standing.Has(alarms[1]), "what is gone is gone")
	})
}
