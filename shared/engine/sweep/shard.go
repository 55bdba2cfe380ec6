package sweep

import (
	"context"
	"errors"
	"hash/fnv"
	"maps"
	"slices"
	"sort"
	"sync"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/guard"
	"homeostat/shared/core/polling"
	"homeostat/shared/engine/runtime"
)

// candidate is a service of a shard with its state.
type candidate struct {
	decide.Input
	// polled is true if the load is read. needsEvaluation is true if the service
	// needs a full evaluation, and hot if it is polled again before the next tick.
	polled, needsEvaluation, hot bool
	// known is true if the resolution of its utilization is known; highResolution
	// is true for 20 seconds.
	known, highResolution bool
	// metricInterval is the interval of the values of the policy's metric; 0 if it
	// is not shorter than a tick.
	metricInterval time.Duration
	// hasAlarm is true if a trigger alarm covers a rise of its load.
	hasAlarm bool
	// shortfall is the number of missing tasks.
	shortfall int
	since     fleet.DemandState
}

// pass evaluates a shard. An idle service costs a part of a call. Only a service
// that needs it, or a change, gets an evaluation of its own.
func (s *Sweeper) pass(ctx context.Context, t fleet.Trigger, shard int, members []fleet.Member) error {
	now := s.Now()
	services := s.candidates(t, members, s.alarmIndex(ctx, t), now)
	if err := s.evaluateLoads(ctx, t, services, now); err != nil {
		s.Log.WarnContext(ctx, "loads were not read", "shard", shard, "error", err)
	}
	return errors.Join(s.evaluateCandidates(ctx, t, shard, services), s.requeueHot(ctx, t, shard, services))
}

// alarmIndex returns the index of the existing trigger alarms. An unreadable index
// counts as empty.
func (s *Sweeper) alarmIndex(ctx context.Context, t fleet.Trigger) fleet.AlarmIndex {
	if len(t.Only) > 0 {
		return fleet.AlarmIndex{} // these services are polled in any case
	}
	standing, err := s.Store.AlarmIndex(ctx, s.Home)
	if err != nil {
		s.Log.WarnContext(ctx, "the alarm index was not read, so services are polled more often", "error", err)
	}
	return standing
}

// candidates returns the services of a shard that the trigger is about.
func (s *Sweeper) candidates(t fleet.Trigger, members []fleet.Member, index fleet.AlarmIndex, now time.Time) []*candidate {
	var out []*candidate
	for _, m := range members {
		ref := m.Ref(s.Home)
		if len(t.Only) > 0 && !slices.Contains(t.Only, ref.String()) {
			continue
		}
		d := &candidate{Input: decide.Input{Trigger: t, Now: now, Controller: s.Controller(), Snapshot: m.Snapshot(s.Home), Policy: s.Effective(ref, m.Tags).Counting(m.Groups)}, known: m.Revision != "", highResolution: m.HighResolution}
		d.Snapshot.At = now
		pace := int64(idleEvery)
		if d.metricInterval = polling.MetricInterval(d.Policy); d.metricInterval > 0 {
			pace = 1
		} else if alarm, ok := polling.TriggerAlarm(ref, d.Controller, d.Policy, m.Desired, m.HighResolution); ok && polling.AlarmCoversLoad(d.Policy) && index.Has(alarm) {
			d.hasAlarm, pace = true, withAlarmEvery
		}
		turn := s.isTurn(ref, now, pace)
		s.checkWayBack(d)
		d.needsEvaluation = d.needsEvaluation || polling.NeedsReconcile(d.Snapshot, d.Policy, t) || d.Snapshot.Desired > d.Policy.BoundsAt(now).Min && s.isTurn(ref, now, reconcileEvery)
		d.polled = s.Policy != nil && polling.ManagesScaling(d.Snapshot, d.Policy) && (turn || len(t.Only) > 0 || !polling.Idle(d.Snapshot, d.Policy, now))
		out = append(out, d)
	}
	return out
}

// checkWayBack marks a service for its daily evaluation of the revisions to go back to.
func (s *Sweeper) checkWayBack(d *candidate) {
	if len(d.Trigger.Only) == 0 && d.Snapshot.Desired > 0 && polling.ChecksWayBack(d.Snapshot.Ref, d.Now, s.Pace.Every) {
		d.Trigger.Timer, d.needsEvaluation = contract.TimerWayBack, true
	}
}

// isTurn spreads the work of every few ticks over the services, so that each tick
// has a part of it. With a longer schedule each tick is the turn of all services.
func (s *Sweeper) isTurn(ref fleet.ServiceRef, now time.Time, every int64) bool {
	if s.Pace.Every != time.Minute {
		return true
	}
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(ref.Key()))
	return (now.Unix()/60+int64(sum.Sum32()))%every == 0
}

// evaluateLoads reads the loads of the polled services, updates their demand
// states, and marks the services that need an evaluation.
func (s *Sweeper) evaluateLoads(ctx context.Context, t fleet.Trigger, services []*candidate, now time.Time) error {
	polled := slices.DeleteFunc(slices.Clone(services), func(d *candidate) bool { return !d.polled })
	if len(polled) == 0 {
		return nil
	}
	refs := make([]fleet.ServiceRef, len(polled))
	for i, d := range polled {
		refs[i] = d.Snapshot.Ref
	}
	known, err := s.Store.DemandStates(ctx, refs)
	if err != nil {
		// Without the known states nothing is learned: empty states would overwrite
		// them.
		return err
	}
	polled = s.dropStable(t, polled, known, now)
	if len(polled) == 0 {
		return nil
	}
	sources := make([]fleet.Source, len(polled))
	for i, d := range polled {
		ref := d.Snapshot.Ref
		d.Demand = known[ref.Key()]
		d.Demand.Ref = ref
		if len(d.Snapshot.Groups) == 0 { // its inventory was read during a deployment
			d.Policy = d.Policy.Counting(d.Demand.Groups)
		}
		sources[i] = polling.Sources(ref, d.Policy)
		// AWS bills each value that is read. For a service that was idle for the
		// whole window the number of tasks is known.
		sources[i].HighResolution, sources[i].Steady = d.highResolution, !d.known || polling.Idle(d.Snapshot, d.Policy, now) && polling.Stable(d.Demand, now)
		// Between two ticks only the policy's own metric has new values. Their cost
		// in tasks is learned at the ticks.
		sources[i].CustomOnly = d.metricInterval > 0 && len(t.Only) > 0
	}
	loads, failed := s.Loads.Loads(ctx, sources, now.Add(-loadSince), now)
	var learned []fleet.DemandState
	for i, d := range polled {
		if s.evaluateLoad(d, loads[i]); !d.Demand.Equal(d.since) {
			learned = append(learned, d.since)
		}
	}
	if len(learned) == 0 {
		return failed
	}
	return errors.Join(failed, s.Store.SaveDemandStates(ctx, learned))
}

// dropStable drops services out of turn: their count has been right for long, and a
// trigger alarm covers the end of that. No alarm covers a schedule.
func (s *Sweeper) dropStable(t fleet.Trigger, polled []*candidate, known map[string]fleet.DemandState, now time.Time) []*candidate {
	return slices.DeleteFunc(polled, func(d *candidate) bool {
		ref := d.Snapshot.Ref
		floor, _ := polling.Floor(d.Policy, fleet.Memory{}, now)
		return d.hasAlarm && d.Snapshot.Desired >= floor && len(t.Only) == 0 && polling.Stable(known[ref.Key()], now) && !s.isTurn(ref, now, stableEvery)
	})
}

// evaluateLoad decides by the load alone whether the service needs an evaluation.
// It calls the guard without a memory. So a service at its bound, or without
// permission for changes, is not evaluated each minute.
func (s *Sweeper) evaluateLoad(d *candidate, load fleet.Load) {
	d.Snapshot.Load = load
	d.Snapshot.CPU = fleet.Unknown(load.Why)
	if last, ok := fleet.Newest(load.CPU); ok {
		d.Snapshot.CPU = fleet.Known(last.Value, last.At, "CPUUtilization")
	}
	if d.Now.Sub(d.Demand.ScalingAt) < runtime.ScalingFor {
		d.Snapshot.Scaling = d.Demand.Scaling
	}
	decision, need, since := decide.EvaluateLoad(d.Input)
	d.since = since
	d.since.SteadySince = decide.SteadySince(d.Input, need)
	if d.known {
		d.since.Known, d.since.HighResolution = true, d.highResolution
	}
	if need == nil && d.Snapshot.Desired > d.Policy.BoundsAt(d.Now).Min && s.isTurn(d.Snapshot.Ref, d.Now, idleEvery) {
		d.needsEvaluation = true // the evaluation records the reason
	}
	d.hot = polling.NearThreshold(d.Controller, d.Policy, d.Snapshot)
	if d.Snapshot.Desired == 0 {
		d.needsEvaluation = d.needsEvaluation || decide.ShouldWake(d.Input)
		return
	}
	if decision.Action == nil {
		return
	}
	verdict := guard.Review(guard.Input{Decision: decision, Trigger: d.Trigger, Policy: d.Policy, Snapshot: d.Snapshot, Now: d.Now})
	if verdict.Outcome != fleet.Hold {
		d.needsEvaluation, d.shortfall = true, max(0, verdict.Action.To-verdict.Action.From)
	}
}

// evaluateCandidates evaluates the services that need it, the most urgent first and
// several at once. The next tick begins elsewhere and finds the services that do
// not fit. Services with too few tasks come back sooner, in a message of their own.
func (s *Sweeper) evaluateCandidates(ctx context.Context, t fleet.Trigger, shard int, services []*candidate) error {
	wanted := slices.DeleteFunc(slices.Clone(services), func(d *candidate) bool { return !d.needsEvaluation })
	if n := len(wanted); n > 0 {
		first := int(s.Now().Unix()/60) * minEvaluations % n
		wanted = slices.Concat(wanted[first:], wanted[:first])
	}
	sort.SliceStable(wanted, func(i, j int) bool { return wanted[i].shortfall > wanted[j].shortfall })
	fit := min(len(wanted), max(minEvaluations, evaluationsPerMinute/max(1, t.Shards)))
	var mu sync.Mutex
	var faults []error
	var running sync.WaitGroup
	room := make(chan struct{}, max(1, s.Pace.Parallel))
	for i, d := range wanted[:fit] {
		if nearDeadline(ctx) {
			fit = i
			break
		}
		room <- struct{}{}
		running.Go(func() {
			defer func() { <-room }()
			err := runtime.RecoverPanic(func() error { return s.Reconciler.Reconcile(ctx, d.Snapshot.Ref, d.Trigger) })
			if err := s.ResolveError(ctx, t, err); err != nil {
				mu.Lock()
				defer mu.Unlock()
				faults = append(faults, err)
			}
		})
	}
	running.Wait()
	return errors.Join(append(faults, s.requeueRest(ctx, t, shard, wanted[fit:]))...)
}

// nearDeadline reports whether the invocation has too little time for another
// evaluation.
func nearDeadline(ctx context.Context) bool {
	end, ok := ctx.Deadline()
	return ok && time.Until(end) < deadlineMargin
}

// requeueRest requeues the remaining services with too few tasks.
func (s *Sweeper) requeueRest(ctx context.Context, t fleet.Trigger, shard int, left []*candidate) error {
	var urgent []string
	for _, d := range left {
		if d.shortfall > 0 {
			urgent = append(urgent, d.Snapshot.Ref.String())
		}
	}
	if len(urgent) == 0 || len(t.Only) > 0 {
		return nil
	}
	return s.Timers.All(ctx, s.Home, []fleet.Timer{{
		Why: contract.TimerShard, Shard: new(shard), Shards: t.Shards, Only: urgent, Delay: partEvery,
	}}, t.ID+"-left", s.Now())
}

// requeueHot requeues services with new values before the next tick. These are the
// hot services, and those above their minimum with a metric of less than a minute
// in the policy.
func (s *Sweeper) requeueHot(ctx context.Context, t fleet.Trigger, shard int, services []*candidate) error {
	if s.Pace.Every != time.Minute || len(t.Only) > 0 {
		return nil
	}
	at := map[time.Duration][]string{}
	for _, d := range services {
		for after := d.requeueInterval(); after > 0 && after < s.Pace.Every; after += d.requeueInterval() {
			at[after] = append(at[after], d.Snapshot.Ref.String())
		}
	}
	timers := make([]fleet.Timer, 0, len(at))
	for _, after := range slices.Sorted(maps.Keys(at)) {
		timers = append(timers, fleet.Timer{Why: contract.TimerShard, Shard: new(shard), Shards: t.Shards, Only: at[after], Delay: after})
	}
	if len(timers) == 0 {
		return nil
	}
	return s.Timers.All(ctx, s.Home, timers, t.ID+"-hot", s.Now())
}

// requeueInterval returns the time until the next new value of a service that is
// polled before the next tick; 0 for any other service.
func (d *candidate) requeueInterval() time.Duration {
	switch {
	case !d.polled:
	case d.metricInterval > 0 && (d.hot || !polling.Idle(d.Snapshot, d.Policy, d.Now)):
		return d.metricInterval
	case d.hot && d.highResolution:
		return fleet.Source{HighResolution: true}.Period()
	}
	return 0
}
