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
	capacity                 float64 // requests/s of the serving tasks
	idle                     float64 // percent CPU of the running tasks, summed
	cost                     float64 // CPU-seconds a second at full capacity
	errors                   float64 // errors/s at full capacity
	response                 float64 // mean seconds of an idle task
	overloaded               time.Time

	window window
	stats  Stats
	feeds  *feeds
}

// window is what the next data point of each metric is made of.
type window struct {
	seconds, cpu           float64 // seconds with running tasks; percent-seconds
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
	served := min(l.rate, l.capacity)
	busy := 0.0
	if l.capacity > 0 {
		busy = served / l.capacity
	}
	l.bookStats(svc.desired, served, busy, dt)
	l.bookCPU(busy, dt)
	if l.serving == 0 {
		l.window.rejected += l.rate * dt
		return
	}
	w := &l.window
	latency := l.latency(busy)
	w.requests += l.rate * dt
	w.served += served * dt
	w.rejected += (l.rate - served) * dt
	w.targetErrors += busy * l.errors * dt
	w.latency += latency * served * dt
	w.latencyMax = max(w.latencyMax, latency)
}

// bookCPU: CPU percent is the CPU time spent in a second over the CPU of the
// running tasks; with the default cost of a request that is
// served/(running*capacity)*100, at most 100.
func (l *load) bookCPU(busy, dt float64) {
	if l.running == 0 {
		return
	}
	cpu := min(100, (l.idle+100*busy*l.cost)/float64(l.running))
	w := &l.window
	if w.seconds == 0 {
		w.cpuMin = cpu
	}
	w.seconds += dt
	w.cpu += cpu * dt
	w.cpuMin, w.cpuMax = min(w.cpuMin, cpu), max(w.cpuMax, cpu)
}

// latency is the mean response time: that of a queue with one server,
// idle/(1-busy), and in proportion to the excess when demand cannot be met.
func (l *load) latency(busy float64) float64 {
	t := l.response / (1 - min(busy, saturation))
	if l.rate > l.capacity && l.capacity > 0 {
		t *= l.rate / l.capacity
	}
	return t
}

func (l *load) bookStats(desired int, served, busy, dt float64) {
	st := &l.stats
	st.TaskSeconds += float64(l.billed) * dt
	st.Requests += l.rate * dt
	st.FailedRequests += (l.rate - served + busy*l.errors) * dt
	if l.serving == 0 && (l.rate > 0 || desired > 0) {
		st.DowntimeSeconds += dt
	}
	if l.rate > ViolationAt*l.capacity {
		st.ViolationSeconds += dt
		st.ViolatingRequests += l.rate * dt
	}
}

// recount sums up the tasks after one of them changed.
func (svc *service) recount() {
	l := &svc.load
	l.running, l.serving, l.billed = 0, 0, 0
	l.capacity, l.idle, l.cost, l.errors, l.response = 0, 0, 0, 0, 0
	for _, t := range svc.live {
		b := &t.behaviour
		l.billed += count(t.last != taskProvisioning)
		if t.last != taskRunning {
			continue
		}
		l.running++
		l.idle += b.IdleCPU
		if t.serving() {
			l.serving++
			l.capacity += b.CapacityRPS
			l.cost += b.CapacityRPS * b.CPUPerRequest
			l.errors += b.CapacityRPS * t.errorRate()
			l.response += b.CapacityRPS * t.responseTime().Seconds()
		}
	}
	if l.capacity > 0 {
		l.response /= l.capacity
	}
	svc.sample()
	svc.watchOverload()
}

// watchOverload notes since when demand exceeds capacity.
func (svc *service) watchOverload() {
	l := &svc.load
	switch {
	case l.rate <= l.capacity || l.serving == 0:
		l.overloaded = time.Time{}
	case l.overloaded.IsZero():
		l.overloaded = svc.sim.Now()
	}
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
