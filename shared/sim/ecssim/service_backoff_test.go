package ecssim

import (
	"testing"
	"time"

	"homeostat/shared/core/fleet"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheBackoffGrowsToTwentySevenMinutes(t *testing.T) {
	for _, c := range []struct {
		n    int
		want time.Duration
	}{
		{0, 0},
		{1, 10 * time.Second},
		{2, 20 * time.Second},
		{3, 40 * time.Second},
		{8, 1280 * time.Second},
		{9, 27 * time.Minute},
		{10, 27 * time.Minute},
		{1000, 27 * time.Minute},
	} {
		assert.Equal(t, c.want, Backoff(firstBackoff, c.n), "round %d", c.n)
	}
}

// gaps returns the times between the creations of stopped tasks.
func (w *world) gaps() []time.Duration {
	var out []time.Duration
	var last time.Time
	for _, c := range w.findCluster("shop").order {
		if !last.IsZero() && !c.created.Equal(last) {
			out = append(out, c.created.Sub(last))
		}
		last = c.created
	}
	return out
}

func TestTasksThatNeverRunAreTriedMoreAndMoreRarely(t *testing.T) {
	w := newWorld(t, Config{})
	w.create(ServiceSpec{
		TaskDefinition: w.image("1", Behaviour{StartDelay: Fixed(20 * time.Second), FailToStart: StartFailure{Cause: fleet.LogDriver, Probability: 1}}),
		Desired:        1,
	})
	w.run(50 * time.Minute)
	gaps := w.gaps()
	require.Greater(t, len(gaps), 4)
	for i := 1; i < len(gaps); i++ {
		assert.Greater(t, gaps[i], gaps[i-1])
	}
	require.Len(t, w.named("SERVICE_TASK_START_IMPAIRED"), 1, "ECS warns once")
	w.run(4 * time.Hour)
	gaps = w.gaps()
	assert.InDelta(t, MaxBackoff.Seconds(), gaps[len(gaps)-1].Seconds(), 60, "and then every 27 minutes, for ever")
}

func TestTasksThatRanAreReplacedAtOnce(t *testing.T) {
	w := newWorld(t, Config{})
	w.create(ServiceSpec{
		TaskDefinition: w.image("1", Behaviour{StartDelay: Fixed(20 * time.Second), Exit: Exit{Probability: 1, After: Fixed(30 * time.Second), Code: 1}}),
		Desired:        1,
	})
	w.run(30 * time.Minute)
	for _, gap := range w.gaps() {
		assert.Equal(t, 52*time.Second, gap, "20 s to start, 30 s of life, 2 s until the scheduler looks")
	}
	assert.Empty(t, w.named("SERVICE_TASK_START_IMPAIRED"))
}

func TestANewTaskDefinitionResetsTheBackoff(t *testing.T) {
	w := newWorld(t, Config{})
	broken := Behaviour{FailToStart: StartFailure{Cause: fleet.LogDriver, Probability: 1}}
	w.create(ServiceSpec{TaskDefinition: w.image("1", broken), Desired: 1})
	w.run(2 * time.Hour)
	w.deploy(w.image("2", Behaviour{}))
	w.run(2 * time.Minute)
	w.assertSteady(1)
}
