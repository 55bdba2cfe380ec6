package dispatch

import (
	"context"
	"slices"
	"sync"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/polling"
	"homeostat/shared/core/route"
)

// enrolment caches for a minute whether services carry the tag, so that a storm of
// events costs one read.
type enrolment struct {
	mu    sync.Mutex
	known map[string]enrolled
}

type enrolled struct {
	yes   bool
	until time.Time
}

// admit refuses events that the function does not handle.
func (d *Dispatcher) admit(t fleet.Trigger) error {
	if route.Of(t.Kind).Find == route.Discarded {
		return fault.Dropf("ignored", "%s", t.Reason)
	}
	if t.Account != "" && t.Account != d.Home.ID && !slices.Contains(d.Accounts, t.Account) {
		return fault.Dropf("foreign-account", "the event is of account %s", t.Account)
	}
	if t.Region != "" && t.Region != d.Home.Region {
		return fault.Dropf("foreign-region", "the event is of region %s", t.Region)
	}
	return nil
}

// targets returns the enrolled services of a trigger.
func (d *Dispatcher) targets(ctx context.Context, t fleet.Trigger) ([]fleet.ServiceRef, error) {
	if t.Account == "" {
		t.Account = d.Home.ID
	}
	if t.Region == "" {
		t.Region = d.Home.Region
	}
	if ref, ok := t.Ref(); ok {
		yes, err := d.enrolled(ctx, ref)
		if err != nil {
			return nil, err
		}
		if !yes {
			return nil, fault.Dropf("not-enrolled", "%s does not carry the tag %s", ref, contract.TagMode)
		}
		return []fleet.ServiceRef{ref}, nil
	}
	//exhaustive:enforce
	switch route.Of(t.Kind).Find {
	case route.ByRepository:
		return d.running(ctx, t)
	case route.ByAlarm:
		return d.watching(ctx, t)
	case route.ByName, route.BySweep, route.Unresolved, route.Discarded:
	}
	return nil, fault.Dropf("no-service", "the event names no service")
}

func (d *Dispatcher) enrolled(ctx context.Context, ref fleet.ServiceRef) (bool, error) {
	now := d.Now()
	d.enrolment.mu.Lock()
	known, ok := d.enrolment.known[ref.Key()]
	d.enrolment.mu.Unlock()
	if ok && now.Before(known.until) {
		return known.yes, nil
	}
	tags, found, err := d.Services.Tags(ctx, ref)
	if err != nil {
		return false, err
	}
	_, yes := tags[contract.TagMode]
	yes = yes && found
	d.enrolment.mu.Lock()
	defer d.enrolment.mu.Unlock()
	if d.enrolment.known == nil {
		d.enrolment.known = map[string]enrolled{}
	}
	d.enrolment.known[ref.Key()] = enrolled{yes: yes, until: now.Add(enrolmentFor)}
	return yes, nil
}

// running returns the enrolled services that run the pushed repository.
func (d *Dispatcher) running(ctx context.Context, t fleet.Trigger) ([]fleet.ServiceRef, error) {
	all, err := d.Sweeper.Members(ctx)
	if err != nil {
		return nil, err
	}
	var refs []fleet.ServiceRef
	for _, s := range all {
		images, err := d.Services.Images(ctx, s.TaskDefinition)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(images, func(c fleet.ContainerImage) bool { return c.Image.Repository == t.Image.Repository }) {
			refs = append(refs, s.Ref)
		}
	}
	if len(refs) == 0 {
		return nil, fault.Dropf("no-service", "no enrolled service runs %s", t.Image.Repository)
	}
	return refs, nil
}

// watching returns the enrolled services with the alarm as evidence. An alarm of a
// load balancer, or a composite alarm, names no service.
func (d *Dispatcher) watching(ctx context.Context, t fleet.Trigger) ([]fleet.ServiceRef, error) {
	all, err := d.Sweeper.Members(ctx)
	if err != nil {
		return nil, err
	}
	var refs []fleet.ServiceRef
	for _, s := range all {
		if polling.Watches(s, d.Effective(s.Ref, s.Tags), t.Alarm.Name) {
			refs = append(refs, s.Ref)
		}
	}
	if len(refs) == 0 {
		return nil, fault.Dropf("no-service", "no enrolled service watches the alarm %s", t.Alarm.Name)
	}
	return refs, nil
}
