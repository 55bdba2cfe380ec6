package demand

import "math"

// Capacity returns the highest demand, in busy tasks, that a number of tasks can
// serve by a signal, without headroom for the unforeseen. A negative number of
// tasks counts as 0. An unknown code has the capacity of the objective.
func (k *Controller) Capacity(tasks int, code Code, c Settings) float64 {
	tasks = max(0, tasks)
	var z Sizing
	if signal := k.signal(code); signal != nil {
		z = signal.Sizing(c)
	}
	switch load := k.curve.Load(tasks); {
	case z.Declared:
		return float64(tasks)
	case z.CPU > 0:
		return min(load, z.CPU/100*float64(tasks))
	default:
		return load
	}
}

// tasks returns the tasks for a demand without the bounds of the policy. It is
// the inverse of Capacity.
func (k *Controller) tasks(demand float64, z Sizing) int {
	if z.Declared {
		return int(math.Ceil(demand - rounding))
	}
	n := k.curve.Tasks(demand)
	if z.CPU > 0 {
		n = max(n, int(math.Ceil(demand/(z.CPU/100)-rounding)))
	}
	return n
}

// size returns the tasks for a demand within the bounds of the policy.
func (k *Controller) size(demand float64, z Sizing, c Settings) int {
	return bounded(k.tasks(demand, z), c)
}

// bounded returns a count within Settings' Min and Max, at least 1.
func bounded(n int, c Settings) int { return min(max(n, c.Min, 1), max(c.Max, 1)) }
