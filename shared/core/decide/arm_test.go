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
)

func aiming(cpu float64) func(*policy.Effective) {
	return func(p *policy.Effective) { p.CPU, p.CPUSaid = cpu, true }
}

// measuring has the policy name a metric of ten seconds; 0 a task learns what it
// costs.
func measuring(perTask float64) func(*policy.Effective) {
	return func(p *policy.Effective) {
		p.Metric = &policy.MetricRules{
			Expression: "m1", PerTask: perTask,
			Metrics: map[string]policy.MetricQuery{"m1": {Namespace: "Shop", Name: "Requests", Stat: "Sum", Period: 10 * time.Second}},
		}
	}
}

// A service with a steady CPU that the controller gives another task is above
// what its alarm is made for, but for the least of the controller's margins, 3 %:
// and one that it gives another task is asked about each minute without an alarm.
func TestTheAlarmRingsNoLaterThanTheControllerActs(t *testing.T) {
	const leastMargin = 1.03
	k := demand.NewController(demand.Usual())
	rapid.Check(t, func(t *rapid.T) {
		in := input()
		in.Controller, in.Trigger.Kind = k, fleet.Tick
		in.Policy.Max = 2000
		if rapid.Bool().Draw(t, "with a target of a person") {
			aiming(float64(rapid.IntRange(1, 100).Draw(t, "target")))(&in.Policy)
		}
		tasks := rapid.IntRange(1, 300).Draw(t, "tasks")
		cpu := float64(rapid.IntRange(0, 1000).Draw(t, "tenths")) / 10
		in.Snapshot.Desired, in.Snapshot.Running = tasks, tasks
		var need *demand.Estimate
		for minute := range 120 {
			in.Now = noon().Add(time.Duration(minute) * time.Minute)
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

func TestABigServiceNearItsTargetIsSteady(t *testing.T) {
	for name, c := range map[string]struct {
		tasks  int
		cpu    float64
		steady bool
	}{
		"ten tasks that nine could not do":       {10, 65, true},
		"a hundred close to the target":          {100, 68.9, true},
		"a hundred that soon need another":       {100, 69.5, false},
		"one with half of the work that it can":  {1, 23, true},
		"one that soon needs another":            {1, 43, false},
		"two that one could not do, with a rest": {2, 55, true},
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
