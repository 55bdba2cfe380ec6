package staffing

import (
	"math"
	"slices"
)

// Curve computes quickly the number of tasks for a load, and the load for a number
// of tasks. It holds no state and may be shared.
type Curve struct {
	slots, busy float64
	loads       []float64 // for 0 to exactTasks tasks
	headroom    float64   // (servers - load) / √servers for exactTasks tasks
}

// NewCurve returns the curve of an objective. It takes about one millisecond.
func NewCurve(o Objective) *Curve {
	free := o
	free.Busy = 0
	servers := float64(exactTasks * o.Slots)
	return &Curve{
		slots: float64(o.Slots), busy: o.Busy, loads: o.Loads(exactTasks),
		headroom: (servers - free.Load(exactTasks)*float64(o.Slots)) / math.Sqrt(servers),
	}
}

// Load returns the highest load, in busy tasks, that the tasks can serve.
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

// Tasks returns the smallest number of tasks that can serve a load, at least 0. It
// returns 0 for a load that is not a number.
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
