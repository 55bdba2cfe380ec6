package ecssim

import (
	"sync"
	"sync/atomic"
	"time"
)

// clock is the virtual clock: a queue of things to do, ordered by time, first
// in first out among equals. It has a lock of its own, so that subscribers and
// handlers may schedule while the model is locked or not.
type clock struct {
	now atomic.Int64 // Unix time in ns

	mu   sync.Mutex
	seq  uint64
	heap []entry
}

// owner says whose step an entry is, and so which lock it runs under.
type owner int

const (
	ownerForeign owner = iota // no lock: it calls back through the API
	ownerModel                // the model's lock
	ownerBus                  // the gate
)

// entry is one thing to do.
type entry struct {
	at    int64
	seq   uint64
	do    func()
	owner owner
}

func newClock(start time.Time) *clock {
	c := &clock{}
	c.now.Store(start.UnixNano())
	return c
}

// Now is the virtual time, in UTC.
func (c *clock) Now() time.Time { return time.Unix(0, c.now.Load()).UTC() }

// At runs do at t, or as the next thing if t has passed.
func (c *clock) At(t time.Time, do func()) { c.push(t.UnixNano(), do, ownerForeign) }

func (c *clock) push(at int64, do func(), by owner) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at = max(at, c.now.Load())
	c.seq++
	c.heap = append(c.heap, entry{at: at, seq: c.seq, do: do, owner: by})
	c.up(len(c.heap) - 1)
}

// next is when the next entry is due.
func (c *clock) next() (time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.heap) == 0 {
		return time.Time{}, false
	}
	return time.Unix(0, c.heap[0].at).UTC(), true
}

// pop takes the next entry due by t and sets the clock to its time.
func (c *clock) pop(t int64) (entry, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.heap) == 0 || c.heap[0].at > t {
		return entry{}, false
	}
	e := c.heap[0]
	last := len(c.heap) - 1
	c.heap[0] = c.heap[last]
	c.heap[last] = entry{}
	c.heap = c.heap[:last]
	c.down(0)
	c.now.Store(max(e.at, c.now.Load()))
	return e, true
}

// advance sets the clock to t; it never goes back.
func (c *clock) advance(t int64) { c.now.Store(max(t, c.now.Load())) }

func (c *clock) less(i, j int) bool {
	a, b := &c.heap[i], &c.heap[j]
	return a.at < b.at || a.at == b.at && a.seq < b.seq
}

func (c *clock) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if !c.less(i, parent) {
			return
		}
		c.heap[i], c.heap[parent] = c.heap[parent], c.heap[i]
		i = parent
	}
}

func (c *clock) down(i int) {
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(c.heap); child++ {
			if c.less(child, least) {
				least = child
			}
		}
		if least == i {
			return
		}
		c.heap[i], c.heap[least] = c.heap[least], c.heap[i]
		i = least
	}
}

// modelClock is the clock as the services have it: their steps run under the
// model's lock.
type modelClock struct{ *clock }

// At schedules a step of the model.
func (c modelClock) At(t time.Time, do func()) { c.push(t.UnixNano(), do, ownerModel) }

// After schedules a step of the model.
func (c modelClock) After(d time.Duration, do func()) { c.push(c.now.Load()+int64(d), do, ownerModel) }

// busClock is the clock as the bus has it: its steps run under the gate.
type busClock struct{ *clock }

// At schedules a step of the bus.
func (c busClock) At(t time.Time, do func()) { c.push(t.UnixNano(), do, ownerBus) }
