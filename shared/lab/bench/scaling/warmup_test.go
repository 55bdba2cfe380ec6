package scaling

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/sim/traffic"
	"homeostat/shared/sim/workload"
)

// recordingScaler records the seconds and the task counts of its calls.
type recordingScaler struct{ seconds, tasks []int }

func (a *recordingScaler) Scale(s *workload.Sim) {
	a.seconds, a.tasks = append(a.seconds, s.Second()), append(a.tasks, s.Desired())
}

func TestAShortMemoryStartsTwoHoursBeforeTheMeasurement(t *testing.T) {
	long := spans(3*hour, 14, 3*hour, 50)
	for name, c := range map[string]struct {
		trace traffic.Trace
		from  int
		first int
		tasks int
	}{
		"with the tasks of that second":             {spans(hour, 14, 4*hour, 50), 4 * hour, 2 * hour, 7},
		"from the start where there is less before": {long, 2 * hour, 0, 2},
		"from the start where a step may be missed": {long, 5 * hour, 0, 2},
	} {
		t.Run(name, func(t *testing.T) {
			if c.first > 0 { // a rate that is not steady has no step
				c.trace.Requests[0] = 1000
			}
			a := &recordingScaler{}
			Measure(c.trace, plain(), 1, c.from, withWarmUp(a, c.trace, plain(), c.from))
			require.NotEmpty(t, a.seconds)
			assert.Equal(t, c.first, a.seconds[0])
			assert.Len(t, a.seconds, c.trace.Seconds()-c.first, "and each second from then on")
			if c.first > 0 {
				rate, _ := c.trace.Rate(c.first)
				assert.Equal(t, workload.Needed(plain().Capacities(), rate), a.tasks[0])
			}
		})
	}
}

func TestAShortMemoryHardlyChangesTheFigures(t *testing.T) {
	trace := traffic.Trace{Name: "hours", Step: 60, Requests: make([]float64, 10*60)}
	for i := range trace.Requests {
		trace.Requests[i] = 60 * float64(200+30*(i%50))
	}
	for _, c := range baselines() {
		if !c.ShortMemory {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			service := workload.Standard()
			_, from := Second.Cut(trace)
			run := func(delayed bool) Run {
				scaler := c.Settings[0].New(RunInput{Service: service, Trace: trace, Seed: 1})
				if delayed {
					scaler = withWarmUp(scaler, trace, service, from)
				}
				return Measure(trace, service, 1, from, scaler)
			}
			whole, delayed := run(false), run(true)
			assert.Equal(t, whole.Requests, delayed.Requests, "the arrivals are the same")
			assert.InEpsilon(t, whole.TaskHours, delayed.TaskHours, 0.03)
			assert.InDelta(t, whole.Violating, delayed.Violating, 3)
		})
	}
}

func TestTheBusiestPartIsWatched(t *testing.T) {
	day := traffic.Trace{Name: "day", Step: 60, Requests: make([]float64, 48*60)}
	for i := range day.Requests {
		day.Requests[i] = 60 * 14
	}
	day.Requests[30*60] = 60 * 70
	w := busiest(day)
	assert.Equal(t, Watch{From: 27 * hour, To: 33 * hour, Every: 60}, w)
	need := w.need(day, plain())
	assert.Len(t, need, 360)
	assert.Equal(t, 2.0, need[0])
	assert.Greater(t, need[180], 4.0, "the peak is in the middle")

	short := busiest(spans(600, 14, 600, 50))
	assert.Equal(t, Watch{From: 600, To: 1200, Every: 2}, short)

	c := Policy{Name: "fleet", Settings: []Setting{{"three", func(RunInput) workload.Scaler { return script{0: 3} }}}}
	var got []Sample
	j := Job{Traces: []traffic.Trace{day}, Service: plain(), Seeds: []uint64{1, 2}, Half: Second, Watch: w}
	require.NoError(t, Play(t.Context(), j, []Policy{c}, func(s Sample) error {
		got = append(got, s)
		return nil
	}))
	assert.Equal(t, 3.0, got[0].Tasks[100])
	assert.Len(t, got[0].Tasks, 360)
	assert.Empty(t, got[1].Tasks, "only the first seed is watched")
}
