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

const (
	// idleEvery is how often a service at rest is asked about, in ticks of a
	// minute, and one of which nothing is known is looked at; inAnyCase how often
	// one above its minimum is looked at whatever is known: what events and
	// timers have lost shows there.
	idleEvery, inAnyCase = 5, 60
	// withAlarmEvery is how often one at rest is asked about that calls by an alarm,
	// stableEvery one that has been steady above its minimum.
	withAlarmEvery, stableEvery = 15, 3
	// loadSince is how far back its load is read: what it missed meanwhile, and
	// that metrics come minutes late.
	loadSince = 18 * time.Minute
	// margin is what is left of an invocation when no further look is begun.
	margin = 15 * time.Second
	// evaluationsPerMinute is how many looks all shards together take in a minute: half
	// of what ECS gives the whole account for describing services. A shard has its
	// share of them, and never fewer than fairShare.
	evaluationsPerMinute, fairShare = 600, 10
)

// candidate is a service of a shard with what is known of it.
type candidate struct {
	decide.Input
	// polled is true where its load was read, look where it needs a whole look,
	// hot where it is to be asked about soon again.
	polled, needsEvaluation, hot bool
	// known is true where it is known how often its utilisation is published,
	// fine where that is every 20 s.
	known, highResolution bool
	// metricInterval is how often the policy's metric has a value; 0 where that is no more
	// often than a tick.
	metricInterval time.Duration
	// hasAlarm is true where an alarm tells when its load rises.
	hasAlarm bool
	// shortfall is how many tasks it has too few of.
	shortfall int
	since     fleet.DemandState
}

// pass looks over a shard: what is at rest costs a part of a call, and only what
// is restless, or needs a change, a look of its own.
func (s *Sweeper) pass(ctx context.Context, t fleet.Trigger, shard int, members []fleet.Member) error {
	now := s.Now()
	services := s.candidates(t, members, s.alarmIndex(ctx, t), now)
	if err := s.evaluateLoads(ctx, t, services, now); err != nil {
		s.Log.WarnContext(ctx, "loads were not read", "shard", shard, "error", err)
	}
	return errors.Join(s.evaluateCandidates(ctx, t, shard, services), s.requeueHot(ctx, t, shard, services))
}

// alarmIndex is which alarms stand. Where that cannot be read it is as if none did.
func (s *Sweeper) alarmIndex(ctx context.Context, t fleet.Trigger) fleet.AlarmIndex {
	if len(t.Only) > 0 {
		return fleet.AlarmIndex{} // these are asked in any case
	}
	standing, err := s.Store.AlarmIndex(ctx, s.Home)
	if err != nil {
		s.Log.WarnContext(ctx, "which alarms stand was not read, so services are asked more often", "error", err)
	}
	return standing
}

// candidates are the services of a shard that this look is about.
func (s *Sweeper) candidates(t fleet.Trigger, members []fleet.Member, arming fleet.AlarmIndex, now time.Time) []*candidate {
	var out []*candidate
	for _, m := range members {
		ref := m.Ref(s.Home)
		if len(t.Only) > 0 && !slices.Contains(t.Only, ref.String()) {
			continue
		}
		d := &candidate{Input: decide.Input{Trigger: t, Now: now, Controller: s.Controller(), Snapshot: m.Snapshot(s.Home), Policy: s.Effective(ref, m.Tags)}, known: m.Revision != "", highResolution: m.HighResolution}
		d.Snapshot.At = now
		pace := int64(idleEvery)
		if d.metricInterval = polling.MetricInterval(d.Policy); d.metricInterval > 0 {
			pace = 1
		} else if alarm, ok := polling.TriggerAlarm(ref, d.Controller, d.Policy, m.Desired, m.HighResolution); ok && polling.AlarmCoversLoad(d.Policy) && arming.Has(alarm) {
			d.hasAlarm, pace = true, withAlarmEvery
		}
		turn := s.turn(ref, now, pace)
		d.needsEvaluation = polling.NeedsReconcile(d.Snapshot, d.Policy, t) || d.Snapshot.Desired > d.Policy.BoundsAt(now).Min && s.turn(ref, now, inAnyCase)
		d.polled = s.Policy != nil && polling.ManagesScaling(d.Snapshot, d.Policy) && (turn || len(t.Only) > 0 || !polling.Idle(d.Snapshot, d.Policy, now))
		out = append(out, d)
	}
	return out
}

// turn spreads what happens every few ticks over the services, so that each tick
// has its part of it. Where ticks are rarer, each is everybody's turn.
func (s *Sweeper) turn(ref fleet.ServiceRef, now time.Time, every int64) bool {
	if s.Pace.Every != time.Minute {
		return true
	}
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(ref.Key()))
	return (now.Unix()/60+int64(sum.Sum32()))%every == 0
}

// evaluateLoads reads the loads of those that are asked, lets the controller learn
// from them, and marks those that need a look.
func (s *Sweeper) evaluateLoads(ctx context.Context, t fleet.Trigger, services []*candidate, now time.Time) error {
	asked := slices.DeleteFunc(slices.Clone(services), func(d *candidate) bool { return !d.polled })
	if len(asked) == 0 {
		return nil
	}
	refs := make([]fleet.ServiceRef, len(asked))
	for i, d := range asked {
		refs[i] = d.Snapshot.Ref
	}
	known, err := s.Store.DemandStates(ctx, refs)
	if err != nil {
		// Nothing is learned from a beginner's point of view, or it would be
		// written over what is known.
		return err
	}
	asked = s.dropStable(t, asked, known, now)
	if len(asked) == 0 {
		return nil
	}
	sources := make([]fleet.Source, len(asked))
	for i, d := range asked {
		ref := d.Snapshot.Ref
		d.Demand = known[ref.Key()]
		d.Demand.Ref = ref
		sources[i] = polling.Sources(ref, d.Policy)
		// Each value that is read is billed: of a service that has been at rest for
		// as long as the values reach back the number of tasks is known.
		sources[i].HighResolution, sources[i].Steady = d.highResolution, !d.known || polling.Idle(d.Snapshot, d.Policy, now) && polling.Stable(d.Demand, now)
		// Between two ticks the policy's own metric is what has new values; what they
		// cost is learned at the ticks.
		sources[i].CustomOnly = d.metricInterval > 0 && len(t.Only) > 0
	}
	loads, failed := s.Loads.Loads(ctx, sources, now.Add(-loadSince), now)
	var learned []fleet.DemandState
	for i, d := range asked {
		if s.evaluateLoad(d, loads[i]); !d.Demand.Equal(d.since) {
			learned = append(learned, d.since)
		}
	}
	if len(learned) == 0 {
		return failed
	}
	return errors.Join(failed, s.Store.SaveDemandStates(ctx, learned))
}

// dropStable leaves out those whose turn it is not, because their count has been
// right for long and an alarm tells when that ends. No alarm tells of a schedule.
func (s *Sweeper) dropStable(t fleet.Trigger, asked []*candidate, known map[string]fleet.DemandState, now time.Time) []*candidate {
	return slices.DeleteFunc(asked, func(d *candidate) bool {
		ref := d.Snapshot.Ref
		floor, _ := polling.Floor(d.Policy, fleet.Memory{}, now)
		return d.hasAlarm && d.Snapshot.Desired >= floor && len(t.Only) == 0 && polling.Stable(known[ref.Key()], now) && !s.turn(ref, now, stableEvery)
	})
}

// evaluateLoad decides by the load alone whether the service needs a look. The
// guard is asked what it would say without a memory: a service that stands at
// its bound, or that is not ours to touch, is not looked at each minute.
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
	if need == nil && d.Snapshot.Desired > d.Policy.BoundsAt(d.Now).Min && s.turn(d.Snapshot.Ref, d.Now, idleEvery) {
		d.needsEvaluation = true // somebody has to say why
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

// evaluateCandidates takes the services one by one that need it, the most urgent first and
// several at once. What does not fit is found again by the next tick, which
// begins elsewhere; what is too few comes back sooner, as a message of its own.
func (s *Sweeper) evaluateCandidates(ctx context.Context, t fleet.Trigger, shard int, services []*candidate) error {
	wanted := slices.DeleteFunc(slices.Clone(services), func(d *candidate) bool { return !d.needsEvaluation })
	if n := len(wanted); n > 0 {
		first := int(s.Now().Unix()/60) * fairShare % n
		wanted = slices.Concat(wanted[first:], wanted[:first])
	}
	sort.SliceStable(wanted, func(i, j int) bool { return wanted[i].shortfall > wanted[j].shortfall })
	fit := min(len(wanted), max(fairShare, evaluationsPerMinute/max(1, t.Shards)))
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
			err := runtime.RecoverPanic(func() error { return s.Reconciler.Reconcile(ctx, d.Snapshot.Ref, t) })
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

// nearDeadline reports whether too little is left of the invocation for another look.
func nearDeadline(ctx context.Context) bool {
	end, ok := ctx.Deadline()
	return ok && time.Until(end) < margin
}

// requeueRest asks again for those of the left that have too few tasks.
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

// requeueHot asks for the services again of which more is known before the next tick:
// those that are hot, and those above their minimum whose policy names a metric of
// less than a minute.
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

// requeueInterval is how soon more is known of a service that is to be asked about before
// the next tick; 0 where it is not.
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
