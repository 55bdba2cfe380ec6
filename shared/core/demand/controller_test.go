package demand_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"homeostat/shared/core/demand"
	"homeostat/shared/sim/simtest/fixture"
	"homeostat/shared/sim/workload"
)

const tick = 10 * time.Second

func controller() *demand.Controller { return demand.NewController(demand.Usual()) }

// counted returns an observation of one count of requests. 20 requests a second
// are one busy task.
func counted(now time.Time, perSecond float64) demand.Observation {
	return demand.Observation{
		Now: now, Desired: 1, Ready: 1,
		Requests: []demand.Point{{At: now.Add(-tick), Period: tick, Value: perSecond * tick.Seconds()}},
	}
}

// settings returns bounds without targets.
func settings() demand.Settings {
	return demand.Settings{Min: 1, Max: 100, Tick: tick, LoadPerTask: 0, RequestsPerTask: 0}
}

// busy returns an observation of the CPU of running tasks.
func busy(now time.Time, percent, running float64) demand.Observation {
	end := now.Add(-tick)
	return demand.Observation{
		Now: now, Desired: int(running), Ready: int(running),
		CPU:     []demand.Point{{At: end, Period: 20 * time.Second, Value: percent}},
		Running: []demand.Point{{At: end, Period: 20 * time.Second, Value: running}},
	}
}

func TestWithoutAUsableSignalTheNeedIsUnknown(t *testing.T) {
	now := fixture.Noon()
	point := func(value float64, age, period time.Duration) []demand.Point {
		return []demand.Point{{At: now.Add(-age), Period: period, Value: value}}
	}
	running := point(3, time.Minute, time.Minute)
	for name, o := range map[string]demand.Observation{
		"no value":                            {},
		"CPU that is NaN":                     {CPU: point(math.NaN(), time.Minute, time.Minute), Running: running},
		"a negative CPU":                      {CPU: point(-1, time.Minute, time.Minute), Running: running},
		"CPU of another unit":                 {CPU: point(1e6, time.Minute, time.Minute), Running: running},
		"an old CPU":                          {CPU: point(50, time.Hour, time.Minute), Running: point(3, time.Hour, time.Minute)},
		"CPU of the future":                   {CPU: point(50, -time.Hour, time.Minute), Running: point(3, -time.Hour, time.Minute)},
		"CPU without a period":                {CPU: point(50, time.Minute, 0), Running: running},
		"CPU of an unknown number of tasks":   {CPU: point(50, time.Minute, time.Minute)},
		"CPU of no task":                      {CPU: point(50, time.Minute, time.Minute), Running: point(0, time.Minute, time.Minute)},
		"requests with an unknown cost":       {Requests: point(500, time.Minute, time.Minute)},
		"a load without a capacity of a task": {Load: point(500, time.Minute, time.Minute)},
		"infinitely many requests":            {Requests: point(math.Inf(1), time.Minute, time.Minute)},
		"only start-up times":                 {Startups: []time.Duration{time.Minute}},
		"only a backlog":                      {Backlog: &demand.Point{At: now, Period: time.Minute, Value: 9}},
	} {
		t.Run(name, func(t *testing.T) {
			var s demand.State
			o.Now = now
			_, ok := controller().Step(&s, o, demand.Settings{Min: 1, Max: 10, BacklogPerTask: 1})
			assert.False(t, ok)
		})
	}
}

func TestTheSameValueTwiceChangesNothing(t *testing.T) {
	once, twice := demand.State{}, demand.State{}
	k := controller()
	for i := range 50 {
		now := fixture.Noon().Add(time.Duration(i) * 20 * time.Second)
		o := busy(now, 60, 4)
		k.Step(&once, o, settings())
		k.Step(&twice, o, settings())
		k.Step(&twice, o, settings())
	}
	assert.Equal(t, once, twice)
}

// A rare evaluation reads several values at once. They are not late, so the need
// is the same as with one value for each evaluation.
func TestValuesReadTogetherAreNotLate(t *testing.T) {
	one, rare := demand.State{}, demand.State{}
	k := controller()
	var batch demand.Observation
	for i := range 300 {
		now := fixture.Noon().Add(time.Duration(i) * time.Minute)
		o := busy(now, 40+20*math.Sin(float64(i)/30), 8)
		single, ok := k.Step(&one, o, settings())
		require.True(t, ok)
		batch.CPU, batch.Running = append(batch.CPU, o.CPU...), append(batch.Running, o.Running...)
		if i%3 != 2 {
			continue
		}
		batch.Now, batch.Desired, batch.Ready = o.Now, o.Desired, o.Ready
		together, ok := k.Step(&rare, batch, settings())
		require.True(t, ok)
		assert.Equal(t, single.Tasks, together.Tasks, "minute %d", i)
		batch = demand.Observation{}
	}
}

func TestASmallServiceGetsMoreHeadroom(t *testing.T) {
	needed := func(busyTasks float64) int {
		var s demand.State
		tasks := 0
		for i := range 300 {
			o := busy(fixture.Noon().Add(time.Duration(i)*20*time.Second), 50, busyTasks*2)
			o.Desired = 1
			e, ok := controller().Step(&s, o, settings())
			require.True(t, ok)
			tasks = e.Tasks
		}
		return tasks
	}
	assert.Equal(t, 2, needed(0.9), "one task would be 90 % busy")
	assert.Equal(t, 2, needed(0.5), "at 50 % more than one request in ten would wait")
	assert.GreaterOrEqual(t, needed(16), 20)
	assert.LessOrEqual(t, needed(16), 22, "a large service is near its ceiling of 80 %")
}

func TestADeclaredCPUTargetApplies(t *testing.T) {
	var s demand.State
	c := settings()
	c.CPU = 40
	e, ok := controller().Step(&s, busy(fixture.Noon(), 50, 20), c)
	require.True(t, ok)
	assert.GreaterOrEqual(t, e.Tasks, 25, "10 busy tasks at 40 %")
}

func TestASaturatedCPUPanics(t *testing.T) {
	var s demand.State
	e, ok := controller().Step(&s, busy(fixture.Noon(), 100, 10), settings())
	require.True(t, ok)
	assert.GreaterOrEqual(t, e.Tasks, 18)
	assert.Contains(t, e.Text, "; CPU saturated, excess demand unknown: 18 tasks")
}

// After a step to ten times the traffic, the simulated service has the needed
// count within one start-up time and 30 s.
func TestAStepIsFollowedWithinAStartUpAndHalfAMinute(t *testing.T) {
	const at, startUp = 3000, 40
	s := newStep(at, startUp)
	reached := 0
	for !s.sim.Over() {
		s.scale()
		s.sim.Step()
		if s.sim.Second() > at && s.sim.Ready() >= s.needed {
			reached = s.sim.Second() - at
			break
		}
	}
	require.NotZero(t, reached, "the capacity was never reached")
	assert.LessOrEqual(t, reached, startUp+30)
}

// stepped is a simulated service with a step of its traffic.
type stepped struct {
	sim    *workload.Sim
	k      *demand.Controller
	state  demand.State
	needed int
}

// stepRates is a rate of 30 requests a second, and 300 from a second on.
type stepRates struct{ at int }

func (r stepRates) Seconds() int { return r.at + 600 }

func (r stepRates) Rate(second int) (float64, bool) {
	if second < r.at {
		return 30, false
	}
	return 300, false
}

func newStep(at, startUp int) *stepped {
	service := workload.Standard()
	service.StartMedian, service.StartSigma, service.HealthInterval = time.Duration(startUp)*time.Second, 0, 0
	rates := stepRates{at}
	return &stepped{
		sim: workload.New(service, rates, 3, 1), k: controller(), needed: workload.Needed(service.Capacities(), 300),
	}
}

func (s *stepped) scale() {
	now := s.sim.Second()
	if now%10 != 0 || now < 20 {
		return
	}
	moment := func(second int) time.Time { return time.Unix(int64(second), 0).UTC() }
	window := s.sim.Window(now-20, now-10)
	cpu, _ := window.CPU()
	point := func(v float64) []demand.Point { return []demand.Point{{At: moment(now - 10), Period: tick, Value: v}} }
	o := demand.Observation{
		Now: moment(now), Desired: s.sim.Desired(), Ready: s.sim.Ready(),
		Requests: point(window.Arrived), CPU: point(cpu), Running: point(window.Running / window.Seconds),
		Startups: []time.Duration{40 * time.Second},
	}
	if e, ok := s.k.Step(&s.state, o, settings()); ok {
		s.sim.SetDesired(e.Tasks)
	}
}

// For any input, the count is within the bounds, a stored state is read as it was
// written, and no step panics.
func TestTheCountIsWithinTheBounds(t *testing.T) {
	k := controller()
	value := rapid.OneOf(rapid.Float64Range(0, 200), rapid.Just(math.NaN()), rapid.Just(math.Inf(1)), rapid.Float64())
	rapid.Check(t, func(t *rapid.T) {
		var s demand.State
		low := rapid.IntRange(0, 20).Draw(t, "min")
		c := demand.Settings{
			Min: low, Max: low + rapid.IntRange(0, 50).Draw(t, "more"), Tick: tick,
			CPU:   rapid.SampledFrom([]float64{0, 70}).Draw(t, "target"),
			Price: rapid.SampledFrom([]float64{0, 0.1, math.Inf(1), -1, math.NaN()}).Draw(t, "price"),
		}
		now := fixture.Noon()
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(-5, 90).Draw(t, "seconds")) * time.Second)
			o := busy(now, value.Draw(t, "cpu"), rapid.Float64Range(-1, 60).Draw(t, "running"))
			o.Requests = counted(now, value.Draw(t, "requests")).Requests
			o.Deploying = rapid.Bool().Draw(t, "deploying")
			if e, ok := k.Step(&s, o, c); ok {
				if e.Tasks < max(1, c.Min) || e.Tasks > max(1, c.Max) {
					t.Fatalf("%d tasks, outside %d to %d: %s", e.Tasks, c.Min, c.Max, e.Text)
				}
			}
		}
		data, err := s.MarshalBinary()
		require.NoError(t, err)
		var again demand.State
		require.NoError(t, again.UnmarshalBinary(data))
		second, err := again.MarshalBinary()
		require.NoError(t, err)
		assert.Equal(t, data, second)
	})
}

func BenchmarkOneDecision(b *testing.B) {
	var s demand.State
	k := controller()
	for i := 0; b.Loop(); i++ {
		now := fixture.Noon().Add(time.Duration(i) * 20 * time.Second)
		k.Step(&s, busy(now, 40+30*math.Sin(float64(i)/50), 8), settings())
	}
}
