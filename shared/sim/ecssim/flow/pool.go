// Package flow is a fluid model of the requests at a set of tasks. It is exact
// while rates are constant. Requests beyond the capacity wait in a backlog: they
// are served later, or given up. Below the capacity, requests wait for a slot as
// in M/M/c.
package flow

import (
	"math"

	"homeostat/shared/core/staffing"
)

// Pool is a set of serving tasks and its share of the arriving requests.
type Pool struct {
	Share    float64
	Backlog  float64 // waiting requests, beyond those of M/M/c
	Capacity float64 // requests/s of the serving tasks
	Cost     float64 // CPU-seconds a second at full capacity
	Errors   float64 // errors/s at full capacity
	Response float64 // mean seconds of an idle task

	slots     float64 // requests at work at once
	patience  float64 // seconds until a waiting request is given up
	objective Objective
	quiet     quiet
}

// quiet is the result for a rate without a backlog, computed once for each rate.
type quiet struct {
	known     bool
	rate      float64
	wait      float64 // mean seconds
	violating bool
}

// Server is the capacity of one task in a pool.
type Server struct {
	Capacity      float64 // requests/s
	Slots         float64 // requests at work at once
	CPUPerRequest float64 // seconds of the whole task's CPU
	ErrorRate     float64
	Response      float64 // mean seconds of an idle task
	Patience      float64 // seconds until a waiting request is given up
	Objective
}

// Objective bounds the waits of a pool. At most the share Late of its requests
// waits longer than Wait seconds. At most the share Busy of its capacity is used.
type Objective struct{ Wait, Late, Busy float64 }

// Join adds a task. Means are weighted by capacity until Average divides them.
func (p *Pool) Join(s Server) {
	p.Capacity += s.Capacity
	p.slots += s.Slots
	p.Cost += s.Capacity * s.CPUPerRequest
	p.Errors += s.Capacity * s.ErrorRate
	p.Response += s.Capacity * s.Response
	p.patience += s.Capacity * s.Patience
	p.objective.Wait += s.Capacity * s.Wait
	p.objective.Late += s.Capacity * s.Late
	p.objective.Busy += s.Capacity * s.Busy
}

// Average ends the adding of tasks.
func (p *Pool) Average() {
	if p.Capacity <= 0 {
		return
	}
	for _, mean := range []*float64{&p.Response, &p.patience, &p.objective.Wait, &p.objective.Late, &p.objective.Busy} {
		*mean /= p.Capacity
	}
}

// Limit returns the largest backlog. Further requests are given up.
func (p *Pool) Limit() float64 { return p.Capacity * p.patience }

// Until returns the time until the backlog is full or empty at a rate. Until then
// it changes steadily.
func (p *Pool) Until(rate float64) float64 {
	switch excess := rate - p.Capacity; {
	case p.Capacity <= 0:
	case excess > 0 && p.Backlog < p.Limit():
		return (p.Limit() - p.Backlog) / excess
	case excess < 0 && p.Backlog > 0:
		return p.Backlog / -excess
	}
	return math.Inf(1)
}

// Stretch is the result of a time with a linear change of the backlog. Rates are
// a second.
type Stretch struct {
	Rate, Served, Rejected float64
	from, to               float64 // backlog
}

// Pass advances the pool by a time, at most Until.
func (p *Pool) Pass(rate, seconds float64) Stretch {
	st := Stretch{Rate: rate, from: p.Backlog, to: p.Backlog}
	end, excess := p.Until(rate), rate-p.Capacity
	switch {
	case p.Capacity <= 0:
		st.Rejected = rate
	case math.IsInf(end, 1):
		st.Served, st.Rejected = min(rate, p.Capacity), max(0, excess)
		if p.Backlog > 0 {
			st.Served = p.Capacity
		}
	default:
		st.Served = p.Capacity
		st.to = p.Backlog + excess*seconds
		// Rounding leaves a small rest. It would never reach the end.
		if seconds >= end*(1-1e-9) {
			st.to = 0
			if excess > 0 {
				st.to = p.Limit()
			}
		}
	}
	p.Backlog = st.to
	return st
}

// Violating returns the share of a stretch that misses the objective, by the mean
// rate or by a long backlog.
func (p *Pool) Violating(st Stretch, mean float64) float64 {
	low, high := min(st.from, st.to), max(st.from, st.to)
	switch allowed := p.objective.Wait * p.Capacity; {
	case mean <= 0 && high <= 0:
		return 0
	case p.Capacity <= 0 || p.at(mean).violating || low > allowed:
		return 1
	case high > allowed:
		return (high - allowed) / (high - low)
	}
	return 0
}

// at returns the result for a rate without a backlog.
func (p *Pool) at(rate float64) quiet {
	if p.quiet.known && p.quiet.rate == rate {
		return p.quiet
	}
	q := quiet{known: true, rate: rate, wait: p.patience}
	servers, one := int(math.Round(p.slots)), p.slots/p.Capacity
	load := rate / p.Capacity * float64(servers)
	if load < float64(servers) {
		q.wait = min(p.patience, staffing.Waits(servers, load)/(float64(servers)-load)*one)
	}
	q.violating = rate > p.objective.Busy*p.Capacity || staffing.WaitsLonger(servers, load, p.objective.Wait/one) > p.objective.Late
	p.quiet = q
	return q
}

// Waiting returns the mean number of waiting requests during a stretch. By
// Little's law it is also the total wait of the requests of a second. Without a
// backlog the mean rate decides, because M/M/c includes the noise.
func (p *Pool) Waiting(st Stretch, mean float64) float64 {
	if st.from > 0 || st.to > 0 {
		return (st.from + st.to) / 2
	}
	return p.at(mean).wait * st.Served
}

// Longest returns the longest mean response time of a stretch.
func (p *Pool) Longest(st Stretch, mean float64) float64 {
	if high := max(st.from, st.to); high > 0 {
		return p.Response + high/p.Capacity
	}
	return p.Response + p.at(mean).wait
}
