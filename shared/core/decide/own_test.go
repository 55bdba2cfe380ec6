package decide_test

import (
	"math"
	"testing"
	"time"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// mayStop permits zero tasks after ten minutes without messages.
func mayStop(in *decide.Input) {
	in.Policy.ToZero, in.Policy.Min, in.Policy.BacklogPerTask = 10*time.Minute, 0, 50
	in.Policy.Wake = []string{"request"}
	in.Trigger.Kind = fleet.Tick
}

// backlog sets the messages in the queue. The newest value has the age.
func backlog(age time.Duration, values ...float64) change {
	return func(in *decide.Input) {
		in.Snapshot.Load.Backlog = nil
		for i, v := range values {
			at := ago(age).Add(-time.Duration(len(values)-1-i) * time.Minute)
			in.Snapshot.Load.Backlog = append(in.Snapshot.Load.Backlog, fleet.Sample{At: at, Period: time.Minute, Value: v})
		}
	}
}

func idleFor(d time.Duration) change {
	return func(in *decide.Input) { in.Demand.IdleSince = ago(d) }
}

func atZero(in *decide.Input) {
	in.Snapshot.Desired, in.Snapshot.Running = 0, 0
	in.Memory.ScaledToZeroAt = ago(time.Hour)
}

// scaling returns the kind, the first reason and the new count of the decision of the
// load alone. The count is -1 without an action.
func scaling(t *testing.T, given ...change) (fleet.DecisionKind, string, int) {
	t.Helper()
	d := followed(t, inputAfter(given...))
	to := -1
	if d.Action != nil {
		to = d.Action.To
	}
	return d.Kind, string(d.Reasons[0].Name), to
}

func TestAServiceIsScaledToZeroAndBackByItsDemand(t *testing.T) {
	for name, c := range map[string]struct {
		given  []change
		kind   fleet.DecisionKind
		reason string
		to     int
	}{
		"no demand for long enough":            {[]change{inAlarm(50), mayStop, backlog(0, 0, 0), idleFor(11 * time.Minute)}, fleet.ScaleIn, "no-demand", 0},
		"no demand for too short a time":       {[]change{inAlarm(50), mayStop, backlog(0, 0, 0), idleFor(9 * time.Minute)}, fleet.DoNothing, "at-need", -1},
		"a message in the queue":               {[]change{inAlarm(50), mayStop, backlog(0, 0, 3), idleFor(11 * time.Minute)}, fleet.DoNothing, "at-need", -1},
		"an unknown queue":                     {[]change{inAlarm(50), mayStop, idleFor(11 * time.Minute)}, fleet.DoNothing, "at-need", -1},
		"a stale queue metric":                 {[]change{inAlarm(50), mayStop, backlog(6*time.Minute, 0), idleFor(11 * time.Minute)}, fleet.DoNothing, "at-need", -1},
		"a queue metric of NaN":                {[]change{inAlarm(50), mayStop, backlog(0, math.NaN()), idleFor(11 * time.Minute)}, fleet.DoNothing, "at-need", -1},
		"a CPU of zero alone":                  {[]change{inAlarm(0), mayStop, learned(0, 3)}, fleet.ScaleIn, "demand-below-count", 1},
		"without scale.to_zero":                {[]change{inAlarm(50), backlog(0, 0), idleFor(time.Hour)}, fleet.DoNothing, "at-need", -1},
		"during a deployment":                  {[]change{inAlarm(50), mayStop, backlog(0, 0), idleFor(time.Hour), deploying}, fleet.DoNothing, "at-need", -1},
		"back for messages, as many as needed": {[]change{inAlarm(50), mayStop, atZero, backlog(0, 120)}, fleet.ScaleOut, "demand-returned", 3},
		"back for an alarm": {[]change{inAlarm(50), mayStop, atZero, func(in *decide.Input) {
			in.Memory.Alarms = map[string]fleet.AlarmState{"request": {State: "ALARM"}}
		}}, fleet.ScaleOut, "demand-returned", 1},
		"not for another alarm": {[]change{inAlarm(50), mayStop, atZero, func(in *decide.Input) {
			in.Memory.Alarms = map[string]fleet.AlarmState{"errors": {State: "ALARM"}}
		}}, fleet.DoNothing, "scaled-to-zero", -1},
		"not without messages":                      {[]change{inAlarm(50), mayStop, atZero, backlog(0, 0)}, fleet.DoNothing, "scaled-to-zero", -1},
		"not for a stale queue metric":              {[]change{inAlarm(50), mayStop, atZero, backlog(6*time.Minute, 120)}, fleet.DoNothing, "scaled-to-zero", -1},
		"not for a queue metric of NaN":             {[]change{inAlarm(50), mayStop, atZero, backlog(0, math.NaN())}, fleet.DoNothing, "scaled-to-zero", -1},
		"at most the maximum for an infinite queue": {[]change{inAlarm(50), mayStop, atZero, backlog(0, math.Inf(1))}, fleet.ScaleOut, "demand-returned", 5},
		"not after a stop by hand": {[]change{inAlarm(50), mayStop, atZero, backlog(0, 120), func(in *decide.Input) {
			in.Memory.ScaledToZeroAt = time.Time{}
		}}, fleet.DoNothing, "stopped-by-hand", -1},
	} {
		t.Run(name, func(t *testing.T) {
			kind, reason, to := scaling(t, append(c.given, func(in *decide.Input) {
				if in.Snapshot.CPU.Value == 50 {
					in.Snapshot.CPU.Value = 55
				}
			})...)
			assert.Equal(t, c.kind, kind)
			assert.Equal(t, c.reason, reason)
			assert.Equal(t, c.to, to)
		})
	}
}

func TestAScaleToZeroIsRememberedUntilTasksRun(t *testing.T) {
	in := input()
	for _, f := range []change{inAlarm(55), mayStop, backlog(0, 0), idleFor(time.Hour)} {
		f(&in)
	}
	d := followed(t, in)
	e := fleet.Episode{Decision: d, Verdict: fleet.Verdict{Outcome: fleet.Act, Action: d.Action}, Result: fleet.Result{Status: fleet.Done}}
	m := in.Memory
	m = applied(m, in, e)
	assert.Equal(t, fixture.Noon(), m.ScaledToZeroAt)
	in.Snapshot.Desired = 2
	m = applied(m, in, fleet.Episode{})
	assert.True(t, m.ScaledToZeroAt.IsZero(), "the next stop is by hand")
}

func scheduledPolicy(t *testing.T) policy.Effective {
	p, err := policy.Parse("p", []byte("version: 1\nscale:\n  min: 1\n  max: 9\n  schedules:\n    - {cron: '0 13 * * *', zone: UTC, for: 2h, min: 6}\n"))
	require.NoError(t, err)
	return p.For(fixture.Web(), map[string]string{"homeostat:mode": "act"}, "")
}

func TestTheTasksOfAScheduleRunAtItsBegin(t *testing.T) {
	rules := scheduledPolicy(t)
	slow := func(in *decide.Input) {
		in.Memory.Cohorts = map[string]*fleet.TaskCohort{"ecs-svc/7": {Tasks: map[string]fleet.TaskLife{"a": {StartedAt: ago(time.Hour), Took: 4 * time.Minute}}}}
	}
	for name, c := range map[string]struct {
		minute int // after noon
		given  []change
		want   int
	}{
		"not long before it":                          {30, nil, -1},
		"one minute before, with an unknown start-up": {59, nil, 6},
		"not five minutes before":                     {55, nil, -1},
		"one start-up before it":                      {56, []change{slow}, 6},
		"during it":                                   {90, nil, 6},
		"with an unknown load": {90, []change{func(in *decide.Input) {
			in.Snapshot.CPU = fleet.Unknown("throttled")
		}}, 6},
		"not with unread bounds of Application Auto Scaling": {90, []change{func(in *decide.Input) {
			in.Snapshot.Unread = map[string]string{"scaling": "throttled"}
		}}, -1},
		"not with as many tasks":   {90, []change{func(in *decide.Input) { in.Snapshot.Desired = 6 }}, -1},
		"not after a stop by hand": {90, []change{func(in *decide.Input) { in.Snapshot.Desired = 0 }}, -1},
		"not after it":             {185, nil, -1},
	} {
		t.Run(name, func(t *testing.T) {
			in := input()
			in.Policy, in.Trigger = rules, fleet.Trigger{Kind: fleet.Tick}
			in.Now = fixture.Noon().Add(time.Duration(c.minute) * time.Minute)
			in.Snapshot.CPU = fleet.Known(50, in.Now.Add(-time.Minute), "test")
			for _, f := range c.given {
				f(&in)
			}
			d := followed(t, in)
			if c.want < 0 {
				assert.Nil(t, d.Action, "%v", d.Reasons)
				return
			}
			require.NotNil(t, d.Action, "%v", d.Reasons)
			assert.Equal(t, c.want, d.Action.To)
			assert.EqualValues(t, "schedule", d.Main().Name)
		})
	}
}

func TestAnExternalModificationIsReported(t *testing.T) {
	in := input()
	inAlarm(95)(&in)
	m := fleet.Memory{}
	for i := range 3 {
		in.Now = fixture.Noon().Add(time.Duration(i) * 5 * time.Minute)
		in.Snapshot.Desired, in.Snapshot.CPU.At = 3, in.Now
		in.Memory = m
		d := followed(t, in)
		require.Equal(t, fleet.ScaleOut, d.Kind, "round %d", i)
		m = applied(m, in, fleet.Episode{
			Decision: d, Verdict: fleet.Verdict{Outcome: fleet.Act, Action: d.Action}, Result: fleet.Result{Status: fleet.Done},
		})
	}
	assert.Len(t, m.ExternalChanges, 2, "each change of the count that was set")
	in.Now = fixture.Noon().Add(15 * time.Minute)
	in.Memory = m
	m = applied(m, in, fleet.Episode{})
	in.Memory = m
	d := followed(t, in)
	assert.Equal(t, fleet.Notify, d.Kind)
	assert.EqualValues(t, "external-modification", d.Main().Name)
	assert.Nil(t, d.Action)

	in.Now = fixture.Noon().Add(90 * time.Minute)
	in.Snapshot.CPU.At = in.Now
	assert.Equal(t, fleet.ScaleOut, followed(t, in).Kind, "after an hour the count follows the load again")
}

func TestScalingPoliciesAreSuspendedOnlyIfThePolicyRequiresIt(t *testing.T) {
	managed := func(in *decide.Input) {
		inAlarm(95)(in)
		in.Snapshot.Scaling = fleet.Scaling{Registered: true, Min: 2, Max: 8, Policies: []string{"cpu70"}}
	}
	kind, reason, _ := scaling(t, managed)
	assert.Equal(t, fleet.DoNothing, kind)
	assert.Equal(t, "managed-by-application-auto-scaling", reason)
	in := input()
	managed(&in)
	in.Policy.Own = true
	d := followed(t, in)
	assert.Equal(t, fleet.TakeOver, d.Kind)
	assert.Equal(t, fleet.SuspendScaling, d.Action.Kind)
	assert.Equal(t, "Suspension of the scaling policies of Application Auto Scaling (cpu70), because the policy sets scale.own. "+
		"With it, Homeostat sets the count from 2 to 8.", d.Notify)
	in.Snapshot.Scaling.Suspended = true
	assert.Equal(t, fleet.ScaleOut, followed(t, in).Kind, "then the count follows the load")
}
