// Package dispatch takes the events of a function. It decodes them, refuses events
// of other accounts, finds the services of each event, and passes it on.
package dispatch

import (
	"context"
	"errors"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/decode"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/route"
	"homeostat/shared/engine/runtime"
)

// Services reads the tags of a service, the images of a task definition, and the
// services of tasks.
type Services interface {
	Tags(ctx context.Context, ref fleet.ServiceRef) (tags map[string]string, found bool, err error)
	Images(ctx context.Context, definition string) ([]fleet.ContainerImage, error)
	ServiceOf(ctx context.Context, cluster, task string) (service string, err error)
	Hosted(ctx context.Context, cluster, instance string) (host string, services []string, err error)
}

// Reconciler evaluates one service.
type Reconciler interface {
	Reconcile(ctx context.Context, ref fleet.ServiceRef, t fleet.Trigger) error
}

// Sweeper sweeps over the enrolled services, and lists them.
type Sweeper interface {
	Sweep(ctx context.Context, t fleet.Trigger) error
	Members(ctx context.Context) ([]fleet.Snapshot, error)
}

// Dispatcher passes events on. The zero cache of enrolments is ready to use.
type Dispatcher struct {
	*runtime.Runtime
	// Accounts are further accounts with events that count.
	Accounts   []string
	Services   Services
	Reconciler Reconciler
	Sweeper    Sweeper

	enrolment enrolment
}

// Handle takes one event, or one envelope with several. The error joins the
// faults of events that must be delivered again; all other events were handled,
// or recorded as dropped or failed.
func (d *Dispatcher) Handle(ctx context.Context, raw []byte) error {
	var faults []error
	for _, outcome := range decode.Events(raw) {
		if outcome.Err != nil {
			d.Dropped(ctx, outcome.Trigger, outcome.Err)
			continue
		}
		faults = append(faults, d.ResolveError(ctx, outcome.Trigger, d.trigger(ctx, outcome.Trigger)))
	}
	return errors.Join(faults...)
}

// trigger finds the services of a trigger and reconciles each.
func (d *Dispatcher) trigger(ctx context.Context, t fleet.Trigger) error {
	d.Metrics.Count(contract.MetricEvents, string(t.Kind), nil, d.Now())
	if err := d.admit(t); err != nil {
		return err
	}
	r := route.Of(t.Kind)
	if r.Find == route.BySweep && t.Service != "" && t.Account == "" && t.Region == "" {
		// A tick by hand need not name the account of the function.
		t.Partition, t.Account, t.Region = d.Home.Partition, d.Home.ID, d.Home.Region
	}
	if _, named := t.Ref(); r.Find == route.BySweep && !named {
		return d.Sweeper.Sweep(ctx, t)
	}
	refs, err := d.targets(ctx, &t)
	if err != nil {
		return err
	}
	var faults []error
	for _, ref := range refs {
		faults = append(faults, d.ResolveError(ctx, t, d.Reconciler.Reconcile(ctx, ref, t)))
	}
	return errors.Join(faults...)
}
