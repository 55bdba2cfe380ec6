package demand_test

import (
	"math"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"homeostat/shared/core/demand"
	"homeostat/shared/sim/simtest/fixture"
)

// days simulates the days and nights of a service sample by sample: ten busy tasks
// at noon and two at night, with Poisson noise and slow gusts.
type days struct {
	chance *rand.Rand
	now    time.Time
	gust   float64
	tasks  int
}

func newDays() *days {
	return &days{chance: rand.New(rand.NewPCG(7, 7)), now: fixture.Noon(), tasks: 3}
}

const ofDays = 20 * time.Second

// next returns the observation one sample later.
func (d *days) next() demand.Observation {
	d.now = d.now.Add(ofDays)
	d.gust += 0.02*d.chance.NormFloat64() - 0.05*d.gust
	perSecond := 120 * (1 + 0.66*math.Cos(2*math.Pi*float64(d.now.Unix())/86400)) * math.Exp(d.gust)
	mean := perSecond * ofDays.Seconds()
	count := max(0, math.Round(mean+math.Sqrt(mean)*d.chance.NormFloat64()))
	end := d.now.Add(-15 * time.Second)
	point := func(value float64) []demand.Point {
		return []demand.Point{{At: end, Period: ofDays, Value: value}}
	}
	running := float64(d.tasks)
	o := demand.Observation{
		Now: d.now, Desired: d.tasks, Ready: d.tasks, Running: point(running), Requests: point(count),
		CPU: point(min(100, 100*count/20/ofDays.Seconds()/running)),
	}
	if d.chance.IntN(100) == 0 {
		o.Startups = []time.Duration{time.Duration(35+d.chance.IntN(20)) * time.Second}
	}
	return o
}

// learned returns a state after some days, and the days after them.
func learned(tb testing.TB, many int) (*demand.State, *days) {
	tb.Helper()
	s, k, d := &demand.State{}, controller(), newDays()
	for range many * int(24*time.Hour/ofDays) {
		if e, ok := k.Step(s, d.next(), settings()); ok {
			d.tasks = e.Tasks
		}
	}
	require.Greater(tb, s.Samples(), many*4000)
	return s, d
}

// again returns the stored and read state, with its bytes.
func again(tb testing.TB, s *demand.State) (*demand.State, []byte) {
	tb.Helper()
	data, err := s.MarshalBinary()
	require.NoError(tb, err)
	out := &demand.State{}
	require.NoError(tb, out.UnmarshalBinary(data))
	return out, data
}

func TestAStateIsSmall(t *testing.T) {
	for name, c := range map[string]struct{ days, most int }{
		"a new state":         {0, 3000},
		"a state of two days": {2, 5500},
	} {
		t.Run(name, func(t *testing.T) {
			s := &demand.State{}
			if c.days > 0 {
				s, _ = learned(t, c.days)
			}
			_, data := again(t, s)
			assert.Less(t, len(data), c.most)
			t.Logf("%d bytes", len(data))
		})
	}
}

func TestAStoredStateDecidesTheNextStepAlike(t *testing.T) {
	var kept demand.State
	k, d := controller(), newDays()
	samples, alike, changes := 0, 0, 0
	for range 2 * int(24*time.Hour/ofDays) {
		o := d.next()
		stored, _ := again(t, &kept)
		want, ok := k.Step(&kept, o, settings())
		got, too := k.Step(stored, o, settings())
		require.Equal(t, ok, too)
		if !ok {
			continue
		}
		if samples++; want.Tasks != d.tasks {
			changes++
		}
		d.tasks = want.Tasks
		if want.Tasks == got.Tasks {
			alike++
		}
	}
	require.Greater(t, samples, 8000)
	require.Greater(t, changes, 100)
	t.Logf("%d of %d, with %d changes", alike, samples, changes)
	assert.Greater(t, float64(alike), 0.998*float64(samples))
}

// Rounding decides between strategies of equal loss, and the two states may differ
// for hours. Their counts are then similar, not equal.
func TestAStateStoredAtEachSampleDecidesAsWellAsOneInMemory(t *testing.T) {
	var kept demand.State
	stored, k, d := &demand.State{}, controller(), newDays()
	samples, near, ofKept, ofStored := 0, 0, 0, 0
	for range 2 * int(24*time.Hour/ofDays) {
		o := d.next()
		want, ok := k.Step(&kept, o, settings())
		got, too := k.Step(stored, o, settings())
		require.Equal(t, ok, too)
		stored, _ = again(t, stored)
		if !ok {
			continue
		}
		samples++
		d.tasks = want.Tasks
		ofKept, ofStored = ofKept+want.Tasks, ofStored+got.Tasks
		if off := want.Tasks - got.Tasks; off*off <= 1 {
			near++
		}
	}
	require.Greater(t, samples, 8000)
	t.Logf("%d of %d within a task of each other; %d and %d task-samples", near, samples, ofKept, ofStored)
	assert.Greater(t, float64(near), 0.95*float64(samples))
	assert.InEpsilon(t, ofKept, ofStored, 0.01)
}

func TestAStoredStateIsStoredTheSameAgain(t *testing.T) {
	s, d := learned(t, 1)
	k := controller()
	for range 200 {
		if e, ok := k.Step(s, d.next(), settings()); ok {
			d.tasks = e.Tasks
		}
		next, first := again(t, s)
		_, second := again(t, next)
		require.Equal(t, first, second)
	}
}

// A stable service with a trigger alarm is evaluated each quarter of an hour, with
// all values since then.
func TestALateEvaluationLearnsFromTheMissedValues(t *testing.T) {
	var each, late demand.State
	k, d := controller(), newDays()
	var since demand.Observation
	for i := range 3 * int(time.Hour/ofDays) {
		o := d.next()
		k.Step(&each, o, settings())
		since.Requests, since.CPU, since.Running = append(since.Requests, o.Requests...), append(since.CPU, o.CPU...), append(since.Running, o.Running...)
		if i%45 == 44 {
			since.Now, since.Desired, since.Ready = o.Now, o.Desired, o.Ready
			_, ok := k.Step(&late, since, settings())
			require.True(t, ok)
			since = demand.Observation{}
		}
	}
	require.Greater(t, each.Samples(), 500)
	assert.Greater(t, late.Samples(), each.Samples()-45, "all evaluations but the first one have learned from all values")
	assert.Equal(t, each.Newest, late.Newest)
}

func TestCorruptBytesLeaveTheStateUnchanged(t *testing.T) {
	s, _ := learned(t, 1)
	s, whole := again(t, s)
	rapid.Check(t, func(t *rapid.T) {
		data := append([]byte(nil), whole...)
		switch rapid.IntRange(0, 2).Draw(t, "harm") {
		case 0:
			data = data[:rapid.IntRange(0, len(data)-1).Draw(t, "cut")]
		case 1:
			data = append(data, rapid.Byte().Draw(t, "more"))
		default:
			data[0] = rapid.SampledFrom([]byte{0, 1, 2, 3, 255}).Draw(t, "layout")
		}
		state := *s
		require.Error(t, state.UnmarshalBinary(data))
		assert.Equal(t, *s, state)
	})
}

// The file holds a state of one day that an earlier version stored, on requests.
func TestAStateOfAnEarlierVersionIsRead(t *testing.T) {
	stored, err := os.ReadFile("testdata/state-layout-4.bin")
	require.NoError(t, err)
	var s demand.State
	require.NoError(t, s.UnmarshalBinary(stored))
	assert.Equal(t, demand.Requests, s.Signal)
	assert.Equal(t, 4311, s.Samples())
	data, err := s.MarshalBinary()
	require.NoError(t, err)
	assert.Equal(t, stored, data)
}

func FuzzAStateOfAnyBytesIsReadOrRefused(f *testing.F) {
	_, empty := again(f, &demand.State{})
	some, _ := learned(f, 1)
	_, full := again(f, some)
	f.Add(empty)
	f.Add(full)
	f.Add([]byte{3})
	f.Add([]byte{})
	k := controller()
	f.Fuzz(func(t *testing.T, data []byte) {
		var s demand.State
		if s.UnmarshalBinary(data) != nil {
			assert.Equal(t, demand.State{}, s)
			return
		}
		next, first := again(t, &s)
		_, second := again(t, next)
		assert.Equal(t, first, second)
		for i := range 3 {
			k.Step(&s, busy(fixture.Noon().Add(time.Duration(i)*tick), 50, 3), settings())
		}
	})
}

func BenchmarkALook(b *testing.B) {
	s, d := learned(b, 2)
	_, data := again(b, s)
	k := controller()
	seen := make([]demand.Observation, 0, 1000)
	for range cap(seen) {
		seen = append(seen, d.next())
	}
	i, span := 0, time.Duration(len(seen))*ofDays
	b.ReportAllocs()
	for b.Loop() {
		o := later(seen[i%len(seen)], time.Duration(i/len(seen))*span)
		var state demand.State
		if err := state.UnmarshalBinary(data); err != nil {
			b.Fatal(err)
		}
		k.Step(&state, o, settings())
		data, _ = state.MarshalBinary()
		i++
	}
	b.ReportMetric(float64(len(data)), "bytes")
}

// later returns an observation moved ahead in time.
func later(o demand.Observation, by time.Duration) demand.Observation {
	o.Now = o.Now.Add(by)
	for _, points := range []*[]demand.Point{&o.Requests, &o.CPU, &o.Running} {
		moved := append([]demand.Point(nil), *points...)
		for i := range moved {
			moved[i].At = moved[i].At.Add(by)
		}
		*points = moved
	}
	return o
}
