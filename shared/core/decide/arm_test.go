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

func counting(p *policy.Effective) { p.TargetGroup, p.LoadBalancer = "targetgroup/web/1", "app/web/1" }

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

// One task needs a second at 46 %, two a third at 66 %, and from three on the
// target counts. What is kept back is a tenth of what the last task bears.
func TestAServiceCallsALittleBeforeOneMoreTaskIsNeeded(t *testing.T) {
	none := func(*policy.Effective) {}
	for name, c := range map[string]struct {
		tasks int
		given func(*policy.Effective)
		want  float64
	}{
		"one task":                                {1, none, 41},
		"none yet, as one":                        {0, none, 41},
		"two tasks":                               {2, none, 62},
		"three tasks":                             {3, none, 67},
		"ten tasks":                               {10, none, 69},
		"five hundred tasks":                      {500, none, 69},
		"one task with a lower target":            {1, aiming(30), 27},
		"ten tasks with a lower target":           {10, aiming(30), 29},
		"two tasks with a target of forty":        {2, aiming(40), 38},
		"three tasks with one":                    {3, aiming(40), 38},
		"one task with a higher target":           {1, aiming(90), 41},
		"ten tasks with a higher target":          {10, aiming(90), 79},
		"the least of all targets":                {1, aiming(1), 1},
		"ten tasks whose requests are counted":    {10, counting, 79},
		"with a target of a person beside them":   {10, func(p *policy.Effective) { counting(p); aiming(60)(p) }, 59},
		"requests of which a person knows":        {10, func(p *policy.Effective) { counting(p); p.RequestsPerTask = 100 }, 70},
		"one task with a metric of a person":      {1, measuring(1), 70},
		"with a higher target than tasks reach":   {1, func(p *policy.Effective) { measuring(1)(p); aiming(100)(p) }, 95},
		"ten tasks whose metric costs as learned": {10, measuring(0), 79},
	} {
		t.Run(name, func(t *testing.T) {
			p := input().Policy
			c.given(&p)
			assert.InDelta(t, c.want, polling.CallsAt(nil, p, c.tasks), 0)
			alarm, ok := polling.TriggerAlarm(web(), nil, p, c.tasks, false)
			require.True(t, ok)
			assert.InDelta(t, c.want, alarm.Threshold, 0)
		})
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

func TestAnAlarmOnTheCPUDoesNotTellOfEveryWork(t *testing.T) {
	for name, c := range map[string]struct {
		given   func(*policy.Effective)
		covered bool
	}{
		"the CPU":                              {func(*policy.Effective) {}, true},
		"requests whose cost is learned":       {counting, true},
		"requests of which a person knows":     {func(p *policy.Effective) { counting(p); p.RequestsPerTask = 100 }, false},
		"requests that are not counted at all": {func(p *policy.Effective) { p.RequestsPerTask = 100 }, true},
		"memory":                               {func(p *policy.Effective) { p.Memory = 70 }, false},
		"a queue":                              {func(p *policy.Effective) { p.Queue = "jobs" }, false},
		"another metric":                       {measuring(1), false},
		"another metric whose cost is learned": {measuring(0), true},
		"what may sleep":                       {func(p *policy.Effective) { p.ToZero = time.Hour }, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := input().Policy
			c.given(&p)
			assert.Equal(t, c.covered, polling.AlarmCoversLoad(p))
		})
	}
}
