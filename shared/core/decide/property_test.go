package decide_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/core/reason"
	"homeostat/shared/sim/simtest/fixture"
)

func kinds() []fleet.TriggerKind {
	return []fleet.TriggerKind{
		fleet.TaskStopped, fleet.TaskStopping, fleet.TaskRunning, fleet.DeploymentStarted, fleet.DeploymentCompleted,
		fleet.DeploymentFailed, fleet.HookWaiting, fleet.ServiceAction, fleet.AlarmChanged, fleet.ImagePush,
		fleet.ImageReplicated, fleet.ImageScan, fleet.SpotWarning, fleet.TaskRetirement, fleet.HealthIssue, fleet.DaemonChanged, fleet.ScaledToMax, fleet.Tick, fleet.Ignored, "",
	}
}

func anyTime(t *rapid.T, label string) time.Time {
	if rapid.Bool().Draw(t, label+" is known") {
		return ago(time.Duration(rapid.IntRange(-60, 90*60).Draw(t, label)) * time.Second)
	}
	return time.Time{}
}

func anyInt(t *rapid.T, label string) int { return rapid.IntRange(-1, 12).Draw(t, label) }

func anyReading(t *rapid.T) fleet.Reading {
	return fleet.Reading{
		Known: rapid.Bool().Draw(t, "known"), At: anyTime(t, "measured"), Why: "any",
		Value: rapid.SampledFrom([]float64{0, 20, 63, 70, 95, 100, 400, -1, math.NaN(), math.Inf(1)}).Draw(t, "value"),
	}
}

func anySnapshot(t *rapid.T) fleet.Snapshot {
	s := fleet.Snapshot{
		Ref: fixture.Web(), Found: rapid.IntRange(0, 9).Draw(t, "found") > 0, TaskDefinition: "web:7", CPU: anyReading(t),
		Controller: rapid.SampledFrom([]string{"", "ECS", "ECS", "CODE_DEPLOY"}).Draw(t, "controller"),
		Desired:    anyInt(t, "desired"), Running: anyInt(t, "running"),
	}
	for _, id := range rapid.SliceOfN(rapid.SampledFrom([]string{"ecs-svc/7", "ecs-svc/6", "ecs-svc/5"}), 0, 3).Draw(t, "deployments") {
		s.Deployments = append(s.Deployments, fleet.Deployment{
			ID: id, TaskDefinition: rapid.SampledFrom([]string{"", "web:6", "web:7"}).Draw(t, "definition"),
			Status:       rapid.SampledFrom([]string{"PRIMARY", "ACTIVE", "INACTIVE", ""}).Draw(t, "status"),
			RolloutState: rapid.SampledFrom([]string{"IN_PROGRESS", "COMPLETED", "FAILED", ""}).Draw(t, "state"),
		})
	}
	statuses := []string{"SUCCESSFUL", "SUCCESSFUL", "PENDING", "IN_PROGRESS", "STOPPED", "STOP_REQUESTED", "ROLLBACK_IN_PROGRESS", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED", ""}
	for range rapid.IntRange(0, 4).Draw(t, "rollouts") {
		r := rollout(rapid.IntRange(5, 8).Draw(t, "revision"), rapid.SampledFrom(statuses).Draw(t, "rollout"))
		r.Target.Status = rapid.SampledFrom([]string{"", "ACTIVE", "ACTIVE", "INACTIVE"}).Draw(t, "active")
		if rapid.IntRange(0, 4).Draw(t, "containers") == 0 {
			r.Target.Containers = nil
		}
		s.History = append(s.History, r)
	}
	if rapid.Bool().Draw(t, "watched") {
		watched := image(rapid.IntRange(5, 9).Draw(t, "watched image"))
		s.Watched = &watched
	}
	if rapid.IntRange(0, 3).Draw(t, "steered") == 0 {
		s.Scaling = fleet.Scaling{Registered: true, Min: 1, Max: 9, Policies: []string{"cpu"}}
	}
	for _, part := range rapid.SliceOfN(rapid.SampledFrom([]string{"service", "revisions", "scaling", "watched"}), 0, 1).Draw(t, "unread") {
		s.Unread = map[string]string{part: "throttled"}
	}
	return s
}

func anyMemory(t *rapid.T) fleet.Memory {
	var m fleet.Memory
	in := input()
	for _, id := range rapid.SliceOfN(rapid.SampledFrom([]string{"ecs-svc/7", "ecs-svc/6"}), 0, 2).Draw(t, "cohorts") {
		fail(&in, id, rapid.IntRange(0, 5).Draw(t, "failures"), rapid.SampledFrom(fleet.Causes()).Draw(t, "cause"))
	}
	m.Cohorts = in.Memory.Cohorts
	if rapid.IntRange(0, 3).Draw(t, "rolled back") == 0 {
		m.Rollbacks = []fleet.Rollback{{From: "ecs-svc/7", FromDefinition: "web:7", ToDefinition: "web:6"}}
	}
	if rapid.IntRange(0, 3).Draw(t, "quarantine") == 0 {
		m.Quarantine = []fleet.Quarantined{{Image: image(rapid.IntRange(5, 9).Draw(t, "bad image"))}}
	}
	if rapid.Bool().Draw(t, "pushed") {
		m.Pushes = []fleet.Push{{Image: image(rapid.IntRange(5, 9).Draw(t, "pushed image"))}}
	}
	if rapid.Bool().Draw(t, "hot") {
		m.Alarms = map[string]fleet.AlarmState{"hot": {State: "ALARM", At: fixture.Noon()}}
	}
	return m
}

func anyInput(t *rapid.T) decide.Input {
	return decide.Input{
		Trigger: fleet.Trigger{Kind: rapid.SampledFrom(kinds()).Draw(t, "trigger"), At: anyTime(t, "event")},
		Cause:   rapid.SampledFrom(append(fleet.Causes(), "")).Draw(t, "trigger's cause"),
		Policy: policy.Effective{
			Enrolled: true, Mode: policy.Act, Rollback: rapid.Bool().Draw(t, "may roll back"), Healing: policy.Healing{FalseRollback: 0.001},
			ScaleEnabled: rapid.Bool().Draw(t, "scales"), Min: 1, Max: 9, CPU: 70, Tag: rapid.SampledFrom([]string{"", "live", "live", "other"}).Draw(t, "tag"),
		},
		Snapshot: anySnapshot(t), Memory: anyMemory(t), Now: fixture.Noon(),
	}
}

func TestADecisionHasAnActionOrAnAlertByItsKind(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput(t)
		got := planned(t, in)
		assert.Contains(t, []fleet.DecisionKind{fleet.DoNothing, fleet.ScaleOut, fleet.ScaleIn, fleet.RollBack, fleet.Redeploy, fleet.Notify}, got.Kind)
		assert.Equal(t, got.Kind == fleet.DoNothing || got.Kind == fleet.Notify, got.Action == nil)
		assert.Equal(t, got.Kind == fleet.Notify, got.Notify != "" && got.Action == nil)
		assert.Equal(t, got, planned(t, in), "the same input gives the same decision")
	})
}

func TestEachActionHasAnIntentAndAnExpectation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput(t)
		a := planned(t, in).Action
		if a == nil {
			return
		}
		assert.NotEmpty(t, a.Intent)
		switch a.Kind {
		case fleet.SetDesired:
			assert.Equal(t, &in.Snapshot.Desired, a.Expect.Desired)
			assert.Equal(t, in.Snapshot.Desired, a.From)
			assert.NotEqual(t, a.From, a.To)
			assert.Positive(t, a.To)
		case fleet.RunRevision, fleet.StopDeployment:
			assert.NotEmpty(t, a.TaskDefinition)
			assert.Equal(t, a.Kind == fleet.StopDeployment, a.Rollout != "")
			assert.Equal(t, a.Kind == fleet.RunRevision, len(a.Images) > 0)
			for _, c := range a.Images {
				assert.NotEmpty(t, c.Image.Digest)
				assert.Empty(t, c.Image.Tag)
			}
		default:
			assert.Fail(t, "unknown action", a.Kind)
		}
	})
}

func TestUnknownPartsNeverLeadToAnAction(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput(t)
		got := planned(t, in)
		s := in.Snapshot
		if _, unread := s.Unread["service"]; unread || !s.Found || in.Now.Sub(in.Trigger.At) > time.Hour && !in.Trigger.At.IsZero() {
			assert.Equal(t, fleet.DoNothing, got.Kind)
			assert.Nil(t, got.Action)
		}
		if got.Action == nil {
			return
		}
		if got.Action.Kind == fleet.SetDesired {
			assert.True(t, s.CPU.Known)
			assert.GreaterOrEqual(t, s.CPU.Value, 0.0)
			assert.False(t, math.IsNaN(s.CPU.Value) || math.IsInf(s.CPU.Value, 0))
			assert.NotContains(t, s.Unread, "scaling")
			assert.False(t, s.Scaling.Steered())
			return
		}
		assert.NotContains(t, s.Unread, "revisions")
		if got.Kind == fleet.Redeploy {
			assert.NotContains(t, s.Unread, "watched")
			_, bad := in.Memory.Quarantines(got.Action.Images[0].Image.Digest)
			assert.False(t, bad, "a quarantined digest is not deployed")
		}
	})
}

// A verdict holds for every trigger: if an evaluation finds that a rollback would not
// help, then no alarm, hook, late deployment or other event rolls the same state back.
func TestOneVerdictHoldsForEveryTrigger(t *testing.T) {
	met := 0
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput(t)
		in.Trigger, in.Policy.Rollback = fleet.Trigger{Kind: fleet.Tick}, true
		in.Policy.StuckAfter = time.Duration(rapid.IntRange(0, 60).Draw(t, "stuck after")) * time.Minute
		in.Snapshot = underTrouble(t)
		in.Memory = anyMemory(t)
		in.Memory.Cohorts = nil
		for _, id := range []string{"ecs-svc/7", "ecs-svc/6"} {
			fail(&in, id, rapid.IntRange(0, 6).Draw(t, "failures"), rapid.SampledFrom([]fleet.Cause{fleet.AppExit, fleet.ELBHealth, fleet.OutOfMemory}).Draw(t, "cause"))
		}
		in.Memory.PendingSince = anyTime(t, "pending")
		if rapid.Bool().Draw(t, "hook") {
			in.Memory.Waiting = &fleet.Hook{Rollout: in.Snapshot.History[0].ARN, Type: "PAUSE"}
		}
		verdict := planned(t, in)
		if !slices.ContainsFunc(verdict.Reasons, func(r fleet.Reason) bool { return r.Name == reason.CommonCause || r.Name == reason.EnvironmentChanged }) {
			return
		}
		met++
		assert.NotEqual(t, fleet.RollBack, verdict.Kind)
		for _, kind := range kinds() {
			in.Trigger.Kind, in.Cause = kind, rapid.SampledFrom(append(fleet.Causes(), "")).Draw(t, "cause of the event")
			assert.NotEqual(t, fleet.RollBack, planned(t, in).Kind, "after %s of %s", kind, in.Cause)
		}
	})
	assert.Positive(t, met, "no input had such a verdict")
}

// underTrouble returns a service with a deployment of its own, and perhaps an alarm.
func underTrouble(t *rapid.T) fleet.Snapshot {
	s := input().Snapshot
	s.Deployments[0].CreatedAt = ago(time.Duration(rapid.IntRange(1, 120).Draw(t, "age")) * time.Minute)
	s.Deployments[0].RolloutState = rapid.SampledFrom([]string{"IN_PROGRESS", "COMPLETED", "FAILED"}).Draw(t, "state")
	s.Deployments[0].Running, s.Deployments[0].Pending = anyInt(t, "new"), rapid.IntRange(0, 3).Draw(t, "pending tasks")
	s.Running = anyInt(t, "running")
	if s.Deployments[0].RolloutState == "IN_PROGRESS" {
		s.History[0].Status = "IN_PROGRESS"
	}
	if rapid.Bool().Draw(t, "alarm") {
		s.Alarms = []fleet.WatchedAlarm{{Name: "errors", State: "ALARM", Since: anyTime(t, "alarm since"), OfDeployment: rapid.Bool().Draw(t, "of the deployment")}}
	}
	return s
}
