package scaling

import (
	"fmt"
	"time"

	"homeostat/shared/core/demand"
	"homeostat/shared/sim/workload"
)

// OwnPolicies returns Homeostat's controller on three sets of signals, each with
// one fixed setting. The controller tunes itself to the violation price, the policy
// key scale.violation_price. Its default is PriceMid.
func OwnPolicies(price float64) []Policy { return ownPolicies(price, demand.Fitted()) }

func ownPolicies(price float64, t demand.Tuning) []Policy {
	best := signals{requests: requestPeriod, requestsLate: requestDelay, cpu: fastPeriod, cpuLate: fastDelay}
	fine := signals{cpu: fastPeriod, cpuLate: fastDelay}
	coarse := signals{cpu: slowPeriod, cpuLate: slowDelay}
	return []Policy{
		newHomeostatPolicy("homeostat", "Homeostat on requests counted every 10 s, and on CPU of 20 s to learn the cost of a request", best, price, t),
		newHomeostatPolicy("homeostat-cpu-20", "Homeostat on ECS's CPU metric of 20 s alone", fine, price, t),
		newHomeostatPolicy("homeostat-cpu-60", "Homeostat on ECS's CPU metric of 60 s alone, with a delay of minutes", coarse, price, t),
	}
}

func newHomeostatPolicy(name, about string, signals signals, price float64, t demand.Tuning) Policy {
	setting := "default"
	if price != PriceMid {
		setting = fmt.Sprintf("violation_price=%g", price)
	}
	return Policy{Name: name, About: about, Settings: []Setting{{
		Name: setting,
		New:  func(start RunInput) workload.Scaler { return newHomeostat(start.Service, signals, price, t) },
	}}}
}

// signals describes the readable metrics in seconds: the periods, and the delays
// after the end of a period. A metric with a period of 0 is not readable.
type signals struct{ requests, requestsLate, cpu, cpuLate int }

// tick returns the time between two evaluations.
func (s signals) tick() int {
	if s.requests > 0 {
		return s.requests
	}
	return s.cpu
}

// homeostat runs the controller of package demand on the simulation.
type homeostat struct {
	signals    signals
	controller *demand.Controller
	settings   demand.Settings
	state      demand.State
	lastTask   int // the ID of the newest task with a reported start-up
	// lastCPU is the end of the newest reported CPU value.
	lastCPU int
}

func newHomeostat(service workload.Service, signals signals, price float64, t demand.Tuning) *homeostat {
	return &homeostat{
		signals: signals, controller: demand.NewTuned(demand.Usual(), t), lastTask: -1,
		settings: demand.Settings{Min: service.Min, Max: service.Max, Price: price, Tick: time.Duration(signals.tick()) * time.Second},
	}
}

// timeOf converts a second of the run to a time. A run begins at midnight.
func timeOf(second int) time.Time { return time.Unix(int64(second), 0).UTC() }

func (h *homeostat) Scale(s *workload.Sim) {
	now := s.Second()
	delay := h.signals.requestsLate
	if h.signals.requests == 0 {
		delay = h.signals.cpuLate
	}
	if now < h.signals.tick()+delay || (now-delay)%h.signals.tick() != 0 {
		return
	}
	o := demand.Observation{Now: timeOf(now), Desired: s.Desired(), Ready: s.Ready(), Startups: h.startups(s)}
	if p := h.signals.requests; p > 0 {
		end := now - h.signals.requestsLate
		o.Requests = []demand.Point{point(end, p, s.Window(end-p, end).Arrived)}
	}
	h.addCPU(s, &o)
	if need, ok := h.controller.Step(&h.state, o, h.settings); ok {
		s.SetDesired(need.Tasks)
	}
}

// addCPU adds the newest readable CPU value, once.
func (h *homeostat) addCPU(s *workload.Sim, o *demand.Observation) {
	end := (s.Second() - h.signals.cpuLate) / h.signals.cpu * h.signals.cpu
	if end <= h.lastCPU {
		return
	}
	window := s.Window(end-h.signals.cpu, end)
	if cpu, ok := window.CPU(); ok {
		o.CPU = []demand.Point{point(end, h.signals.cpu, cpu)}
		o.Running = []demand.Point{point(end, h.signals.cpu, window.Running/window.Seconds)}
		h.lastCPU = end
	}
}

func point(end, period int, value float64) demand.Point {
	return demand.Point{At: timeOf(end), Period: time.Duration(period) * time.Second, Value: value}
}

// startups returns the start-up times of the tasks that became ready since the last
// evaluation.
func (h *homeostat) startups(s *workload.Sim) (took []time.Duration) {
	tasks := s.Tasks()
	newest := h.lastTask
	for i := len(tasks) - 1; i >= 0 && tasks[i].ID > h.lastTask; i-- {
		if t := tasks[i]; t.Created >= 0 && t.Ready <= s.Second() {
			took = append(took, time.Duration(t.Ready-t.Created)*time.Second)
			newest = max(newest, t.ID)
		}
	}
	h.lastTask = newest
	return took
}
