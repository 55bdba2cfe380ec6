package decide_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/demand"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"
)

func TestTasksThatAreCountedTwiceAreCorrected(t *testing.T) {
	in := input()
	sampled([]float64{60}, []float64{3})(&in)
	_, in.Demand = decide.Need(in, in.Demand)
	assert.Equal(t, 3, in.Demand.Ran)

	in.Now = fixture.Noon().Add(time.Minute)
	next := func(running float64) float64 {
		in.Snapshot.Load.CPU = []fleet.Sample{{At: fixture.Noon(), Period: time.Minute, Value: 60}}
		in.Snapshot.Load.Running = []fleet.Sample{{At: fixture.Noon(), Period: time.Minute, Value: running}}
		in.Snapshot.CPU.At = fixture.Noon()
		need, _ := decide.Need(in, in.Demand)
		require.NotNil(t, need)
		return need.Demand
	}
	assert.InDelta(t, 1.8, next(6), 1e-6, "twice as many as ran")
	assert.InDelta(t, 2.4, next(4), 1e-6, "one more task, stopped since")
	in.Demand.Ran, in.Demand.RanAt = 6, ago(5*time.Minute)
	assert.InDelta(t, 3.6, next(6), 1e-6, "as many as ran recently")
}

func TestNewTasksAreNotRemovedBecauseOfOldSamples(t *testing.T) {
	decided := func(given ...change) fleet.Decision {
		in := input()
		for _, f := range append([]change{inAlarm(20), learned(20, 3)}, given...) {
			f(&in)
		}
		return followed(t, in)
	}
	added := func(before time.Duration) change {
		return func(in *decide.Input) {
			in.Memory.Actions = []fleet.PastAction{{Kind: fleet.ScaleOut, At: ago(before), Status: fleet.Done}}
		}
	}
	assert.Equal(t, fleet.ScaleIn, decided().Kind)
	assert.Equal(t, fleet.ScaleIn, decided(added(5*time.Minute)).Kind, "the newest sample is from after their start")
	d := decided(added(2 * time.Minute))
	assert.Nil(t, d.Action)
	assert.Equal(t, []string{"warming-up"}, fixture.ReasonNames(d.Reasons))
}

func TestABetterSignalNeedsNoCPU(t *testing.T) {
	in := input()
	in.Trigger.Kind = fleet.Tick
	in.Snapshot.CPU = fleet.Unknown("throttled")
	in.Policy.TargetGroup, in.Policy.LoadBalancer, in.Policy.RequestsPerTask = "targetgroup/web/1", "app/web/1", 600
	in.Snapshot.Load.Requests = []fleet.Sample{{At: ago(time.Minute), Period: time.Minute, Value: 2700}}
	d := followed(t, in)
	assert.Equal(t, fleet.ScaleOut, d.Kind)
	assert.Equal(t, "4.50", d.Reasons[0].Fields.Get("demand"), "2700 requests in a minute, 600 for each task")

	in.Policy.RequestsPerTask = 0
	d = followed(t, in)
	assert.Nil(t, d.Action, "the cost of a request is unknown")
	assert.Equal(t, "the CPU metric is unknown: throttled", d.Reasons[0].Text)
	assert.Equal(t, "requests: the cost of one request is not learned yet", d.Reasons[0].Detail)

	in.Snapshot.Load.Requests[0].Value = -1
	assert.Contains(t, followed(t, in).Reasons[0].Detail, "requests: the newest value is -1, below zero")
	in.Snapshot.Load.Requests = nil
	assert.Contains(t, followed(t, in).Reasons[0].Detail, "requests: CloudWatch has no datapoint")
}

// The cost of a count is learned from the CPU of the same time. From then on the count
// shows the demand every 10 s, also above a CPU of 100 %.
func TestTheCostOfThePolicysMetricIsLearned(t *testing.T) {
	in := input()
	withMetric(&in.Policy, 0)
	in.Policy.RequestsPerTask = 1 // it is meant for the load balancer's requests
	in.Snapshot.Desired, in.Snapshot.Running = 4, 4
	evaluate := func(count, cpu float64) *demand.Estimate {
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
		evaluate(400, 50)
	}
	need := evaluate(400, 50)
	require.NotNil(t, need)
	assert.InDelta(t, 2, need.Demand, 0.01)
	need = evaluate(4000, 100)
	require.NotNil(t, need)
	assert.InDelta(t, 20, need.Demand, 0.1)
	assert.GreaterOrEqual(t, need.Wanted, 25, "a CPU of 100 % on four tasks shows eight at most")

	withMetric(&in.Policy, 200)
	in.Demand = fleet.DemandState{}
	need = evaluate(4000, 100)
	require.NotNil(t, need)
	assert.InDelta(t, 20, need.Demand, 0.1, "200 for each task in each period")
}

func TestAHotServiceIsEvaluatedAtTheNextSampleOfThePolicysMetric(t *testing.T) {
	again := func(custom time.Duration) time.Duration {
		in := input()
		inAlarm(95)(&in)
		withMetric(&in.Policy, 0)
		in.Snapshot.Load.Custom = []fleet.Sample{{At: ago(10 * time.Second), Period: custom, Value: 1}}
		return followed(t, in).RequeueAfter
	}
	assert.Equal(t, 10*time.Second, again(10*time.Second))
	assert.Equal(t, time.Minute, again(time.Hour))
}

// A CPU target in the policy holds for each signal. The default target does not hold if
// requests show the demand.
func TestACPUTargetInThePolicyHoldsForRequests(t *testing.T) {
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
	written := wanted(func(in *decide.Input) { in.Policy.CPU, in.Policy.CPUExplicit = 40, true })
	unwritten := wanted(func(in *decide.Input) { in.Policy.CPU = 40 })
	assert.Equal(t, builtIn, unwritten)
	assert.GreaterOrEqual(t, written, 15, "a demand of six tasks at 40 %%")
	assert.Less(t, builtIn, 15)
}
