package whatif

import (
	"fmt"
	"strconv"
	"time"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/demand"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/guard"
	"homeostat/shared/core/policy"
	"homeostat/shared/core/polling"
	"homeostat/shared/sim/workload"
)

// HomeostatPlan returns the plan of Homeostat with the effective policy of a
// service. The schedules of the policy use the begin of the traffic. A zero begin
// is unknown.
func HomeostatPlan(name string, e policy.Effective, begin time.Time) (Plan, error) {
	if !e.ScaleEnabled {
		return Plan{}, fmt.Errorf("%s disables scaling for the service: set scale.enabled to true, or rehearse fixed:N", name)
	}
	p := Plan{Name: name, Min: e.Min, Max: e.Max}
	p.About = fmt.Sprintf("Homeostat with %d to %d tasks and %s", e.Min, e.Max, signal(e))
	if len(e.Schedules) > 0 && begin.IsZero() {
		p.Notes = append(p.Notes, name+" has schedules, but the file has no begin, so they are left out: add a line such as # begin: 2026-11-16T00:00:00Z")
		e.Schedules = nil
	}
	// The bounds of the model must include those of the schedules.
	for _, s := range e.Schedules {
		if s.Min != nil {
			p.Min, p.Max = min(p.Min, *s.Min), max(p.Max, *s.Min)
		}
		if s.Max != nil {
			p.Max = max(p.Max, *s.Max)
		}
	}
	if len(e.Schedules) > 0 {
		p.About += ", and its schedules"
	}
	p.New = func(workload.Service) workload.Scaler { return newHomeostat(e, begin) }
	return p, nil
}

// signal describes the signals of Homeostat in the model.
func signal(e policy.Effective) string {
	counted := e.Counts()
	switch {
	case e.CountsByMetric() && !e.CPUExplicit:
		return fmt.Sprintf("its requests, counted every %s", e.Metric.Period())
	case counted && e.CPUExplicit:
		return fmt.Sprintf("its requests, with a target of %g %% CPU", e.CPU)
	case counted:
		return "its requests"
	}
	return fmt.Sprintf("a target of %g %% CPU", e.CPU)
}

// homeostat makes the same decisions as the functions, with the same code, metrics
// and learned state. It runs each minute, or at each value of the policy's request
// count.
type homeostat struct {
	in    decide.Input
	begin time.Time
}

func newHomeostat(rules policy.Effective, begin time.Time) *homeostat {
	rules.Enrolled, rules.Mode = true, policy.Act
	if begin.IsZero() {
		begin = time.Unix(0, 0).UTC()
	}
	h := &homeostat{begin: begin}
	h.in = decide.Input{Policy: rules, Controller: demand.NewController(demand.Usual()), Trigger: fleet.Trigger{Kind: fleet.Tick}}
	h.in.Snapshot = fleet.Snapshot{Found: true, Status: "ACTIVE", Controller: "ECS"}
	return h
}

func (h *homeostat) at(second int) time.Time { return h.begin.Add(time.Duration(second) * time.Second) }

func (h *homeostat) Scale(s *workload.Sim) {
	h.in.Snapshot.Desired, h.in.Snapshot.Running = s.Desired(), s.Running()
	if s.Second()%h.interval(s) != 0 {
		return
	}
	h.observe(s)
	var d fleet.Decision
	d, _, h.in.Demand = decide.EvaluateLoad(h.in)
	if d.Action == nil {
		return
	}
	v := guard.Review(guard.Input{Decision: d, Trigger: h.in.Trigger, Policy: h.in.Policy, Snapshot: h.in.Snapshot, Memory: h.in.Memory, Now: h.in.Now})
	if v.Outcome != fleet.Act {
		return
	}
	s.SetDesired(v.Action.To)
	h.in.Memory.Remember(fleet.PastAction{Kind: d.Kind, Intent: v.Action.Intent, At: h.in.Now, Status: fleet.Done})
}

// interval returns the time between two evaluations in seconds.
func (h *homeostat) interval(s *workload.Sim) int {
	metricInterval := workload.Seconds(polling.MetricInterval(h.in.Policy))
	if metricInterval == 0 || polling.Idle(h.in.Snapshot, h.in.Policy, h.at(s.Second())) {
		return tick
	}
	return metricInterval
}

// observe reads the service and its metrics.
func (h *homeostat) observe(s *workload.Sim) {
	second, in := s.Second(), &h.in
	in.Now = h.at(second)
	in.Trigger.At, in.Snapshot.At = in.Now, in.Now
	in.Snapshot.Load = fleet.Load{}
	in.Snapshot.CPU = fleet.Unknown("CloudWatch has no recent data point")
	newest := (second - metricDelay) / tick * tick
	for end := max(tick, newest-(metricPoints-1)*tick); end <= newest; end += tick {
		h.addPoints(s, end)
	}
	if in.Policy.CountsByMetric() {
		h.addCounts(s)
	}
	cohort := &fleet.TaskCohort{Tasks: map[string]fleet.TaskLife{}}
	for _, t := range s.Tasks() {
		if t.Created >= 0 && t.Ready <= second && second-t.Ready < taskMemory {
			cohort.Tasks[strconv.Itoa(t.ID)] = fleet.TaskLife{StartedAt: h.at(t.Ready), Took: time.Duration(t.Ready-t.Created) * time.Second}
		}
	}
	in.Memory.Cohorts = map[string]*fleet.TaskCohort{"": cohort}
	in.Memory.Forget(in.Now)
}

// addPoints adds the data points of CloudWatch for the minute before a second.
func (h *homeostat) addPoints(s *workload.Sim, end int) {
	window, load := s.Window(end-tick, end), &h.in.Snapshot.Load
	point := func(value float64) fleet.Sample {
		return fleet.Sample{At: h.at(end), Period: tick * time.Second, Value: value}
	}
	if h.in.Policy.CountsRequests() {
		load.Requests = append(load.Requests, point(window.Arrived))
	}
	if cpu, ok := window.CPU(); ok {
		load.CPU = append(load.CPU, point(cpu))
		load.Running = append(load.Running, point(window.Running/window.Seconds))
		h.in.Snapshot.CPU = fleet.Known(cpu, h.at(end), "CPUUtilization")
	}
}

// addCounts adds the recent values of the policy's own metric.
func (h *homeostat) addCounts(s *workload.Sim) {
	period := workload.Seconds(h.in.Policy.Metric.Period())
	newest := (s.Second() - countDelay) / period * period
	for end := max(period, (newest-countSpan)/period*period); end <= newest; end += period {
		h.in.Snapshot.Load.Custom = append(h.in.Snapshot.Load.Custom, fleet.Sample{
			At: h.at(end), Period: h.in.Policy.Metric.Period(), Value: s.Window(end-period, end).Arrived,
		})
	}
}
