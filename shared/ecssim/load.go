package ecssim

import (
	"math"
	"time"
)

// load is the traffic on a service and what comes of it. It is booked in
// pieces during which nothing changes, so that its cost grows with the number
// of changes and not with time.
type load struct {
	demand func(time.Time) float64
	step   time.Duration
	epoch  int

	rate    float64 // requests/s that arrive
	settled time.Time

	running, serving, billed int
	idle                     float64 // percent CPU of the running tasks, summed
	// The serving tasks: those that share the traffic, and while a deployment
	// shifts it the green ones apart in the second pool.
	pools      [2]pool
	overloaded time.Time

	window window
	stats  Stats
	feeds  *feeds
}

// pool is a set of serving tasks and its share of the requests that arrive.
type pool struct {
	share    float64
	serving  int
	capacity float64 // requests/s of the serving tasks
	cost     float64 // CPU-seconds a second at full capacity
	errors   float64 // errors/s at full capacity
	response float64 // mean seconds of an idle task
}

// window is what the next data point of each metric is made of.
type window struct {
	seconds, cpu           float64 // seconds with running tasks; percent-seconds
	tasks                  float64 // task-seconds of running tasks
	cpuMin, cpuMax         float64
	requests, served       float64
	targetErrors, rejected float64
	latency                float64 // request-seconds
	latencyMax             float64
}

// saturation is the utilization above which the mean response time grows no
// further by queueing: a twentyfold of the idle one. Model.
const saturation = 0.95

// ViolationAt is the utilization of the serving tasks above which demand
// counts as violating: there is no room left for a burst. Model.
const ViolationAt = 0.8

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
	if l.serving == 0 && (l.rate > 0 || svc.desired > 0) {
		st.DowntimeSeconds += dt
	}
	work, violating := 0.0, 0.0
	for i := range l.pools {
		p := &l.pools[i]
		if p.share == 0 {
			continue
		}
		rate := l.rate * p.share
		work += l.book(p, rate, dt)
		if rate > ViolationAt*p.capacity {
			violating += rate
		}
	}
	if violating > 0 {
		st.ViolationSeconds += dt
		st.ViolatingRequests += violating * dt
	}
	l.bookCPU(work, dt)
}

// book is what becomes of a pool's requests; it returns the CPU-seconds that
// they cost a second.
func (l *load) book(p *pool, rate, dt float64) (work float64) {
	w := &l.window
	if p.serving == 0 {
		w.rejected += rate * dt
		l.stats.FailedRequests += rate * dt
		return 0
	}
	served := min(rate, p.capacity)
	busy := 0.0
	if p.capacity > 0 {
		busy = served / p.capacity
	}
	latency := p.latency(rate, busy)
	w.requests += rate * dt
	w.served += served * dt
	w.rejected += (rate - served) * dt
	w.targetErrors += busy * p.errors * dt
	w.latency += latency * served * dt
	w.latencyMax = max(w.latencyMax, latency)
	l.stats.FailedRequests += (rate - served + busy*p.errors) * dt
	return busy * p.cost
}

// bookCPU: CPU percent is the CPU time spent in a second over the CPU of the
// running tasks; with the default cost of a request that is
// served/(running*capacity)*100, at most 100.
func (l *load) bookCPU(work, dt float64) {
	if l.running == 0 {
		return
	}
	cpu := min(100, (l.idle+100*work)/float64(l.running))
	w := &l.window
	if w.seconds == 0 {
		w.cpuMin = cpu
	}
	w.seconds += dt
	w.tasks += float64(l.running) * dt
	w.cpu += cpu * dt
	w.cpuMin, w.cpuMax = min(w.cpuMin, cpu), max(w.cpuMax, cpu)
}

// latency is the mean response time: that of a queue with one server,
// idle/(1-busy), and in proportion to the excess when demand cannot be met.
func (p *pool) latency(rate, busy float64) float64 {
	t := p.response / (1 - min(busy, saturation))
	if rate > p.capacity && p.capacity > 0 {
		t *= rate / p.capacity
	}
	return t
}

// recount sums up the tasks after one of them changed.
func (svc *service) recount() {
	l := &svc.load
	l.running, l.serving, l.billed, l.idle = 0, 0, 0, 0
	green, share := svc.greenShare()
	l.pools = [2]pool{{share: 1 - share}, {share: share}}
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
		p.serving++
		p.capacity += b.CapacityRPS
		p.cost += b.CapacityRPS * b.CPUPerRequest
		p.errors += b.CapacityRPS * t.errorRate()
		p.response += b.CapacityRPS * t.responseTime().Seconds()
	}
	for i := range l.pools {
		if p := &l.pools[i]; p.capacity > 0 {
			p.response /= p.capacity
		}
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

// setLoad replaces the traffic of a service: demand is read now and every step.
func (svc *service) setLoad(demand func(time.Time) float64, step time.Duration) {
	l := &svc.load
	l.epoch++
	l.demand, l.step = demand, step
	svc.nextLoad(l.epoch)
}

func (svc *service) nextLoad(epoch int) {
	l := &svc.load
	if l.epoch != epoch {
		return
	}
	rate := 0.0
	if l.demand != nil {
		rate = l.demand(svc.sim.Now())
	}
	if rate = max(0, rate); rate != l.rate && !math.IsNaN(rate) {
		svc.settle()
		l.rate = rate
		svc.watchOverload()
	}
	if l.demand != nil && l.step > 0 {
		svc.sim.after(l.step, func() { svc.nextLoad(epoch) })
	}
}
