package scaling

import (
	"fmt"
	"time"

	"homeostat/shared/core/demand"
	"homeostat/shared/sim/workload"
)

// OwnPolicies are Homeostat's own controller on each rung of its ladder of signals, at
// one fixed setting: it tunes itself to the price of a violation, which is a
// policy's scale.violation_price; PriceMid is its default.
func OwnPolicies(price float64) []Policy {
	best := signals{requests: requestPeriod, requestsLate: requestDelay, cpu: fastPeriod, cpuLate: fastDelay}
	fine := signals{cpu: fastPeriod, cpuLate: fastDelay}
	coarse := signals{cpu: slowPeriod, cpuLate: slowDelay}
	return []Policy{
		newHomeostatPolicy("homeostat", "Homeostat on requests counted every 10 s, and CPU of 20 s to learn what they cost", best, price),
		newHomeostatPolicy("homeostat-cpu-20", "Homeostat on ECS's CPU metric of 20 s alone", fine, price),
		newHomeostatPolicy("homeostat-cpu-60", "Homeostat on ECS's CPU metric of 60 s alone, which comes minutes late", coarse, price),
	}
}

func newHomeostatPolicy(name, about string, signals signals, price float64) Policy {
	setting := "default"
	if price != PriceMid {
		setting = fmt.Sprintf("violation_price=%g", price)
	}
	return Policy{Name: name, About: about, Settings: []Setting{{
		Name: setting,
		New:  func(start RunInput) workload.Scaler { return newHomeostat(start.Service, signals, price) },
	}}}
}

// sight is which metrics are seen, in seconds: their period, and how long after
// its end a value can be read. A period of 0 is not seen.
type signals struct{ requests, requestsLate, cpu, cpuLate int }

// tick is how often somebody looks.
func (s signals) tick() int {
	if s.requests > 0 {
		return s.requests
	}
	return s.cpu
}

// homeostat is the controller of package demand on the simulation.
type homeostat struct {
	signals    signals
	controller *demand.Controller
	settings   demand.Settings
	state      demand.State
	known      int // the id of the newest task whose start-up was told
	// cpuTold is the end of the newest CPU value that was told.
	cpuTold int
}

func newHomeostat(service workload.Service, signals signals, price float64) *homeostat {
	return &homeostat{
		signals: signals, controller: demand.NewController(demand.Usual()), known: -1,
		settings: demand.Settings{Min: service.Min, Max: service.Max, Price: price, Tick: time.Duration(signals.tick()) * time.Second},
	}
}

// moment is a second of the run as a time. A run begins at a whole day.
func moment(second int) time.Time { return time.Unix(int64(second), 0).UTC() }

// Scale implements workload.Scaler.
func (h *homeostat) Scale(s *workload.Sim) {
	now := s.Second()
	lateStart := h.signals.requestsLate
	if h.signals.requests == 0 {
		lateStart = h.signals.cpuLate
	}
	if now < h.signals.tick()+lateStart || (now-lateStart)%h.signals.tick() != 0 {
		return
	}
	o := demand.Observation{Now: moment(now), Desired: s.Desired(), Ready: s.Ready(), Startups: h.startups(s)}
	if p := h.signals.requests; p > 0 {
		end := now - h.signals.requestsLate
		o.Requests = []demand.Point{point(end, p, s.Window(end-p, end).Arrived)}
	}
	h.addCPU(s, &o)
	if need, ok := h.controller.Step(&h.state, o, h.settings); ok {
		s.SetDesired(need.Tasks)
	}
}

// addCPU tells the newest CPU value that can be read, once.
func (h *homeostat) addCPU(s *workload.Sim, o *demand.Observation) {
	end := (s.Second() - h.signals.cpuLate) / h.signals.cpu * h.signals.cpu
	if end <= h.cpuTold {
		return
	}
	window := s.Window(end-h.signals.cpu, end)
	if cpu, ok := window.CPU(); ok {
		o.CPU = []demand.Point{point(end, h.signals.cpu, cpu)}
		o.Running = []demand.Point{point(end, h.signals.cpu, window.Running/window.Seconds)}
		h.cpuTold = end
	}
}

func point(end, period int, value float64) demand.Point {
	return demand.Point{At: moment(end), Period: time.Duration(period) * time.Second, Value: value}
}

// startups are those of the tasks that became ready since the last look.
func (h *homeostat) startups(s *workload.Sim) (took []time.Duration) {
	tasks := s.Tasks()
	newest := h.known
	for i := len(tasks) - 1; i >= 0 && tasks[i].ID > h.known; i-- {
		if t := tasks[i]; t.Created >= 0 && t.Ready <= s.Second() {
			took = append(took, time.Duration(t.Ready-t.Created)*time.Second)
			newest = max(newest, t.ID)
		}
	}
	h.known = newest
	return took
}
