package bus_test

import (
	"container/heap"
	"time"
)

// virtual is the smallest implementation of bus.Clock.
type virtual struct {
	now    time.Time
	issued int
	timers timers
}

type timer struct {
	at  time.Time
	seq int
	do  func()
}

type timers []timer

func (t timers) Len() int      { return len(t) }
func (t timers) Swap(i, j int) { t[i], t[j] = t[j], t[i] }
func (t *timers) Push(x any)   { *t = append(*t, x.(timer)) }
func (t timers) Less(i, j int) bool {
	return t[i].at.Before(t[j].at) || t[i].at.Equal(t[j].at) && t[i].seq < t[j].seq
}

func (t *timers) Pop() any {
	last := len(*t) - 1
	out := (*t)[last]
	*t = (*t)[:last]
	return out
}

func newClock() *virtual { return &virtual{now: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)} }

func (v *virtual) Now() time.Time { return v.now }

func (v *virtual) At(t time.Time, do func()) {
	if t.Before(v.now) {
		t = v.now
	}
	v.issued++
	heap.Push(&v.timers, timer{t, v.issued, do})
}

// advance runs the steps that are due within d.
func (v *virtual) advance(d time.Duration) {
	end := v.now.Add(d)
	for len(v.timers) > 0 && !v.timers[0].at.After(end) {
		next := heap.Pop(&v.timers).(timer)
		v.now = next.at
		next.do()
	}
	v.now = end
}
