// Package bus carries events to functions as AWS does: EventBridge rules match
// them, SQS queues hold them, and an event source mapping hands them to a
// function in batches and takes back the ones that failed. It runs on a virtual
// clock, without goroutines, and the same seed gives the same order.
//
// A Bus is not safe for concurrent use. Whoever owns the clock serializes what
// comes from elsewhere, a socket say; functions may call the bus from within.
package bus

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"homeostat/shared/sim/ecssim/account"
)

// DefaultLatency is the time from an event to the function that it fires.
const DefaultLatency = 500 * time.Millisecond

// Clock is the virtual clock. At runs do when the clock reaches t, first come
// first served among equal times; a time that has passed is now.
type Clock interface {
	Now() time.Time
	At(t time.Time, do func())
}

// Identity is the account that owns everything on the bus.
type Identity = account.Identity

// Faults are what a distributed system does to events. The probabilities are
// for each event.
type Faults struct {
	// Duplicate delivers an event twice, as at-least-once delivery may.
	Duplicate float64
	// Loss drops an event, as best-effort sources do.
	Loss float64
	// Reorder holds an event back long enough for later ones to overtake it.
	Reorder float64
	// Delay comes on top of the latency of every event, and DelaySpread is
	// the width of a uniform jitter on top of that.
	Delay, DelaySpread time.Duration
}

// reorderHold is the most that a reordered event is held back.
const reorderHold = 10 * time.Second

// Bus is EventBridge, SQS and SNS of one account in one region.
type Bus struct {
	clock   Clock
	random  *rand.Rand
	ids     Identity
	latency time.Duration
	faults  Faults
	rules   []*rule // in order of creation
	queues  map[string]*queue
	topics  []*topic
	sent    []Notification
	issued  uint64
	foreign bool // may events claim an aws. source?
}

// New is an empty bus. The seed decides which events meet which fault.
func New(clock Clock, seed uint64) *Bus {
	return &Bus{
		clock:   clock,
		random:  rand.New(rand.NewPCG(seed, 0x6275730a)),
		ids:     Identity{Account: "123456789012", Region: "us-east-1", Partition: "aws"},
		latency: DefaultLatency,
		queues:  map[string]*queue{},
	}
}

// SetFaults replaces the faults, for the events that are published from now on.
func (b *Bus) SetFaults(f Faults) { b.faults = f }

// SetLatency replaces DefaultLatency, for the events that are published from now on.
func (b *Bus) SetLatency(d time.Duration) { b.latency = d }

// AllowAWSSources lets PutEvents take events whose source begins with "aws.",
// which AWS keeps for itself. Publish takes them anyhow.
func (b *Bus) AllowAWSSources(allow bool) { b.foreign = allow }

// newID is a name in the form of a UUID that is new on this bus.
func (b *Bus) newID() string {
	b.issued++
	return fmt.Sprintf("00000000-0000-4000-9000-%012x", b.issued)
}

func (b *Bus) arn(service, resource string) string {
	return "arn:" + b.ids.Partition + ":" + service + ":" + b.ids.Region + ":" + b.ids.Account + ":" + resource
}

// delivery is what the faults make of one event.
type delivery struct {
	lost   bool
	delays []time.Duration // one for each copy
}

// plan draws the fate of one event. It always draws the same number of times,
// so that changing one fault leaves the others where they were.
func (b *Bus) plan() delivery {
	duplicate, loss, reorder := b.random.Float64(), b.random.Float64(), b.random.Float64()
	first, second, hold := b.random.Float64(), b.random.Float64(), b.random.Float64()
	delay := b.latency + b.faults.Delay + portion(first, b.faults.DelaySpread)
	if reorder < b.faults.Reorder {
		delay += portion(hold, reorderHold)
	}
	out := delivery{lost: loss < b.faults.Loss, delays: []time.Duration{delay}}
	if duplicate < b.faults.Duplicate {
		out.delays = append(out.delays, delay+portion(second, max(b.faults.DelaySpread, time.Second)))
	}
	return out
}

func portion(share float64, of time.Duration) time.Duration {
	return time.Duration(share * float64(of))
}

// Publish puts an EventBridge event on the bus: it is matched against the
// rules, and delivered to their queues after the latency. What is not a JSON
// object matches no rule.
func (b *Bus) Publish(event []byte) {
	fate := b.plan()
	if fate.lost {
		return
	}
	matched := b.matching(event)
	if len(matched) == 0 {
		return
	}
	body := string(event)
	for _, delay := range fate.delays {
		b.clock.At(b.clock.Now().Add(delay), func() { b.deliver(matched, body) })
	}
}

// deliver puts an event into the queues that still exist by now.
func (b *Bus) deliver(targets []target, event string) {
	for _, to := range targets {
		body := event
		if to.input != "" {
			body = to.input
		}
		b.Send(to.queue, body, 0)
	}
}

// Rule sends the events that match a pattern to a queue.
type Rule struct {
	Name    string
	Pattern json.RawMessage
	Queue   string
}
