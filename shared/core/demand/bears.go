package demand

// Capacity is the most work, in busy tasks, for which so many tasks are enough by a
// signal, before any margin for what is not foreseen.
func (k *Controller) Capacity(tasks int, rung Signal, c Settings) float64 {
	bears := k.curve.Load(max(0, tasks))
	if c.aims(rung) {
		return min(bears, c.CPU/100*float64(max(0, tasks)))
	}
	return bears
}
