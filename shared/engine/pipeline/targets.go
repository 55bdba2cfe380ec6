package pipeline

import (
	"context"
	"slices"
	"sync"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/decide"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/route"
)

// enrolment remembers for a minute which services carry our tag, so that a
// storm of events costs one read.
type enrolment struct {
	mu    sync.Mutex
	known map[string]enrolled
}

type enrolled struct {
	yes   bool
	until time.Time
}

const enrolmentFor = time.Minute

// admit refuses events that are not ours to handle.
func (p *Pipeline) admit(t fleet.Trigger) error {
	if route.Of(t.Kind).Find == route.Discarded {
		return fault.Dropf("ignored", "%s", t.Reason)
	}
	if t.Account != "" && t.Account != p.Home.Account && !slices.Contains(p.Accounts, t.Account) {
		return fault.Dropf("foreign-account", "the event is of account %s", t.Account)
	}
	if t.Region != "" && t.Region != p.Home.Region {
		return fault.Dropf("foreign-region", "the event is of region %s", t.Region)
	}
	return nil
}

// targets are the enrolled services that a trigger is about.
func (p *Pipeline) targets(ctx context.Context, t fleet.Trigger) ([]fleet.ServiceRef, error) {
	if t.Account == "" {
		t.Account = p.Home.Account
	}
	if t.Region == "" {
		t.Region = p.Home.Region
	}
	if ref, ok := t.Ref(); ok {
		yes, err := p.enrolled(ctx, ref)
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
		return p.running(ctx, t)
	case route.ByAlarm:
		return p.watching(ctx, t)
	case route.ByName, route.BySweep, route.Unresolved, route.Discarded:
	}
	return nil, fault.Dropf("no-service", "the event names no service")
}

func (p *Pipeline) enrolled(ctx context.Context, ref fleet.ServiceRef) (bool, error) {
	now := p.Now()
	p.enrolment.mu.Lock()
	known, ok := p.enrolment.known[ref.Key()]
	p.enrolment.mu.Unlock()
	if ok && now.Before(known.until) {
		return known.yes, nil
	}
	tags, found, err := p.Observer.Tags(ctx, ref)
	if err != nil {
		return false, err
	}
	_, yes := tags[contract.TagMode]
	yes = yes && found
	p.enrolment.mu.Lock()
	defer p.enrolment.mu.Unlock()
	if p.enrolment.known == nil {
		p.enrolment.known = map[string]enrolled{}
	}
	p.enrolment.known[ref.Key()] = enrolled{yes: yes, until: now.Add(enrolmentFor)}
	return yes, nil
}

// running are the enrolled services that run the pushed repository.
func (p *Pipeline) running(ctx context.Context, t fleet.Trigger) ([]fleet.ServiceRef, error) {
	all, err := p.members(ctx)
	if err != nil {
		return nil, err
	}
	var refs []fleet.ServiceRef
	for _, s := range all {
		images, err := p.Services.Images(ctx, s.TaskDefinition)
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

// watching are the enrolled services for which the alarm counts as evidence: an
// alarm about a load balancer or a composite one names no service.
func (p *Pipeline) watching(ctx context.Context, t fleet.Trigger) ([]fleet.ServiceRef, error) {
	all, err := p.members(ctx)
	if err != nil {
		return nil, err
	}
	var refs []fleet.ServiceRef
	for _, s := range all {
		if decide.Watches(s, p.effective(s.Ref, s.Tags), t.Alarm.Name) {
			refs = append(refs, s.Ref)
		}
	}
	if len(refs) == 0 {
		return nil, fault.Dropf("no-service", "no enrolled service watches the alarm %s", t.Alarm.Name)
	}
	return refs, nil
}
