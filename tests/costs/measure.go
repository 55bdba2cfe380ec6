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

// Rate is what the events of one service take, at so many a day.
type Rate struct {
	PerDay float64
	// Events were counted, Used is what they took.
	Events float64
	Used   *Ledger
	// Episodes is how many were written for each event; Episode and Evidence are
	// the bytes of one in the table; Standing what a service has there always.
	Episodes, Episode, Evidence, Standing float64
}

// Sweep is what one call of the sweep takes: Fixed whatever it finds, Added by
// each enrolled service.
type Sweep struct {
	Name         string
	Fixed, Added *Ledger
	// Alarms is how many arming alarms each service has.
	Alarms float64
}

// Figures are all that was measured.
type Figures struct {
	Rates []Rate
	// Idle, Tagged and Above are services in which nothing happens, with a
	// watched tag, and with more tasks than their minimum; the others are without
	// an arming alarm.
	AtRest, Tagged, Above, AtRestAsked, AboveAsked Sweep
}

const (
	policyPlain = "version: 1\n"
	policyTag   = "version: 1\nredeploy: {tag: stable}\n"
	policyAsked = "version: 1\nscale: {arm: false}\n"
	day         = 24 * time.Hour
	// settled is when the memory and the evidence of a service have their size:
	// evidence is kept for 48 hours.
	settled = 2 * day
	// cycle is the mix of events: four tasks come and go, an alarm rings and ends.
	cycle = 10
	// ringing is how long the alarm rings at most.
	ringing = 10 * time.Minute
	// busyRPS is what keeps a task at 60 % of its capacity of 100.
	busyRPS = 60
)

// Measure counts what Homeostat does.
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
		{&f.AtRest, "at rest, no tag is watched", policyPlain, 1},
		{&f.Tagged, "at rest, a tag is watched", policyTag, 1},
		{&f.Above, "above its minimum, no tag is watched", policyPlain, 2},
		{&f.AtRestAsked, "at rest, without an alarm", policyAsked, 1},
		{&f.AboveAsked, "above its minimum, without an alarm", policyAsked, 2},
	} {
		if *s.into, err = measureSweep(ctx, s.rules, s.desired); err != nil {
			return f, fmt.Errorf("sweeping services %s: %w", s.name, err)
		}
		s.into.Name = s.name
	}
	return f, nil
}

// measureRate plays a service to which so many events a day happen.
func measureRate(ctx context.Context, perDay int) (Rate, error) {
	r := Rate{PerDay: float64(perDay)}
	w, err := newWorld(ctx, 1, policyPlain, 1)
	if err != nil {
		return r, err
	}
	step, start := day/time.Duration(perDay), w.sim.Now()
	// Whole cycles, so that each kind of event has its share; a day of them at least.
	warm, counted := int(settled/step), max(cycle, perDay)
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
	return r, r.weigh(w, episodes)
}

// event moves to its time and lets it happen. The alarm's end comes soon after
// its beginning, however rare events are.
func (w *world) event(place int, at time.Time) error {
	if early := w.sim.Now().Add(ringing); place == cycle-1 && early.Before(at) {
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

// timers lets the sweep keep the timers that functions set.
func (w *world) timers(batch []bus.Message) (failed []string) {
	for _, m := range batch {
		if err := w.invoke(contract.FunctionSweep, []byte(m.Body)); err != nil {
			w.fault = err
		}
	}
	return failed
}

func (w *world) episodes() (float64, error) {
	_, items, err := w.kept()
	return items["episode"], err
}

func (r *Rate) weigh(w *world, before float64) error {
	bytes, items, err := w.kept()
	if err != nil {
		return err
	}
	r.Episodes = (items["episode"] - before) / r.Events
	r.Episode, r.Evidence = bytes["episode"]/items["episode"], bytes["evidence"]/items["evidence"]
	r.Standing = bytes["memory"] + bytes["lease"]
	return w.fault
}

// measureSweep plays three hours of the schedule on fleets of two sizes: their
// difference is what a service adds.
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
			if tick == ticks { // what is said once is said by now
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
		if alarms[i], err = w.armed(); err != nil {
			return Sweep{}, err
		}
	}
	fixed, added := line(found[0], small, found[1], large)
	return Sweep{Fixed: fixed.times(1.0 / ticks), Added: added.times(1.0 / ticks), Alarms: (alarms[1] - alarms[0]) / (large - small)}, nil
}

// armed is how many arming alarms stand.
func (w *world) armed() (n float64, err error) {
	for page, first := "", true; first || page != ""; first = false {
		found, next, err := w.alarms.TriggerAlarms(w.ctx, page)
		if err != nil {
			return 0, err
		}
		n, page = n+float64(len(found)), next
	}
	return n, nil
}

// line is the straight line through what n and m services took.
func line(a *Ledger, n float64, b *Ledger, m float64) (fixed, added *Ledger) {
	added = b.plus(a.times(-1)).times(1 / (m - n))
	fixed = a.plus(added.times(-n))
	fixed.Series = b.Series
	return fixed, added
}

// raise sets the desired count of every service, and gives it work for so many
// tasks, or it would soon be as low as it was.
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
