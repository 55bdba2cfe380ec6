package bus_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"homeostat/shared/sim/ecssim/bus"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// stopped is an event that the rule of newBus matches.
func stopped(n int) []byte {
	return fmt.Appendf(nil, `{"source":"aws.ecs","detail-type":"ECS Task State Change","detail":{"n":%d}}`, n)
}

func newBus(t require.TestingT, config bus.QueueConfig, seed uint64) (*bus.Bus, *virtual) {
	clock := newClock()
	b := bus.New(clock, seed)
	config.Name = "heal"
	b.AddQueue(config)
	require.NoError(t, b.AddRule(bus.Rule{Name: "tasks", Pattern: json.RawMessage(`{"source":["aws.ecs"]}`), Queue: "heal"}))
	return b, clock
}

func TestAnEventReachesTheFunctionAfterTheLatency(t *testing.T) {
	b, clock := newBus(t, bus.QueueConfig{}, 1)
	var at []time.Duration
	start := clock.Now()
	b.Subscribe("heal", func(batch []bus.Message) []string {
		require.Len(t, batch, 1)
		assert.JSONEq(t, string(stopped(1)), batch[0].Body)
		assert.Equal(t, 1, batch[0].Receives)
		at = append(at, clock.Now().Sub(start))
		return nil
	})
	b.Publish(stopped(1))
	b.Publish([]byte(`{"source":"aws.ecr"}`))
	b.Publish([]byte(`not json`))
	clock.advance(time.Minute)
	assert.Equal(t, []time.Duration{bus.DefaultLatency}, at)
	visible, inFlight, delayed := b.Depth("heal")
	assert.Zero(t, visible+inFlight+delayed, "what succeeded is deleted")
}

func TestMessagesOfTheSameInstantShareABatchUpToItsSize(t *testing.T) {
	b, clock := newBus(t, bus.QueueConfig{BatchSize: 3}, 1)
	var sizes []int
	b.Subscribe("heal", func(batch []bus.Message) []string {
		sizes = append(sizes, len(batch))
		return nil
	})
	for n := range 7 {
		b.Publish(stopped(n))
	}
	clock.advance(time.Second)
	b.Publish(stopped(8))
	clock.advance(time.Second)
	assert.Equal(t, []int{3, 3, 1, 1}, sizes)
}

func TestAFailedMessageComesBackAndEndsInTheDeadLetterQueue(t *testing.T) {
	b, clock := newBus(t, bus.QueueConfig{Visibility: time.Minute, MaxReceives: 3, DeadLetter: "dead"}, 1)
	b.AddQueue(bus.QueueConfig{Name: "dead"})
	var receives []int
	b.Subscribe("heal", func(batch []bus.Message) []string {
		var failed []string
		for _, m := range batch {
			if strings.Contains(m.Body, `"n":1`) {
				receives = append(receives, m.Receives)
				failed = append(failed, m.ID)
			}
		}
		return failed
	})
	b.Publish(stopped(1))
	b.Publish(stopped(2))
	clock.advance(time.Second)
	_, inFlight, _ := b.Depth("heal")
	assert.Equal(t, 1, inFlight, "only the failed one waits")
	clock.advance(time.Hour)
	assert.Equal(t, []int{1, 2, 3}, receives)
	dead := b.Peek("dead")
	require.Len(t, dead, 1)
	assert.JSONEq(t, string(stopped(1)), dead[0].Body)
}

func TestAnUnknownIDFailsTheWholeBatch(t *testing.T) {
	b, clock := newBus(t, bus.QueueConfig{}, 1)
	calls := 0
	b.Subscribe("heal", func(batch []bus.Message) []string {
		calls++
		if calls == 1 {
			return []string{"no such id"}
		}
		assert.Len(t, batch, 2)
		return nil
	})
	b.Publish(stopped(1))
	b.Publish(stopped(2))
	clock.advance(time.Hour)
	assert.Equal(t, 2, calls)
}

func TestAMessageWithoutADeadLetterQueueIsGivenUpAfterFourDays(t *testing.T) {
	b, clock := newBus(t, bus.QueueConfig{Visibility: time.Hour, MaxReceives: 2}, 1)
	calls := 0
	b.Subscribe("heal", func(batch []bus.Message) []string {
		calls++
		return []string{batch[0].ID}
	})
	b.Publish(stopped(1))
	clock.advance(10 * 24 * time.Hour)
	assert.Equal(t, 96, calls)
}

func TestADelayedMessageIsATimer(t *testing.T) {
	b, clock := newBus(t, bus.QueueConfig{}, 1)
	start := clock.Now()
	var at []string
	b.Subscribe("heal", func(batch []bus.Message) []string {
		for _, m := range batch {
			at = append(at, m.Body+" "+clock.Now().Sub(start).String())
		}
		if len(at) == 1 {
			b.Send("heal", "again", 5*time.Minute) // a function sets the next timer itself
		}
		return nil
	})
	assert.NotEmpty(t, b.Send("heal", "late", 15*time.Minute))
	assert.NotEmpty(t, b.Send("heal", "soon", time.Minute))
	assert.Empty(t, b.Send("no such queue", "x", 0))
	_, _, delayed := b.Depth("heal")
	assert.Equal(t, 2, delayed)
	clock.advance(time.Hour)
	assert.Equal(t, []string{"soon 1m0s", "again 6m0s", "late 15m0s"}, at)
}

func TestMessagesWaitUntilSomebodySubscribes(t *testing.T) {
	b, clock := newBus(t, bus.QueueConfig{}, 1)
	b.Publish(stopped(1))
	clock.advance(time.Hour)
	require.Len(t, b.Peek("heal"), 1)
	got := 0
	b.Subscribe("heal", func(batch []bus.Message) []string { got += len(batch); return nil })
	clock.advance(0)
	assert.Equal(t, 1, got)
}

func TestARuleWithAnUnknownOperatorIsAnError(t *testing.T) {
	b := bus.New(newClock(), 1)
	err := b.AddRule(bus.Rule{Name: "r", Pattern: json.RawMessage(`{"a":[{"regex":"x"}]}`), Queue: "q"})
	assert.ErrorContains(t, err, `"regex"`)
}

func TestTheFaultsDoWhatTheySay(t *testing.T) {
	run := func(f bus.Faults) (got []string, last time.Duration) {
		b, clock := newBus(t, bus.QueueConfig{BatchSize: 1}, 7)
		start := clock.Now()
		b.SetFaults(f)
		b.Subscribe("heal", func(batch []bus.Message) []string {
			got = append(got, batch[0].Body)
			last = clock.Now().Sub(start)
			return nil
		})
		for n := range 100 {
			b.Publish(stopped(n))
			clock.advance(100 * time.Millisecond)
		}
		clock.advance(time.Hour)
		return got, last
	}
	plain, end := run(bus.Faults{})
	assert.Len(t, plain, 100)

	lost, _ := run(bus.Faults{Loss: 1})
	assert.Empty(t, lost)
	some, _ := run(bus.Faults{Loss: 0.3})
	assert.InDelta(t, 70, len(some), 15)

	twice, _ := run(bus.Faults{Duplicate: 1})
	assert.Len(t, twice, 200)
	assert.ElementsMatch(t, append(plain, plain...), twice)

	reordered, _ := run(bus.Faults{Reorder: 0.5})
	assert.ElementsMatch(t, plain, reordered)
	assert.NotEqual(t, plain, reordered)

	late, lateEnd := run(bus.Faults{Delay: time.Minute})
	assert.Equal(t, plain, late)
	assert.Equal(t, end+time.Minute, lateEnd)

	jittered, _ := run(bus.Faults{DelaySpread: time.Minute})
	assert.ElementsMatch(t, plain, jittered)
	assert.NotEqual(t, plain, jittered)
}

// storm runs random traffic and returns the messages that the function received,
// in order.
type storm struct {
	handled map[string]int // successes of each body
	seen    []string
	dead    map[string]int
	left    int
}

func runStorm(t require.TestingT, f bus.Faults, maxReceives, batchSize, events int, failEvery uint64, seed uint64) storm {
	b, clock := newBus(t, bus.QueueConfig{MaxReceives: maxReceives, BatchSize: batchSize, DeadLetter: "dead"}, seed)
	b.AddQueue(bus.QueueConfig{Name: "dead"})
	b.SetFaults(f)
	out := storm{handled: map[string]int{}, dead: map[string]int{}}
	var turn uint64
	b.Subscribe("heal", func(batch []bus.Message) (failed []string) {
		for _, m := range batch {
			turn++
			out.seen = append(out.seen, fmt.Sprint(clock.Now().UnixNano(), m.ID, m.Receives, m.Body))
			if failEvery > 0 && turn%failEvery == 0 {
				failed = append(failed, m.ID)
				continue
			}
			out.handled[m.Body]++
		}
		return failed
	})
	for n := range events {
		b.Publish(stopped(n))
		clock.advance(time.Duration(n%3) * 200 * time.Millisecond)
	}
	clock.advance(24 * time.Hour)
	for _, m := range b.Peek("dead") {
		out.dead[m.Body]++
	}
	visible, inFlight, delayed := b.Depth("heal")
	out.left = visible + inFlight + delayed
	return out
}

func TestNoMessageIsLostOrHandledMoreOftenThanTheFaultsAllow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := bus.Faults{
			Duplicate:   rapid.SampledFrom([]float64{0, 0.3, 1}).Draw(t, "duplicate"),
			Reorder:     rapid.SampledFrom([]float64{0, 0.5}).Draw(t, "reorder"),
			DelaySpread: time.Duration(rapid.IntRange(0, 5000).Draw(t, "spread")) * time.Millisecond,
		}
		events := rapid.IntRange(0, 30).Draw(t, "events")
		got := runStorm(t, f, rapid.IntRange(1, 4).Draw(t, "receives"), rapid.IntRange(1, 10).Draw(t, "batch"),
			events, rapid.Uint64Range(0, 4).Draw(t, "fail every"), rapid.Uint64().Draw(t, "seed"))
		most := 1
		if f.Duplicate > 0 {
			most = 2
		}
		for n := range events {
			ends := got.handled[string(stopped(n))] + got.dead[string(stopped(n))]
			assert.GreaterOrEqual(t, ends, 1, "an event was lost")
			assert.LessOrEqual(t, ends, most, "an event was handled too often")
		}
		assert.Zero(t, got.left, "nothing is left behind")
	})
}

func TestTheSameSeedGivesTheSameOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := bus.Faults{Duplicate: 0.2, Loss: 0.1, Reorder: 0.3, DelaySpread: 2 * time.Second}
		seed := rapid.Uint64().Draw(t, "seed")
		assert.Equal(t, runStorm(t, f, 3, 5, 25, 3, seed), runStorm(t, f, 3, 5, 25, 3, seed))
	})
}
