package decide_test

import (
	"slices"
	"testing"
	"time"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/stretchr/testify/assert"
)

func tick(in *decide.Input) {
	in.Trigger = fleet.Trigger{Kind: fleet.Tick, ID: "tick", At: fixture.Noon()}
}

// stalled starts a deployment of the seventh revision without a running task.
func stalled(since time.Duration) change {
	return func(in *decide.Input) {
		tick(in)
		in.Policy.ScaleEnabled = false
		d := &in.Snapshot.Deployments[0]
		d.RolloutState, d.CreatedAt, d.Running, d.Pending = "IN_PROGRESS", ago(since), 0, 3
		in.Snapshot.History[0].Status = "IN_PROGRESS"
		in.Memory.PendingSince = ago(10 * time.Minute)
	}
}

func TestAStuckDeploymentIsRolledBack(t *testing.T) {
	d := planOf(t, stalled(31*time.Minute))
	assert.Equal(t, fleet.RollBack, d.Kind, "%+v", d.Reasons)
	assert.EqualValues(t, "deployment-stuck", d.Main().Name)
	assert.Equal(t, fleet.StopDeployment, d.Action.Kind)
	assert.Equal(t, "deployment of web:7 is not done after 31m: 0 of 3 tasks run", d.Reasons[0].Text)
	assert.Equal(t, "deployment of web:7 is not done after 31m: 0 of 3 tasks run. Rollback to web:6.", d.Notify)

	for name, c := range map[string]struct {
		change change
		want   fleet.DecisionKind
		reason string
	}{
		"not while it waits for capacity":                      {trouble(fleet.NoCapacity, 20*time.Minute, 5), fleet.Notify, "deployment-waits"},
		"not while its tasks are pending for less than 10 min": {func(in *decide.Input) { in.Memory.PendingSince = ago(9 * time.Minute) }, fleet.DoNothing, "deployment-slow"},
		"not if its tasks were not pending before":             {func(in *decide.Input) { in.Memory.PendingSince = time.Time{} }, fleet.DoNothing, "deployment-slow"},
		"not while ECS starts no task of it":                   {func(in *decide.Input) { in.Snapshot.Deployments[0].Pending = 0 }, fleet.Notify, "deployment-waits"},
		"not while all of its tasks run":                       {func(in *decide.Input) { in.Snapshot.Deployments[0].Running = 3 }, fleet.Notify, "deployment-stuck"},
		"not with a circuit breaker":                           {func(in *decide.Input) { in.Snapshot.Breaker.Enabled = true }, fleet.Notify, "deployment-stuck"},
		"not with another strategy than a rolling deployment":  {func(in *decide.Input) { in.Snapshot.Strategy = "CANARY" }, fleet.DoNothing, "not-enough-evidence"},
		"not during a rollback":                                {func(in *decide.Input) { in.Snapshot.History[0].Status = "ROLLBACK_IN_PROGRESS" }, fleet.DoNothing, "not-enough-evidence"},
		"not without heal.stuck_after":                         {func(in *decide.Input) { in.Policy.StuckAfter = 0 }, fleet.DoNothing, "not-enough-evidence"},
	} {
		t.Run(name, func(t *testing.T) {
			d := planOf(t, stalled(31*time.Minute), c.change)
			assert.Equal(t, c.want, d.Kind, "%+v", d.Reasons)
			assert.Contains(t, fixture.ReasonNames(d.Reasons), c.reason)
		})
	}
	assert.Equal(t, fleet.DoNothing, planOf(t, stalled(29*time.Minute)).Kind, "not within half an hour")
}

func TestADeploymentWithoutWatchedAlarmsIsReported(t *testing.T) {
	firing := func(since time.Duration) change {
		return func(in *decide.Input) {
			in.Snapshot.Alarms = []fleet.WatchedAlarm{{Name: "5xx", State: "ALARM", Since: ago(since), OfDeployment: true}}
		}
	}
	d := planOf(t, stalled(5*time.Minute), firing(time.Hour))
	assert.Equal(t, fleet.Notify, d.Kind)
	assert.Equal(t, "ECS watches no alarm during the deployment of web:7, because 5xx was in ALARM before it.", d.Notify)
	assert.Equal(t, fleet.RollBack, planOf(t, stalled(5*time.Minute), firing(time.Minute)).Kind, "an alarm after the begin is evidence")
}

func TestAHookIsAnsweredOnlyIfThePolicyPermitsIt(t *testing.T) {
	waits := func(in *decide.Input) {
		stalled(10 * time.Minute)(in)
		in.Trigger = fleet.Trigger{Kind: fleet.HookWaiting, ID: "hook", At: ago(time.Second)}
		in.Memory.Waiting = &fleet.Hook{ID: "h1", Type: "PAUSE", Stage: "POST_TEST_TRAFFIC_SHIFT", Rollout: "rollout/7"}
		in.Policy.Proceed = true
	}
	healthy := func(in *decide.Input) {
		in.Memory.Cohorts = map[string]*fleet.TaskCohort{"ecs-svc/7": {Tasks: map[string]fleet.TaskLife{"a": {StartedAt: ago(5 * time.Minute)}}}}
	}
	d := planOf(t, waits, healthy)
	assert.Equal(t, fleet.Proceed, d.Kind, "%+v", d.Reasons)
	assert.Equal(t, "h1", d.Action.Hook)
	assert.False(t, d.Action.RollBack)

	d = planOf(t, waits)
	assert.Equal(t, fleet.DoNothing, d.Kind, "without evidence")
	assert.Equal(t, time.Minute, d.RequeueAfter)

	d = planOf(t, waits, healthy, func(in *decide.Input) { in.Policy.Proceed = false })
	assert.Equal(t, fleet.Notify, d.Kind)
	assert.Equal(t, "The deployment of web:7 waits at POST_TEST_TRAFFIC_SHIFT. Answer the hook, because heal.proceed is off.", d.Notify)

	d = planOf(t, waits, func(in *decide.Input) { fail(in, "ecs-svc/7", 4, fleet.AppExit) })
	assert.Equal(t, fleet.RollBack, d.Kind, "a bad revision: %+v", d.Reasons)
	assert.Equal(t, fleet.StopDeployment, d.Action.Kind)

	d = planOf(t, waits, healthy, func(in *decide.Input) { in.Snapshot.Unread = map[string]string{"alarms": "denied"} })
	assert.Equal(t, fleet.DoNothing, d.Kind, "an unknown alarm is not OK")
	assert.Equal(t, time.Minute, d.RequeueAfter)

	other := planOf(t, waits, healthy, func(in *decide.Input) { in.Memory.Waiting.Rollout = "rollout/5" })
	assert.NotEqual(t, fleet.Proceed, other.Kind, "the hook of another deployment")
	lambda := planOf(t, waits, healthy, func(in *decide.Input) { in.Memory.Waiting.Type = "AWS_LAMBDA" })
	assert.NotEqual(t, fleet.Proceed, lambda.Kind, "a Lambda function answers")
}

func TestOldTasksAreReplacedOneAtATime(t *testing.T) {
	aged := func(in *decide.Input) {
		tick(in)
		in.Policy.ScaleEnabled = false
		in.Policy.MaxTaskAge = 7 * 24 * time.Hour
		in.Snapshot.Tasks = []fleet.RunningTask{
			{ID: "young", StartedAt: ago(time.Hour)}, {ID: "oldest", StartedAt: ago(9 * 24 * time.Hour)}, {ID: "old", StartedAt: ago(8 * 24 * time.Hour)},
		}
	}
	d := planOf(t, aged)
	assert.Equal(t, fleet.Recycle, d.Kind, "%+v", d.Reasons)
	assert.Equal(t, "oldest", d.Action.Task)
	assert.Equal(t, "task oldest is 216h old, the maximum is 168h", d.Reasons[0].Text)
	for name, c := range map[string]change{
		"not with a missing task":  func(in *decide.Input) { in.Snapshot.Running = 2 },
		"not with a pending task":  func(in *decide.Input) { in.Snapshot.Pending = 1 },
		"not during a deployment":  func(in *decide.Input) { in.Snapshot.Deployments[0].RolloutState = "IN_PROGRESS" },
		"not after a task failure": func(in *decide.Input) { fail(in, "ecs-svc/7", 1, fleet.AppExit) },
		"not within 10 min of the last one": func(in *decide.Input) {
			in.Memory.Actions = []fleet.PastAction{{Kind: fleet.Recycle, At: ago(9 * time.Minute), Status: fleet.Done}}
		},
		"not the only task":             func(in *decide.Input) { in.Snapshot.Desired, in.Snapshot.Running = 1, 1 },
		"not without heal.max_task_age": func(in *decide.Input) { in.Policy.MaxTaskAge = 0 },
		"not with unread tasks": func(in *decide.Input) {
			in.Snapshot.Tasks, in.Snapshot.Unread = nil, map[string]string{"tasks": "throttled"}
		},
	} {
		t.Run(name, func(t *testing.T) { assert.NotEqual(t, fleet.Recycle, planOf(t, aged, c).Kind) })
	}
	protected := planOf(t, aged, func(in *decide.Input) { in.Snapshot.Tasks[1].Protected = true })
	assert.Equal(t, "old", protected.Action.Task, "a protected task stays")
}

func TestAnAlarmThatCannotBeEvaluatedIsNoEvidence(t *testing.T) {
	alarmed := func(evaluation, state, read string) change {
		return func(in *decide.Input) {
			stalled(5 * time.Minute)(in)
			in.Trigger = fleet.Trigger{Kind: fleet.AlarmChanged, ID: "a", At: ago(time.Second), Alarm: fleet.Alarm{Name: "5xx", State: "ALARM", Evaluation: evaluation}}
			in.Policy.RollbackAlarms = []string{"5xx"}
			in.Snapshot.Alarms = []fleet.WatchedAlarm{{Name: "5xx", State: state, Evaluation: read, Since: ago(time.Minute)}}
		}
	}
	for name, c := range map[string]struct {
		given change
		says  bool
	}{
		"the event says so":                           {alarmed("PARTIAL_DATA", "", "PARTIAL_DATA"), true},
		"it cannot be evaluated since the event":      {alarmed("", "", "EVALUATION_ERROR"), true},
		"an alarm that can be evaluated says nothing": {alarmed("", "OK", ""), false},
	} {
		t.Run(name, func(t *testing.T) {
			d := planOf(t, c.given)
			assert.NotEqual(t, fleet.RollBack, d.Kind)
			var names []string
			for _, why := range d.Reasons {
				names = append(names, string(why.Name))
			}
			assert.Equal(t, c.says, slices.Contains(names, "alarm-unevaluated"), names)
		})
	}
}
