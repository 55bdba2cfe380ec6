package staffing

import (
	"math"
	"slices"
)

// exactTasks is up to how many tasks a Curve is exact; beyond, the headroom in
// units of the square root of the servers hardly changes (Halfin and Whitt,
// "Heavy-Traffic Limits for Queues with Many Exponential Servers", 1981).
const exactTasks = 64

// Curve answers, fast, how many tasks a load needs and how much they bear. It
// holds no state and may be shared.
type Curve struct {
	slots, busy float64
	loads       []float64 // of 0 to exactTasks tasks
	headroom    float64   // (servers - load) / √servers of the last of them
}

// NewCurve makes the curve of an objective. It takes about a millisecond.
func NewCurve(o Objective) *Curve {
	free := o
	free.Busy = 0
	servers := float64(exactTasks * o.Slots)
	return &Curve{
		slots: float64(o.Slots), busy: o.Busy, loads: o.Loads(exactTasks),
		headroom: (servers - free.Load(exactTasks)*float64(o.Slots)) / math.Sqrt(servers),
	}
}

// Load is the highest load, in busy tasks, that so many tasks bear.
func (c *Curve) Load(tasks int) float64 {
	if tasks <= exactTasks {
		return c.loads[max(0, tasks)]
	}
	servers := float64(tasks) * c.slots
	load := (servers - c.headroom*math.Sqrt(servers)) / c.slots
	if c.busy > 0 {
		return min(load, c.busy*float64(tasks))
	}
	return load
}

// Tasks is the least number of tasks that bear a load, at least 0. A load that
// is no number needs none.
func (c *Curve) Tasks(load float64) int {
	switch {
	case !(load > 0):
		return 0
	case load <= c.loads[exactTasks]:
		n, _ := slices.BinarySearch(c.loads, load)
		return n
	case load > maxLoad:
		load = maxLoad
	}
	low, high := int(load), int(load*2)+2
	for low < high {
		if middle := (low + high) / 2; c.Load(middle) >= load {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return low
}

// maxLoad is far above any service's, and far below what an int holds.
const maxLoad = 1e6
