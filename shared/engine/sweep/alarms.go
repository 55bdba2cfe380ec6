package sweep

import (
	"context"
	"maps"
	"slices"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/polling"
)

const (
	// alarmSyncEvery is how often, in minutes, the alarms are looked after, alarmSyncAt at
	// which of them: not when all tags are compared.
	alarmSyncEvery, alarmSyncAt = 15, 5
	// alarmPause is what the calls for alarms keep between them: CloudWatch takes
	// three a second of those that change alarms, from the whole account.
	alarmPause = 400 * time.Millisecond
	// alarmsPerInvocation is how many alarms one invocation makes; the next goes on.
	alarmsPerInvocation = 75
	// deleteLimit is how many alarms one call removes.
	deleteLimit = 100
	// scalingOld is how old what Application Auto Scaling was seen to hold may be
	// for an alarm to be made by it.
	scalingOld = 24 * time.Hour
)

// syncsAlarmsNow reports whether this tick is one that looks after the alarms.
func (s *Sweeper) syncsAlarmsNow(t fleet.Trigger) bool {
	return s.Pace.Every != time.Minute || t.At.Minute()%alarmSyncEvery == alarmSyncAt
}

// alarmPlan are the alarms of services at work.
type alarmPlan struct {
	// wanted are all that should be, standing those of them that are, missing
	// those that are not, extra the names of all others.
	wanted map[string]fleet.TriggerAlarm
	// moving are those of them whose count is not steady.
	moving   map[string]bool
	standing []fleet.TriggerAlarm
	missing  []fleet.TriggerAlarm
	extra    []string
}

// syncAlarms makes the arming alarms of the services that are to have one, mends those
// that somebody has changed, and removes all others. What fails is tried again by
// the next round: without its alarm a service is asked more often.
func (s *Sweeper) syncAlarms(ctx context.Context, t fleet.Trigger) error {
	key := s.Home
	key.Cluster, key.Service = "*", "trigger-alarms"
	lease, ok, err := s.Store.Acquire(ctx, key, s.Owner, s.Now())
	if err != nil || !ok || s.Policy == nil {
		return err
	}
	defer func() { _ = s.Store.Abandon(ctx, lease) }()
	a, known, err := s.compareAlarms(ctx)
	if err != nil || !known {
		return s.logAndContinue(ctx, err)
	}
	left, failed := s.mendAlarms(ctx, &a)
	if err := s.Store.SaveAlarmIndex(ctx, s.Home, a.standing, s.Now()); err != nil {
		return err
	}
	if failed != nil || !left {
		return s.logAndContinue(ctx, failed)
	}
	return s.Timers.All(ctx, s.Home, []fleet.Timer{{Why: contract.TimerAlarms}}, t.ID+"-arm", s.Now())
}

// logAndContinue says what failed and lets it wait for the next round.
func (s *Sweeper) logAndContinue(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	s.Denied(err, nil)
	s.Metrics.Count(contract.MetricRetries, fault.CodeOf(err), nil, s.Now())
	s.Log.WarnContext(ctx, "arming alarms were not read, made or removed, the next round tries again", "error", err)
	return nil
}

// compareAlarms compares what stands with what should. known is false where the
// roster is not whole: a service that was not read has not lost its alarm.
func (s *Sweeper) compareAlarms(ctx context.Context) (a alarmPlan, known bool, err error) {
	r, err := s.Store.Inventory(ctx, s.Home)
	if err != nil || r.CompletedAt.IsZero() || s.Now().Sub(r.CompletedAt) > inventoryFor {
		return a, false, err
	}
	if a.wanted, a.moving, err = s.wantedAlarms(ctx, r.Members()); err != nil {
		return a, false, err
	}
	for page, first := "", true; first || page != ""; first = false {
		var found map[string]fleet.TriggerAlarm
		if found, page, err = s.Alarms.TriggerAlarms(ctx, page); err != nil {
			return a, false, err
		}
		for _, name := range slices.Sorted(maps.Keys(found)) {
			a.sort(name, found[name])
		}
		if page != "" {
			if err := s.rest(ctx); err != nil {
				return a, false, err
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.wanted)) {
		a.missing = append(a.missing, a.wanted[name])
	}
	return a, true, nil
}

// sort says what becomes of an alarm that was found. One of a service whose count
// moves keeps its threshold until that is steady: the service is asked each minute
// meanwhile, and a call for every step of a busy service would be many.
func (a *alarmPlan) sort(name string, found fleet.TriggerAlarm) {
	want, ok := a.wanted[name]
	otherwise := want
	otherwise.Threshold = found.Threshold
	switch {
	case !ok:
		a.extra = append(a.extra, name)
		return
	case want == found:
		a.standing = append(a.standing, want)
	case !a.moving[name] || otherwise != found:
		return
	}
	delete(a.wanted, name)
}

// wantedAlarms are the alarms that the members should have, by their names, and
// which of these have a count that moves. One that AWS steers has none, as far as
// is known from its last look.
func (s *Sweeper) wantedAlarms(ctx context.Context, members []fleet.Member) (wanted map[string]fleet.TriggerAlarm, moving map[string]bool, err error) {
	wanted, moving = map[string]fleet.TriggerAlarm{}, map[string]bool{}
	above, refs := map[string]bool{}, []fleet.ServiceRef{}
	for _, m := range members {
		ref := m.Ref(s.Home)
		rules := s.Effective(ref, m.Tags)
		if alarm, ok := polling.TriggerAlarm(ref, s.Controller(), rules, m.Desired, m.HighResolution); ok {
			wanted[alarm.Name()] = alarm
			above[alarm.Name()] = !polling.Idle(m.Snapshot(s.Home), rules, s.Now())
			refs = append(refs, ref)
		}
	}
	known, err := s.Store.DemandStates(ctx, refs)
	if err != nil {
		return nil, nil, err
	}
	for name, alarm := range wanted {
		ref := s.refOf(alarm)
		if s.steers(ref, known) {
			delete(wanted, name)
		}
		moving[name] = above[name] && known[ref.Key()].SteadySince.IsZero()
	}
	return wanted, moving, nil
}

// steers reports whether AWS's own policies are known to move the count of a
// service that is not to be taken over.
func (s *Sweeper) steers(ref fleet.ServiceRef, known map[string]fleet.DemandState) bool {
	l := known[ref.Key()]
	return s.Now().Sub(l.ScalingAt) <= scalingOld && l.Scaling.Steered() && !s.Effective(ref, nil).Own
}

func (s *Sweeper) refOf(alarm fleet.TriggerAlarm) fleet.ServiceRef {
	ref := s.Home
	ref.Cluster, ref.Service = alarm.Cluster, alarm.Service
	return ref
}

// mendAlarms removes what is too much, first, so that there is room for what is
// missing. left says that there is more to be made than one invocation makes.
func (s *Sweeper) mendAlarms(ctx context.Context, a *alarmPlan) (left bool, err error) {
	for names := range slices.Chunk(a.extra, deleteLimit) {
		if err := s.AlarmManager.Delete(ctx, names); err != nil {
			return false, err
		}
		if err := s.rest(ctx); err != nil {
			return false, err
		}
	}
	for i, alarm := range a.missing {
		if i == alarmsPerInvocation || nearDeadline(ctx) {
			return true, nil
		}
		if steered, err := s.steered(ctx, alarm); err != nil {
			return false, err
		} else if steered {
			continue
		}
		if err := s.AlarmManager.Put(ctx, alarm); err != nil {
			return false, err
		}
		a.standing = append(a.standing, alarm)
		if err := s.rest(ctx); err != nil {
			return false, err
		}
	}
	return false, nil
}

// steered reads whether AWS's own policies move the count of a service that is
// to get an alarm, where that is not known: one at rest is not looked at.
func (s *Sweeper) steered(ctx context.Context, alarm fleet.TriggerAlarm) (bool, error) {
	ref := s.refOf(alarm)
	known, err := s.Store.DemandStates(ctx, []fleet.ServiceRef{ref})
	if err != nil {
		return false, err
	}
	l := known[ref.Key()]
	if s.Now().Sub(l.ScalingAt) <= scalingOld {
		return s.steers(ref, known), nil
	}
	if l.Scaling, err = s.Alarms.Bounds(ctx, ref); err != nil {
		return false, err
	}
	l.Ref, l.ScalingAt = ref, s.Now()
	return s.steers(ref, map[string]fleet.DemandState{ref.Key(): l}), s.Store.SaveDemandStates(ctx, []fleet.DemandState{l})
}

func (s *Sweeper) rest(ctx context.Context) error {
	if s.Pace.Pause == nil {
		return nil
	}
	return s.Pace.Pause(ctx, alarmPause)
}
