package ecssim

import (
	"sync"
	"sync/atomic"
	"time"
)

// clock is the virtual clock: a queue of entries in the order of their time.
// Entries of equal time keep the order of their scheduling. It has its own lock,
// so that subscribers and handlers can schedule with or without the lock of the
// model.
type clock struct {
	now atomic.Int64 // Unix time in ns

	mu   sync.Mutex
	seq  uint64
	heap []entry
}

// owner names the lock that an entry runs under.
type owner int

const (
	ownerForeign owner = iota // no lock: it uses the API
	ownerModel                // the lock of the model
	ownerBus                  // the gate
)

// entry is one scheduled call.
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

// Now returns the virtual time, in UTC.
func (c *clock) Now() time.Time { return time.Unix(0, c.now.Load()).UTC() }

// At runs do at t, or as the next entry if t has passed.
func (c *clock) At(t time.Time, do func()) { c.push(t.UnixNano(), do, ownerForeign) }

func (c *clock) push(at int64, do func(), by owner) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at = max(at, c.now.Load())
	c.seq++
	c.heap = append(c.heap, entry{at: at, seq: c.seq, do: do, owner: by})
	c.up(len(c.heap) - 1)
}

// next returns the time of the next entry.
func (c *clock) next() (time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.heap) == 0 {
		return time.Time{}, false
	}
	return time.Unix(0, c.heap[0].at).UTC(), true
}

// pop takes the next entry that is due by t and sets the clock to its time.
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

// advance sets the clock to t. It never sets the clock back.
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

// modelClock is the clock of the services. Its entries run under the lock of the
// model.
type modelClock struct{ *clock }

// At schedules a step of the model.
func (c modelClock) At(t time.Time, do func()) { c.push(t.UnixNano(), do, ownerModel) }

// After schedules a step of the model.
func (c modelClock) After(d time.Duration, do func()) { c.push(c.now.Load()+int64(d), do, ownerModel) }

// busClock is the clock of the bus. Its entries run under the gate.
type busClock struct{ *clock }

// At schedules a step of the bus.
func (c busClock) At(t time.Time, do func()) { c.push(t.UnixNano(), do, ownerBus) }
