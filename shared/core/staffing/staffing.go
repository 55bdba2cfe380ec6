// Package staffing is the arithmetic of queues with several servers: how many
// requests wait, and how many tasks are needed so that few do.
//
// The formulas are those of M/M/c: Poisson arrivals, exponential service times,
// c servers, one queue (Erlang, 1917; Gans, Koole and Mandelbaum, "Telephone
// Call Centers", 2003, section 3). Loads are in Erlangs: the mean number of
// busy servers.
package staffing

import "math"

// Waits is the share of requests that find all servers busy, Erlang's C
// formula. It is 1 where the load is not below the number of servers, and 0
// where there is no load.
func Waits(servers int, load float64) float64 {
	switch {
	case load <= 0:
		return 0
	case float64(servers) <= load:
		return 1
	}
	// Erlang B by its recursion, which neither over- nor underflows.
	blocked := 1.0
	for n := 1; n <= servers; n++ {
		blocked = load * blocked / (float64(n) + load*blocked)
	}
	return blocked / (1 - load/float64(servers)*(1-blocked))
}

// WaitsLonger is the share of requests that wait longer than a number of mean
// service times: P(W > t) = C·exp(-(c-a)·t).
func WaitsLonger(servers int, load, serviceTimes float64) float64 {
	if float64(servers) <= load {
		return 1
	}
	return Waits(servers, load) * math.Exp(-(float64(servers)-load)*serviceTimes)
}

// Objective is what a service promises: at most the share Late of its requests
// waits longer than Wait, in mean service times, for one of the Slots of its
// tasks.
type Objective struct {
	// Slots is how many requests a task serves at once, at least 1.
	Slots int
	// Wait is in mean service times.
	Wait float64
	// Late is a share, above 0 and below 1.
	Late float64
	// Busy is the share of its tasks that may be busy at most, whatever the
	// formula permits: big fleets have no single queue. 0 or 1 is no ceiling.
	Busy float64
}

// Load is the highest load, in busy tasks, at which so many tasks keep the
// objective; 0 for no tasks.
func (o Objective) Load(tasks int) float64 {
	servers := tasks * o.Slots
	// Where the ceiling keeps the objective it is the answer, found at once: big
	// fleets are all like that.
	if ceiling := o.Busy * float64(tasks); o.Busy > 0 && WaitsLonger(servers, ceiling*float64(max(1, o.Slots)), o.Wait) <= o.Late {
		return ceiling
	}
	low, high := 0.0, float64(servers)
	for range 50 {
		middle := (low + high) / 2
		if WaitsLonger(servers, middle, o.Wait) <= o.Late {
			low = middle
		} else {
			high = middle
		}
	}
	load := low / float64(max(1, o.Slots))
	if o.Busy > 0 {
		return min(load, o.Busy*float64(tasks))
	}
	return load
}

// Loads is Load of 0 to a number of tasks.
func (o Objective) Loads(tasks int) []float64 {
	loads := make([]float64, tasks+1)
	for n := range loads {
		loads[n] = o.Load(n)
	}
	return loads
}
