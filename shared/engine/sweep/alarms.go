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

// syncsAlarmsNow reports whether this tick synchronizes the trigger alarms.
func (s *Sweeper) syncsAlarmsNow(t fleet.Trigger) bool {
	return s.Pace.Every != time.Minute || t.At.Minute()%alarmSyncEvery == alarmSyncAt
}

// alarmPlan compares the wanted trigger alarms with the existing ones.
type alarmPlan struct {
	// wanted holds all alarms that should exist. standing holds the existing ones
	// of them, missing the others, and extra the names of all other existing
	// alarms.
	wanted map[string]fleet.TriggerAlarm
	// moving holds the wanted alarms of services without a steady count.
	moving   map[string]bool
	standing []fleet.TriggerAlarm
	missing  []fleet.TriggerAlarm
	extra    []string
}

// syncAlarms makes the missing trigger alarms, corrects changed ones, and removes
// all others. The next round retries a failure: without its alarm a service is
// polled more often.
func (s *Sweeper) syncAlarms(ctx context.Context, t fleet.Trigger) error {
	lease, ok, err := s.Store.Acquire(ctx, s.Home.Ref("*", "trigger-alarms"), s.Owner, s.Now())
	if err != nil || !ok || s.Policy == nil {
		return err
	}
	defer func() { _ = s.Store.Abandon(ctx, lease) }()
	a, known, err := s.compareAlarms(ctx)
	if err != nil || !known {
		return s.logAndContinue(ctx, err)
	}
	left, failed := s.applyAlarms(ctx, &a)
	if err := s.Store.SaveAlarmIndex(ctx, s.Home, a.standing, s.Now()); err != nil {
		return err
	}
	if failed != nil || !left {
		return s.logAndContinue(ctx, failed)
	}
	return s.Timers.All(ctx, s.Home, []fleet.Timer{{Why: contract.TimerAlarms}}, t.ID+"-arm", s.Now())
}

// logAndContinue logs an error and leaves the work to the next round.
func (s *Sweeper) logAndContinue(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	s.Denied(err, nil)
	s.Metrics.Count(contract.MetricRetries, fault.CodeOf(err), nil, s.Now())
	s.Log.WarnContext(ctx, "trigger alarms were not synchronized, the next round tries again", "error", err)
	return nil
}

// compareAlarms compares the existing alarms with the wanted ones. known is false
// if the inventory is incomplete: a service that was not read has not lost its
// alarm.
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
			a.classify(name, found[name])
		}
		if page != "" {
			if err := s.pause(ctx); err != nil {
				return a, false, err
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.wanted)) {
		a.missing = append(a.missing, a.wanted[name])
	}
	return a, true, nil
}

// classify puts an existing alarm into the plan. An alarm of a service without a
// steady count keeps its threshold until the count is steady. Meanwhile the service
// is polled each minute, and a call for every change of the count would be too
// many.
func (a *alarmPlan) classify(name string, found fleet.TriggerAlarm) {
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

// wantedAlarms returns the alarms that the members should have, by name, and those
// of them without a steady count. A service with a scaling policy of AWS has no
// alarm, as far as its last evaluation shows.
func (s *Sweeper) wantedAlarms(ctx context.Context, members []fleet.Member) (wanted map[string]fleet.TriggerAlarm, moving map[string]bool, err error) {
	wanted, moving = map[string]fleet.TriggerAlarm{}, map[string]bool{}
	above, refs := map[string]bool{}, []fleet.ServiceRef{}
	for _, m := range members {
		ref := m.Ref(s.Home)
		rules := s.Effective(ref, m.Tags).Counting(m.Groups)
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
		if s.managedByAWS(ref, known) {
			delete(wanted, name)
		}
		moving[name] = above[name] && known[ref.Key()].SteadySince.IsZero()
	}
	return wanted, moving, nil
}

// managedByAWS reports whether scaling policies of AWS are known to set the count
// of a service that must not be taken over.
func (s *Sweeper) managedByAWS(ref fleet.ServiceRef, known map[string]fleet.DemandState) bool {
	l := known[ref.Key()]
	return s.Now().Sub(l.ScalingAt) <= scalingOld && l.Scaling.Steered() && !s.Effective(ref, nil).Own
}

func (s *Sweeper) refOf(alarm fleet.TriggerAlarm) fleet.ServiceRef {
	return s.Home.Ref(alarm.Cluster, alarm.Service)
}

// applyAlarms removes extra alarms first, so that there is room, and then makes
// missing ones. left is true if alarms are left for the next invocation.
func (s *Sweeper) applyAlarms(ctx context.Context, a *alarmPlan) (left bool, err error) {
	for names := range slices.Chunk(a.extra, deleteLimit) {
		if err := s.AlarmManager.Delete(ctx, names); err != nil {
			return false, err
		}
		if err := s.pause(ctx); err != nil {
			return false, err
		}
	}
	for i, alarm := range a.missing {
		if i == alarmsPerInvocation || nearDeadline(ctx) {
			return true, nil
		}
		if managed, err := s.readManagedByAWS(ctx, alarm); err != nil {
			return false, err
		} else if managed {
			continue
		}
		if err := s.AlarmManager.Put(ctx, alarm); err != nil {
			return false, err
		}
		a.standing = append(a.standing, alarm)
		if err := s.pause(ctx); err != nil {
			return false, err
		}
	}
	return false, nil
}

// readManagedByAWS reports managedByAWS for a service before its alarm is made. It
// reads the scaling of AWS if the last reading is too old: idle services are not
// evaluated.
func (s *Sweeper) readManagedByAWS(ctx context.Context, alarm fleet.TriggerAlarm) (bool, error) {
	ref := s.refOf(alarm)
	known, err := s.Store.DemandStates(ctx, []fleet.ServiceRef{ref})
	if err != nil {
		return false, err
	}
	l := known[ref.Key()]
	if s.Now().Sub(l.ScalingAt) <= scalingOld {
		return s.managedByAWS(ref, known), nil
	}
	if l.Scaling, err = s.Alarms.Bounds(ctx, ref); err != nil {
		return false, err
	}
	l.Ref, l.ScalingAt = ref, s.Now()
	return s.managedByAWS(ref, map[string]fleet.DemandState{ref.Key(): l}), s.Store.SaveDemandStates(ctx, []fleet.DemandState{l})
}

func (s *Sweeper) pause(ctx context.Context) error {
	if s.Pace.Pause == nil {
		return nil
	}
	return s.Pace.Pause(ctx, alarmPause)
}
