package ecssim

import (
	"math"
	"math/rand/v2"
	"time"

	"homeostat/shared/sim/ecssim/flow"
)

// load is the traffic on a service and its results. Results are added for pieces
// of time without a change. The cost grows with the number of changes and not
// with time.
type load struct {
	arrivals Arrivals
	noise    *rand.Rand
	epoch    int

	mean    float64 // mean arrivals, requests/s
	rate    float64 // arrivals, requests/s: the mean, or a draw with noise
	accrued time.Time

	running, serving, billed int
	idle                     float64 // percent CPU of the running tasks, summed
	// The first pool holds the serving tasks that share the traffic. While a
	// deployment shifts traffic, the second pool holds the green tasks.
	pools      [2]flow.Pool
	overloaded time.Time

	usage usage
	// traffic, targets and behind are those of the target group and of the alternate
	// one. behind is the group of each pool.
	traffic [2]traffic
	targets [2]targets
	behind  [2]int
	// counted is the number of requests since the application last published it.
	counted float64
	stats   Stats
	// metricTrouble is the fault of the CPU metric, or empty.
	metricTrouble string
	series        *metricSeries
}

// usage collects the next data point of the service's own metrics.
type usage struct {
	running, cpu   float64 // task-seconds; percent-seconds of tasks
	cpuMin, cpuMax float64
}

// targets counts the running tasks of a target group.
type targets struct{ running, serving int }

// traffic collects the next data points of a target group.
type traffic struct {
	serving                float64 // task-seconds
	requests, served       float64
	targetErrors, rejected float64
	latency                float64 // request-seconds
	latencyMax             float64
}

// accrue adds the results of the time since the last call.
func (svc *service) accrue() {
	l := &svc.load
	now := svc.sim.Now()
	dt := now.Sub(l.accrued).Seconds()
	if dt <= 0 {
		return
	}
	l.accrued = now
	st := &l.stats
	st.TaskSeconds += float64(l.billed) * dt
	st.Requests += l.rate * dt
	for g := range l.traffic {
		l.traffic[g].serving += float64(l.targets[g].serving) * dt
	}
	if l.serving == 0 && (l.rate > 0 || svc.desired > 0) {
		st.DowntimeSeconds += dt
	}
	l.giveUp()
	for dt > 0 {
		piece := dt
		for i := range l.pools {
			p := &l.pools[i]
			piece = min(piece, p.Until(l.rate*p.Share))
		}
		l.book(piece)
		dt -= piece
	}
}

// giveUp rejects the part of the backlog that a smaller capacity cannot serve in
// time.
func (l *load) giveUp() {
	for i := range l.pools {
		p := &l.pools[i]
		if over := p.Backlog - p.Limit(); over > 0 {
			p.Backlog = p.Limit()
			l.traffic[l.behind[i]].rejected += over
			l.stats.FailedRequests += over
		}
	}
}

// book adds a piece of time. No backlog fills up or ends within it.
func (l *load) book(dt float64) {
	work, violation, violating := 0.0, 0.0, 0.0
	for i := range l.pools {
		p := &l.pools[i]
		if p.Share == 0 && p.Backlog == 0 {
			continue
		}
		st := p.Pass(l.rate*p.Share, dt)
		work += l.bookRequests(&l.traffic[l.behind[i]], p, st, dt)
		part := p.Violating(st, l.mean*p.Share)
		violation = max(violation, part)
		violating += part * st.Rate * dt
	}
	l.stats.ViolationSeconds += violation * dt
	l.stats.ViolatingRequests += violating
	l.bookCPU(work, dt)
}

// bookRequests adds the requests of a pool to its target group. It returns the CPU-seconds that they
// cost a second.
func (l *load) bookRequests(t *traffic, p *flow.Pool, st flow.Stretch, dt float64) (work float64) {
	t.rejected += st.Rejected * dt
	l.stats.FailedRequests += st.Rejected * dt
	if p.Capacity <= 0 {
		return 0
	}
	busy := st.Served / p.Capacity
	t.requests += st.Rate * dt
	l.counted += st.Rate * dt
	t.served += st.Served * dt
	t.targetErrors += busy * p.Errors * dt
	t.latency += (p.Response*st.Served + p.Waiting(st, l.mean*p.Share)) * dt
	t.latencyMax = max(t.latencyMax, p.Longest(st, l.mean*p.Share))
	l.stats.FailedRequests += busy * p.Errors * dt
	return busy * p.Cost
}

// bookCPU adds the CPU usage: the CPU time of a second over the CPU of the
// running tasks. With the default cost of a request that is
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

// recount sums up the tasks after a change of one of them.
func (svc *service) recount() {
	l := &svc.load
	l.running, l.serving, l.billed, l.idle, l.targets = 0, 0, 0, 0, [2]targets{}
	green, share := svc.greenShare()
	l.behind = svc.groupsOfPools(green)
	waiting := [2]float64{l.pools[0].Backlog, l.pools[1].Backlog}
	if green == nil { // the backlog of green tasks goes to all
		waiting = [2]float64{waiting[0] + waiting[1], 0}
	}
	l.pools = [2]flow.Pool{{Share: 1 - share, Backlog: waiting[0]}, {Share: share, Backlog: waiting[1]}}
	for _, t := range svc.live {
		b := &t.behaviour
		l.billed += count(t.last != taskProvisioning)
		if t.last != taskRunning {
			continue
		}
		l.running++
		l.idle += b.IdleCPU
		group := &l.targets[t.groupIndex()]
		group.running++
		if !t.serving() || t.deployment != nil && t.deployment.dark {
			continue
		}
		l.serving++
		group.serving++
		p := &l.pools[0]
		if green != nil && t.deployment == green {
			p = &l.pools[1]
		}
		p.Join(t.server())
	}
	for i := range l.pools {
		l.pools[i].Average()
	}
	svc.sample()
	svc.watchOverload()
}

// server returns the capacity of the task in a pool.
func (t *task) server() flow.Server {
	b := &t.behaviour
	return flow.Server{
		Capacity: b.CapacityRPS, Slots: float64(b.Slots), CPUPerRequest: b.CPUPerRequest, ErrorRate: t.errorRate(),
		Response: t.responseTime().Seconds(), Patience: b.Timeout.Seconds(),
		Objective: flow.Objective{Wait: b.Objective.Wait.Seconds(), Late: b.Objective.Late, Busy: b.Objective.Busy},
	}
}

// greenShare returns the deployment that receives shifted traffic, and its share.
// It returns nil while no deployment shifts traffic.
func (svc *service) greenShare() (green *deployment, share float64) {
	if p := svc.primary(); p != nil && p.plan != nil && p.plan.shifting() {
		return p, p.plan.weight() / 100
	}
	return nil, 0
}

// groupsOfPools returns the target group of each pool: that of the green tasks for the
// second one.
func (svc *service) groupsOfPools(green *deployment) [2]int {
	switch p := svc.primary(); {
	case p == nil || svc.groupPair()[1] == "":
		return [2]int{}
	case green == nil:
		return [2]int{p.group, p.group}
	default:
		return [2]int{green.plan.blue.group, green.group}
	}
}

// groupIndex returns 1 for a task in the alternate target group, else 0.
func (t *task) groupIndex() int {
	if t.service == nil || t.deployment == nil || t.service.groupPair()[1] == "" {
		return 0
	}
	return t.deployment.group
}

// watchOverload records when demand begins to exceed capacity.
func (svc *service) watchOverload() {
	l := &svc.load
	switch {
	case l.serving == 0 || !l.exceeds():
		l.overloaded = time.Time{}
	case l.overloaded.IsZero():
		l.overloaded = svc.sim.Now()
	}
}

// exceeds reports whether the demand of a pool exceeds its capacity.
func (l *load) exceeds() bool {
	for i := range l.pools {
		if p := &l.pools[i]; p.Share > 0 && l.rate*p.Share > p.Capacity {
			return true
		}
	}
	return false
}

// killOverloaded makes one task fail its health check after a long overload.
func (svc *service) killOverloaded() {
	since := svc.load.overloaded
	if since.IsZero() {
		return
	}
	now := svc.sim.Now()
	for _, t := range svc.live {
		after := t.behaviour.Health.OverloadAfter
		if after > 0 && t.serving() && now.Sub(since) >= after && now.Sub(t.healthy) >= after {
			svc.load.overloaded = now
			t.failTarget()
			return
		}
	}
}

// Arrivals is the traffic on a service.
type Arrivals struct {
	// Rate is the mean number of requests a second at an instant. It must depend
	// on its argument alone. It runs under the model's lock and must not use the
	// Sim.
	Rate func(t time.Time) float64
	// Step is the time between two readings of Rate; 0 reads it once.
	Step time.Duration
	// Noise makes the number of requests in each step, or in each second without
	// a step, a Poisson draw with that mean. Each service has its own draws, so
	// that scaling does not change them.
	Noise bool
}

// SetLoad replaces the traffic on a service by demand, in requests a second.
// demand is read now and then every step (0: never again). See Arrivals.
func (s *Sim) SetLoad(cluster, name string, demand func(t time.Time) float64, step time.Duration) error {
	return s.SetArrivals(cluster, name, Arrivals{Rate: demand, Step: step})
}

// SetArrivals replaces the traffic on a service.
func (s *Sim) SetArrivals(cluster, name string, a Arrivals) error {
	if a.Noise && a.Step <= 0 {
		a.Step = time.Second
	}
	return s.withService(cluster, name, func(svc *service) error {
		l := &svc.load
		l.epoch++
		l.arrivals = a
		if a.Noise && l.noise == nil {
			l.noise = s.entropy.arrivals(svc.arn)
		}
		svc.nextLoad(l.epoch)
		return nil
	})
}

// nextLoad reads the traffic and schedules the next reading.
func (svc *service) nextLoad(epoch int) {
	l := &svc.load
	if l.epoch != epoch {
		return
	}
	mean := 0.0
	if l.arrivals.Rate != nil {
		mean = l.arrivals.Rate(svc.sim.Now())
	}
	if mean = max(0, mean); !math.IsNaN(mean) {
		svc.arrive(mean)
	}
	if l.arrivals.Rate != nil && l.arrivals.Step > 0 {
		svc.sim.after(l.arrivals.Step, func() { svc.nextLoad(epoch) })
	}
}

// arrive changes the traffic from now on.
func (svc *service) arrive(mean float64) {
	l := &svc.load
	rate := mean
	if l.arrivals.Noise {
		step := l.arrivals.Step.Seconds()
		rate = poisson(l.noise, mean*step) / step
	}
	if mean == l.mean && rate == l.rate {
		return
	}
	svc.accrue()
	l.mean, l.rate = mean, rate
	svc.watchOverload()
}
