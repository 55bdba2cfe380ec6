// Package staffing computes queues with several servers: the share of requests that
// wait, and the number of tasks that keep this share low.
//
// The formulas are those of M/M/c: Poisson arrivals, exponential service times, c
// servers, one queue (Erlang, 1917; Gans, Koole and Mandelbaum, "Telephone Call
// Centers", 2003, section 3). Loads are in Erlangs: the mean number of busy
// servers.
package staffing

import "math"

// Waits returns the share of requests that find all servers busy, by Erlang's C
// formula. It returns 1 for a load of at least the number of servers, and 0 for no
// load.
func Waits(servers int, load float64) float64 {
	switch {
	case load <= 0:
		return 0
	case float64(servers) <= load:
		return 1
	}
	// The recursion of Erlang B neither overflows nor underflows.
	blocked := 1.0
	for n := 1; n <= servers; n++ {
		blocked = load * blocked / (float64(n) + load*blocked)
	}
	return blocked / (1 - load/float64(servers)*(1-blocked))
}

// WaitsLonger returns the share of requests that wait longer than a number of mean
// service times: P(W > t) = C·exp(-(c-a)·t).
func WaitsLonger(servers int, load, serviceTimes float64) float64 {
	if float64(servers) <= load {
		return 1
	}
	return Waits(servers, load) * math.Exp(-(float64(servers)-load)*serviceTimes)
}

// Objective is the service level of a service. At most the share Late of its
// requests waits longer than Wait for one of the Slots.
type Objective struct {
	// Slots is the number of requests that a task serves at once, at least 1.
	Slots int
	// Wait is the longest wait, in mean service times.
	Wait float64
	// Late is the share of later requests, above 0 and below 1.
	Late float64
	// Busy is the largest share of busy tasks, whatever the formula permits,
	// because large fleets have no single queue. 0 or 1 sets no ceiling.
	Busy float64
}

// Load returns the highest load, in busy tasks, within the objective; 0 for no tasks.
func (o Objective) Load(tasks int) float64 {
	servers := tasks * o.Slots
	// A ceiling that keeps the objective is the answer. This shortcut serves all
	// large fleets.
	if ceiling := o.Busy * float64(tasks); o.Busy > 0 && WaitsLonger(servers, ceiling*float64(max(1, o.Slots)), o.Wait) <= o.Late {
		return ceiling
	}
	low, high := 0.0, float64(servers)
	for range bisections {
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

// Loads returns Load for 0 tasks up to a number of tasks.
func (o Objective) Loads(tasks int) []float64 {
	loads := make([]float64, tasks+1)
	for n := range loads {
		loads[n] = o.Load(n)
	}
	return loads
}
