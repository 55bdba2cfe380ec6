package decide_test

import (
	"testing"
	"time"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"

	"github.com/stretchr/testify/assert"
)

func stoppedBy(cause fleet.Cause) change { return func(in *decide.Input) { in.Cause = cause } }

func TestTheCauseComesFirst(t *testing.T) {
	silent := "web:7: no task of this deployment was seen yet"
	check(t, map[string]planned{
		"a normal stop blames nobody": {
			given: after(stoppedBy(fleet.ScalingActivity)), kind: fleet.DoNothing, reasons: []string{"normal-stop"},
			text: "scaling-activity is part of normal work and blames nobody",
		},
		"a lack of capacity is not cured by a rollback": {
			given: after(stoppedBy(fleet.SpotInterruption)), kind: fleet.DoNothing, reasons: []string{"capacity"},
			text: "spot-interruption is a matter of capacity: ECS replaces the task, a rollback would not help",
		},
		"a transient failure passes": {
			given: after(stoppedBy(fleet.PullThrottled)), kind: fleet.DoNothing, reasons: []string{"transient"},
			text: "pull-throttled passes by itself as a rule: ECS tries again",
		},
		"an unknown cause is evidence only": {
			given: after(stoppedBy(fleet.UnknownCause)), kind: fleet.DoNothing, reasons: []string{"unknown-cause"},
			text: "the cause is unknown, so it is evidence only",
		},
		"a start cause is counted": {
			given: after(stoppedBy(fleet.SecretMissing)), kind: fleet.DoNothing, reasons: []string{"counted", "not-enough-evidence"}, text: silent,
		},
		"a runtime cause is counted": {
			given: after(stoppedBy(fleet.OutOfMemory)), kind: fleet.DoNothing, reasons: []string{"counted", "not-enough-evidence"}, text: silent,
		},
		"no cause leaves the judge's word": {
			kind: fleet.DoNothing, reasons: []string{"not-enough-evidence"}, text: silent,
		},
		"a revision whose tasks live is healthy": {
			given: after(func(in *decide.Input) {
				in.Memory.Cohorts = map[string]*fleet.TaskCohort{"ecs-svc/7": {Tasks: map[string]fleet.TaskLife{"a": {StartedAt: ago(time.Hour)}}}}
			}),
			kind: fleet.DoNothing, reasons: []string{"healthy"}, text: "web:7: 1 task ran for 2 min or longer, none failed",
		},
		"nothing of a stop that does not blame is held against a bad revision": {
			given: after(convicted, stoppedBy(fleet.HostLost), func(in *decide.Input) { in.Policy.Rollback = false }),
			kind:  fleet.Notify, reasons: []string{"rollback-forbidden"},
			text:   guilty + ", but the policy or the tag homeostat:rollback forbids a rollback",
			notify: guilty + ", but the policy or the tag homeostat:rollback forbids a rollback",
		},
	})
}

func TestACommonCauseCallsAPerson(t *testing.T) {
	text := "web:7: 3 of 3 tasks failed within 3 s of start, 3 of 3 of older revisions; something shared fails, so a rollback would not help; P(new worse) 0.00, evidence 12364 : 1, threshold 1000 : 1"
	check(t, map[string]planned{
		"old and new revisions die": {
			given: after(convicted, func(in *decide.Input) { dying(in, "ecs-svc/6", 3, fleet.AppExit) }),
			kind:  fleet.Notify, reasons: []string{"common-cause"}, text: text, notify: text,
		},
	})
}

func TestSomeServicesAreNotForHealing(t *testing.T) {
	check(t, map[string]planned{
		"a service without a deployment has nobody to judge": {
			given: after(func(in *decide.Input) { in.Snapshot.Deployments = nil }), kind: fleet.DoNothing,
			reasons: []string{"no-deployment"}, text: "the service has no deployment to judge",
		},
		"a controller of task sets keeps us out": {
			given: after(func(in *decide.Input) { in.Snapshot.Controller, in.Snapshot.Deployments = "EXTERNAL", nil }), kind: fleet.DoNothing,
			reasons: []string{"unsupported-controller"}, text: "deployments of this service belong to the controller EXTERNAL",
		},
		"a deployment controller of its own keeps us out": {
			given: after(convicted, func(in *decide.Input) { in.Snapshot.Controller = "CODE_DEPLOY" }), kind: fleet.DoNothing,
			reasons: []string{"unsupported-controller"}, text: "deployments of this service belong to the controller CODE_DEPLOY",
		},
	})
}

func TestARevisionIsJudgedAfterTheEventsThatTellOfIt(t *testing.T) {
	judged := map[fleet.TriggerKind]bool{
		fleet.TaskStopped: true, fleet.TaskStopping: true, fleet.TaskRunning: true, fleet.DeploymentStarted: true,
		fleet.DeploymentCompleted: true, fleet.DeploymentFailed: true, fleet.ServiceAction: true, fleet.SpotWarning: true,
		fleet.TaskRetirement: true, fleet.Tick: true,
		fleet.HookWaiting: true, fleet.AlarmChanged: false, fleet.ImagePush: false, fleet.ImageReplicated: false,
		fleet.ImageScan: false, fleet.ScaledToMax: false, fleet.Ignored: false,
	}
	for kind, want := range judged {
		t.Run(string(kind), func(t *testing.T) {
			in := input()
			convicted(&in)
			in.Trigger.Kind = kind
			got := decide.Plan(in)
			assert.Equal(t, want, got.Kind == fleet.RollBack, "%v", names(got.Reasons))
		})
	}
}
