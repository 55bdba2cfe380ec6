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

// Need returns the number of tasks that the demand requires, with the new state of the
// controller. The need is nil if it is unknown; then the count must not follow it.
func Need(in Input, before fleet.DemandState) (*demand.Estimate, fleet.DemandState) {
	w := estimateNeed(in, before)
	return w.need, w.since
}

// needEstimate is a need with the new state of the controller. suspect is true if the
// newest CPU value is not plausible.
type needEstimate struct {
	need    *demand.Estimate
	suspect bool
	since   fleet.DemandState
	// reset is the reason for a new state instead of the stored one; empty for none.
	reset string
}

func estimateNeed(in Input, before fleet.DemandState) needEstimate {
	after := before
	rememberRan(&after, in.Snapshot, in.Now)
	o := observed(in.Snapshot, in.Memory, in.Now, after.Ran)
	if !in.Policy.CountsRequests() {
		o.Requests = nil // read for the judge alone
	}
	if in.Policy.CountsByMetric() {
		o.Requests, o.Load = o.Load, nil
	}
	o.Startups, after.Started = startups(in.Memory, after.Started)
	after.IdleSince = time.Time{}
	if in.Policy.ToZero > 0 {
		after.IdleSince = idleSince(in.Demand.IdleSince, in.Snapshot.Load, in.Now)
	}
	k := in.Controller
	if k == nil {
		k = demand.NewController(demand.Usual())
	}
	var s demand.State
	reset := restore(&s, after.State)
	o.SuspectSince = after.SuspectSince
	e, ok := k.Step(&s, o, settings(in))
	suspect := s.Suspect()
	switch {
	case !suspect:
		after.SuspectSince = time.Time{}
	case after.SuspectSince.IsZero():
		after.SuspectSince = in.Now
	}
	if state, err := s.MarshalBinary(); err == nil {
		after.State = state
	}
	if !ok || suspect || !current(&s, o) {
		return needEstimate{suspect: suspect, since: after, reset: reset}
	}
	return needEstimate{need: &e, since: after, reset: reset}
}

// restore reads the state of the controller. If it is unreadable, the controller
// begins with a new one, and the reason is returned.
func restore(s *demand.State, stored []byte) (reset string) {
	if len(stored) == 0 {
		return ""
	}
	if err := s.UnmarshalBinary(stored); err != nil {
		*s = demand.State{}
		return "the controller begins anew: " + err.Error()
	}
	return ""
}

// current reports whether the estimate is based on recent values: the newest sample
// is not stale, and a CPU value is still a percentage.
func current(s *demand.State, o demand.Observation) bool {
	if o.Now.Sub(s.Newest) > polling.MetricStaleAfter {
		return false
	}
	return s.Signal != demand.CPU || len(o.CPU) == 0 || demand.Percentage(o.CPU[len(o.CPU)-1].Value)
}

// rememberRan keeps the highest number of tasks that ran recently.
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

// countUnknown reports whether only CloudWatch can know the number of tasks in an
// earlier period: the number changes now, and no memory has the starts and stops.
func countUnknown(s fleet.Snapshot, m fleet.Memory) bool {
	return (s.Running != s.Desired || s.Pending > 0) && len(m.Cohorts) == 0
}

// observed returns the input of the controller from a snapshot. If CloudWatch has no
// number of tasks for a CPU value, the memory gives it. Without a memory the number is
// unknown while it changes, and the value is not used. A number far above the tasks that
// ran is replaced, because a second publisher counts them twice.
func observed(s fleet.Snapshot, m fleet.Memory, now time.Time, ran int) demand.Observation {
	o := demand.Observation{
		Now: now, Desired: s.Desired, Ready: s.Running, Deploying: s.Deploying(),
		CPU: s.Load.CPU, Running: points(s.Load.Running), Requests: points(s.Load.Requests), Memory: points(s.Load.Memory), Load: points(s.Load.Custom),
	}
	if len(o.CPU) == 0 && s.CPU.Known {
		o.CPU = []demand.Point{{At: s.CPU.At, Period: metricPeriod, Value: s.CPU.Value}}
	}
	unknown := countUnknown(s, m)
	for _, p := range o.CPU {
		if _, known := fleet.During(o.Running, p.At); !known && !unknown {
			o.Running = append(o.Running, demand.Point{At: p.At, Period: p.Period, Value: demand.RunningDuring(s.Running, m, p.At.Add(-p.Period), p.At)})
		}
	}
	for i, p := range o.Running {
		if p.Value >= ranFactor*float64(ran) {
			o.Running[i].Value = float64(ran)
		}
	}
	if last, ok := fleet.Newest(points(s.Load.Backlog)); ok && now.Sub(last.At) <= polling.MetricStaleAfter {
		o.Backlog = &last
	}
	return o
}

// points returns the samples without infinite values and NaN. CPU samples keep them:
// a newest value of NaN means that nothing is known.
func points(samples []fleet.Sample) []demand.Point {
	return slices.DeleteFunc(slices.Clone(samples), func(p demand.Point) bool { return math.IsNaN(p.Value) || math.IsInf(p.Value, 0) })
}

// startups returns the start-up times of the tasks that started after a time, oldest
// first, with the start of the newest one.
func startups(m fleet.Memory, after time.Time) (took []time.Duration, newest time.Time) {
	var lives []fleet.TaskLife
	for _, cohort := range m.Cohorts {
		for _, life := range cohort.Tasks {
			if life.Took > 0 && life.StartedAt.After(after) {
				lives = append(lives, life)
			}
		}
	}
	// The order of a map must not matter.
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

// settings returns the controller's settings from the policy.
func settings(in Input) demand.Settings {
	p, bounds := in.Policy, in.Policy.BoundsAt(in.Now)
	floor, _ := polling.Floor(p, in.Memory, in.Now)
	s := demand.Settings{
		Min: max(bounds.Min, floor), Max: bounds.Max, CPU: p.CPU, Insist: p.CPUExplicit, Memory: p.Memory, Price: p.ViolationPrice, Tick: polling.RequeueInterval,
		RequestsPerTask: p.RequestsPerTask / time.Minute.Seconds(), BacklogPerTask: p.BacklogPerTask,
	}
	switch {
	case p.CountsByMetric():
		s.RequestsPerTask = 0 // it is meant for the load balancer's requests
	case p.Metric != nil:
		s.LoadPerTask = p.Metric.PerTask
	}
	return s
}

// Follow returns the decision that the load alone requires.
func Follow(in Input) fleet.Decision {
	d, _, _ := EvaluateLoad(in)
	return d
}

// EvaluateLoad returns the decision of Follow, the need and the new state of the
// controller. The need is nil if it is unknown.
func EvaluateLoad(in Input) (fleet.Decision, *demand.Estimate, fleet.DemandState) {
	w := estimateNeed(in, in.Demand)
	d, reasons := scaleTo(in, func() needEstimate { return w })
	if d.Kind == "" {
		d.Kind, d.Reasons = fleet.DoNothing, reasons
	}
	return d, w.need, w.since
}

// SteadySince returns the begin of the time at need. It is zero if the count is not at
// need, or may soon not be.
func SteadySince(in Input, need *demand.Estimate) time.Time {
	s := in.Snapshot
	moving := s.Moving() || in.Memory.Hot()
	if need == nil || need.Tasks != s.Desired || moving || polling.NearThreshold(in.Controller, in.Policy, s) {
		return time.Time{}
	}
	if in.Demand.SteadySince.IsZero() {
		return in.Now
	}
	return in.Demand.SteadySince
}

// nextSampleIn returns the time to the next evaluation of a hot or just scaled service.
// It is the shortest period of its metrics.
func nextSampleIn(in Input) time.Duration {
	next := untilNext(polling.RequeueInterval, in.Snapshot.Load.CPU)
	for _, metric := range seriesOf(in.Policy, in.Snapshot.Load) {
		next = untilNext(next, metric.samples)
	}
	return next
}

// untilNext returns the period of the samples if it is shorter than a time, else that
// time.
func untilNext(next time.Duration, samples []fleet.Sample) time.Duration {
	if last, ok := fleet.Newest(samples); ok && last.Period > 0 {
		next = min(next, last.Period)
	}
	return next
}
