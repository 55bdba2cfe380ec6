package decide_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
)

// short returns the change to n running tasks, with a shortage of this duration in which
// no task ran for a part.
func short(running int, lasted, down time.Duration, told bool) change {
	return func(in *decide.Input) {
		in.Trigger = fleet.Trigger{Kind: fleet.Tick, At: in.Now}
		in.Snapshot.Running, in.Snapshot.Deployments[0].Running = running, running
		in.Memory.Shortage = &fleet.Shortage{Since: ago(lasted), Told: told}
		if down > 0 {
			in.Memory.Shortage.DownSince = ago(down)
		}
	}
}

func TestAServiceWithTooFewTasksIsReported(t *testing.T) {
	full := trouble(fleet.ClusterFull, time.Minute, 42)
	for name, c := range map[string]struct {
		given  []change
		reason string
		notify string
	}{
		"no task for three minutes":             {after(short(0, 4*time.Minute, 3*time.Minute, false)), "down", "No task runs since 11:57:00Z."},
		"with the known cause":                  {after(short(0, 4*time.Minute, 3*time.Minute, false), full), "down", "No task runs since 11:57:00Z: cluster-full since 11:59:00Z, 42 times."},
		"no task for less":                      {after(short(0, 4*time.Minute, 3*time.Minute-time.Second, false)), "", ""},
		"too few for a quarter of an hour":      {after(short(2, 15*time.Minute, 0, false)), "degraded", "2 of 3 desired tasks run, and fewer than desired since 11:45:00Z."},
		"too few for less":                      {after(short(2, 15*time.Minute-time.Second, 0, false)), "", ""},
		"all again, after a report":             {after(short(3, time.Hour, 0, true)), "recovered", "All 3 desired tasks run again. It took 1h."},
		"stopped by hand, after a report":       {after(short(0, time.Hour, time.Hour, true), func(in *decide.Input) { in.Snapshot.Desired = 0 }), "", ""},
		"all again, without a report":           {after(short(3, time.Minute, 0, false)), "", ""},
		"no task, and the policy asks for none": {after(short(0, time.Hour, time.Hour, false), func(in *decide.Input) { in.Policy.DownAfter, in.Policy.DegradedAfter = 0, 0 }), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := planOf(t, c.given...)
			if c.reason == "" {
				assert.NotContains(t, []string{"down", "degraded", "recovered"}, string(d.Main().Name))
				return
			}
			assert.Equal(t, fleet.Notify, d.Kind)
			assert.EqualValues(t, c.reason, d.Main().Name)
			assert.Equal(t, c.notify, d.Notify)
		})
	}
}

func TestOfFailuresOfTheSameTimeOneCauseIsNamedAlways(t *testing.T) {
	in := inputAfter(short(0, 10*time.Minute, 10*time.Minute, false))
	fail(&in, "ecs-svc/7", 1, fleet.AppExit)
	fail(&in, "ecs-svc/6", 1, fleet.OutOfMemory)
	first := planned(t, in)
	for range 50 {
		assert.Equal(t, first, planned(t, in))
	}
}
