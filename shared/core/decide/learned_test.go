package decide_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/demand"
	"homeostat/shared/core/fleet"
)

func TestAMetricThatCountsTasksTwiceIsContradictedByWhatRan(t *testing.T) {
	in := input()
	sampled([]float64{60}, []float64{3})(&in)
	_, in.Demand = decide.Need(in, in.Demand)
	assert.Equal(t, 3, in.Demand.Ran)

	in.Now = noon().Add(time.Minute)
	next := func(running float64) float64 {
		in.Snapshot.Load.CPU = []fleet.Sample{{At: noon(), Period: time.Minute, Value: 60}}
		in.Snapshot.Load.Running = []fleet.Sample{{At: noon(), Period: time.Minute, Value: running}}
		in.Snapshot.CPU.At = noon()
		need, _ := decide.Need(in, in.Demand)
		require.NotNil(t, need)
		return need.Demand
	}
	assert.InDelta(t, 1.8, next(6), 1e-6, "twice as many as ran")
	assert.InDelta(t, 2.4, next(4), 1e-6, "one that has stopped since, unseen")
	in.Demand.Ran, in.Demand.RanAt = 6, ago(5*time.Minute)
	assert.InDelta(t, 3.6, next(6), 1e-6, "as many as ran a while ago")
}

func TestTasksThatWereJustAddedAreNotGivenBackForWhatWasSeenBefore(t *testing.T) {
	decided := func(given ...change) fleet.Decision {
		in := input()
		for _, f := range append([]change{alarmed(20), watched(20, 3)}, given...) {
			f(&in)
		}
		return decide.Follow(in)
	}
	added := func(before time.Duration) change {
		return func(in *decide.Input) {
			in.Memory.Actions = []fleet.PastAction{{Kind: fleet.ScaleOut, At: ago(before), Status: fleet.Done}}
		}
	}
	assert.Equal(t, fleet.ScaleIn, decided().Kind)
	assert.Equal(t, fleet.ScaleIn, decided(added(5*time.Minute)).Kind, "the newest value is of after their start")
	d := decided(added(2 * time.Minute))
	assert.Nil(t, d.Action)
	assert.Equal(t, []string{"warming-up"}, names(d.Reasons))
}

func TestABetterSignalNeedsNoCPU(t *testing.T) {
	in := input()
	in.Trigger.Kind = fleet.Tick
	in.Snapshot.CPU = fleet.Unknown("throttled")
	in.Policy.TargetGroup, in.Policy.LoadBalancer, in.Policy.RequestsPerTask = "targetgroup/web/1", "app/web/1", 600
	in.Snapshot.Load.Requests = []fleet.Sample{{At: ago(time.Minute), Period: time.Minute, Value: 2700}}
	d := decide.Follow(in)
	assert.Equal(t, fleet.ScaleOut, d.Kind)
	assert.Contains(t, d.Reasons[0].Text, "demand 4.50 tasks (2700 requests in 60 s / 600 a task)")

	in.Policy.RequestsPerTask = 0
	d = decide.Follow(in)
	assert.Nil(t, d.Action, "what a request costs is not known")
	assert.Equal(t, "the CPU metric is unknown: throttled; requests: what a request costs has not been learned yet", d.Reasons[0].Text)

	in.Snapshot.Load.Requests[0].Value = -1
	assert.Contains(t, decide.Follow(in).Reasons[0].Text, "requests: the newest value is -1, below zero")
	in.Snapshot.Load.Requests = nil
	assert.Contains(t, decide.Follow(in).Reasons[0].Text, "requests: CloudWatch has no datapoint")
}

// A count of which nobody has said what it costs is set against the CPU of the same
// time, and tells of the work as soon as that is known: every ten seconds, and
// beyond what a full CPU shows.
func TestWhatTheMetricOfAPolicyCostsIsLearned(t *testing.T) {
	in := input()
	measuring(0)(&in.Policy)
	in.Policy.RequestsPerTask = 1 // is said of the load balancer's
	in.Snapshot.Desired, in.Snapshot.Running = 4, 4
	look := func(count, cpu float64) *demand.Estimate {
		in.Now = in.Now.Add(10 * time.Second)
		end := in.Now.Add(-10 * time.Second)
		load := &in.Snapshot.Load
		*load = fleet.Load{Custom: []fleet.Sample{{At: end, Period: 10 * time.Second, Value: count}}}
		if end.Second()%20 == 0 {
			load.CPU = []fleet.Sample{{At: end, Period: 20 * time.Second, Value: cpu}}
			load.Running = []fleet.Sample{{At: end, Period: 20 * time.Second, Value: 4}}
			in.Snapshot.CPU = fleet.Known(cpu, end, "test")
		}
		need, since := decide.Need(in, in.Demand)
		in.Demand = since
		return need
	}
	for range 10 * 6 {
		look(400, 50)
	}
	need := look(400, 50)
	require.NotNil(t, need)
	assert.InDelta(t, 2, need.Demand, 0.01)
	need = look(4000, 100)
	require.NotNil(t, need)
	assert.InDelta(t, 20, need.Demand, 0.1)
	assert.Contains(t, need.Text, "demand 20.00 tasks (4000 requests in 10 s x 0.05 s)")
	assert.GreaterOrEqual(t, need.Wanted, 25, "a full CPU of four tasks would have said eight at most")

	measuring(200)(&in.Policy)
	in.Demand = fleet.DemandState{}
	need = look(4000, 100)
	require.NotNil(t, need)
	assert.InDelta(t, 20, need.Demand, 0.1, "two hundred a task, in each period")
	assert.Contains(t, need.Text, "demand 20.00 tasks (metric 4000 / 200 a task)")
}

// Who looks again soon does so once the next value is there, of whichever metric
// has one first.
func TestAServiceIsLookedAtAgainWhenItsNextValueIsThere(t *testing.T) {
	again := func(custom time.Duration) time.Duration {
		in := input()
		alarmed(95)(&in)
		measuring(0)(&in.Policy)
		in.Snapshot.Load.Custom = []fleet.Sample{{At: ago(10 * time.Second), Period: custom, Value: 1}}
		return decide.Follow(in).RequeueAfter
	}
	assert.Equal(t, 10*time.Second, again(10*time.Second))
	assert.Equal(t, time.Minute, again(time.Hour))
}

// The CPU target is the built-in one where nobody wrote it: requests know better
// what they need. What a person wrote holds on every signal.
func TestTheCPUTargetOfAPersonHoldsWhereRequestsTellTheWork(t *testing.T) {
	wanted := func(given change) int {
		in := input()
		in.Policy.Max = 50
		in.Policy.TargetGroup, in.Policy.LoadBalancer = "targetgroup/web/1", "app/web/1"
		given(&in)
		for minute := 20; minute >= 0; minute-- {
			in.Now = ago(time.Duration(minute) * time.Minute)
			at := in.Now.Add(-time.Minute)
			in.Snapshot.Desired, in.Snapshot.Running = 10, 10
			in.Snapshot.CPU = fleet.Known(60, at, "test")
			in.Snapshot.Load = fleet.Load{
				CPU:      []fleet.Sample{{At: at, Period: time.Minute, Value: 60}},
				Running:  []fleet.Sample{{At: at, Period: time.Minute, Value: 10}},
				Requests: []fleet.Sample{{At: at, Period: time.Minute, Value: 6000}},
			}
			need, since := decide.Need(in, in.Demand)
			require.NotNil(t, need)
			if in.Demand = since; minute == 0 {
				return need.Tasks
			}
		}
		return 0
	}
	builtIn := wanted(func(*decide.Input) {})
	written := wanted(func(in *decide.Input) { in.Policy.CPU, in.Policy.CPUSaid = 40, true })
	unwritten := wanted(func(in *decide.Input) { in.Policy.CPU = 40 })
	assert.Equal(t, builtIn, unwritten)
	assert.GreaterOrEqual(t, written, 15, "six busy tasks at 40 %%")
	assert.Less(t, builtIn, 15)
}
