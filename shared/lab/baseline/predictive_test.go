package baseline_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/lab/baseline"
	"homeostat/shared/sim/workload"
)

// days is traffic for ten busy tasks from 9 to 10 each day and for two tasks
// otherwise. The last day has no busy hour.
func days(n int) spans {
	var out spans
	for range n - 1 {
		out = append(out, spans{{9 * 3600, 200}, {3600, 1000}, {14 * 3600, 200}}...)
	}
	return append(out, spans{{86400, 200}}...)
}

func forecasting(change func(*baseline.Predictive)) *baseline.Predictor {
	p := baseline.Forecasting(baseline.Tracking(baseline.Metric{Signal: baseline.Requests, Period: time.Minute}))
	p.Tracking.Target = 50
	change(&p)
	return baseline.NewPredictor(p)
}

// at returns the desired count in a second.
func at(changes []change, second, count int) int {
	for _, c := range changes {
		if c.second <= second {
			count = c.count
		}
	}
	return count
}

func TestAForecastRaisesFiveMinutesAheadAndHoldsItsHour(t *testing.T) {
	changes := play(t, plain(), days(3), 4, forecasting(func(*baseline.Predictive) {}))
	second, third := 86400+9*3600, 2*86400+9*3600
	assert.Equal(t, 4, at(changes, second-301, 4))
	assert.Equal(t, 20, at(changes, second-300, 4), "the demand of ten tasks at 50 %")
	assert.Equal(t, 20, at(changes, third-300, 4))
	assert.Equal(t, 20, at(changes, third+3599, 4), "it was wrong, but for its hour the count does not fall below it")
	assert.Equal(t, 4, at(changes, third+3600+1200, 4), "then tracking scales in")
}

func TestAForecastNeedsADayAndLooksBackFourteen(t *testing.T) {
	without := play(t, plain(), days(3), 4, baseline.NewTracker(func() baseline.TargetTracking {
		p := baseline.Tracking(baseline.Metric{Signal: baseline.Requests, Period: time.Minute})
		p.Target = 50
		return p
	}()))
	with := play(t, plain(), days(3), 4, forecasting(func(*baseline.Predictive) {}))
	require.Greater(t, len(with), 3)
	for i, c := range without {
		if c.second < 86400 {
			assert.Equal(t, c, with[i], "on the first day there is no forecast")
		}
	}
	never := play(t, plain(), days(3), 4, forecasting(func(p *baseline.Predictive) { p.Least = 30 * 24 * time.Hour }))
	assert.Equal(t, without, never)

	// The forecast forgets the busy hour after 20 days without it.
	traffic := append(spans{{9 * 3600, 200}, {3600, 1000}, {14 * 3600, 200}}, spans{{20 * 86400, 200}}...)
	changes := play(t, plain(), traffic, 4, forecasting(func(*baseline.Predictive) {}))
	assert.Greater(t, at(changes, 10*86400+9*3600, 4), 4)
	assert.Equal(t, 4, at(changes, 18*86400+9*3600, 4))
}

func TestTheSameWeekdayCountsMore(t *testing.T) {
	// A busy hour on the first day of each week only.
	var traffic spans
	for range 2 {
		traffic = append(traffic, spans{{9 * 3600, 200}, {3600, 1000}, {14 * 3600, 200}, {6 * 86400, 200}}...)
	}
	second := 7*86400 + 9*3600 - 300
	plainMean := at(play(t, plain(), traffic, 4, forecasting(func(p *baseline.Predictive) { p.Weekday = 1 })), second, 4)
	weekly := at(play(t, plain(), traffic, 4, forecasting(func(*baseline.Predictive) {})), second, 4)
	assert.Greater(t, weekly, plainMean)
	// Weights 1/1 to 1/6 for the demand of two tasks, and 3/7 for that of ten, at
	// 50 %.
	low := 0.0
	for d := 1; d <= 6; d++ {
		low += 1 / float64(d)
	}
	assert.Equal(t, int(math.Ceil((low*2+3.0/7*10)/(low+3.0/7)/0.5)), weekly)
}

func TestAForecastIsMadeEverySixHours(t *testing.T) {
	// The forecast plans the hour from 9 of the second day by the first day.
	// Without a refresh it does not reach beyond its horizon.
	renewed := play(t, plain(), days(5), 4, forecasting(func(*baseline.Predictive) {}))
	once := play(t, plain(), days(5), 4, forecasting(func(p *baseline.Predictive) { p.Refresh = 1000 * time.Hour }))
	day2, day4 := 86400+9*3600-300, 3*86400+9*3600-300
	assert.Equal(t, 20, at(renewed, day2, 4))
	assert.Equal(t, 20, at(once, day2, 4))
	assert.Equal(t, 20, at(renewed, day4, 4))
	assert.Equal(t, 4, at(once, day4, 4))
}

func TestAForecastNeverPassesTheMaximum(t *testing.T) {
	service := plain()
	service.Max = 12
	s := workload.New(service, days(3), 4, 1)
	by := forecasting(func(*baseline.Predictive) {})
	for !s.Over() {
		by.Scale(s)
		require.LessOrEqual(t, s.Desired(), 12)
		s.Step()
	}
}
