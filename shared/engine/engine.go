// Package engine assembles the parts of the engine. Package dispatch finds the
// services of an event, and event evaluates one service. Package sweep finds the
// services that need an evaluation. Package massfailure shares failures between
// services.
package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/engine/dispatch"
	"homeostat/shared/engine/event"
	"homeostat/shared/engine/massfailure"
	"homeostat/shared/engine/runtime"
	"homeostat/shared/engine/sweep"
)

// Observer reads services one by one, and the images of task definitions.
type Observer interface {
	event.Observer
	dispatch.Services
}

// Store is all state of the engine.
type Store interface {
	event.Store
	massfailure.Store
	sweep.Store
}

// Deps are the parts of the engine with I/O. All but Logs must be set.
type Deps struct {
	Observer     Observer
	Services     sweep.ServiceLister
	Loads        sweep.Loads
	Alarms       sweep.Alarms
	AlarmManager sweep.AlarmManager
	Actor        event.Actor
	Keeper       event.Keeper
	Store        Store
	Metrics      runtime.Metrics
	Notifier     runtime.Notifier
	Timers       runtime.Timers
	// Logs reads the log lines of stopped tasks; nil without the permission.
	Logs event.LogReader
}

// Options holds the policy, the pace and the identity of an engine.
type Options struct {
	runtime.Rules
	sweep.Pace
	// Home is the account and region of the function.
	Home fleet.Account
	// Accounts are further accounts with events that count.
	Accounts []string
	// Function is the name of the function. Owner is the name of this instance; if
	// empty, the name of the function is used.
	Function, Owner string
	// Now is the clock. It must be set, so that no test runs on the wall clock by
	// accident.
	Now func() time.Time
	// Log receives the log; nil discards it.
	Log *slog.Logger
	// OnEpisode receives every recorded episode, and OnGivenUp every event that fails for
	// good, with its error. Nil receives none.
	OnEpisode func(fleet.Episode)
	OnGivenUp func(fleet.Trigger, error)
}

// Engine handles the events of one function.
type Engine struct {
	*dispatch.Dispatcher
}

// New assembles an engine. The error names every missing dependency and option.
func New(deps Deps, o Options) (*Engine, error) {
	if err := errors.Join(deps.check(), o.check()); err != nil {
		return nil, fmt.Errorf("assembling the engine: %w", err)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Owner == "" {
		o.Owner = o.Function
	}
	shared := &runtime.Runtime{
		Rules: o.Rules, Home: o.Home, Function: o.Function, Owner: o.Owner,
		Now: o.Now, Log: o.Log, Metrics: deps.Metrics, OnEpisode: o.OnEpisode, OnGivenUp: o.OnGivenUp,
	}
	detector := &massfailure.Detector{Runtime: shared, Store: deps.Store, Notifier: deps.Notifier}
	pipeline := &event.Pipeline{
		Runtime: shared, Observer: deps.Observer, Actor: deps.Actor, Store: deps.Store,
		Timers: deps.Timers, Notifier: deps.Notifier, Logs: deps.Logs, Keeper: deps.Keeper, MassFailure: detector,
	}
	sweeper := &sweep.Sweeper{
		Runtime: shared, Pace: o.Pace, Services: deps.Services, Loads: deps.Loads, Alarms: deps.Alarms,
		AlarmManager: deps.AlarmManager, Store: deps.Store, Timers: deps.Timers, Reconciler: pipeline, Counter: detector,
	}
	return &Engine{&dispatch.Dispatcher{
		Runtime: shared, Accounts: o.Accounts, Services: deps.Observer, Reconciler: pipeline, Sweeper: sweeper,
	}}, nil
}

// Reconcile evaluates one service for a trigger, whatever service the trigger
// names.
func (e *Engine) Reconcile(ctx context.Context, ref fleet.ServiceRef, t fleet.Trigger) error {
	return e.Reconciler.Reconcile(ctx, ref, t)
}

func (d Deps) check() error {
	var missing []error
	v := reflect.ValueOf(d)
	for i := range v.NumField() {
		if name := v.Type().Field(i).Name; v.Field(i).IsNil() && name != "Logs" {
			missing = append(missing, fmt.Errorf("the dependency %s is missing", name))
		}
	}
	return errors.Join(missing...)
}

func (o Options) check() error {
	var faults []error
	if o.Policy == nil && o.Fault == nil {
		faults = append(faults, errors.New("the option Policy is missing, and so is Fault"))
	}
	if o.Home.ID == "" || o.Home.Region == "" {
		faults = append(faults, errors.New("the option Home needs an account and a region"))
	}
	if o.Function == "" {
		faults = append(faults, errors.New("the option Function is missing"))
	}
	if o.Now == nil {
		faults = append(faults, errors.New("the option Now is missing"))
	}
	if o.Every < 0 || o.Parallel < 0 {
		faults = append(faults, fmt.Errorf("the pace must not be negative, got an interval of %s and %d at once", o.Every, o.Parallel))
	}
	return errors.Join(faults...)
}
