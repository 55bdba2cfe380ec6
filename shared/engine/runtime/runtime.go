// Package runtime holds the parts that the packages of the engine share: the
// policy, the clock, the log, the metrics, and the handling of errors.
package runtime

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/demand"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
)

// Metrics counts and measures.
type Metrics interface {
	Count(name, reason string, detail map[string]string, now time.Time)
	Duration(name string, d time.Duration, now time.Time)
	Gauge(name string, level int, detail map[string]string, now time.Time)
}

// Notifier alerts the operator.
type Notifier interface {
	Notify(ctx context.Context, e fleet.Episode) error
}

// Journal stores episodes.
type Journal interface {
	Journal(ctx context.Context, e fleet.Episode) error
}

// Timers sends messages that come back as triggers later.
type Timers interface {
	After(ctx context.Context, ref fleet.ServiceRef, delay time.Duration, why, id string, now time.Time) error
	All(ctx context.Context, account fleet.Account, timers []fleet.Timer, id string, now time.Time) error
}

// Rules is the policy in force.
type Rules struct {
	// Policy is nil if it could not be read; Fault is then the reason. Every
	// evaluation reports the fault and changes nothing.
	Policy *policy.Policy
	Fault  error
	// Limit caps the mode of every service; empty caps nothing.
	Limit policy.Mode
	// NoRegistration is the reason why this installation may register no task
	// definition; empty if it may, or if that is unknown.
	NoRegistration string
}

// Runtime is shared by all packages of one engine. It is safe for concurrent use.
type Runtime struct {
	Rules
	// Home is the account and region of the function.
	Home fleet.Account
	// Function is the name of the function, and Owner the name of this instance.
	Function, Owner string
	Now             func() time.Time
	Log             *slog.Logger
	Metrics         Metrics
	// OnEpisode receives every recorded episode; nil receives none.
	OnEpisode func(fleet.Episode)
	// OnGivenUp receives every event that fails for good; nil receives none.
	OnGivenUp func(fleet.Trigger, error)

	controllerOnce sync.Once
	controller     *demand.Controller
}

// Effective returns the policy of a service with its tags. Without a readable
// policy it returns the zero policy, so that nothing is changed.
func (r *Runtime) Effective(ref fleet.ServiceRef, tags map[string]string) policy.Effective {
	if r.Policy == nil {
		return policy.Effective{}
	}
	return r.Policy.For(ref, tags, r.Limit)
}

// Controller returns the demand controller of all evaluations. The first call makes
// it.
func (r *Runtime) Controller() *demand.Controller {
	r.controllerOnce.Do(func() { r.controller = demand.NewController(demand.Usual()) })
	return r.controller
}

// Recorded passes an episode to OnEpisode.
func (r *Runtime) Recorded(e fleet.Episode) {
	if r.OnEpisode != nil {
		r.OnEpisode(e)
	}
}

// ResolveError records the outcome of an event with an error. It returns the error
// only if the event must be delivered again.
func (r *Runtime) ResolveError(ctx context.Context, t fleet.Trigger, err error) error {
	switch fault.ClassOf(err) {
	case fault.Drop:
		r.Dropped(ctx, t, err)
		return nil
	case fault.Terminal:
		r.Metrics.Count(contract.MetricFailed, fault.CodeOf(err), map[string]string{"Event": t.ID}, r.Now())
		r.Denied(err, map[string]string{"Event": t.ID})
		r.Log.ErrorContext(ctx, "giving an event up", "trigger", t.Kind, "event", t.ID, "error", err)
		if r.OnGivenUp != nil {
			r.OnGivenUp(t, err)
		}
		return nil
	}
	return err
}

// Dropped records an unhandled event with the reason.
func (r *Runtime) Dropped(ctx context.Context, t fleet.Trigger, err error) {
	r.Metrics.Count(contract.MetricDropped, fault.CodeOf(err), map[string]string{"Event": t.ID}, r.Now())
	r.Log.WarnContext(ctx, "dropping an event", "trigger", t.Kind, "event", t.ID, "reason", err)
}

// Denied counts an error if AWS refused a call because a permission is missing.
func (r *Runtime) Denied(err error, detail map[string]string) {
	if fault.CodeOf(err) == fault.Denied {
		r.Metrics.Count(contract.MetricDenied, "", detail, r.Now())
	}
}

// RecoverPanic calls do and returns its panic as a terminal fault, because the same
// event would cause the same panic again.
func RecoverPanic(do func() error) (err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = &fault.Fault{Class: fault.Terminal, Code: "panic", Err: errors.New(fmt.Sprint("handling an event panicked: ", broken))}
		}
	}()
	return do()
}

// EpisodeID returns the id of an evaluation. It is the same for the same event,
// service and version of the memory.
func EpisodeID(ref fleet.ServiceRef, t fleet.Trigger, version int64) string {
	sum := sha256.Sum256([]byte(ref.Key() + "\n" + t.ID + "\n" + strconv.FormatInt(version, 10)))
	return hex.EncodeToString(sum[:idBytes])
}
