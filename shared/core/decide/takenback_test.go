package decide_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"
)

// taken makes ECS's circuit breaker take web:7 back, an age ago. The service runs
// web:6 again, and its tag still points to image 7.
func taken(age time.Duration) change {
	return func(in *decide.Input) {
		back := rollout(7, "ROLLBACK_SUCCESSFUL")
		back.CreatedAt, back.FinishedAt = ago(age+3*time.Minute), ago(age)
		back.BreakerStatus, back.RollbackTo = "TRIGGERED", "revision/6"
		in.Snapshot.History[0] = back
		in.Snapshot.TaskDefinition = "web:6"
		in.Snapshot.Deployments[0] = fleet.Deployment{ID: "ecs-svc/8", Status: "PRIMARY", TaskDefinition: "web:6", RolloutState: "COMPLETED", Desired: 3, Running: 3, CreatedAt: ago(age)}
		in.Trigger = fleet.Trigger{Kind: fleet.Tick, ID: "tick", At: fixture.Noon()}
		in.Policy.Tag = "live"
		in.Snapshot.Watched, in.Snapshot.WatchedAt, in.Snapshot.WatchedState = new(image(7)), ago(age+4*time.Minute), fleet.ImageRunnable
	}
}

func startsFail(cause fleet.Cause, age time.Duration) change {
	return func(in *decide.Input) {
		in.Memory.Troubles = map[fleet.Cause]fleet.Trouble{cause: {First: ago(age + time.Minute), Last: ago(age), Count: 9}}
	}
}

func TestAnImageThatECSTookBackIsDeployedAgainOnceTheTroubleIsOver(t *testing.T) {
	again := func(status string) change {
		return func(in *decide.Input) {
			earlier := in.Snapshot.History[0]
			earlier.ARN, earlier.Status = "rollout/earlier", status
			earlier.CreatedAt, earlier.FinishedAt = ago(3*time.Hour), ago(3*time.Hour)
			in.Snapshot.History = append(in.Snapshot.History[:1:1], append([]fleet.Rollout{earlier}, in.Snapshot.History[1:]...)...)
		}
	}
	for name, c := range map[string]struct {
		given []change
		want  bool
	}{
		"after 16 minutes of quiet":         {after(taken(16 * time.Minute)), true},
		"not after 14 minutes":              {after(taken(14 * time.Minute)), false},
		"not while starts fail":             {after(taken(time.Hour), startsFail(fleet.SubnetFull, time.Minute)), false},
		"once starts failed 16 minutes ago": {after(taken(time.Hour), startsFail(fleet.SubnetFull, 16*time.Minute)), true},
		"the second time not after 29 min":  {after(taken(29*time.Minute), again("ROLLBACK_SUCCESSFUL")), false},
		"the second time after 31 minutes":  {after(taken(31*time.Minute), again("ROLLBACK_FAILED")), true},
		"not if an operator stopped it":     {after(taken(time.Hour), func(in *decide.Input) { in.Snapshot.History[0].BreakerStatus = "MONITORING" }), false},
		"not if the tag moved back":         {after(taken(time.Hour), func(in *decide.Input) { in.Snapshot.Watched = new(image(6)) }), false},
		"not if the image is archived":      {after(taken(time.Hour), func(in *decide.Input) { in.Snapshot.WatchedState = fleet.ImageArchived }), false},
		"not if the image is quarantined":   {after(taken(time.Hour), func(in *decide.Input) { in.Memory.Quarantine = []fleet.Quarantined{{Image: image(7)}} }), false},
		"not for an event of another kind":  {after(taken(time.Hour), func(in *decide.Input) { in.Trigger.Kind = fleet.TaskRunning }), false},
		"also if the rollback of ECS failed": {after(taken(time.Hour), func(in *decide.Input) {
			in.Snapshot.Deployments[0].RolloutState = "FAILED"
			in.Snapshot.History[0].Status = "ROLLBACK_FAILED"
		}), true},
		"not without a watched tag": {after(taken(time.Hour), func(in *decide.Input) { in.Policy.Tag, in.Snapshot.Watched = "", nil }), false},
		"not after a newer deployment of web:6": {after(taken(time.Hour), func(in *decide.Input) {
			in.Snapshot.History = append([]fleet.Rollout{rollout(8, "SUCCESSFUL")}, in.Snapshot.History...)
		}), false},
	} {
		t.Run(name, func(t *testing.T) {
			d := planOf(t, c.given...)
			assert.Equal(t, c.want, d.Kind == fleet.Redeploy, "%+v", d.Reasons)
			if c.want {
				assert.Contains(t, fixture.ReasonNames(d.Reasons), "image-retried")
				assert.Equal(t, []fleet.ContainerImage{{Name: "app", Image: image(7).Pinned()}}, d.Action.Images)
			}
		})
	}
}

func TestAFullSubnetTripsTheBreakerAndQuarantinesNothing(t *testing.T) {
	d := planOf(t, taken(2*time.Minute), startsFail(fleet.SubnetFull, 2*time.Minute), func(in *decide.Input) {
		in.Trigger.Kind, in.Policy.Tag = fleet.DeploymentFailed, ""
		in.Snapshot.Watched = nil
	})
	assert.Empty(t, d.Quarantine)
	assert.Contains(t, fixture.ReasonNames(d.Reasons), "ecs-rolls-back")
}

// failed makes ECS give up the deployment of web:7, with n failures of a cause.
func failed(n int, cause fleet.Cause) change {
	return func(in *decide.Input) {
		fail(in, "ecs-svc/7", n, cause)
		in.Snapshot.History[0].Status, in.Snapshot.History[0].BreakerStatus = "STOPPED", "TRIGGERED"
		in.Snapshot.Deployments = []fleet.Deployment{
			{ID: "ecs-svc/7", Status: "PRIMARY", TaskDefinition: "web:7", RolloutState: "FAILED", Desired: 3, CreatedAt: ago(5 * time.Minute)},
			{ID: "ecs-svc/6", Status: "ACTIVE", TaskDefinition: "web:6", RolloutState: "COMPLETED", Desired: 3, Running: 3},
		}
		in.Trigger = fleet.Trigger{Kind: fleet.DeploymentFailed, ID: "event-1", At: ago(5 * time.Second)}
	}
}

func TestADeploymentThatECSGaveUpIsRolledBackOrReported(t *testing.T) {
	d := planOf(t, failed(2, fleet.AppExit))
	assert.Equal(t, fleet.RollBack, d.Kind, "%+v", d.Reasons)
	assert.Equal(t, []string{"deployment-failed", "last-good"}, fixture.ReasonNames(d.Reasons))
	assert.Equal(t, "web:6", d.Action.TaskDefinition)
	assert.Equal(t, fleet.RunRevision, d.Action.Kind)
	assert.Empty(t, d.Quarantine, "two failures are no finding of the judge")
	assert.False(t, d.MarkedFailed)

	d = planOf(t, failed(3, fleet.AppExit))
	assert.Equal(t, []fleet.Image{image(7)}, d.Quarantine, "three are")

	for name, c := range map[string]struct {
		given  []change
		notify string
	}{
		"a full subnet":    {after(failed(2, fleet.SubnetFull)), "ECS gave up the deployment of web:7: 0 of 3 tasks run. No failure is known to come from the revision (subnet-full), so it is not rolled back."},
		"nothing is known": {after(failed(0, "")), "ECS gave up the deployment of web:7: 0 of 3 tasks run. No failure is known to come from the revision, so it is not rolled back."},
		"its rollback failed": {after(failed(2, fleet.SecretNetwork), func(in *decide.Input) {
			in.Snapshot.History[0].RollbackTo, in.Snapshot.History[0].Status = "revision/6", "ROLLBACK_FAILED"
			in.Snapshot.Deployments[0].TaskDefinition = "web:6"
		}), "ECS gave up its own rollback to web:6 and starts no more tasks. Deploy it again once the cause has passed."},
	} {
		d := planOf(t, c.given...)
		assert.Equal(t, fleet.Notify, d.Kind, name)
		assert.Contains(t, d.Notify, c.notify, name)
		assert.Contains(t, fixture.ReasonNames(d.Reasons), "deployment-failed", name)
	}
	d = planOf(t, failed(2, fleet.AppExit), func(in *decide.Input) { in.Snapshot.History[0].Status = "IN_PROGRESS" })
	assert.NotContains(t, fixture.ReasonNames(d.Reasons), "deployment-failed", "ECS still works on it")
}
