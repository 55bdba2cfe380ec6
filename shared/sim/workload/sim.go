package workload

import (
	"math"
	"math/rand/v2"
	"time"
)

// Rates is the traffic as a mean rate for each second.
type Rates interface {
	// Seconds returns the length of the traffic.
	Seconds() int
	// Rate returns the mean rate of a second in requests/s. exact reports a count
	// instead of a mean; the simulation adds no noise to it.
	Rate(second int) (rate float64, exact bool)
}

// Task is a task before its stop.
type Task struct {
	// ID counts from 0.
	ID int
	// Created, Running and Ready are the seconds of the creation, of the start of
	// the containers and of the first request.
	Created, Running, Ready int
}

// Sim simulates a service under traffic, second by second.
type Sim struct {
	Service Service

	rates      Rates
	capacities []float64
	starts     *rand.Rand // of the tasks: the n-th task has the same start-up time with each policy
	noise      *rand.Rand // of the arrivals: the same with each policy

	second  int
	desired int
	created int
	tasks   []Task // oldest first
	ready   int
	running int
	backlog float64

	past   [windowSeconds]sums
	ledger *Ledger
}

// sums counts from the start. Differences of two sums are windows.
type sums struct {
	arrived, served, rejected float64
	busy                      float64 // task-seconds of demand
	ready, running            float64 // task-seconds
	saturated                 float64 // seconds
}

// New starts a service with a number of ready tasks. The same seed gives the same
// arrivals and start-up times with every scaler.
func New(service Service, rates Rates, tasks int, seed uint64) *Sim {
	s := &Sim{
		Service: service, rates: rates, capacities: service.Capacities(),
		starts: rand.New(rand.NewPCG(seed, 1)), noise: rand.New(rand.NewPCG(seed, 2)),
	}
	s.ledger = newLedger(s)
	for range tasks {
		s.tasks = append(s.tasks, Task{ID: s.created, Created: pastStart, Running: pastStart, Ready: pastStart})
		s.created++
	}
	s.desired = tasks
	s.count()
	return s
}

// Second returns the number of elapsed seconds.
func (s *Sim) Second() int { return s.second }

// Over reports whether the traffic has ended.
func (s *Sim) Over() bool { return s.second >= s.rates.Seconds() }

// Desired returns the desired count.
func (s *Sim) Desired() int { return s.desired }

// Ready returns the number of tasks that receive requests.
func (s *Sim) Ready() int { return s.ready }

// Running returns the number of running tasks, ready or not.
func (s *Sim) Running() int { return s.running }

// Tasks returns the tasks, oldest first.
func (s *Sim) Tasks() []Task { return s.tasks }

// Ledger returns the sums so far.
func (s *Sim) Ledger() *Ledger { return s.ledger }

// SetDesired changes the desired count within the bounds of the service. New tasks
// begin to start. Of surplus tasks, those that are not ready stop first, then the
// newest.
func (s *Sim) SetDesired(n int) {
	n = min(max(n, s.Service.Min), s.Service.Max)
	if n == s.desired {
		return
	}
	s.ledger.action(s.desired, n)
	s.desired = n
	for len(s.tasks) < n {
		s.start()
	}
	for len(s.tasks) > n {
		s.stop()
	}
	s.count()
}

func (s *Sim) start() {
	t := Task{ID: s.created, Created: s.second}
	s.created++
	median := s.Service.StartMedian.Seconds()
	start := median * math.Exp(s.Service.StartSigma*s.starts.NormFloat64())
	health := s.Service.HealthInterval.Seconds() * s.starts.Float64()
	t.Running = t.Created + max(1, int(math.Round(start)))
	t.Ready = t.Running + int(math.Round(health))
	s.tasks = append(s.tasks, t)
}

// stop ends the newest task that is not ready, or else the newest.
func (s *Sim) stop() {
	last := len(s.tasks) - 1
	for i := last; i >= 0; i-- {
		if s.tasks[i].Ready > s.second {
			last = i
			break
		}
	}
	t := s.tasks[last]
	s.tasks = append(s.tasks[:last], s.tasks[last+1:]...)
	drained := 0
	if t.Ready <= s.second {
		drained = int(s.Service.Deregistration.Seconds())
	}
	// The bill after this second: the draining, or the rest of the minimum charge.
	lived := s.second - t.Created
	s.ledger.billed(max(drained, int(s.Service.MinimumBill.Seconds())-lived))
}

func (s *Sim) count() {
	s.ready, s.running = 0, 0
	for i := range s.tasks {
		if s.tasks[i].Running <= s.second {
			s.running++
		}
		if s.tasks[i].Ready <= s.second {
			s.ready++
		}
	}
}

// Step plays one second.
func (s *Sim) Step() {
	if s.ready < len(s.tasks) {
		s.count()
	}
	rate, exact := s.rates.Rate(s.second)
	arrived := rate
	if exact {
		rate = ScoringRate(s.rates, s.second)
	} else {
		arrived = poisson(s.noise, rate)
	}
	capacity := float64(s.ready) * s.Service.Rate
	work := s.backlog + arrived
	served := min(work, capacity)
	s.backlog = work - served
	rejected := 0.0
	if limit := capacity * s.Service.Timeout.Seconds(); s.backlog > limit {
		rejected = s.backlog - limit
		s.backlog = limit
	}
	s.ledger.second(s, rate, arrived, served, rejected)

	next := s.past[s.second%windowSeconds]
	next.arrived += arrived
	next.served += served
	next.rejected += rejected
	next.busy += served / s.Service.Rate
	next.ready += float64(s.ready)
	next.running += float64(s.running)
	if served >= capacity {
		next.saturated++
	}
	s.second++
	s.past[s.second%windowSeconds] = next
}

// ScoringRate returns the rate that the objective refers to: the mean rate of a
// second. An exact rate is a count with noise, and Erlang's formula already
// includes noise. For such a rate it returns the mean of the surrounding eleven
// seconds, or the count itself if that is lower. So no violation appears before a
// step.
func ScoringRate(r Rates, second int) float64 {
	own, exact := r.Rate(second)
	if !exact {
		return own
	}
	from, to := max(0, second-smoothingRadius), min(r.Seconds(), second+smoothingRadius+1)
	sum := 0.0
	for s := from; s < to; s++ {
		rate, _ := r.Rate(s)
		sum += rate
	}
	return min(own, sum/float64(to-from))
}

// poisson draws a Poisson number. For a high mean it uses the normal distribution.
func poisson(r *rand.Rand, mean float64) float64 {
	if mean <= 0 {
		return 0
	}
	if mean > normalFrom {
		return max(0, math.Round(mean+math.Sqrt(mean)*r.NormFloat64()))
	}
	n, p, limit := 0, r.Float64(), math.Exp(-mean)
	for p > limit {
		p *= r.Float64()
		n++
	}
	return float64(n)
}

// Window holds the sums of a time range.
type Window struct {
	// Arrived, Served and Rejected count requests.
	Arrived, Served, Rejected float64
	// Busy is the demand in task-seconds. Ready and Running are in task-seconds
	// too.
	Busy, Ready, Running float64
	Seconds              float64
}

// CPU returns the average utilization of the running tasks in percent. known is
// false without running tasks.
func (w Window) CPU() (percent float64, known bool) {
	if w.Running <= 0 {
		return 0, false
	}
	return min(100, 100*w.Busy/w.Running), true
}

// Window returns the sums of the seconds from (inclusive) to (exclusive). It covers
// the last 34 minutes at most.
func (s *Sim) Window(from, to int) Window {
	to = min(max(to, 0), s.second)
	from = min(max(from, s.second-windowSeconds+1, 0), to)
	a, b := s.past[from%windowSeconds], s.past[to%windowSeconds]
	return Window{
		Arrived: b.arrived - a.arrived, Served: b.served - a.served, Rejected: b.rejected - a.rejected,
		Busy: b.busy - a.busy, Ready: b.ready - a.ready, Running: b.running - a.running,
		Seconds: float64(to - from),
	}
}

// Backlog returns the number of waiting requests.
func (s *Sim) Backlog() float64 { return s.backlog }

// Scaler sets the desired count. It reads windows of the simulation with the delay
// of the metrics on AWS.
type Scaler interface {
	// Scale is called before each second and may set the desired count.
	Scale(s *Sim)
}

// Run plays the whole traffic with one scaler.
func Run(s *Sim, by Scaler) *Ledger {
	for !s.Over() {
		by.Scale(s)
		s.Step()
	}
	return s.ledger
}

// Seconds converts a duration to whole seconds of the run.
func Seconds(d time.Duration) int { return int(d / time.Second) }
