package engine_test

import (
	"context"
	"slices"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/engine"
	"homeostat/shared/engine/event"
)

// actor is the real actor. A test may make it fail before the call.
type actor struct {
	event.Actor
	before  func() error
	applied []fleet.Action
}

func (a *actor) Apply(ctx context.Context, ref fleet.ServiceRef, action fleet.Action) (fleet.Result, error) {
	if a.before != nil {
		if err := a.before(); err != nil {
			return fleet.Result{}, err
		}
	}
	a.applied = append(a.applied, action)
	return a.Actor.Apply(ctx, ref, action)
}

// observer is the real observer. A test may let something happen during its read, or
// make task definitions unreadable.
type observer struct {
	engine.Observer
	during func()
	// undescribed is the error of each read of tasks by id; nil for none.
	undescribed error
	// described are further tasks that ECS knows.
	described map[string]*fleet.DescribedTask
	// undefined is the error of reading a task definition.
	undefined error
}

func (o *observer) Described(ctx context.Context, ref fleet.ServiceRef, tasks []string) (map[string]*fleet.DescribedTask, error) {
	if o.undescribed != nil {
		return nil, o.undescribed
	}
	found, err := o.Observer.Described(ctx, ref, tasks)
	for id, d := range o.described {
		if slices.Contains(tasks, id) && err == nil {
			found[id] = d
		}
	}
	return found, err
}

func (o *observer) Snapshot(ctx context.Context, ref fleet.ServiceRef, needs fleet.Needs, now time.Time) (fleet.Snapshot, error) {
	if during := o.during; during != nil {
		o.during = nil
		during()
	}
	return o.Observer.Snapshot(ctx, ref, needs, now)
}

// Definition fails if the test says so.
func (o *observer) Definition(ctx context.Context, name string) (*fleet.Definition, error) {
	if o.undefined != nil {
		return nil, o.undefined
	}
	return o.Observer.Definition(ctx, name)
}

// metrics counts by "name/reason", and keeps every level by name.
type metrics struct {
	counts map[string]int
	levels map[string][]int
}

func (m *metrics) Count(name, reason string, _ map[string]string, _ time.Time) {
	if m.counts == nil {
		m.counts = map[string]int{}
	}
	m.counts[name+"/"+reason]++
}

func (m *metrics) Duration(name string, _ time.Duration, now time.Time) { m.Count(name, "", nil, now) }

func (m *metrics) Gauge(name string, level int, _ map[string]string, _ time.Time) {
	if m.levels == nil {
		m.levels = map[string][]int{}
	}
	m.levels[name] = append(m.levels[name], level)
}

// notifications holds the episodes of all alerts.
type notifications struct{ episodes []fleet.Episode }

func (n *notifications) Notify(_ context.Context, e fleet.Episode) error {
	n.episodes = append(n.episodes, e)
	return nil
}

// timers holds the scheduled evaluations.
type timers struct {
	delays []time.Duration
	whys   []string
	all    []fleet.Timer
}

func (s *timers) All(_ context.Context, _ fleet.Account, all []fleet.Timer, _ string, _ time.Time) error {
	s.all = append(s.all, all...)
	return nil
}

func (s *timers) After(_ context.Context, _ fleet.ServiceRef, delay time.Duration, why, _ string, _ time.Time) error {
	s.delays, s.whys = append(s.delays, delay), append(s.whys, why)
	return nil
}
