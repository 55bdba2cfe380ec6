package decide_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/demand"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/core/polling"
	"homeostat/shared/sim/simtest/fixture"
)

// withMetric sets a metric with a period of 10 s in the policy. With a capacity of 0 for
// each task, the controller learns the cost.
func withMetric(p *policy.Effective, perTask float64) {
	p.Metric = &policy.MetricRules{
		Expression: "m1", PerTask: perTask,
		Metrics: map[string]policy.MetricQuery{"m1": {Namespace: "Shop", Name: "Requests", Stat: "Sum", Period: 10 * time.Second}},
	}
}

// If the controller adds a task at a steady CPU, that CPU is above the threshold of the
// trigger alarm. The tolerance is the least margin of the controller, 3 %. Such a service
// is not steady, so it is evaluated each minute without an alarm too.
func TestTheAlarmFiresNoLaterThanTheControllerActs(t *testing.T) {
	const leastMargin = 1.03
	k := demand.NewController(demand.Usual())
	rapid.Check(t, func(t *rapid.T) {
		in := input()
		in.Controller, in.Trigger.Kind = k, fleet.Tick
		in.Policy.Max = 2000
		if rapid.Bool().Draw(t, "with a target") {
			in.Policy.CPU, in.Policy.CPUExplicit = float64(rapid.IntRange(1, 100).Draw(t, "target")), true
		}
		tasks := rapid.IntRange(1, 300).Draw(t, "tasks")
		cpu := float64(rapid.IntRange(0, 1000).Draw(t, "tenths")) / 10
		in.Snapshot.Desired, in.Snapshot.Running = tasks, tasks
		var need *demand.Estimate
		for minute := range 120 {
			in.Now = fixture.Noon().Add(time.Duration(minute) * time.Minute)
			at := in.Now.Add(-time.Minute)
			in.Snapshot.CPU = fleet.Known(cpu, at, "test")
			in.Snapshot.Load.CPU = []fleet.Sample{{At: at, Period: time.Minute, Value: cpu}}
			in.Snapshot.Load.Running = []fleet.Sample{{At: at, Period: time.Minute, Value: float64(tasks)}}
			need, in.Demand = decide.Need(in, in.Demand)
		}
		require.NotNil(t, need)
		if need.Tasks > tasks {
			assert.GreaterOrEqual(t, cpu*leastMargin, polling.CallsAt(k, in.Policy, tasks))
			assert.True(t, decide.SteadySince(in, need).IsZero())
		}
	})
}

func TestALargeServiceNearItsTargetIsSteady(t *testing.T) {
	for name, c := range map[string]struct {
		tasks  int
		cpu    float64
		steady bool
	}{
		"ten tasks above the capacity of nine":   {10, 65, true},
		"a hundred tasks close to the target":    {100, 68.9, true},
		"a hundred tasks that soon need another": {100, 69.5, false},
		"one task at half of its capacity":       {1, 23, true},
		"one task that soon needs another":       {1, 43, false},
		"two tasks above the capacity of one":    {2, 55, true},
	} {
		t.Run(name, func(t *testing.T) {
			in := input()
			in.Snapshot.Desired, in.Snapshot.Running = c.tasks, c.tasks
			in.Snapshot.CPU = fleet.Known(c.cpu, ago(time.Minute), "test")
			since := decide.SteadySince(in, &demand.Estimate{Tasks: c.tasks})
			assert.Equal(t, c.steady, !since.IsZero())
		})
	}
}
