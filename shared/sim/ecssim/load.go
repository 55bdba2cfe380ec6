package ecssim

import (
	"math/rand/v2"
	"time"
)

// load is the traffic on a service and what comes of it. It is booked in
// pieces during which nothing changes, so that its cost grows with the number
// of changes and not with time.
type load struct {
	arrivals Arrivals
	noise    *rand.Rand
	epoch    int

	mean    float64 // requests/s that arrive in the mean
	rate    float64 // requests/s that arrive: the same, or with noise a draw
	settled time.Time

	running, serving, billed int
	idle                     float64 // percent CPU of the running tasks, summed
	// The serving tasks: those that share the traffic, and while a deployment
	// shifts it the green ones apart in the second pool.
	pools      [2]pool
	overloaded time.Time

	usage   usage
	traffic traffic
	// counted are the requests since the application last published their number.
	counted float64
	stats   Stats
	// metricTrouble is how the CPU metric is wrong; empty is not at all.
	metricTrouble string
	feeds         *feeds
}

// usage is what the next data point of the service's own metrics is made of.
type usage struct {
	running, cpu   float64 // task-seconds; percent-seconds of tasks
	cpuMin, cpuMax float64
}

// traffic is what the next data points of the load balancer are made of.
type traffic struct {
	serving                float64 // task-seconds
	requests, served       float64
	targetErrors, rejected float64
	latency                float64 // request-seconds
	latencyMax             float64
}

// settle books what happened since the last time.
func (svc *service) settle() {
	l := &svc.load
	now := svc.sim.Now()
	dt := now.Sub(l.settled).Seconds()
	if dt <= 0 {
		return
	}
	l.settled = now
	st := &l.stats
	st.TaskSeconds += float64(l.billed) * dt
	st.Requests += l.rate * dt
	l.traffic.serving += float64(l.serving) * dt
	if l.serving == 0 && (l.rate > 0 || svc.desired > 0) {
		st.DowntimeSeconds += dt
	}
	l.giveUp()
	for dt > 0 {
		piece := dt
		for i := range l.pools {
			p := &l.pools[i]
			piece = min(piece, p.until(l.rate*p.share))
		}
		l.book(piece)
		dt -= piece
	}
}

// giveUp turns away what waits beyond what a capacity that has shrunk can bear.
func (l *load) giveUp() {
	for i := range l.pools {
		p := &l.pools[i]
		if over := p.backlog - p.limit(); over > 0 {
			p.backlog = p.limit()
			l.traffic.rejected += over
			l.stats.FailedRequests += over
		}
	}
}

// book is a piece of time in which no backlog fills up or ends.
func (l *load) book(dt float64) {
	work, violation, violating := 0.0, 0.0, 0.0
	for i := range l.pools {
		p := &l.pools[i]
		if p.share == 0 && p.backlog == 0 {
			continue
		}
		st := p.pass(l.rate*p.share, dt)
		work += l.bookRequests(p, st, dt)
		part := p.violating(st, l.mean*p.share)
		violation = max(violation, part)
		violating += part * st.rate * dt
	}
	l.stats.ViolationSeconds += violation * dt
	l.stats.ViolatingRequests += violating
	l.bookCPU(work, dt)
}

// bookRequests is what became of a pool's requests; it returns the CPU-seconds
// that they cost a second.
func (l *load) bookRequests(p *pool, st stretch, dt float64) (work float64) {
	t := &l.traffic
	t.rejected += st.rejected * dt
	l.stats.FailedRequests += st.rejected * dt
	if p.capacity <= 0 {
		return 0
	}
	busy := st.served / p.capacity
	t.requests += st.rate * dt
	l.counted += st.rate * dt
	t.served += st.served * dt
	t.targetErrors += busy * p.errors * dt
	t.latency += (p.response*st.served + p.waiting(st, l.mean*p.share)) * dt
	t.latencyMax = max(t.latencyMax, p.longest(st, l.mean*p.share))
	l.stats.FailedRequests += busy * p.errors * dt
	return busy * p.cost
}

// bookCPU: CPU percent is the CPU time spent in a second over the CPU of the
// running tasks; with the default cost of a request that is
// served/(running*capacity)*100, at most 100.
func (l *load) bookCPU(work, dt float64) {
	if l.running == 0 {
		return
	}
	running := float64(l.running)
	cpu := min(100, (l.idle+100*work)/running)
	u := &l.usage
	if u.running == 0 {
		u.cpuMin = cpu
	}
	u.running += running * dt
	u.cpu += cpu * running * dt
	u.cpuMin, u.cpuMax = min(u.cpuMin, cpu), max(u.cpuMax, cpu)
}

// recount sums up the tasks after one of them changed.
func (svc *service) recount() {
	l := &svc.load
	l.running, l.serving, l.billed, l.idle = 0, 0, 0, 0
	green, share := svc.greenShare()
	waiting := [2]float64{l.pools[0].backlog, l.pools[1].backlog}
	if green == nil { // what waited for green tasks waits for all
		waiting = [2]float64{waiting[0] + waiting[1], 0}
	}
	l.pools = [2]pool{{share: 1 - share, backlog: waiting[0]}, {share: share, backlog: waiting[1]}}
	for _, t := range svc.live {
		b := &t.behaviour
		l.billed += count(t.last != taskProvisioning)
		if t.last != taskRunning {
			continue
		}
		l.running++
		l.idle += b.IdleCPU
		if !t.serving() || t.deployment != nil && t.deployment.dark {
			continue
		}
		l.serving++
		p := &l.pools[0]
		if green != nil && t.deployment == green {
			p = &l.pools[1]
		}
		p.join(t)
	}
	for i := range l.pools {
		l.pools[i].weigh()
	}
	svc.sample()
	svc.watchOverload()
}

// greenShare is the deployment that traffic is being shifted to and the share
// that it has; nil while no deployment shifts any.
func (svc *service) greenShare() (green *deployment, share float64) {
	if p := svc.primary(); p != nil && p.plan != nil && p.plan.shifting() {
		return p, p.plan.weight() / 100
	}
	return nil, 0
}

// watchOverload notes since when demand exceeds capacity.
func (svc *service) watchOverload() {
	l := &svc.load
	switch {
	case l.serving == 0 || !l.exceeds():
		l.overloaded = time.Time{}
	case l.overloaded.IsZero():
		l.overloaded = svc.sim.Now()
	}
}

// exceeds reports whether a pool has more to do than it can.
func (l *load) exceeds() bool {
	for i := range l.pools {
		if p := &l.pools[i]; p.share > 0 && l.rate*p.share > p.capacity {
			return true
		}
	}
	return false
}

// killOverloaded makes one task fail its health check if it has been
// overloaded for long enough.
func (svc *service) killOverloaded() {
	since := svc.load.overloaded
	if since.IsZero() {
		return
	}
	now := svc.sim.Now()
	for _, t := range svc.live {
		after := t.behaviour.OverloadAfter
		if after > 0 && t.serving() && now.Sub(since) >= after && now.Sub(t.healthy) >= after {
			svc.load.overloaded = now
			t.fail()
			return
		}
	}
}
