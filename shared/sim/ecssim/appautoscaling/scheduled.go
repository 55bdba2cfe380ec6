package appautoscaling

import (
	"fmt"
	"slices"
	"time"

	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/schedule"
	"homeostat/shared/sim/ecssim/wire"
)

// scheduledAction changes the bounds of a target by a schedule, in UTC.
type scheduledAction struct {
	name, arn, text string
	schedule        schedule.Schedule
	on              *target
	created         time.Time
	from, until     time.Time   // zero for none
	bounds          wire.Object // MinCapacity and MaxCapacity, from the request
	turn            int         // counts updates, so that a timer of an older schedule does nothing
}

// putScheduledAction adds or updates a scheduled action. An update keeps the schedule
// and the bounds that it omits, and deletes the times. AWS: API reference of
// PutScheduledAction.
func (s *Service) putScheduledAction(in wire.Object) (wire.Object, error) {
	t, err := s.registered(in)
	if err != nil {
		return nil, err
	}
	if zone := in.String("Timezone"); zone != "" && zone != "UTC" && zone != "Etc/UTC" {
		return nil, wire.Errorf("ValidationException", "ecssim does not model the time zone %s of scheduled actions", zone)
	}
	a := s.action(t, in.String("ScheduledActionName"))
	fresh := a == nil
	if fresh {
		a = &scheduledAction{name: in.String("ScheduledActionName"), on: t, created: s.account.Now()}
	}
	if text := in.String("Schedule"); text != "" {
		if a.schedule, err = schedule.Parse(text); err != nil {
			return nil, wire.Errorf("ValidationException", "Schedule %s is not valid: %v", text, err)
		}
		a.text = text
	}
	if given := in.Object("ScalableTargetAction"); given != nil {
		a.bounds = given
	}
	if a.text == "" || len(a.bounds) == 0 {
		return nil, wire.Errorf("ValidationException", "A new scheduled action needs a Schedule and a ScalableTargetAction with a capacity.")
	}
	a.from, _ = in.Time("StartTime")
	a.until, _ = in.Time("EndTime")
	if fresh {
		a.arn = s.account.ARN("autoscaling", "scheduledAction:"+account.UUID(s.account.Names)+":resource/"+t.namespace+"/"+t.resource+":scheduledActionName/"+a.name)
		s.actions = append(s.actions, a)
	}
	a.turn++
	s.await(a, a.turn)
	return wire.Object{}, nil
}

func (s *Service) action(t *target, name string) *scheduledAction {
	for _, a := range s.actions {
		if a.on == t && a.name == name {
			return a
		}
	}
	return nil
}

// await schedules the next run of an action.
func (s *Service) await(a *scheduledAction, turn int) {
	start, after := a.created, s.account.Now()
	if a.from.After(start) {
		start = a.from
	}
	if a.from.After(after) {
		after = a.from.Add(-time.Second)
	}
	at, more := a.schedule.Next(start, after)
	if !more || !a.until.IsZero() && at.After(a.until) {
		return
	}
	s.account.At(at, func() {
		if a.turn != turn || !slices.Contains(s.actions, a) {
			return
		}
		s.run(a)
		s.await(a, turn)
	})
}

// run sets the bounds of the target. A service outside of them is scaled to the nearest
// one.
func (s *Service) run(a *scheduledAction) {
	t := a.on
	if t.noAt {
		return
	}
	if least, ok := a.bounds.Int("MinCapacity"); ok {
		t.minimum = least
	}
	if most, ok := a.bounds.Int("MaxCapacity"); ok {
		t.maximum = most
	}
	if t.service == nil || !t.service.Active() {
		return
	}
	desired, _ := t.service.Counts()
	if wanted := min(max(desired, t.minimum), t.maximum); wanted != desired {
		s.setDesired(t, fmt.Sprintf("scheduled action name %s was triggered", a.name), wanted)
	}
}

func (s *Service) deleteScheduledAction(in wire.Object) (wire.Object, error) {
	if t := s.find(in); t != nil {
		if a := s.action(t, in.String("ScheduledActionName")); a != nil {
			s.actions = slices.DeleteFunc(s.actions, func(other *scheduledAction) bool { return other == a })
			return wire.Object{}, nil
		}
	}
	return nil, wire.Errorf("ObjectNotFoundException",
		"No scheduled action found for service namespace: %s, resource ID: %s, scalable dimension: %s, scheduled action name: %s",
		in.String("ServiceNamespace"), in.String("ResourceId"), in.String("ScalableDimension"), in.String("ScheduledActionName"))
}

func (s *Service) describeScheduledActions(in wire.Object) (wire.Object, error) {
	names := in.Strings("ScheduledActionNames")
	found := []wire.Object{}
	for _, a := range s.actions {
		if a.on.fits(in) && (len(names) == 0 || slices.Contains(names, a.name)) {
			found = append(found, a.object())
		}
	}
	found, next, err := wire.Page(found, in, "MaxResults", "NextToken", describeLimit)
	if err != nil {
		return nil, err
	}
	return wire.SetToken(wire.Object{"ScheduledActions": found}, "NextToken", next), nil
}

func (a *scheduledAction) object() wire.Object {
	return wire.Object{
		"ScheduledActionName": a.name, "ScheduledActionARN": a.arn, "Schedule": a.text, "CreationTime": a.created,
		"ServiceNamespace": a.on.namespace, "ResourceId": a.on.resource, "ScalableDimension": a.on.dimension,
		"ScalableTargetAction": a.bounds, "StartTime": a.from, "EndTime": a.until,
	}
}
