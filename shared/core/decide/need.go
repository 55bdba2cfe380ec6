package decide

import (
	"math"
	"slices"
	"sort"
	"time"

	"homeostat/shared/core/demand"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/core/polling"
)

// Need is how many tasks the work needs by the metrics of the snapshot, given
// what was learned before, and what has been learned since. It is nil where
// nothing is known of the need: then nothing may be done on it.
func Need(in Input, learned fleet.DemandState) (*demand.Estimate, fleet.DemandState) {
	w := estimateNeed(in, learned)
	return w.need, w.since
}

// needEstimate is a need with what has been learned on the way; doubted is true where
// the newest CPU value is not believed.
type needEstimate struct {
	need    *demand.Estimate
	suspect bool
	since   fleet.DemandState
}

func estimateNeed(in Input, learned fleet.DemandState) needEstimate {
	rememberRan(&learned, in.Snapshot, in.Now)
	o := observed(in.Snapshot, in.Memory, in.Now, learned.Ran)
	if in.Policy.CountsByMetric() {
		o.Requests, o.Load = o.Load, nil
	}
	o.Startups, learned.Started = startups(in.Memory, learned.Started)
	learned.IdleSince = time.Time{}
	if in.Policy.ToZero > 0 {
		learned.IdleSince = idleSince(in.Demand.IdleSince, in.Snapshot.Load, in.Now)
	}
	k := in.Controller
	if k == nil {
		k = demand.NewController(demand.Usual())
	}
	var s demand.State
	lost := restore(&s, learned.State)
	o.SuspectSince = learned.SuspectSince
	e, ok := k.Step(&s, o, settings(in))
	doubted := s.Suspect()
	switch {
	case !doubted:
		learned.SuspectSince = time.Time{}
	case learned.SuspectSince.IsZero():
		learned.SuspectSince = in.Now
	}
	e.Text += lost
	if state, err := s.MarshalBinary(); err == nil {
		learned.State = state
	}
	if !ok || doubted || !current(&s, o) {
		return needEstimate{suspect: doubted, since: learned}
	}
	return needEstimate{need: &e, since: learned}
}

// restore reads what was learned. What cannot be read is learned anew, and said.
func restore(s *demand.State, learned []byte) (lost string) {
	if len(learned) == 0 {
		return ""
	}
	if err := s.UnmarshalBinary(learned); err != nil {
		*s = demand.State{}
		return "; " + err.Error() + ", so it is learned anew"
	}
	return ""
}

// current reports whether what the controller says is of now: its newest sample
// is not stale, and a CPU that it goes by is a percentage still.
func current(s *demand.State, o demand.Observation) bool {
	if o.Now.Sub(s.Newest) > polling.MetricStaleAfter {
		return false
	}
	return s.Signal != demand.CPU || len(o.CPU) == 0 || demand.Percentage(o.CPU[len(o.CPU)-1].Value)
}

const (
	// ranFor is for how long it is kept how many tasks ran: longer than values are
	// acted upon.
	ranFor = 2 * polling.MetricStaleAfter
	// ranMore is how many times as many a metric may tell of.
	ranMore = 1.5
)

// rememberRan keeps the most tasks that were seen to run of late.
func rememberRan(l *fleet.DemandState, s fleet.Snapshot, now time.Time) {
	if ran := max(s.Running, s.Desired); ran >= l.Ran || now.Sub(l.RanAt) > ranFor {
		l.Ran, l.RanAt = ran, now
	}
}

// series is one metric of a load beside the CPU.
type series struct {
	name    string
	samples []fleet.Sample
	// declared is true if the policy declares the metric as a signal.
	declared bool
}

// seriesOf returns the metrics of a load that are zero without demand. The CPU of
// a running task is never zero. A new signal gets a row here.
func seriesOf(p policy.Effective, l fleet.Load) [3]series {
	return [3]series{
		{"backlog", l.Backlog, false},
		{"the policy's metric", l.Custom, p.Metric != nil},
		{"requests", l.Requests, p.CountsRequests()},
	}
}

// observed returns the observation of a snapshot. The memory replaces a missing
// number of tasks in a period of the CPU. A number far above the tasks that ran is
// replaced by those: a publisher counted them twice.
func observed(s fleet.Snapshot, m fleet.Memory, now time.Time, ran int) demand.Observation {
	o := demand.Observation{
		Now: now, Desired: s.Desired, Ready: s.Running, Deploying: s.Deploying(),
		CPU: s.Load.CPU, Running: points(s.Load.Running), Requests: points(s.Load.Requests), Memory: points(s.Load.Memory), Load: points(s.Load.Custom),
	}
	if len(o.CPU) == 0 && s.CPU.Known {
		o.CPU = []demand.Point{{At: s.CPU.At, Period: metricPeriod, Value: s.CPU.Value}}
	}
	for _, p := range o.CPU {
		if _, told := fleet.During(o.Running, p.At); !told {
			o.Running = append(o.Running, demand.Point{At: p.At, Period: p.Period, Value: demand.RunningDuring(s.Running, m, p.At.Add(-p.Period), p.At)})
		}
	}
	for i, p := range o.Running {
		if p.Value >= ranMore*float64(ran) {
			o.Running[i].Value = float64(ran)
		}
	}
	if last, ok := fleet.Newest(points(s.Load.Backlog)); ok && now.Sub(last.At) <= polling.MetricStaleAfter {
		o.Backlog = &last
	}
	return o
}

// points are samples without those that are no number: what is not known is left
// out. Of the CPU they stay: that the newest is none tells that nothing is known.
func points(samples []fleet.Sample) []demand.Point {
	return slices.DeleteFunc(slices.Clone(samples), func(p demand.Point) bool { return math.IsNaN(p.Value) || math.IsInf(p.Value, 0) })
}

// startups are how long tasks took that started after the newest which the
// controller has learned, oldest first, and when the newest of them started.
func startups(m fleet.Memory, after time.Time) (took []time.Duration, newest time.Time) {
	var lives []fleet.TaskLife
	for _, arm := range m.Cohorts {
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

// settings returns the settings of the controller from the policy.
func settings(in Input) demand.Settings {
	p, bounds := in.Policy, in.Policy.BoundsAt(in.Now)
	floor, _ := polling.Floor(p, in.Memory, in.Now)
	s := demand.Settings{
		Min: max(bounds.Min, floor), Max: bounds.Max, CPU: p.CPU, Insist: p.CPUSaid, Memory: p.Memory, Price: p.ViolationPrice, Tick: polling.RequeueInterval,
		RequestsPerTask: p.RequestsPerTask / time.Minute.Seconds(), BacklogPerTask: p.BacklogPerTask,
	}
	switch {
	case p.CountsByMetric():
		s.RequestsPerTask = 0 // is said of the load balancer's
	case p.Metric != nil:
		s.LoadPerTask = p.Metric.PerTask
	}
	return s
}
