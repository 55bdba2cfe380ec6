package decide_test

import (
	"testing"
	"time"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"

	"github.com/stretchr/testify/assert"
)

func tick(in *decide.Input) {
	in.Trigger = fleet.Trigger{Kind: fleet.Tick, ID: "tick", At: noon()}
}

// stalled is a deployment of the seventh revision that began some time ago
// and has not brought a task up.
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

func TestADeploymentThatDoesNotEndIsDecided(t *testing.T) {
	d := planOf(stalled(31 * time.Minute))
	assert.Equal(t, fleet.RollBack, d.Kind, "%+v", d.Reasons)
	assert.EqualValues(t, "deployment-stuck", d.Main().Name)
	assert.Equal(t, fleet.StopDeployment, d.Action.Kind)
	assert.Equal(t, "the deployment of web:7 is not done after 31m0s, 0 of 3 tasks run, and it has no circuit breaker", d.Reasons[0].Text)

	for name, c := range map[string]struct {
		change change
		want   fleet.DecisionKind
		reason string
	}{
		"one that waits for capacity is not to blame":               {trouble(fleet.NoCapacity, 20*time.Minute, 5), fleet.Notify, "deployment-waits"},
		"one whose tasks were seen to start just now is given time": {func(in *decide.Input) { in.Memory.PendingSince = ago(9 * time.Minute) }, fleet.DoNothing, "deployment-slow"},
		"one that was not seen to start before is given time":       {func(in *decide.Input) { in.Memory.PendingSince = time.Time{} }, fleet.DoNothing, "deployment-slow"},
		"one of which ECS starts no task is not to blame":           {func(in *decide.Input) { in.Snapshot.Deployments[0].Pending = 0 }, fleet.Notify, "deployment-waits"},
		"one whose tasks all run calls a person":                    {func(in *decide.Input) { in.Snapshot.Deployments[0].Running = 3 }, fleet.Notify, "deployment-stuck"},
		"one with a circuit breaker is ECS's":                       {func(in *decide.Input) { in.Snapshot.Breaker.Enabled = true }, fleet.DoNothing, "not-enough-evidence"},
		"one that bakes is not stuck":                               {func(in *decide.Input) { in.Snapshot.Strategy = "CANARY" }, fleet.DoNothing, "not-enough-evidence"},
		"one that goes back already is left alone":                  {func(in *decide.Input) { in.Snapshot.History[0].Status = "ROLLBACK_IN_PROGRESS" }, fleet.DoNothing, "ecs-rolls-back"},
		"the policy may turn it off":                                {func(in *decide.Input) { in.Policy.StuckAfter = 0 }, fleet.DoNothing, "not-enough-evidence"},
	} {
		t.Run(name, func(t *testing.T) {
			d := planOf(stalled(31*time.Minute), c.change)
			assert.Equal(t, c.want, d.Kind, "%+v", d.Reasons)
			assert.Contains(t, names(d.Reasons), c.reason)
		})
	}
	assert.Equal(t, fleet.DoNothing, planOf(stalled(29*time.Minute)).Kind, "half an hour is not over")
}

func TestADeploymentWhoseAlarmsNobodyWatchesIsReported(t *testing.T) {
	firing := func(since time.Duration) change {
		return func(in *decide.Input) {
			in.Snapshot.Alarms = []fleet.WatchedAlarm{{Name: "5xx", State: "ALARM", Since: ago(since), OfDeployment: true}}
		}
	}
	d := planOf(stalled(5*time.Minute), firing(time.Hour))
	assert.Equal(t, fleet.Notify, d.Kind)
	assert.Equal(t, "the alarm 5xx was in ALARM before the deployment of web:7 began, so ECS watches no alarm during it", d.Notify)
	assert.Equal(t, fleet.RollBack, planOf(stalled(5*time.Minute), firing(time.Minute)).Kind, "it began after: evidence")
}

func TestAHookIsAnsweredWhereThePolicyLetsUs(t *testing.T) {
	waits := func(in *decide.Input) {
		stalled(10 * time.Minute)(in)
		in.Trigger = fleet.Trigger{Kind: fleet.HookWaiting, ID: "hook", At: ago(time.Second)}
		in.Memory.Waiting = &fleet.Hook{ID: "h1", Type: "PAUSE", Stage: "POST_TEST_TRAFFIC_SHIFT", Rollout: "rollout/7"}
		in.Policy.Proceed = true
	}
	healthy := func(in *decide.Input) {
		in.Memory.Cohorts = map[string]*fleet.TaskCohort{"ecs-svc/7": {Tasks: map[string]fleet.TaskLife{"a": {StartedAt: ago(5 * time.Minute)}}}}
	}
	d := planOf(waits, healthy)
	assert.Equal(t, fleet.Proceed, d.Kind, "%+v", d.Reasons)
	assert.Equal(t, "h1", d.Action.Hook)
	assert.False(t, d.Action.RollBack)

	d = planOf(waits)
	assert.Equal(t, fleet.DoNothing, d.Kind, "nothing is known yet")
	assert.Equal(t, time.Minute, d.RequeueAfter)

	d = planOf(waits, healthy, func(in *decide.Input) { in.Policy.Proceed = false })
	assert.Equal(t, fleet.Notify, d.Kind)
	assert.Contains(t, d.Notify, "the deployment of web:7 waits at POST_TEST_TRAFFIC_SHIFT; heal.proceed is off, so a person answers")

	d = planOf(waits, func(in *decide.Input) { dying(in, "ecs-svc/7", 4, fleet.AppExit) })
	assert.Equal(t, fleet.RollBack, d.Kind, "it is bad: %+v", d.Reasons)
	assert.Equal(t, fleet.StopDeployment, d.Action.Kind)

	other := planOf(waits, healthy, func(in *decide.Input) { in.Memory.Waiting.Rollout = "rollout/5" })
	assert.NotEqual(t, fleet.Proceed, other.Kind, "the hook of another deployment")
	lambda := planOf(waits, healthy, func(in *decide.Input) { in.Memory.Waiting.Type = "AWS_LAMBDA" })
	assert.NotEqual(t, fleet.Proceed, lambda.Kind, "somebody's function answers")
}

func TestTasksThatHaveGrownOldAreRecycledOneAtATime(t *testing.T) {
	aged := func(in *decide.Input) {
		tick(in)
		in.Policy.ScaleEnabled = false
		in.Policy.MaxTaskAge = 7 * 24 * time.Hour
		in.Snapshot.Tasks = []fleet.RunningTask{
			{ID: "young", StartedAt: ago(time.Hour)}, {ID: "oldest", StartedAt: ago(9 * 24 * time.Hour)}, {ID: "old", StartedAt: ago(8 * 24 * time.Hour)},
		}
	}
	d := planOf(aged)
	assert.Equal(t, fleet.Recycle, d.Kind, "%+v", d.Reasons)
	assert.Equal(t, "oldest", d.Action.Task)
	for name, c := range map[string]change{
		"not while tasks are missing": func(in *decide.Input) { in.Snapshot.Running = 2 },
		"not while one starts":        func(in *decide.Input) { in.Snapshot.Pending = 1 },
		"not during a deployment":     func(in *decide.Input) { in.Snapshot.Deployments[0].RolloutState = "IN_PROGRESS" },
		"not after a death":           func(in *decide.Input) { dying(in, "ecs-svc/7", 1, fleet.AppExit) },
		"not so soon after the last": func(in *decide.Input) {
			in.Memory.Actions = []fleet.PastAction{{Kind: fleet.Recycle, At: ago(9 * time.Minute), Status: fleet.Done}}
		},
		"not the only task":             func(in *decide.Input) { in.Snapshot.Desired, in.Snapshot.Running = 1, 1 },
		"not unless the policy says so": func(in *decide.Input) { in.Policy.MaxTaskAge = 0 },
		"not where they could not be read": func(in *decide.Input) {
			in.Snapshot.Tasks, in.Snapshot.Unread = nil, map[string]string{"tasks": "throttled"}
		},
	} {
		t.Run(name, func(t *testing.T) { assert.NotEqual(t, fleet.Recycle, planOf(aged, c).Kind) })
	}
	protected := planOf(aged, func(in *decide.Input) { in.Snapshot.Tasks[1].Protected = true })
	assert.Equal(t, "old", protected.Action.Task, "a protected task asked not to be stopped")
}

func TestWhatARemedyMustKnowLaterIsRemembered(t *testing.T) {
	done := func(d fleet.Decision, task string) (fleet.Memory, decide.Input) {
		in := input()
		onSpot(&in)
		m := in.Memory
		m = applied(m, in, fleet.Episode{
			ID: "e", Decision: d, Verdict: fleet.Verdict{Outcome: fleet.Act, Action: d.Action}, Result: fleet.Result{Status: fleet.Done, Task: task},
		})
		return m, in
	}
	action := &fleet.Action{TaskDefinition: "web:6"}
	m, in := done(fleet.Decision{Kind: fleet.FallBack, Action: action, Reasons: []fleet.Reason{{Name: "x"}}}, "")
	assert.Equal(t, &fleet.SpotFallback{At: noon(), Was: in.Snapshot.Providers}, m.SpotFallback)
	m, _ = done(fleet.Decision{Kind: fleet.ReturnToSpot, Action: action}, "")
	assert.Nil(t, m.SpotFallback)
	m, _ = done(fleet.Decision{Kind: fleet.Probe, Action: action}, "task-1")
	assert.Equal(t, &fleet.ProbeRun{Task: "task-1", Definition: "web:6", For: "ecs-svc/7", At: noon()}, m.Probe)
	m, _ = done(fleet.Decision{Kind: fleet.ScaleIn, Action: action, Reasons: []fleet.Reason{{Name: "restart-cap"}}, Effects: fleet.Effects{CapsRestarts: true}}, "")
	assert.Equal(t, &fleet.RestartCap{At: noon(), Was: 3}, m.RestartCap)
	m, _ = done(fleet.Decision{Effects: fleet.Effects{Blocks: []fleet.Block{{Kind: fleet.ScaleOut, Until: noon().Add(time.Minute), Why: "w"}}}}, "")
	_, held := m.ActiveBlock(fleet.ScaleOut, noon())
	assert.True(t, held)
	_, held = m.ActiveBlock(fleet.ScaleOut, noon().Add(time.Minute))
	assert.False(t, held)
}
