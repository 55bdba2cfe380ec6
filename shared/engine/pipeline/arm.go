package pipeline

import (
	"context"
	"maps"
	"slices"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/decide"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
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
func (p *Pipeline) syncsAlarmsNow(t fleet.Trigger) bool {
	return p.Every != time.Minute || t.At.Minute()%alarmSyncEvery == alarmSyncAt
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
func (p *Pipeline) syncAlarms(ctx context.Context, t fleet.Trigger) error {
	desk := p.Home
	desk.Cluster, desk.Service = "*", "arming"
	lease, ok, err := p.Leases.Acquire(ctx, desk, p.Owner, p.Now())
	if err != nil || !ok || p.Policy == nil {
		return err
	}
	defer func() { _ = p.Leases.Abandon(ctx, lease) }()
	a, known, err := p.compareAlarms(ctx)
	if err != nil || !known {
		return p.logAndContinue(ctx, err)
	}
	left, failed := p.mendAlarms(ctx, &a)
	if err := p.AlarmIndexes.SaveAlarmIndex(ctx, p.Home, a.standing, p.Now()); err != nil {
		return err
	}
	if failed != nil || !left {
		return p.logAndContinue(ctx, failed)
	}
	return p.Timers.All(ctx, p.Home, []fleet.Timer{{Why: contract.TimerAlarms}}, t.ID+"-arm", p.Now())
}

// logAndContinue says what failed and lets it wait for the next round.
func (p *Pipeline) logAndContinue(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	p.denied(err, nil)
	p.Metrics.Count(contract.MetricRetries, fault.CodeOf(err), nil, p.Now())
	p.Log.WarnContext(ctx, "arming alarms were not read, made or removed, the next round tries again", "error", err)
	return nil
}

// compareAlarms compares what stands with what should. known is false where the
// roster is not whole: a service that was not read has not lost its alarm.
func (p *Pipeline) compareAlarms(ctx context.Context) (a alarmPlan, known bool, err error) {
	r, err := p.Inventories.Inventory(ctx, p.Home)
	if err != nil || r.CompletedAt.IsZero() || p.Now().Sub(r.CompletedAt) > inventoryFor {
		return a, false, err
	}
	if a.wanted, a.moving, err = p.wantedAlarms(ctx, r.Members()); err != nil {
		return a, false, err
	}
	for page, first := "", true; first || page != ""; first = false {
		var found map[string]fleet.TriggerAlarm
		if found, page, err = p.Alarms.TriggerAlarms(ctx, page); err != nil {
			return a, false, err
		}
		for _, name := range slices.Sorted(maps.Keys(found)) {
			a.sort(name, found[name])
		}
		if page != "" {
			if err := p.rest(ctx); err != nil {
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
func (p *Pipeline) wantedAlarms(ctx context.Context, members []fleet.Member) (wanted map[string]fleet.TriggerAlarm, moving map[string]bool, err error) {
	wanted, moving = map[string]fleet.TriggerAlarm{}, map[string]bool{}
	above, refs := map[string]bool{}, []fleet.ServiceRef{}
	for _, m := range members {
		ref := m.Ref(p.Home)
		rules := p.effective(ref, m.Tags)
		if alarm, ok := decide.TriggerAlarm(ref, p.controller(), rules, m.Desired, m.HighResolution); ok {
			wanted[alarm.Name()] = alarm
			above[alarm.Name()] = !decide.Idle(m.Snapshot(p.Home), rules, p.Now())
			refs = append(refs, ref)
		}
	}
	known, err := p.Demands.DemandStates(ctx, refs)
	if err != nil {
		return nil, nil, err
	}
	for name, alarm := range wanted {
		ref := p.refOf(alarm)
		if p.steers(ref, known) {
			delete(wanted, name)
		}
		moving[name] = above[name] && known[ref.Key()].SteadySince.IsZero()
	}
	return wanted, moving, nil
}

// steers reports whether AWS's own policies are known to move the count of a
// service that is not to be taken over.
func (p *Pipeline) steers(ref fleet.ServiceRef, known map[string]fleet.DemandState) bool {
	l := known[ref.Key()]
	return p.Now().Sub(l.ScalingAt) <= scalingOld && l.Scaling.Steered() && !p.effective(ref, nil).Own
}

func (p *Pipeline) refOf(alarm fleet.TriggerAlarm) fleet.ServiceRef {
	ref := p.Home
	ref.Cluster, ref.Service = alarm.Cluster, alarm.Service
	return ref
}

// mendAlarms removes what is too much, first, so that there is room for what is
// missing. left says that there is more to be made than one invocation makes.
func (p *Pipeline) mendAlarms(ctx context.Context, a *alarmPlan) (left bool, err error) {
	for names := range slices.Chunk(a.extra, deleteLimit) {
		if err := p.AlarmManager.Delete(ctx, names); err != nil {
			return false, err
		}
		if err := p.rest(ctx); err != nil {
			return false, err
		}
	}
	for i, alarm := range a.missing {
		if i == alarmsPerInvocation || nearDeadline(ctx) {
			return true, nil
		}
		if steered, err := p.steered(ctx, alarm); err != nil {
			return false, err
		} else if steered {
			continue
		}
		if err := p.AlarmManager.Put(ctx, alarm); err != nil {
			return false, err
		}
		a.standing = append(a.standing, alarm)
		if err := p.rest(ctx); err != nil {
			return false, err
		}
	}
	return false, nil
}

// steered reads whether AWS's own policies move the count of a service that is
// to get an alarm, where that is not known: one at rest is not looked at.
func (p *Pipeline) steered(ctx context.Context, alarm fleet.TriggerAlarm) (bool, error) {
	ref := p.refOf(alarm)
	known, err := p.Demands.DemandStates(ctx, []fleet.ServiceRef{ref})
	if err != nil {
		return false, err
	}
	l := known[ref.Key()]
	if p.Now().Sub(l.ScalingAt) <= scalingOld {
		return p.steers(ref, known), nil
	}
	if l.Scaling, err = p.Alarms.Bounds(ctx, ref); err != nil {
		return false, err
	}
	l.Ref, l.ScalingAt = ref, p.Now()
	return p.steers(ref, map[string]fleet.DemandState{ref.Key(): l}), p.Demands.SaveDemandStates(ctx, []fleet.DemandState{l})
}

func (p *Pipeline) rest(ctx context.Context) error {
	if p.Pause == nil {
		return nil
	}
	return p.Pause(ctx, alarmPause)
}
