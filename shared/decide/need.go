package decide

import (
	"math"
	"slices"
	"sort"
	"time"

	"homeostat/shared/demand"
	"homeostat/shared/fleet"
	"homeostat/shared/policy"
)

// Need is how many tasks the work needs by the metrics of the snapshot, given
// what was learned before, and what has been learned since. It is nil where
// nothing is known of the need: then nothing may be done on it.
func Need(in Input, learned fleet.Learned) (*demand.Estimate, fleet.Learned) {
	o := observed(in.Snapshot, in.Memory, in.Now)
	o.Startups, learned.Started = startups(in.Memory, learned.Started)
	learned.IdleSince = time.Time{}
	if in.Policy.ToZero > 0 {
		learned.IdleSince = idleSince(in.Learned.IdleSince, in.Snapshot.Load, in.Now)
	}
	e, state, ok := step(o, settings(in), learned.State)
	learned.State = state
	if !ok {
		return nil, learned
	}
	return &e, learned
}

// step is the controller of package demand.
func step(o demand.Observation, c demand.Settings, learned []byte) (e demand.Estimate, since []byte, ok bool) {
	for _, cpu := range slices.Backward(o.CPU) {
		running, known := valueAt(o.Running, cpu.At)
		if !known {
			continue
		}
		if e, ok = demand.FromCPU(fleet.Known(cpu.Value, cpu.At, ""), running, c.CPU); ok {
			return e, learned, true
		}
		// A newest value that is no percentage is not passed over for an older one.
		return e, learned, false
	}
	return e, learned, false
}

func valueAt(points []demand.Point, at time.Time) (float64, bool) {
	for _, p := range slices.Backward(points) {
		if p.At.Equal(at) {
			return p.Value, true
		}
	}
	return 0, false
}

// observed is what a snapshot tells the controller. Where CloudWatch does not
// say how many tasks a value of the CPU is about, the memory does.
func observed(s fleet.Snapshot, m fleet.Memory, now time.Time) demand.Observation {
	o := demand.Observation{
		Now: now, Desired: s.Desired, Ready: s.Running, Deploying: s.Deploying(),
		CPU: all(s.Load.CPU), Running: points(s.Load.Running), Requests: points(s.Load.Requests), Load: points(s.Load.Custom),
	}
	if len(o.CPU) == 0 && s.CPU.Known {
		o.CPU = []demand.Point{{At: s.CPU.At, Period: metricPeriod, Value: s.CPU.Value}}
	}
	for _, p := range o.CPU {
		if _, told := valueAt(o.Running, p.At); !told {
			o.Running = append(o.Running, demand.Point{At: p.At, Period: p.Period, Value: demand.RunningDuring(s.Running, m, p.At.Add(-p.Period), p.At)})
		}
	}
	if waiting := points(s.Load.Backlog); len(waiting) > 0 {
		o.Backlog = &waiting[len(waiting)-1]
	}
	return o
}

// all are the samples as they came: of the CPU also one that is no number tells
// something, that the newest value is not known.
func all(samples []fleet.Sample) []demand.Point {
	var out []demand.Point
	for _, s := range samples {
		out = append(out, demand.Point{At: s.At, Period: s.Period, Value: s.Value})
	}
	return out
}

// points are samples without those that are no number: what is not known is
// left out.
func points(samples []fleet.Sample) []demand.Point {
	return slices.DeleteFunc(all(samples), func(p demand.Point) bool { return math.IsNaN(p.Value) || math.IsInf(p.Value, 0) })
}

// startups are how long tasks took that started after the newest which the
// controller has learned, oldest first, and when the newest of them started.
func startups(m fleet.Memory, after time.Time) (took []time.Duration, newest time.Time) {
	var lives []fleet.TaskLife
	for _, arm := range m.Arms {
		for _, life := range arm.Tasks {
			if life.Took > 0 && life.StartedAt.After(after) {
				lives = append(lives, life)
			}
		}
	}
	// The order of a map decides nothing.
	sort.Slice(lives, func(i, j int) bool {
		a, b := lives[i], lives[j]
		return a.StartedAt.Before(b.StartedAt) || a.StartedAt.Equal(b.StartedAt) && a.Took < b.Took
	})
	newest = after
	for _, life := range lives {
		took, newest = append(took, life.Took), life.StartedAt
	}
	return took, newest
}

// settings are what the policy tells the controller.
func settings(in Input) demand.Settings {
	p, bounds := in.Policy, in.Policy.BoundsAt(in.Now)
	floor, _ := Floor(p, in.Memory, in.Now)
	s := demand.Settings{
		Min: max(bounds.Min, floor), Max: bounds.Max, CPU: p.CPU, Price: p.ViolationPrice, Tick: again,
		RequestsPerTask: p.RequestsPerTask / time.Minute.Seconds(), BacklogPerTask: p.BacklogPerTask,
	}
	if p.Metric != nil {
		s.LoadPerTask = p.Metric.PerTask
	}
	return s
}

// Sources are the metrics that the policy names of a service's work.
func Sources(ref fleet.ServiceRef, p policy.Effective) fleet.Source {
	s := fleet.Source{Ref: ref, Memory: p.Memory > 0, TargetGroup: p.TargetGroup, LoadBalancer: p.LoadBalancer, Queue: p.Queue}
	if p.Metric == nil {
		return s
	}
	s.Custom = &fleet.Expression{Text: p.Metric.Expression, Metrics: map[string]fleet.Metric{}}
	for name, m := range p.Metric.Metrics {
		s.Custom.Metrics[name] = fleet.Metric{Namespace: m.Namespace, Name: m.Name, Dimensions: m.Dimensions, Stat: m.Stat, Period: m.Period}
	}
	return s
}
