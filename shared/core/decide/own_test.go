package decide_test

import (
	"math"
	"testing"
	"time"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sleepy is a service that may go to zero after ten minutes without messages.
func sleepy(in *decide.Input) {
	in.Policy.ToZero, in.Policy.Min, in.Policy.BacklogPerTask = 10*time.Minute, 0, 50
	in.Policy.Wake = []string{"request"}
	in.Trigger.Kind = fleet.Tick
}

// waiting are messages in the queue, the newest as old as said.
func waiting(age time.Duration, values ...float64) change {
	return func(in *decide.Input) {
		in.Snapshot.Load.Backlog = nil
		for i, v := range values {
			at := ago(age).Add(-time.Duration(len(values)-1-i) * time.Minute)
			in.Snapshot.Load.Backlog = append(in.Snapshot.Load.Backlog, fleet.Sample{At: at, Period: time.Minute, Value: v})
		}
	}
}

func quietSince(d time.Duration) change {
	return func(in *decide.Input) { in.Demand.IdleSince = ago(d) }
}

func asleep(in *decide.Input) {
	in.Snapshot.Desired, in.Snapshot.Running = 0, 0
	in.Memory.ScaledToZeroAt = ago(time.Hour)
}

// first is what scaling says of the input.
func first(given ...change) (fleet.DecisionKind, string, int) {
	in := input()
	for _, f := range given {
		f(&in)
	}
	d := decide.Follow(in)
	to := -1
	if d.Action != nil {
		to = d.Action.To
	}
	return d.Kind, string(d.Reasons[0].Name), to
}

func TestAServiceGoesToZeroAndComesBackOnlyWhereItIsKnownThatItMay(t *testing.T) {
	for name, c := range map[string]struct {
		given  []change
		kind   fleet.DecisionKind
		reason string
		to     int
	}{
		"nothing waits for long enough":          {[]change{alarmed(50), sleepy, waiting(0, 0, 0), quietSince(11 * time.Minute)}, fleet.ScaleIn, "no-demand", 0},
		"not for long enough yet":                {[]change{alarmed(50), sleepy, waiting(0, 0, 0), quietSince(9 * time.Minute)}, fleet.DoNothing, "at-need", -1},
		"something waits":                        {[]change{alarmed(50), sleepy, waiting(0, 0, 3), quietSince(11 * time.Minute)}, fleet.DoNothing, "at-need", -1},
		"what waits is not known":                {[]change{alarmed(50), sleepy, quietSince(11 * time.Minute)}, fleet.DoNothing, "at-need", -1},
		"what waits is known of earlier only":    {[]change{alarmed(50), sleepy, waiting(6*time.Minute, 0), quietSince(11 * time.Minute)}, fleet.DoNothing, "at-need", -1},
		"what waits is no number":                {[]change{alarmed(50), sleepy, waiting(0, math.NaN()), quietSince(11 * time.Minute)}, fleet.DoNothing, "at-need", -1},
		"no CPU alone takes a service to zero":   {[]change{alarmed(0), sleepy, watched(0, 3)}, fleet.ScaleIn, "demand-below-count", 1},
		"the policy does not say so":             {[]change{alarmed(50), waiting(0, 0), quietSince(time.Hour)}, fleet.DoNothing, "at-need", -1},
		"a deployment runs":                      {[]change{alarmed(50), sleepy, waiting(0, 0), quietSince(time.Hour), deploying}, fleet.DoNothing, "at-need", -1},
		"messages wake it, as many as they need": {[]change{alarmed(50), sleepy, asleep, waiting(0, 120)}, fleet.ScaleOut, "demand-returned", 3},
		"an alarm wakes it": {[]change{alarmed(50), sleepy, asleep, func(in *decide.Input) {
			in.Memory.Alarms = map[string]fleet.AlarmState{"request": {State: "ALARM"}}
		}}, fleet.ScaleOut, "demand-returned", 1},
		"another alarm does not": {[]change{alarmed(50), sleepy, asleep, func(in *decide.Input) {
			in.Memory.Alarms = map[string]fleet.AlarmState{"errors": {State: "ALARM"}}
		}}, fleet.DoNothing, "scaled-to-zero", -1},
		"nothing waits, so it sleeps on":           {[]change{alarmed(50), sleepy, asleep, waiting(0, 0)}, fleet.DoNothing, "scaled-to-zero", -1},
		"no number of messages that is old":        {[]change{alarmed(50), sleepy, asleep, waiting(6*time.Minute, 120)}, fleet.DoNothing, "scaled-to-zero", -1},
		"no number of messages that is none":       {[]change{alarmed(50), sleepy, asleep, waiting(0, math.NaN())}, fleet.DoNothing, "scaled-to-zero", -1},
		"no more tasks than the maximum of an Inf": {[]change{alarmed(50), sleepy, asleep, waiting(0, math.Inf(1))}, fleet.ScaleOut, "demand-returned", 5},
		"what a person stopped stays so": {[]change{alarmed(50), sleepy, asleep, waiting(0, 120), func(in *decide.Input) {
			in.Memory.ScaledToZeroAt = time.Time{}
		}}, fleet.DoNothing, "stopped-by-hand", -1},
	} {
		t.Run(name, func(t *testing.T) {
			kind, reason, to := first(append(c.given, func(in *decide.Input) {
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

func TestWhoTookItToZeroIsRemembered(t *testing.T) {
	in := input()
	for _, f := range []change{alarmed(55), sleepy, waiting(0, 0), quietSince(time.Hour)} {
		f(&in)
	}
	d := decide.Follow(in)
	e := fleet.Episode{Decision: d, Verdict: fleet.Verdict{Outcome: fleet.Act, Action: d.Action}, Result: fleet.Result{Status: fleet.Done}}
	m := in.Memory
	m = applied(m, in, e)
	assert.Equal(t, noon(), m.ScaledToZeroAt)
	in.Snapshot.Desired = 2
	m = applied(m, in, fleet.Episode{})
	assert.True(t, m.ScaledToZeroAt.IsZero(), "somebody started it, and whoever stops it next is a person")
}

func scheduledPolicy(t *testing.T) policy.Effective {
	p, err := policy.Parse("p", []byte("version: 1\nscale:\n  min: 1\n  max: 9\n  schedules:\n    - {cron: '0 13 * * *', zone: UTC, for: 2h, min: 6}\n"))
	require.NoError(t, err)
	return p.For(web(), map[string]string{"homeostat:mode": "act"}, "")
}

func TestASchedulesTasksAreThereWhenItBegins(t *testing.T) {
	rules := scheduledPolicy(t)
	slow := func(in *decide.Input) {
		in.Memory.Cohorts = map[string]*fleet.TaskCohort{"ecs-svc/7": {Tasks: map[string]fleet.TaskLife{"a": {StartedAt: ago(time.Hour), Took: 4 * time.Minute}}}}
	}
	for name, c := range map[string]struct {
		minute int // of the clock after noon
		given  []change
		want   int
	}{
		"long before, nothing":                       {30, nil, -1},
		"one minute before where starts are unknown": {59, nil, 6},
		"not five minutes before":                    {55, nil, -1},
		"a start-up before it":                       {56, []change{slow}, 6},
		"while it lasts":                             {90, nil, 6},
		"also where the load is not known": {90, []change{func(in *decide.Input) {
			in.Snapshot.CPU = fleet.Unknown("throttled")
		}}, 6},
		"not where the bounds of Application Auto Scaling are not known": {90, []change{func(in *decide.Input) {
			in.Snapshot.Unread = map[string]string{"scaling": "throttled"}
		}}, -1},
		"not where it runs as many":  {90, []change{func(in *decide.Input) { in.Snapshot.Desired = 6 }}, -1},
		"not what a person stopped":  {90, []change{func(in *decide.Input) { in.Snapshot.Desired = 0 }}, -1},
		"after it, nothing is added": {185, nil, -1},
	} {
		t.Run(name, func(t *testing.T) {
			in := input()
			in.Policy, in.Trigger = rules, fleet.Trigger{Kind: fleet.Tick}
			in.Now = noon().Add(time.Duration(c.minute) * time.Minute)
			in.Snapshot.CPU = fleet.Known(50, in.Now.Add(-time.Minute), "test")
			for _, f := range c.given {
				f(&in)
			}
			d := decide.Follow(in)
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

func TestTwoHandsOnOneCountAreNoticed(t *testing.T) {
	in := input()
	alarmed(95)(&in)
	m := fleet.Memory{}
	for i := range 3 {
		in.Now = noon().Add(time.Duration(i) * 5 * time.Minute)
		in.Snapshot.Desired, in.Snapshot.CPU.At = 3, in.Now
		in.Memory = m
		d := decide.Follow(in)
		require.Equal(t, fleet.ScaleOut, d.Kind, "round %d", i)
		m = applied(m, in, fleet.Episode{
			Decision: d, Verdict: fleet.Verdict{Outcome: fleet.Act, Action: d.Action}, Result: fleet.Result{Status: fleet.Done},
		})
	}
	assert.Len(t, m.ExternalChanges, 2, "each time that the count was not what was set")
	in.Now = noon().Add(15 * time.Minute)
	in.Memory = m
	m = applied(m, in, fleet.Episode{})
	in.Memory = m
	d := decide.Follow(in)
	assert.Equal(t, fleet.Notify, d.Kind)
	assert.EqualValues(t, "external-modification", d.Main().Name)
	assert.Nil(t, d.Action)

	in.Now = noon().Add(90 * time.Minute)
	in.Snapshot.CPU.At = in.Now
	assert.Equal(t, fleet.ScaleOut, decide.Follow(in).Kind, "after an hour it is tried again")
}

func TestAWSsPoliciesAreTakenOverOnlyWhereThePolicySaysSo(t *testing.T) {
	steered := func(in *decide.Input) {
		alarmed(95)(in)
		in.Snapshot.Scaling = fleet.Scaling{Registered: true, Min: 2, Max: 8, Policies: []string{"cpu70"}}
	}
	kind, reason, _ := first(steered)
	assert.Equal(t, fleet.DoNothing, kind)
	assert.Equal(t, "managed-by-application-auto-scaling", reason)
	in := input()
	steered(&in)
	in.Policy.Own = true
	d := decide.Follow(in)
	assert.Equal(t, fleet.TakeOver, d.Kind)
	assert.Equal(t, fleet.SuspendScaling, d.Action.Kind)
	assert.NotEmpty(t, d.Notify, "a person is told")
	in.Snapshot.Scaling.Suspended = true
	assert.Equal(t, fleet.ScaleOut, decide.Follow(in).Kind, "then the count is followed")
}
