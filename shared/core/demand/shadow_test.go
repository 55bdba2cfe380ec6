package demand

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// Each task of a shadow is ready or starts, for any sequence of targets.
func TestAShadowLosesNoTask(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := shadow{simulated: simulated{count: 3, ready: 3}}
		now := int64(0)
		for range rapid.IntRange(1, 100).Draw(t, "samples") {
			now += int64(rapid.IntRange(1, 60).Draw(t, "seconds"))
			target := rapid.IntRange(1, 30).Draw(t, "target")
			before := v.loss
			v.play(prices{now: now, seconds: 10, startup: 40, need: 5, safe: 5, violation: 7, action: 90, fade: 1},
				target, rapid.IntRange(1, target).Draw(t, "trigger"), rapid.SampledFrom([]float64{0, 60}).Draw(t, "delay"))
			assert.Equal(t, v.count, v.ready+v.first.count+v.second.count)
			assert.GreaterOrEqual(t, v.ready, 0)
			assert.GreaterOrEqual(t, v.count, 1)
			assert.Greater(t, v.loss, before, "every second costs")
		}
	})
}

// The followed strategy is never much worse than the best one. Another strategy
// replaces it only with an advantage of more than the switch margin.
func TestTheChoiceDoesNotFlap(t *testing.T) {
	tuning := Fitted()
	rapid.Check(t, func(t *rapid.T) {
		var s State
		s.chosen = rapid.IntRange(0, shadows-1).Draw(t, "chosen")
		for i := range s.shadows {
			s.shadows[i].loss = rapid.Float64Range(1, 200).Draw(t, "loss")
		}
		least := s.shadows[0].loss
		for i := range s.shadows {
			least = min(least, s.shadows[i].loss)
		}
		before := s.chosen
		s.choose(tuning.LeastWatched-1, &tuning)
		assert.Equal(t, before, s.chosen, "too early for a choice")
		s.choose(tuning.LeastWatched, &tuning)
		assert.LessOrEqual(t, s.shadows[s.chosen].loss*(1-tuning.SwitchMargin), least)
		if s.chosen != before {
			assert.Less(t, s.shadows[s.chosen].loss, s.shadows[before].loss*(1-tuning.SwitchMargin))
		}
		again := s.chosen
		s.choose(tuning.LeastWatched, &tuning)
		assert.Equal(t, again, s.chosen)
	})
}

// A shadow pays for violations until its added tasks have started.
func TestAShadowIsReadyOnlyAfterAStartUp(t *testing.T) {
	v := shadow{simulated: simulated{count: 1, ready: 1}}
	j := prices{now: 0, seconds: 10, startup: 40, need: 5, safe: 5, violation: 1000, action: 90, fade: 1}
	v.play(j, 5, 5, 0)
	assert.InDelta(t, 10+1000+90, v.loss, 1e-9)
	for now := int64(10); now <= 40; now += 10 {
		j.now = now
		v.play(j, 5, 5, 0)
	}
	assert.Equal(t, 5, v.ready)
	assert.InDelta(t, 10+1000+90+3*(50+1000)+50, v.loss, 1e-9)
}

// A longer sample hides more, so its near miss costs more: at most half a
// violation.
func TestANearMissCostsMoreInALongerSample(t *testing.T) {
	tuning := Fitted()
	cost := func(seconds float64) float64 {
		v := shadow{simulated: simulated{count: 5, ready: 5}}
		v.play(prices{now: 0, seconds: seconds, startup: 40, need: 5, safe: 6, violation: 1000, nearMiss: tuning.nearMissShare(seconds) * 1000, fade: 1}, 5, 5, 0)
		return v.loss - 5*seconds
	}
	assert.InDelta(t, 150, cost(10), 1e-9)
	assert.InDelta(t, 300, cost(20), 1e-9)
	assert.InDelta(t, 500, cost(60), 1e-9)
	assert.InDelta(t, 500, cost(300), 1e-9)
}
