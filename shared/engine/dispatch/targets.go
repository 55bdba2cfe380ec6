package dispatch

import (
	"context"
	"maps"
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

// targets returns the enrolled services of a trigger. It adds the facts that ECS was
// asked for to the trigger.
func (d *Dispatcher) targets(ctx context.Context, t *fleet.Trigger) ([]fleet.ServiceRef, error) {
	of := *t
	if of.Account == "" {
		of.Account = d.Home.ID
	}
	if of.Region == "" {
		of.Region = d.Home.Region
	}
	find := route.Of(t.Kind).Find
	if find == route.ByTask && of.Service == "" && of.Cluster != "" && of.Task != "" {
		service, err := d.Services.ServiceOf(ctx, of.Cluster, of.Task)
		if err != nil {
			return nil, err
		}
		of.Service, t.Service = service, service
	}
	if ref, ok := of.Ref(); ok {
		yes, err := d.enrolled(ctx, ref)
		if err != nil {
			return nil, err
		}
		if !yes {
			return nil, fault.Dropf("not-enrolled", "%s does not carry the tag %s", ref, contract.TagMode)
		}
		return []fleet.ServiceRef{ref}, nil
	}
	return d.search(ctx, find, of, t)
}

// search returns the services of an event that names none. of is the event with its
// account and region.
func (d *Dispatcher) search(ctx context.Context, find route.Finder, of fleet.Trigger, t *fleet.Trigger) ([]fleet.ServiceRef, error) {
	//exhaustive:enforce
	switch find {
	case route.ByRepository:
		return d.running(ctx, of)
	case route.ByAlarm:
		return d.watching(ctx, of)
	case route.ByInstance:
		return d.hosted(ctx, t)
	case route.ByRegion:
		return d.members(ctx, func(fleet.ServiceRef) bool { return true }, "no service is enrolled")
	case route.ByCluster:
		return d.members(ctx, func(ref fleet.ServiceRef) bool { return ref.Cluster == t.Cluster }, "no service of the cluster "+t.Cluster+" is enrolled")
	case route.ByName, route.ByTask, route.BySweep, route.Discarded:
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

// members returns the enrolled services that fit.
func (d *Dispatcher) members(ctx context.Context, fits func(fleet.ServiceRef) bool, otherwise string) ([]fleet.ServiceRef, error) {
	all, err := d.Sweeper.Members(ctx)
	if err != nil {
		return nil, err
	}
	var refs []fleet.ServiceRef
	for _, s := range all {
		if fits(s.Ref) {
			refs = append(refs, s.Ref)
		}
	}
	if len(refs) == 0 {
		return nil, fault.Dropf("no-service", "%s", otherwise)
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

// hosted returns the enrolled services with tasks on the trigger's EC2 instance, and
// sets the container instance of the trigger. An instance is in at most one cluster,
// and only clusters with enrolled services are asked.
func (d *Dispatcher) hosted(ctx context.Context, t *fleet.Trigger) ([]fleet.ServiceRef, error) {
	all, err := d.Sweeper.Members(ctx)
	if err != nil {
		return nil, err
	}
	enrolled := map[string][]fleet.ServiceRef{}
	for _, s := range all {
		enrolled[s.Ref.Cluster] = append(enrolled[s.Ref.Cluster], s.Ref)
	}
	for _, cluster := range slices.Sorted(maps.Keys(enrolled)) {
		host, services, err := d.Services.Hosted(ctx, cluster, t.Instance.ID)
		if err != nil {
			return nil, err
		}
		if host == "" {
			continue
		}
		t.Instance.Host = host
		refs := slices.DeleteFunc(enrolled[cluster], func(ref fleet.ServiceRef) bool { return !slices.Contains(services, ref.Service) })
		if len(refs) == 0 {
			return nil, fault.Dropf("no-service", "no enrolled service has a task on the instance %s", t.Instance.ID)
		}
		return refs, nil
	}
	return nil, fault.Dropf("no-service", "no cluster with enrolled services has the instance %s", t.Instance.ID)
}
