package demand_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"homeostat/shared/core/demand"
	"homeostat/shared/core/fleet"
)

func noon() time.Time { return time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC) }

func cpu(percent float64) fleet.Reading { return fleet.Known(percent, noon(), "test") }

func TestTheNeedIsTheWorkDividedByWhatOneTaskMayCarry(t *testing.T) {
	for name, c := range map[string]struct {
		cpu             fleet.Reading
		running, target float64
		want            demand.Estimate
		ok              bool
	}{
		"above the target more are needed": {
			cpu(90), 4, 60,
			demand.Estimate{Tasks: 6, Work: 3.6, Text: "CPU 90 % on 4 running is work for 3.60 tasks: 6 at the target of 60 %"},
			true,
		},
		"at the target as many as there are": {
			cpu(70), 3, 70,
			demand.Estimate{Tasks: 3, Work: 2.1, Text: "CPU 70 % on 3 running is work for 2.10 tasks: 3 at the target of 70 %"},
			true,
		},
		"a little above the target one more": {
			cpu(70.1), 3, 70,
			demand.Estimate{Tasks: 4, Work: 2.103, Text: "CPU 70 % on 3 running is work for 2.10 tasks: 4 at the target of 70 %"},
			true,
		},
		"below the target fewer": {
			cpu(20), 10, 70,
			demand.Estimate{Tasks: 3, Work: 2, Text: "CPU 20 % on 10 running is work for 2.00 tasks: 3 at the target of 70 %"},
			true,
		},
		"no work needs one task": {
			cpu(0), 5, 70,
			demand.Estimate{Tasks: 1, Work: 0, Text: "CPU 0 % on 5 running is work for 0.00 tasks: 1 at the target of 70 %"},
			true,
		},
		"a share of a task that ran counts as a share": {
			cpu(100), 2.5, 50,
			demand.Estimate{Tasks: 5, Work: 2.5, Text: "CPU 100 % on 2.5 running is work for 2.50 tasks: 5 at the target of 50 %"},
			true,
		},
		"a burst above 100 % is work too": {
			cpu(250), 2, 50,
			demand.Estimate{Tasks: 10, Work: 5, Text: "CPU 250 % on 2 running is work for 5.00 tasks: 10 at the target of 50 %"},
			true,
		},
		"an unknown reading is not zero":   {fleet.Unknown("throttled"), 3, 70, demand.Estimate{}, false},
		"an unknown reading with a value":  {fleet.Reading{Value: 90}, 3, 70, demand.Estimate{}, false},
		"no number is no percentage":       {cpu(math.NaN()), 3, 70, demand.Estimate{}, false},
		"infinity is no percentage":        {cpu(math.Inf(1)), 3, 70, demand.Estimate{}, false},
		"less than nothing is none either": {cpu(-1), 3, 70, demand.Estimate{}, false},
		"nothing ran":                      {cpu(50), 0, 70, demand.Estimate{}, false},
		"less than nothing ran":            {cpu(50), -1, 70, demand.Estimate{}, false},
		"no target":                        {cpu(50), 3, 0, demand.Estimate{}, false},
		"a target below nothing":           {cpu(50), 3, -70, demand.Estimate{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := demand.FromCPU(c.cpu, c.running, c.target)
			assert.Equal(t, c.ok, ok)
			assert.Equal(t, c.want.Tasks, got.Tasks)
			assert.InDelta(t, c.want.Work, got.Work, 1e-9)
			assert.Equal(t, c.want.Text, got.Text)
		})
	}
}

func TestAMetricSpeaksOfTheTasksThatRanWhileItWasTaken(t *testing.T) {
	begin, end := noon().Add(-time.Minute), noon()
	at := func(seconds int) time.Time { return begin.Add(time.Duration(seconds) * time.Second) }
	for name, c := range map[string]struct {
		now   int
		lives []fleet.TaskLife
		want  float64
	}{
		"nothing is remembered":                          {3, nil, 3},
		"a task that ran all the while":                  {3, []fleet.TaskLife{{StartedAt: at(-600)}}, 3},
		"a task that started in the middle":              {3, []fleet.TaskLife{{StartedAt: at(30)}}, 2.5},
		"a task that started since":                      {3, []fleet.TaskLife{{StartedAt: at(70)}}, 2},
		"a task that stopped in the middle":              {3, []fleet.TaskLife{{StartedAt: at(-600), EndedAt: at(15)}}, 3.25},
		"a task that stopped since":                      {3, []fleet.TaskLife{{StartedAt: at(-600), EndedAt: at(90)}}, 4},
		"a task that stopped before":                     {3, []fleet.TaskLife{{StartedAt: at(-600), EndedAt: at(-1)}}, 3},
		"a task that came and went":                      {3, []fleet.TaskLife{{StartedAt: at(20), EndedAt: at(50)}}, 3.5},
		"a task whose start is not known":                {3, []fleet.TaskLife{{EndedAt: at(30)}, {}}, 3},
		"a task that was told to stop before it started": {3, []fleet.TaskLife{{StartedAt: at(40), EndedAt: at(20)}}, 3},
		"several at once":                                {3, []fleet.TaskLife{{StartedAt: at(30)}, {StartedAt: at(90)}, {StartedAt: at(-60), EndedAt: at(30)}}, 2},
		"more started than run":                          {1, []fleet.TaskLife{{StartedAt: at(70)}, {StartedAt: at(80)}, {StartedAt: at(85)}}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			m := fleet.Memory{Health: fleet.Health{Cohorts: map[string]*fleet.TaskCohort{"old": {Tasks: map[string]fleet.TaskLife{}}, "new": {Tasks: map[string]fleet.TaskLife{}}}}}
			for i, life := range c.lives {
				m.Cohorts[[]string{"old", "new"}[i%2]].Tasks[string(rune('a'+i))] = life
			}
			assert.InDelta(t, c.want, demand.RunningDuring(c.now, m, begin, end), 1e-9)
		})
	}
	t.Run("a time without length", func(t *testing.T) {
		m := fleet.Memory{Health: fleet.Health{Cohorts: map[string]*fleet.TaskCohort{"d": {Tasks: map[string]fleet.TaskLife{"a": {StartedAt: at(70)}}}}}}
		assert.InDelta(t, 3, demand.RunningDuring(3, m, begin, begin), 0)
		assert.InDelta(t, 3, demand.RunningDuring(3, m, end, begin), 0)
	})
}

func anyTime(t *rapid.T, label string) time.Time {
	if rapid.Bool().Draw(t, label+" is known") {
		return noon().Add(time.Duration(rapid.IntRange(-300, 60).Draw(t, label)) * time.Second)
	}
	return time.Time{}
}

func TestTheNeedIsNeverNegativeAndAlwaysANumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		reading := fleet.Reading{Value: rapid.Float64().Draw(t, "cpu"), Known: rapid.Bool().Draw(t, "known")}
		running := rapid.Float64Range(-1, 5000).Draw(t, "running")
		e, ok := demand.FromCPU(reading, running, rapid.Float64Range(1, 100).Draw(t, "target"))
		assert.False(t, math.IsNaN(e.Work))
		assert.GreaterOrEqual(t, e.Work, 0.0)
		if !ok {
			assert.Equal(t, demand.Estimate{}, e)
			return
		}
		assert.True(t, reading.Known)
		assert.Positive(t, e.Tasks)
		assert.NotEmpty(t, e.Text)
	})
}

func TestWhatRanIsNeverNegativeAndAlwaysANumber(t *testing.T) {
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

func TestMoreWorkNeverNeedsFewerTasks(t *testing.T) {
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
