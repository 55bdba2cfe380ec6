package costs

import (
	"context"
	"fmt"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/sim/ecssim/bus"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// Rate holds the usage of the events of one service at a daily rate.
type Rate struct {
	PerDay float64
	// Events is the number of counted events, and Used is their usage.
	Events float64
	Used   *Ledger
	// Episodes is the number of episodes for each event. Episode and Evidence are
	// their sizes in the table, and Standing is the size of the permanent items of
	// a service, all in bytes.
	Episodes, Episode, Evidence, Standing float64
}

// Sweep holds the usage of one sweep: a fixed part and a part for each enrolled
// service.
type Sweep struct {
	Name         string
	Fixed, Added *Ledger
	// Alarms is the number of trigger alarms of each service.
	Alarms float64
}

// Figures holds all measured figures.
type Figures struct {
	Rates []Rate
	// Stable is for services without events, Tagged for services with a watched
	// tag, and Above for services with more tasks than their minimum. The other two
	// are for services without a trigger alarm.
	Stable, Tagged, Above, StableWithoutAlarm, AboveWithoutAlarm Sweep
}

const (
	policyPlain        = "version: 1\n"
	policyTag          = "version: 1\nredeploy: {tag: stable}\n"
	policyWithoutAlarm = "version: 1\nscale: {arm: false}\n"
	day                = 24 * time.Hour
	// warmUp is the time until the memory and the evidence of a service have their
	// final size. Evidence is kept for 48 hours.
	warmUp = 2 * day
	// cycle is the number of events in the mix: four starts and four stops of
	// tasks, and the start and the end of an alarm.
	cycle = 10
	// alarmTime is the longest duration of the alarm.
	alarmTime = 10 * time.Minute
	// busyRPS keeps a task at 60 % of its capacity of 100 requests a second.
	busyRPS = 60
)

// Measure measures the usage of Homeostat.
func Measure(ctx context.Context) (f Figures, err error) {
	for _, perDay := range []int{1, 10, 100} {
		r, err := measureRate(ctx, perDay)
		if err != nil {
			return f, fmt.Errorf("%d events a day: %w", perDay, err)
		}
		f.Rates = append(f.Rates, r)
	}
	for _, s := range []struct {
		into        *Sweep
		name, rules string
		desired     int
	}{
		{&f.Stable, "stable, no watched tag", policyPlain, 1},
		{&f.Tagged, "stable, a watched tag", policyTag, 1},
		{&f.Above, "above the minimum, no watched tag", policyPlain, 2},
		{&f.StableWithoutAlarm, "stable, no trigger alarm", policyWithoutAlarm, 1},
		{&f.AboveWithoutAlarm, "above the minimum, no trigger alarm", policyWithoutAlarm, 2},
	} {
		if *s.into, err = measureSweep(ctx, s.rules, s.desired); err != nil {
			return f, fmt.Errorf("sweeping services %s: %w", s.name, err)
		}
		s.into.Name = s.name
	}
	return f, nil
}

// measureRate plays a service with a daily number of events.
func measureRate(ctx context.Context, perDay int) (Rate, error) {
	r := Rate{PerDay: float64(perDay)}
	w, err := newWorld(ctx, 1, policyPlain, 1)
	if err != nil {
		return r, err
	}
	step, start := day/time.Duration(perDay), w.sim.Now()
	// Play whole cycles, so that each kind of event has its share, for at least a
	// day.
	warm, counted := int(warmUp/step), max(cycle, perDay)
	warm += (cycle - warm%cycle) % cycle
	episodes := 0.0
	for i := range warm + counted {
		if i == warm {
			if episodes, err = w.episodes(); err != nil {
				return r, err
			}
			w.ledger = newLedger()
		}
		if err := w.event(i%cycle, start.Add(time.Duration(i+1)*step)); err != nil {
			return r, err
		}
	}
	r.Used, r.Events = w.ledger, float64(counted)
	w.ledger = newLedger()
	return r, r.measureStorage(w, episodes)
}

// event advances the clock and sends the event. The alarm ends soon after its
// start at every rate.
func (w *world) event(place int, at time.Time) error {
	if early := w.sim.Now().Add(alarmTime); place == cycle-1 && early.Before(at) {
		at = early
	}
	w.sim.RunUntil(at)
	if err := w.expire(); err != nil {
		return err
	}
	var raw []byte
	var err error
	function := contract.FunctionHeal
	switch {
	case place == cycle-2:
		function = contract.FunctionScale
		raw, err = w.alarm("ALARM", "OK")
	case place == cycle-1:
		function = contract.FunctionScale
		raw, err = w.alarm("OK", "ALARM")
	case place%2 == 0:
		raw, err = w.task("RUNNING")
	default:
		raw, err = w.task("STOPPED")
	}
	if err != nil {
		return err
	}
	return w.invoke(function, raw)
}

// timers sends the timers of the functions to the sweep.
func (w *world) timers(batch []bus.Message) (failed []string) {
	for _, m := range batch {
		if err := w.invoke(contract.FunctionSweep, []byte(m.Body)); err != nil {
			w.fault = err
		}
	}
	return failed
}

// episodes returns the number of episodes in the table.
func (w *world) episodes() (float64, error) {
	_, items, err := w.storedItems()
	return items["episode"], err
}

// measureStorage sets the numbers and sizes of the items in the table.
func (r *Rate) measureStorage(w *world, before float64) error {
	bytes, items, err := w.storedItems()
	if err != nil {
		return err
	}
	r.Episodes = (items["episode"] - before) / r.Events
	r.Episode, r.Evidence = bytes["episode"]/items["episode"], bytes["evidence"]/items["evidence"]
	r.Standing = bytes["memory"] + bytes["lease"]
	return w.fault
}

// measureSweep plays three hours of the schedule on fleets of two sizes. The
// usage of one service follows from their difference.
func measureSweep(ctx context.Context, rules string, desired int) (Sweep, error) {
	const small, large, ticks = 10, 30, 180
	var found [2]*Ledger
	var alarms [2]float64
	for i, services := range []int{small, large} {
		w, err := newWorld(ctx, services, rules, desired)
		if err != nil {
			return Sweep{}, err
		}
		at := w.sim.Now().Truncate(time.Hour)
		for tick := range 2 * ticks {
			if tick == ticks { // skip the effects of the start
				w.ledger = newLedger()
			}
			at = at.Add(time.Minute)
			w.sim.RunUntil(at)
			if err := w.tick(); err != nil {
				return Sweep{}, err
			}
		}
		if w.fault != nil {
			return Sweep{}, w.fault
		}
		found[i] = w.ledger
		if alarms[i], err = w.triggerAlarms(); err != nil {
			return Sweep{}, err
		}
	}
	fixed, added := line(found[0], small, found[1], large)
	return Sweep{Fixed: fixed.times(1.0 / ticks), Added: added.times(1.0 / ticks), Alarms: (alarms[1] - alarms[0]) / (large - small)}, nil
}

// triggerAlarms returns the number of trigger alarms.
func (w *world) triggerAlarms() (n float64, err error) {
	for page, first := "", true; first || page != ""; first = false {
		found, next, err := w.alarms.TriggerAlarms(w.ctx, page)
		if err != nil {
			return 0, err
		}
		n, page = n+float64(len(found)), next
	}
	return n, nil
}

// line returns the fixed part and the part for each service from the usage of n
// and of m services.
func line(a *Ledger, n float64, b *Ledger, m float64) (fixed, added *Ledger) {
	added = b.plus(a.times(-1)).times(1 / (m - n))
	fixed = a.plus(added.times(-n))
	fixed.Series = b.Series
	return fixed, added
}

// raise sets the desired count of every service and a load that needs it.
func (w *world) raise(services, desired int) error {
	for i := range services {
		if err := w.sim.SetLoad(cluster, serviceName(i), func(time.Time) float64 { return busyRPS * float64(desired) }, time.Minute); err != nil {
			return err
		}
		_, err := w.ecs.UpdateService(w.ctx, &ecs.UpdateServiceInput{
			Cluster: aws.String(cluster), Service: aws.String(serviceName(i)), DesiredCount: aws.Int32(int32(desired)),
		})
		if err != nil {
			return err
		}
	}
	w.sim.RunUntil(w.sim.Now().Add(10 * time.Minute))
	return nil
}

func serviceName(i int) string { return fmt.Sprint("web-", i) }
