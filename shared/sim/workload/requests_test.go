package workload_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"homeostat/shared/core/staffing"
	"homeostat/shared/sim/workload"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// requests simulates a service request by request, without the formulas of the
// model. Each request arrives at its own time, waits in one queue and keeps a slot
// for an exponential time. It leaves after a long wait.
type requests struct {
	chance  *rand.Rand
	service float64   // mean seconds of one request
	timeout float64   // seconds
	slots   []float64 // time at which each slot is free again
	queue   []float64 // arrival times of the waiting requests

	waits, times []float64 // of served requests: waiting time and response time
	arrived      int
	dropped      int
}

func (r *requests) arrive(at float64) {
	r.advance(at)
	r.arrived++
	r.queue = append(r.queue, at)
}

// advance assigns free slots to the waiting requests, first come, first served.
func (r *requests) advance(until float64) {
	for len(r.queue) > 0 {
		first := 0
		for i, free := range r.slots {
			if free < r.slots[first] {
				first = i
			}
		}
		at := max(r.slots[first], r.queue[0])
		if at > until {
			return
		}
		wait := at - r.queue[0]
		r.queue = r.queue[1:]
		if wait > r.timeout {
			r.dropped++
			continue
		}
		took := r.chance.ExpFloat64() * r.service
		r.slots[first] = at + took
		r.waits, r.times = append(r.waits, wait), append(r.times, wait+took)
	}
}

// second adds the arrivals of a second at a rate.
func (r *requests) second(second int, rate float64) {
	for at := r.chance.ExpFloat64() / rate; at < 1; at += r.chance.ExpFloat64() / rate {
		r.arrive(float64(second) + at)
	}
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// over returns the share of the values above a limit.
func over(values []float64, limit float64) float64 {
	n := 0
	for _, v := range values {
		if v > limit {
			n++
		}
	}
	return float64(n) / float64(len(values))
}

func TestErlangsFormulasAreThoseOfRequests(t *testing.T) {
	for _, c := range []struct {
		servers int
		busy    float64
	}{
		{1, 0.5}, {1, 0.8}, {2, 0.6}, {4, 0.8}, {10, 0.7}, {10, 0.9}, {40, 0.85}, {100, 0.9},
	} {
		t.Run(fmt.Sprintf("%d servers, %.0f %% busy", c.servers, c.busy*100), func(t *testing.T) {
			const seed = 1
			t.Logf("seed %d", seed)
			load := c.busy * float64(c.servers)
			r := &requests{chance: rand.New(rand.NewPCG(seed, 1)), service: 1, timeout: math.Inf(1), slots: make([]float64, c.servers)}
			for at := 0.0; r.arrived < 4_000_000; at += r.chance.ExpFloat64() / load {
				r.arrive(at)
			}
			r.advance(math.Inf(1))
			waits := staffing.Waits(c.servers, load)
			assert.InEpsilon(t, waits, over(r.waits, 0), 0.02, "share that waits")
			assert.InEpsilon(t, waits/(float64(c.servers)-load), mean(r.waits), 0.02, "mean wait")
			assert.InEpsilon(t, staffing.WaitsLonger(c.servers, load, 0.5), over(r.waits, 0.5), 0.02, "share that waits longer")
		})
	}
}

// rates holds a rate for each second.
type rates []float64

func (r rates) Seconds() int                    { return len(r) }
func (r rates) Rate(second int) (float64, bool) { return r[second], false }

func during(seconds int, rate float64) rates {
	return slices.Repeat(rates{rate}, seconds)
}

// adds sets a number of tasks at a second.
type adds struct{ at, tasks int }

func (a adds) Scale(s *workload.Sim) {
	if s.Second() == a.at {
		s.SetDesired(a.tasks)
	}
}

// figures holds the figures of one run in either model.
type figures struct {
	late    float64 // share of the requests that waited too long or left
	dropped float64 // share
	wait    float64 // mean seconds of the served requests
	p50     float64 // of the response time, or of the time until the request left
	p95     float64
	p99     float64
}

// play runs both models over the same traffic with many seeds.
func play(t *testing.T, traffic rates, tasks int, by workload.Scaler) (fluid, exact figures) {
	t.Helper()
	const seeds = 10
	t.Logf("seeds 1 to %d", seeds)
	service := workload.Standard()
	for seed := uint64(1); seed <= seeds; seed++ {
		s := workload.New(service, traffic, tasks, seed)
		r := &requests{
			chance: rand.New(rand.NewPCG(seed, 7)), service: service.ServiceTime().Seconds(), timeout: service.Timeout.Seconds(),
		}
		fluid.add(fluidly(s, by, traffic), seeds)
		// The same tasks serve, each from its first ready second on.
		ready := readyAt(s)
		for second, rate := range traffic {
			r.advance(float64(second))
			for range ready[second] * service.Objective.Slots {
				r.slots = append(r.slots, float64(second))
			}
			r.second(second, rate)
		}
		r.advance(math.Inf(1))
		exact.add(r.figures(service), seeds)
	}
	return fluid, exact
}

// readyAt counts the tasks by their first ready second.
func readyAt(s *workload.Sim) map[int]int {
	out := map[int]int{}
	for _, task := range s.Tasks() {
		out[max(0, task.Ready)]++
	}
	return out
}

func (f *figures) add(g figures, of float64) {
	f.late += g.late / of
	f.dropped += g.dropped / of
	f.wait += g.wait / of
	f.p50 += g.p50 / of
	f.p95 += g.p95 / of
	f.p99 += g.p99 / of
}

// figures returns the figures of the requests. A request that left counts with its
// waiting time, as in the ledger.
func (r *requests) figures(service workload.Service) figures {
	all := slices.Clone(r.times)
	for range r.dropped {
		all = append(all, r.timeout+r.chance.ExpFloat64()*r.service)
	}
	slices.Sort(all)
	at := func(q float64) float64 { return all[int(q*float64(len(all)))] }
	limit := service.Objective.Wait * r.service
	share := float64(len(r.waits)) / float64(r.arrived)
	return figures{
		late: over(r.waits, limit)*share + 1 - share, dropped: 1 - share, wait: mean(r.waits),
		p50: at(0.5), p95: at(0.95), p99: at(0.99),
	}
}

// fluidly runs the model and reads the same figures: with Erlang's formula for
// seconds without a backlog, and from the backlog otherwise.
func fluidly(s *workload.Sim, by workload.Scaler, traffic rates) figures {
	var late, wait, served float64
	slots, one := s.Service.Objective.Slots, s.Service.ServiceTime().Seconds()
	for !s.Over() {
		by.Scale(s)
		s.Step()
		w := s.Window(s.Second()-1, s.Second())
		servers := s.Ready() * slots
		load := traffic[s.Second()-1] * one // the formula includes the noise
		if b := s.Backlog(); b > 0 {
			capacity := float64(s.Ready()) * s.Service.Rate
			wait += b / capacity * w.Served
			if b/capacity > s.Service.Objective.Wait*one {
				late += w.Arrived
			}
		} else if load < float64(servers) {
			wait += staffing.Waits(servers, load) / (float64(servers) - load) * one * w.Served
			late += staffing.WaitsLonger(servers, load, s.Service.Objective.Wait) * w.Arrived
		}
		served += w.Served
	}
	l := s.Ledger()
	q := l.Latencies(0.5, 0.95, 0.99)
	return figures{late: late / l.Requests, dropped: l.Rejected / l.Requests, wait: wait / served, p50: q[0], p95: q[1], p99: q[2]}
}

func TestTheFluidModelAgreesWithRequests(t *testing.T) {
	still := adds{at: -1}
	overload := slices.Concat(during(300, 100), during(120, 260), during(600, 100))
	for _, c := range []struct {
		name    string
		traffic rates
		by      workload.Scaler
		within  float64 // tolerance for the mean wait and the high quantiles
	}{
		{"half busy", during(1800, 100), still, 0.05},
		{"70 % busy", during(1800, 140), still, 0.05},
		{"80 % busy", during(1800, 160), still, 0.05},
		{"90 % busy", during(1800, 180), still, 0.05},
		{"a step to 130 % and back", overload, still, 0.05},
		// The fluid model rejects by the capacity of the current tasks within the
		// timeout. A request that waits during a scale-out may be served late
		// instead.
		{"a step that is scaled out for", slices.Concat(during(300, 100), during(900, 300)), adds{330, 20}, 0.15},
	} {
		t.Run(c.name, func(t *testing.T) {
			fluid, exact := play(t, c.traffic, 10, c.by)
			t.Logf("fluid    %+v", fluid)
			t.Logf("requests %+v", exact)
			require.NotZero(t, exact.p50)
			assert.InDelta(t, exact.late, fluid.late, 0.01, "share that waits too long")
			assert.InDelta(t, exact.dropped, fluid.dropped, 0.002, "share that is given up")
			assert.InDelta(t, exact.wait, fluid.wait, 0.002+c.within*exact.wait, "mean wait")
			assert.InEpsilon(t, exact.p50, fluid.p50, 0.1, "median")
			assert.InEpsilon(t, exact.p95, fluid.p95, c.within)
			assert.InEpsilon(t, exact.p99, fluid.p99, c.within)
		})
	}
}
