package demand

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// A shadow's tasks are each ready or on their way, whatever is asked of it.
func TestAShadowLosesNoTask(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := shadow{virtual: virtual{count: 3, ready: 3}}
		now := int64(0)
		for range rapid.IntRange(1, 100).Draw(t, "samples") {
			now += int64(rapid.IntRange(1, 60).Draw(t, "seconds"))
			target := rapid.IntRange(1, 30).Draw(t, "target")
			before := v.loss
			v.play(judged{now: now, seconds: 10, startup: 40, need: 5, safe: 5, violation: 7, action: 90, fade: 1},
				target, rapid.IntRange(1, target).Draw(t, "trigger"), rapid.SampledFrom([]float64{0, 60}).Draw(t, "hold"))
			assert.Equal(t, v.count, v.ready+v.late.count+v.later.count)
			assert.GreaterOrEqual(t, v.ready, 0)
			assert.GreaterOrEqual(t, v.count, 1)
			assert.Greater(t, v.loss, before, "every second costs")
		}
	})
}

// The way that is followed is never much worse than the best, and is left only
// for one that is better by more than the price of switching.
func TestTheChoiceDoesNotFlap(t *testing.T) {
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
		s.choose(leastWatched - 1)
		assert.Equal(t, before, s.chosen, "nothing is known yet")
		s.choose(leastWatched)
		assert.LessOrEqual(t, s.shadows[s.chosen].loss*(1-better), least)
		if s.chosen != before {
			assert.Less(t, s.shadows[s.chosen].loss, s.shadows[before].loss*(1-better))
		}
		again := s.chosen
		s.choose(leastWatched)
		assert.Equal(t, again, s.chosen)
	})
}

// A fleet that holds what it has through a burst each five minutes violates
// nothing and costs more; one that lets go at once violates: the price decides.
func TestAShadowIsReadyOnlyAfterAStartUp(t *testing.T) {
	v := shadow{virtual: virtual{count: 1, ready: 1}}
	j := judged{now: 0, seconds: 10, startup: 40, need: 5, safe: 5, violation: 1000, action: 90, fade: 1}
	v.play(j, 5, 5, 0)
	assert.InDelta(t, 10+1000+90, v.loss, 1e-9)
	for now := int64(10); now <= 40; now += 10 {
		j.now = now
		v.play(j, 5, 5, 0)
	}
	assert.Equal(t, 5, v.ready)
	assert.InDelta(t, 10+1000+90+3*(50+1000)+50, v.loss, 1e-9)
}

// Of a long sample less is known, so a fleet that was just enough is held more
// against: half a violation at most.
func TestANearMissCountsMoreInALongerSample(t *testing.T) {
	held := func(seconds float64) float64 {
		v := shadow{virtual: virtual{count: 5, ready: 5}}
		v.play(judged{now: 0, seconds: seconds, startup: 40, need: 5, safe: 6, violation: 1000, fade: 1}, 5, 5, 0)
		return v.loss - 5*seconds
	}
	assert.InDelta(t, 150, held(10), 1e-9)
	assert.InDelta(t, 300, held(20), 1e-9)
	assert.InDelta(t, 500, held(60), 1e-9)
	assert.InDelta(t, 500, held(300), 1e-9)
}
