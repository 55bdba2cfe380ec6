package decide_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"
)

// minutes returns n samples of one minute that end at a time.
func minutes(n int, end time.Time, value float64) []fleet.Sample {
	out := make([]fleet.Sample, n)
	for i := range out {
		out[i] = fleet.Sample{At: end.Add(-time.Duration(n-1-i) * time.Minute), Period: time.Minute, Value: value}
	}
	return out
}

// loads sets the load before the deployment and now: requests a minute, CPU in percent
// and tasks.
func loads(requestsBefore, cpuBefore, tasksBefore, requests, cpu, tasks float64) change {
	return func(in *decide.Input) {
		before := in.Snapshot.Deployments[0].CreatedAt
		in.Snapshot.Before = fleet.Load{
			Requests: minutes(20, before, requestsBefore), CPU: minutes(20, before, cpuBefore), Running: minutes(20, before, tasksBefore),
		}
		end := ago(time.Minute)
		in.Snapshot.Load = fleet.Load{Requests: minutes(3, end, requests), CPU: minutes(3, end, cpu), Running: minutes(3, end, tasks)}
	}
}

func TestASlowerRevisionIsNoOverload(t *testing.T) {
	for name, c := range map[string]struct {
		given []change
		want  fleet.DecisionKind
	}{
		"the same requests cost five times the CPU": {[]change{loads(6000, 40, 3, 6000, 100, 6)}, fleet.RollBack},
		"they cost 1.6 times at a CPU at its limit": {[]change{loads(6000, 60, 3, 6000, 97, 3)}, fleet.RollBack},
		"they cost 1.6 times at a CPU with room":    {[]change{loads(6000, 50, 3, 6000, 80, 3)}, fleet.ScaleOut},
		"tasks were just added": {[]change{loads(6000, 40, 3, 6000, 100, 6), func(in *decide.Input) {
			in.Memory.Actions = []fleet.PastAction{{Kind: fleet.ScaleOut, At: ago(time.Minute), Status: fleet.Done}}
		}}, fleet.RollBack},
		"twice the requests at the same cost":          {[]change{loads(6000, 40, 3, 12000, 80, 3)}, fleet.ScaleOut},
		"twice the requests at three times the cost":   {[]change{loads(6000, 30, 3, 12000, 90, 6)}, fleet.ScaleOut},
		"the requests before are unknown":              {[]change{loads(6000, 40, 3, 6000, 100, 6), func(in *decide.Input) { in.Snapshot.Before.Requests = nil }}, fleet.ScaleOut},
		"the CPU before is unknown":                    {[]change{loads(6000, 40, 3, 6000, 100, 6), func(in *decide.Input) { in.Snapshot.Before.CPU = nil }}, fleet.ScaleOut},
		"the tasks before are unknown":                 {[]change{loads(6000, 40, 3, 6000, 100, 6), func(in *decide.Input) { in.Snapshot.Before.Running = nil }}, fleet.ScaleOut},
		"there were no requests before":                {[]change{loads(0, 40, 3, 6000, 100, 6)}, fleet.ScaleOut},
		"the newest requests are old, so they are not": {[]change{loads(6000, 40, 3, 6000, 100, 6), func(in *decide.Input) { in.Snapshot.Load.Requests = minutes(3, ago(time.Hour), 6000) }}, fleet.ScaleOut},
	} {
		t.Run(name, func(t *testing.T) {
			d := planOf(t, append([]change{unhealthy(95)}, c.given...)...)
			assert.Equal(t, c.want, d.Kind, "%+v", d.Reasons)
		})
	}
	d := planOf(t, unhealthy(95), loads(6000, 40, 3, 6000, 100, 6))
	assert.Contains(t, d.Reasons[0].Detail, "requests × 1 and CPU of a request × 5 since the deployment")
}

func TestAtTheMaximumAYoungRevisionIsRolledBack(t *testing.T) {
	full := func(in *decide.Input) { in.Policy.Max = 3 }
	scaled := func(since time.Duration) change {
		return func(in *decide.Input) {
			in.Memory.Actions = []fleet.PastAction{{Kind: fleet.ScaleOut, At: ago(since), Status: fleet.Done}}
		}
	}
	before := func(in *decide.Input) { // the failures go on after the scale-out took effect
		at := ago(5 * time.Minute)
		in.Memory.Cohorts["ecs-svc/7"].Tasks["last"] = fleet.TaskLife{StartedAt: at, StoppedAt: ago(10 * time.Second), Cause: fleet.ELBHealth}
	}
	d := planOf(t, unhealthy(95), full, before, scaled(8*time.Minute))
	assert.Equal(t, fleet.RollBack, d.Kind, "more tasks brought no relief: %+v", d.Reasons)
	d = planOf(t, unhealthy(95), full)
	assert.Equal(t, fleet.Notify, d.Kind, "no task was added yet")
	d = planOf(t, unhealthy(95), full, before, scaled(8*time.Minute), loads(6000, 40, 3, 18000, 100, 3))
	assert.Equal(t, fleet.Notify, d.Kind, "the traffic is three times as high: %+v", d.Reasons)
}

func TestAGrowingMemoryIsReportedBeforeItIsFull(t *testing.T) {
	grows := func(from, perHour float64, hours int) change {
		return func(in *decide.Input) {
			in.Trigger = fleet.Trigger{Kind: fleet.Tick, At: in.Now}
			in.Snapshot.Deployments[0].RolloutState = "COMPLETED"
			n := hours * 4
			in.Snapshot.MemoryTrend = nil
			for i := range n {
				at := ago(time.Duration(n-i) * 15 * time.Minute)
				in.Snapshot.MemoryTrend = append(in.Snapshot.MemoryTrend, fleet.Sample{At: at, Value: from + perHour*float64(i)/4})
			}
		}
	}
	d := planOf(t, grows(50, 5, 7))
	assert.Equal(t, fleet.Notify, d.Kind)
	assert.Equal(t, "memory-grows", string(d.Main().Name))
	assert.Equal(t, "memory of web:7 is at 84 % and grows 5.0 % an hour: full in about 3h", d.Main().Text)
	for name, given := range map[string]change{
		"it is far from full":     grows(20, 5, 7),
		"it needs a day":          grows(60, 1, 7),
		"it is known for an hour": grows(80, 5, 1),
		"it shrinks":              grows(90, -2, 7),
		"it is constant":          grows(90, 0, 7),
		"it was not read":         grows(0, 0, 0),
		"it warms up and stays": func(in *decide.Input) {
			grows(50, 5, 7)(in)
			for i := range in.Snapshot.MemoryTrend {
				in.Snapshot.MemoryTrend[i].Value = min(70, 20+float64(i)*20)
			}
		},
		"the deployment is still going on": func(in *decide.Input) { grows(50, 5, 7)(in); in.Snapshot.Deployments[0].RolloutState = "IN_PROGRESS" },
	} {
		t.Run(name, func(t *testing.T) {
			assert.NotContains(t, fixture.ReasonNames(planOf(t, given).Reasons), "memory-grows")
		})
	}
}
