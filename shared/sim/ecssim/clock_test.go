package ecssim

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheClockRunsThingsInOrder(t *testing.T) {
	s := New(Config{})
	start := s.Now()
	var ran []string
	note := func(what string) func() { return func() { ran = append(ran, what) } }
	s.At(start.Add(2*time.Second), note("second"))
	s.At(start.Add(time.Second), note("first"))
	s.At(start.Add(2*time.Second), note("third, scheduled later"))
	s.At(start.Add(3*time.Second), note("beyond"))
	s.RunUntil(start.Add(2500 * time.Millisecond))
	assert.Equal(t, []string{"first", "second", "third, scheduled later"}, ran)
	assert.Equal(t, start.Add(2500*time.Millisecond), s.Now(), "the clock stands at the limit")
	next, ok := s.Next()
	require.True(t, ok)
	assert.Equal(t, start.Add(3*time.Second), next)
}

func TestWhatIsDueAtTheLimitIsRun(t *testing.T) {
	s := New(Config{})
	ran := false
	s.At(s.Now().Add(time.Minute), func() { ran = true })
	s.RunUntil(s.Now().Add(time.Minute))
	assert.True(t, ran)
}

func TestAThingInThePastIsTheNextThing(t *testing.T) {
	s := New(Config{})
	s.RunUntil(s.Now().Add(time.Hour))
	var at time.Time
	s.At(s.Now().Add(-time.Minute), func() { at = s.Now() })
	s.RunUntil(s.Now())
	assert.Equal(t, s.Now(), at, "the clock does not go back")
}

func TestTheClockNeverGoesBack(t *testing.T) {
	s := New(Config{})
	now := s.Now()
	s.RunUntil(now.Add(-time.Hour))
	assert.Equal(t, now, s.Now())
}

func TestAnEmptySimHasNothingToDo(t *testing.T) {
	_, ok := New(Config{}).Next()
	assert.False(t, ok)
}

func TestThingsMaySchedulePushAndCallTheAPI(t *testing.T) {
	w := newWorld(t, Config{})
	definition := w.image("1", Behaviour{})
	w.create(ServiceSpec{TaskDefinition: definition, Desired: 1})
	var running int32
	w.At(w.Now().Add(2*time.Minute), func() {
		w.update(ecs.UpdateServiceInput{DesiredCount: new(int32(2))})
		w.At(w.Now().Add(2*time.Minute), func() { running = w.service().RunningCount })
	})
	w.run(10 * time.Minute)
	assert.EqualValues(t, 2, running)
}
