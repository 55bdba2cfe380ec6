package demand_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"homeostat/shared/core/demand"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"
)

func cpu(percent float64) fleet.Reading { return fleet.Known(percent, fixture.Noon(), "test") }

func TestTheNeedIsTheDemandOverTheTarget(t *testing.T) {
	for name, c := range map[string]struct {
		cpu             fleet.Reading
		running, target float64
		want            demand.Estimate
		ok              bool
	}{
		"above the target more tasks": {
			cpu(90), 4, 60,
			demand.Estimate{Tasks: 6, Demand: 3.6, Text: "demand 3.60 tasks (CPU 90 % x 4), CPU target 60 %: 6 tasks"},
			true,
		},
		"at the target no change": {
			cpu(70), 3, 70,
			demand.Estimate{Tasks: 3, Demand: 2.1, Text: "demand 2.10 tasks (CPU 70 % x 3), CPU target 70 %: 3 tasks"},
			true,
		},
		"a little above the target one task more": {
			cpu(70.1), 3, 70,
			demand.Estimate{Tasks: 4, Demand: 2.103, Text: "demand 2.10 tasks (CPU 70 % x 3), CPU target 70 %: 4 tasks"},
			true,
		},
		"below the target fewer tasks": {
			cpu(20), 10, 70,
			demand.Estimate{Tasks: 3, Demand: 2, Text: "demand 2.00 tasks (CPU 20 % x 10), CPU target 70 %: 3 tasks"},
			true,
		},
		"no demand needs one task": {
			cpu(0), 5, 70,
			demand.Estimate{Tasks: 1, Demand: 0, Text: "demand 0.00 tasks (CPU 0 % x 5), CPU target 70 %: 1 task"},
			true,
		},
		"part of a running task counts in part": {
			cpu(100), 2.5, 50,
			demand.Estimate{Tasks: 5, Demand: 2.5, Text: "demand 2.50 tasks (CPU 100 % x 2.5), CPU target 50 %: 5 tasks"},
			true,
		},
		"a burst above 100 % is demand": {
			cpu(250), 2, 50,
			demand.Estimate{Tasks: 10, Demand: 5, Text: "demand 5.00 tasks (CPU 250 % x 2), CPU target 50 %: 10 tasks"},
			true,
		},
		"an unknown reading is not zero":    {fleet.Unknown("throttled"), 3, 70, demand.Estimate{}, false},
		"an unknown reading with a value":   {fleet.Reading{Value: 90}, 3, 70, demand.Estimate{}, false},
		"NaN is no percentage":              {cpu(math.NaN()), 3, 70, demand.Estimate{}, false},
		"infinity is no percentage":         {cpu(math.Inf(1)), 3, 70, demand.Estimate{}, false},
		"a negative value is no percentage": {cpu(-1), 3, 70, demand.Estimate{}, false},
		"no running task":                   {cpu(50), 0, 70, demand.Estimate{}, false},
		"a negative number of tasks":        {cpu(50), -1, 70, demand.Estimate{}, false},
		"no target":                         {cpu(50), 3, 0, demand.Estimate{}, false},
		"a negative target":                 {cpu(50), 3, -70, demand.Estimate{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := demand.FromCPU(c.cpu, c.running, c.target)
			assert.Equal(t, c.ok, ok)
			assert.Equal(t, c.want.Tasks, got.Tasks)
			assert.InDelta(t, c.want.Demand, got.Demand, 1e-9)
			assert.Equal(t, c.want.Text, got.Text)
		})
	}
}

func TestAMetricIsRelatedToTheTasksOfItsTime(t *testing.T) {
	begin, end := fixture.Noon().Add(-time.Minute), fixture.Noon()
	at := func(seconds int) time.Time { return begin.Add(time.Duration(seconds) * time.Second) }
	for name, c := range map[string]struct {
		now   int
		lives []fleet.TaskLife
		want  float64
	}{
		"an empty memory":                     {3, nil, 3},
		"a task that ran throughout":          {3, []fleet.TaskLife{{StartedAt: at(-600)}}, 3},
		"a task that started in the middle":   {3, []fleet.TaskLife{{StartedAt: at(30)}}, 2.5},
		"a task that started later":           {3, []fleet.TaskLife{{StartedAt: at(70)}}, 2},
		"a task that stopped in the middle":   {3, []fleet.TaskLife{{StartedAt: at(-600), EndedAt: at(15)}}, 3.25},
		"a task that stopped later":           {3, []fleet.TaskLife{{StartedAt: at(-600), EndedAt: at(90)}}, 4},
		"a task that stopped before":          {3, []fleet.TaskLife{{StartedAt: at(-600), EndedAt: at(-1)}}, 3},
		"a task that started and stopped":     {3, []fleet.TaskLife{{StartedAt: at(20), EndedAt: at(50)}}, 3.5},
		"a task with an unknown start":        {3, []fleet.TaskLife{{EndedAt: at(30)}, {}}, 3},
		"a task with a stop before its start": {3, []fleet.TaskLife{{StartedAt: at(40), EndedAt: at(20)}}, 3},
		"several tasks":                       {3, []fleet.TaskLife{{StartedAt: at(30)}, {StartedAt: at(90)}, {StartedAt: at(-60), EndedAt: at(30)}}, 2},
		"more starts than running tasks":      {1, []fleet.TaskLife{{StartedAt: at(70)}, {StartedAt: at(80)}, {StartedAt: at(85)}}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			m := fleet.Memory{Health: fleet.Health{Cohorts: map[string]*fleet.TaskCohort{"old": {Tasks: map[string]fleet.TaskLife{}}, "new": {Tasks: map[string]fleet.TaskLife{}}}}}
			for i, life := range c.lives {
				m.Cohorts[[]string{"old", "new"}[i%2]].Tasks[string(rune('a'+i))] = life
			}
			assert.InDelta(t, c.want, demand.RunningDuring(c.now, m, begin, end), 1e-9)
		})
	}
	t.Run("an empty time", func(t *testing.T) {
		m := fleet.Memory{Health: fleet.Health{Cohorts: map[string]*fleet.TaskCohort{"d": {Tasks: map[string]fleet.TaskLife{"a": {StartedAt: at(70)}}}}}}
		assert.InDelta(t, 3, demand.RunningDuring(3, m, begin, begin), 0)
		assert.InDelta(t, 3, demand.RunningDuring(3, m, end, begin), 0)
	})
}

func anyTime(t *rapid.T, label string) time.Time {
	if rapid.Bool().Draw(t, label+" is known") {
		return fixture.Noon().Add(time.Duration(rapid.IntRange(-300, 60).Draw(t, label)) * time.Second)
	}
	return time.Time{}
}

func TestTheNeedIsNeverNegativeAndAlwaysANumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		reading := fleet.Reading{Value: rapid.Float64().Draw(t, "cpu"), Known: rapid.Bool().Draw(t, "known")}
		running := rapid.Float64Range(-1, 5000).Draw(t, "running")
		e, ok := demand.FromCPU(reading, running, rapid.Float64Range(1, 100).Draw(t, "target"))
		assert.False(t, math.IsNaN(e.Demand))
		assert.GreaterOrEqual(t, e.Demand, 0.0)
		if !ok {
			assert.Equal(t, demand.Estimate{}, e)
			return
		}
		assert.True(t, reading.Known)
		assert.Positive(t, e.Tasks)
		assert.NotEmpty(t, e.Text)
	})
}

func TestTheRunningTasksAreNeverNegativeAndAlwaysANumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := fleet.Memory{Health: fleet.Health{Cohorts: map[string]*fleet.TaskCohort{"d": {Tasks: map[string]fleet.TaskLife{}}}}}
		for i := range rapid.IntRange(0, 8).Draw(t, "tasks") {
			m.Cohorts["d"].Tasks[string(rune('a'+i))] = fleet.TaskLife{StartedAt: anyTime(t, "started"), EndedAt: anyTime(t, "ended")}
		}
		now := rapid.IntRange(0, 5000).Draw(t, "now")
		got := demand.RunningDuring(now, m, anyTime(t, "begin"), anyTime(t, "end"))
		assert.False(t, math.IsNaN(got) || math.IsInf(got, 0))
		assert.GreaterOrEqual(t, got, 0.0)
	})
}

func TestMoreDemandNeverNeedsFewerTasks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Float64Range(0, 400).Draw(t, "a"), rapid.Float64Range(0, 400).Draw(t, "b")
		running := rapid.Float64Range(0.1, 500).Draw(t, "running")
		less, ok := demand.FromCPU(cpu(min(a, b)), running, 70)
		assert.True(t, ok)
		more, ok := demand.FromCPU(cpu(max(a, b)), running, 70)
		assert.True(t, ok)
		assert.GreaterOrEqual(t, more.Tasks, less.Tasks)
	})
}
