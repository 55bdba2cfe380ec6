package ecssim

import (
	"math"

	"homeostat/shared/core/staffing"
)

// pool is a set of serving tasks and its share of the requests that arrive. It
// is a fluid model, exact while rates stay as they are: what arrives beyond the
// capacity waits and is worked off later, or given up; below the capacity
// requests wait for a slot as in M/M/c.
type pool struct {
	share    float64
	serving  int
	capacity float64 // requests/s of the serving tasks
	cost     float64 // CPU-seconds a second at full capacity
	errors   float64 // errors/s at full capacity
	response float64 // mean seconds of an idle task
	slots    float64 // requests that are worked on at once
	patience float64 // seconds after which a waiting request is given up
	wait     float64 // the objective: seconds,
	late     float64 // the share that may wait longer,
	busy     float64 // and the share of the capacity that may be used
	backlog  float64 // requests that wait, beyond those of M/M/c
	quiet    quiet
}

// quiet is what a rate without a backlog comes to, computed once for each rate.
type quiet struct {
	known     bool
	rate      float64
	wait      float64 // mean seconds
	violating bool
}

// join adds a task; means are by capacity until weigh divides them.
func (p *pool) join(t *task) {
	b := &t.behaviour
	p.serving++
	p.capacity += b.CapacityRPS
	p.slots += float64(b.Slots)
	p.cost += b.CapacityRPS * b.CPUPerRequest
	p.errors += b.CapacityRPS * t.errorRate()
	p.response += b.CapacityRPS * t.responseTime().Seconds()
	p.patience += b.CapacityRPS * b.Timeout.Seconds()
	p.wait += b.CapacityRPS * b.Objective.Wait.Seconds()
	p.late += b.CapacityRPS * b.Objective.Late
	p.busy += b.CapacityRPS * b.Objective.Busy
}

func (p *pool) weigh() {
	if p.capacity <= 0 {
		return
	}
	for _, mean := range []*float64{&p.response, &p.patience, &p.wait, &p.late, &p.busy} {
		*mean /= p.capacity
	}
}

// limit is the backlog beyond which requests are given up.
func (p *pool) limit() float64 { return p.capacity * p.patience }

// until is how long the backlog goes on as it does at a rate: until it is full
// or gone.
func (p *pool) until(rate float64) float64 {
	switch excess := rate - p.capacity; {
	case p.capacity <= 0:
	case excess > 0 && p.backlog < p.limit():
		return (p.limit() - p.backlog) / excess
	case excess < 0 && p.backlog > 0:
		return p.backlog / -excess
	}
	return math.Inf(1)
}

// stretch is what became of a pool's requests in a time in which its backlog
// went straight from one length to another. Rates are a second.
type stretch struct {
	rate, served, rejected float64
	from, to               float64
}

// pass lets time pass, no more than until says.
func (p *pool) pass(rate, seconds float64) stretch {
	st := stretch{rate: rate, from: p.backlog, to: p.backlog}
	end, excess := p.until(rate), rate-p.capacity
	switch {
	case p.capacity <= 0:
		st.rejected = rate
	case math.IsInf(end, 1):
		st.served, st.rejected = min(rate, p.capacity), max(0, excess)
		if p.backlog > 0 {
			st.served = p.capacity
		}
	default:
		st.served = p.capacity
		st.to = p.backlog + excess*seconds
		// What is left by rounding would take forever.
		if seconds >= end*(1-1e-9) {
			st.to = 0
			if excess > 0 {
				st.to = p.limit()
			}
		}
	}
	p.backlog = st.to
	return st
}

// violating is the share of a stretch in which the objective is missed: by the
// mean rate, or because the backlog takes too long.
func (p *pool) violating(st stretch, mean float64) float64 {
	low, high := min(st.from, st.to), max(st.from, st.to)
	switch allowed := p.wait * p.capacity; {
	case mean <= 0 && high <= 0:
		return 0
	case p.capacity <= 0 || p.at(mean).violating || low > allowed:
		return 1
	case high > allowed:
		return (high - allowed) / (high - low)
	}
	return 0
}

// at is what a rate without a backlog comes to.
func (p *pool) at(rate float64) quiet {
	if p.quiet.known && p.quiet.rate == rate {
		return p.quiet
	}
	q := quiet{known: true, rate: rate, wait: p.patience}
	servers, one := int(math.Round(p.slots)), p.slots/p.capacity
	load := rate / p.capacity * float64(servers)
	if load < float64(servers) {
		q.wait = min(p.patience, staffing.Waits(servers, load)/(float64(servers)-load)*one)
	}
	q.violating = rate > p.busy*p.capacity || staffing.WaitsLonger(servers, load, p.wait/one) > p.late
	p.quiet = q
	return q
}

// waiting is the mean number of requests that wait during a stretch; by
// Little's law it is also how long those of a second wait together.
// Without a backlog the mean rate says it: M/M/c knows of noise.
func (p *pool) waiting(st stretch, mean float64) float64 {
	if st.from > 0 || st.to > 0 {
		return (st.from + st.to) / 2
	}
	return p.at(mean).wait * st.served
}

// longest is the longest mean response time of a stretch.
func (p *pool) longest(st stretch, mean float64) float64 {
	if high := max(st.from, st.to); high > 0 {
		return p.response + high/p.capacity
	}
	return p.response + p.at(mean).wait
}
