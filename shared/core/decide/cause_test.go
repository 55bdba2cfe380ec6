package decide_test

import (
	"testing"
	"time"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/stretchr/testify/assert"
)

func stoppedBy(cause fleet.Cause) change { return func(in *decide.Input) { in.Cause = cause } }

func TestTheCauseIsTheFirstReason(t *testing.T) {
	noOp := func(text string, given change, reasons ...string) plan {
		return plan{given: after(given), kind: fleet.DoNothing, reasons: reasons, text: text}
	}
	none := func(*decide.Input) {}
	check(t, map[string]plan{
		"a normal stop is no failure": noOp("scaling-activity: expected stop, not counted as a failure", stoppedBy(fleet.ScalingActivity), "normal-stop"),
		"a capacity failure":          noOp("spot-interruption: capacity failure, ECS replaces the task", stoppedBy(fleet.SpotInterruption), "capacity"),
		"a transient failure":         noOp("pull-throttled: transient failure, ECS retries", stoppedBy(fleet.PullThrottled), "transient"),
		"an unknown cause":            noOp("the cause is unknown: it counts as evidence only", stoppedBy(fleet.UnknownCause), "unknown-cause"),
		"a start cause is counted":    noOp("", stoppedBy(fleet.SecretMissing), "counted", "not-enough-evidence"),
		"a runtime cause is counted":  noOp("", stoppedBy(fleet.OutOfMemory), "counted", "not-enough-evidence"),
		"without a cause":             noOp("", none, "not-enough-evidence"),
		"a revision with running tasks is healthy": noOp("", func(in *decide.Input) {
			in.Memory.Cohorts = map[string]*fleet.TaskCohort{"ecs-svc/7": {Tasks: map[string]fleet.TaskLife{"a": {StartedAt: ago(time.Hour)}}}}
		}, "healthy"),
		"a bad revision hides a cause of another family": {
			given: after(failing, stoppedBy(fleet.HostLost), func(in *decide.Input) { in.Policy.Rollback = false }),
			kind:  fleet.Notify, reasons: []string{"rollback-forbidden"},
			notify: verdict(t) + ". No rollback: the policy or the tag homeostat:rollback forbids it.",
		},
	})
}

func TestACommonCauseNotifiesTheOperator(t *testing.T) {
	d := planOf(t, failing, func(in *decide.Input) { fail(in, "ecs-svc/6", 3, fleet.AppExit) })
	assert.Equal(t, fleet.Notify, d.Kind)
	assert.Equal(t, []string{"common-cause"}, fixture.ReasonNames(d.Reasons))
	assert.Regexp(t, `^web:7: 3 of 3 .*\. A rollback would not help\.$`, d.Notify)
	assert.Equal(t, "3", d.Reasons[0].Fields.Get("older_failed"))
}

func TestSomeServicesAreNotHealed(t *testing.T) {
	check(t, map[string]plan{
		"a service without a deployment": {
			given: after(func(in *decide.Input) { in.Snapshot.Deployments = nil }), kind: fleet.DoNothing,
			reasons: []string{"no-deployment"}, text: "the service has no deployment to evaluate",
		},
		"a service with task sets": {
			given: after(func(in *decide.Input) { in.Snapshot.Controller, in.Snapshot.Deployments = "EXTERNAL", nil }), kind: fleet.DoNothing,
			reasons: []string{"unsupported-controller"}, text: "the deployment controller is EXTERNAL, only ECS is supported",
		},
		"a service of CodeDeploy": {
			given: after(failing, func(in *decide.Input) { in.Snapshot.Controller = "CODE_DEPLOY" }), kind: fleet.DoNothing,
			reasons: []string{"unsupported-controller"}, text: "the deployment controller is CODE_DEPLOY, only ECS is supported",
		},
	})
}

func TestTheRevisionIsEvaluatedAfterTheEventsAboutIt(t *testing.T) {
	evaluated := map[fleet.TriggerKind]bool{
		fleet.TaskStopped: true, fleet.TaskStopping: true, fleet.TaskRunning: true, fleet.DeploymentStarted: true,
		fleet.DeploymentCompleted: true, fleet.DeploymentFailed: true, fleet.ServiceAction: true, fleet.SpotWarning: true,
		fleet.TaskRetirement: true, fleet.Tick: true,
		fleet.HookWaiting: true, fleet.AlarmChanged: false, fleet.ImagePush: false, fleet.ImageReplicated: false,
		fleet.ImageScan: false, fleet.ScaledToMax: false, fleet.Ignored: false, fleet.HealthIssue: false, fleet.DaemonChanged: false,
	}
	for kind, want := range evaluated {
		t.Run(string(kind), func(t *testing.T) {
			d := planOf(t, failing, kindOf(kind))
			assert.Equal(t, want, d.Kind == fleet.RollBack, "%v", fixture.ReasonNames(d.Reasons))
		})
	}
}
