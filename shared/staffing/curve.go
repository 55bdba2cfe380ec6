package staffing

import (
	"math"
	"slices"
)

// exactTasks is up to how many tasks a Curve is exact; beyond, the headroom in
// units of the square root of the servers hardly changes (Halfin and Whitt,
// "Heavy-Traffic Limits for Queues with Many Exponential Servers", 1981), and
// is interpolated.
const exactTasks = 64

// Curve answers, fast, how many tasks a load needs and how much they bear. It
// holds no state and may be shared.
type Curve struct {
	objective Objective
	loads     []float64 // of 0 to exactTasks tasks
	tasks     []float64 // beyond: the numbers of tasks, and
	headroom  []float64 // (servers - load) / √servers of each
}

// NewCurve makes the curve of an objective up to a number of tasks. It takes
// some milliseconds.
func NewCurve(o Objective, tasks int) *Curve {
	c := &Curve{objective: o, loads: o.Loads(exactTasks)}
	for n := exactTasks; ; n = n*5/4 + 1 {
		servers := float64(n * o.Slots)
		c.tasks = append(c.tasks, float64(n))
		c.headroom = append(c.headroom, (servers-o.Load(n)*float64(o.Slots))/math.Sqrt(servers))
		if n >= tasks {
			return c
		}
	}
}

// Load is the highest load, in busy tasks, that so many tasks bear.
func (c *Curve) Load(tasks int) float64 {
	if tasks <= exactTasks {
		return c.loads[max(0, tasks)]
	}
	n := float64(tasks)
	i, _ := slices.BinarySearch(c.tasks, n)
	i = min(max(i, 1), len(c.tasks)-1)
	part := min(1, (n-c.tasks[i-1])/(c.tasks[i]-c.tasks[i-1]))
	headroom := c.headroom[i-1] + part*(c.headroom[i]-c.headroom[i-1])
	servers := n * float64(c.objective.Slots)
	return (servers - headroom*math.Sqrt(servers)) / float64(c.objective.Slots)
}

// Tasks is the least number of tasks that bear a load, at least 0.
func (c *Curve) Tasks(load float64) int {
	if load <= 0 {
		return 0
	}
	if load <= c.loads[exactTasks] {
		i, _ := slices.BinarySearch(c.loads, load)
		return i
	}
	low, high := int(load), int(load*2)+1
	for low < high {
		if middle := (low + high) / 2; c.Load(middle) >= load {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return low
}
