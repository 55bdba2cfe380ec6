package polling_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/policy"
	"homeostat/shared/core/polling"
	"homeostat/shared/sim/simtest/fixture"
)

// defaults returns the policy of an enrolled service without a file.
func defaults() policy.Effective {
	return policy.Default().For(fixture.Web(), map[string]string{contract.TagMode: "act"}, "")
}

func target(cpu float64) func(*policy.Effective) {
	return func(p *policy.Effective) { p.CPU, p.CPUExplicit = cpu, true }
}

func countRequests(p *policy.Effective) {
	p.TargetGroup, p.LoadBalancer = "targetgroup/web/1", "app/web/1"
}

// metric sets a metric with a period of 10 s. With a capacity of 0 for each task, the
// controller learns the cost.
func metric(perTask float64) func(*policy.Effective) {
	return func(p *policy.Effective) {
		p.Metric = &policy.MetricRules{
			Expression: "m1", PerTask: perTask,
			Metrics: map[string]policy.MetricQuery{"m1": {Namespace: "Shop", Name: "Requests", Stat: "Sum", Period: 10 * time.Second}},
		}
	}
}

// One task needs a second one at 46 %, and two need a third at 66 %. From three tasks on
// the target counts. The reserve is 10 % of the last task's capacity.
func TestTheThresholdIsBelowTheNeedForAnotherTask(t *testing.T) {
	none := func(*policy.Effective) {}
	for name, c := range map[string]struct {
		tasks int
		given func(*policy.Effective)
		want  float64
	}{
		"one task":                                  {1, none, 41},
		"no task counts as one":                     {0, none, 41},
		"two tasks":                                 {2, none, 62},
		"three tasks":                               {3, none, 67},
		"ten tasks":                                 {10, none, 69},
		"five hundred tasks":                        {500, none, 69},
		"one task with a low target":                {1, target(30), 27},
		"ten tasks with a low target":               {10, target(30), 29},
		"two tasks with a target of 40 %":           {2, target(40), 38},
		"three tasks with a target of 40 %":         {3, target(40), 38},
		"one task with a high target":               {1, target(90), 41},
		"ten tasks with a high target":              {10, target(90), 79},
		"the lowest target":                         {1, target(1), 1},
		"ten tasks with counted requests":           {10, countRequests, 79},
		"counted requests with a target":            {10, func(p *policy.Effective) { countRequests(p); target(60)(p) }, 59},
		"requests with a capacity for each task":    {10, func(p *policy.Effective) { countRequests(p); p.RequestsPerTask = 100 }, 70},
		"a metric with a capacity for each task":    {1, metric(1), 70},
		"a target above the highest threshold":      {1, func(p *policy.Effective) { metric(1)(p); target(100)(p) }, 95},
		"ten tasks with a metric of a learned cost": {10, metric(0), 79},
	} {
		t.Run(name, func(t *testing.T) {
			p := defaults()
			c.given(&p)
			assert.InDelta(t, c.want, polling.CallsAt(nil, p, c.tasks), 0)
			alarm, ok := polling.TriggerAlarm(fixture.Web(), nil, p, c.tasks, false)
			require.True(t, ok)
			assert.InDelta(t, c.want, alarm.Threshold, 0)
		})
	}
}

func TestAnAlarmOnTheCPUDoesNotCoverEachLoad(t *testing.T) {
	for name, c := range map[string]struct {
		given   func(*policy.Effective)
		covered bool
	}{
		"the CPU":                              {func(*policy.Effective) {}, true},
		"requests with a learned cost":         {countRequests, true},
		"requests with a capacity":             {func(p *policy.Effective) { countRequests(p); p.RequestsPerTask = 100 }, false},
		"a capacity without counted requests":  {func(p *policy.Effective) { p.RequestsPerTask = 100 }, true},
		"memory":                               {func(p *policy.Effective) { p.Memory = 70 }, false},
		"a queue":                              {func(p *policy.Effective) { p.Queue = "jobs" }, false},
		"another metric with a capacity":       {metric(1), false},
		"another metric with a learned cost":   {metric(0), true},
		"a service that may be scaled to zero": {func(p *policy.Effective) { p.ToZero = time.Hour }, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := defaults()
			c.given(&p)
			assert.Equal(t, c.covered, polling.AlarmCoversLoad(p))
		})
	}
}
