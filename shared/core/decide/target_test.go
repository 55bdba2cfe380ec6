package decide_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"
)

// target returns a change of the revision web:6, the previous one.
func target(f func(*fleet.Revision)) change {
	return func(in *decide.Input) { f(&in.Snapshot.History[1].Target) }
}

// checkedImage is image 6 in a state.
func checkedImage(state fleet.ImageState) []fleet.CheckedImage {
	return []fleet.CheckedImage{{Image: image(6).Pinned(), State: state, Why: "denied"}}
}

// ended gives a deployment tasks that ran for a time and ended half an hour ago.
func ended(in *decide.Input, deployment, definition string, n int, ran time.Duration, cause fleet.Cause) {
	at := ago(30 * time.Minute)
	fail(in, deployment, n, cause)
	cohort := in.Memory.Cohorts[deployment]
	cohort.TaskDefinition = definition
	for id := range cohort.Tasks {
		cohort.Tasks[id] = fleet.TaskLife{StartedAt: at.Add(-ran), EndedAt: at, StoppedAt: at, Cause: cause}
	}
	in.Cause = fleet.AppExit
}

func TestTheWayBackLeadsToTheBestCandidate(t *testing.T) {
	unknown := func(in *decide.Input) { in.Snapshot.History[1].Target.Images = checkedImage(fleet.ImageUnknown) }
	for name, c := range map[string]struct {
		given  []change
		target string
		detail string
	}{
		"the previous one":                         {nil, "web:6", ""},
		"past a deleted task definition":           {after(target(func(r *fleet.Revision) { r.Status = fleet.Deleted })), "web:5", ""},
		"past an unread task definition":           {after(target(func(r *fleet.Revision) { r.Status, r.Unread = "", "throttled" })), "web:5", ""},
		"past an archived image":                   {after(target(func(r *fleet.Revision) { r.Images = checkedImage(fleet.ImageArchived) })), "web:5", ""},
		"past an activating image":                 {after(target(func(r *fleet.Revision) { r.Images = checkedImage(fleet.ImageActivating) })), "web:5", ""},
		"past an unknown image to a known one":     {after(unknown), "web:5", ""},
		"to an inactive definition":                {after(target(func(r *fleet.Revision) { r.Status = "INACTIVE" })), "web:6", ""},
		"to a definition under deletion":           {after(target(func(r *fleet.Revision) { r.Status = "DELETE_IN_PROGRESS" })), "web:6", ""},
		"to an unknown image if there is no other": {after(unknown, func(in *decide.Input) { in.Snapshot.History = in.Snapshot.History[:2] }), "web:6", "is unknown: denied"},
		"to an unknown image that tasks of the bad one pulled": {after(unknown, func(in *decide.Input) {
			in.Snapshot.History[0].Target.Containers = append(in.Snapshot.History[0].Target.Containers, fleet.ContainerImage{Name: "proxy", Image: image(6)})
		}), "web:6", ""},
		"past a revision whose tasks all failed":    {after(func(in *decide.Input) { ended(in, "ecs-svc/6", "web:6", 12, time.Minute, fleet.OutOfMemory) }), "web:5", ""},
		"past a revision whose tasks all ran short": {after(func(in *decide.Input) { ended(in, "ecs-svc/6", "web:6", 4, time.Minute, fleet.ScalingActivity) }), "web:5", ""},
		"to a revision that lost some tasks": {after(func(in *decide.Input) {
			ended(in, "ecs-svc/6", "web:6", 4, time.Hour, fleet.AppExit)
			life := in.Memory.Cohorts["ecs-svc/6"].Tasks["ecs-svc/6-0"]
			life.Cause = fleet.ScalingActivity
			in.Memory.Cohorts["ecs-svc/6"].Tasks["ecs-svc/6-0"] = life
		}), "web:6", ""},
		"past a revision that was marked failed": {after(func(in *decide.Input) {
			in.Memory.MarkFailed("ecs-svc/6", revision(6), ago(time.Hour))
		}), "web:5", ""},
		"past a revision that was rolled back": {after(func(in *decide.Input) {
			in.Memory.Rollbacks = []fleet.Rollback{{From: "ecs-svc/6", FromDefinition: "web:6", FromDigests: []string{digest(6)}, ToDefinition: "web:5", At: ago(48 * time.Hour)}}
		}), "web:5", ""},
		"past a revision in service for a minute": {after(func(in *decide.Input) {
			in.Snapshot.History[1].FinishedAt = in.Snapshot.History[0].CreatedAt.Add(-time.Minute)
		}), "web:5", ""},
		"to it if no other one ran longer": {after(func(in *decide.Input) {
			in.Snapshot.History[1].FinishedAt = in.Snapshot.History[0].CreatedAt.Add(-time.Minute)
			in.Snapshot.History = in.Snapshot.History[:2]
		}), "web:6", ""},
		"to a revision that the record knows to have run, though it was in service for a minute": {after(func(in *decide.Input) {
			in.Snapshot.History[1].FinishedAt = in.Snapshot.History[0].CreatedAt.Add(-time.Minute)
			in.Memory.Lives = map[string]fleet.RevisionLife{"ecs-svc/6": {TaskDefinition: "web:6", Tasks: 3, Longest: time.Hour}}
		}), "web:6", ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := planOf(t, append([]change{failing}, c.given...)...)
			assert.Equal(t, fleet.RollBack, d.Kind, "%+v", d.Reasons)
			if d.Action != nil {
				assert.Equal(t, c.target, d.Action.TaskDefinition)
			}
			assert.True(t, d.MarkedFailed, "the bad revision is never a target again")
			assert.Contains(t, d.Reasons[1].Detail, c.detail)
		})
	}
}

func TestWithoutARegistrationTheDefinitionItselfIsTheWayBack(t *testing.T) {
	const why = "the stack permits no registration"
	denied := func(in *decide.Input) { in.NoRegistration = why }
	written := func(r *fleet.Revision) { r.AsWritten = true }
	alert := func(obstacle string, given ...change) plan {
		return plan{
			given: append([]change{failing, history(rollout(7, "SUCCESSFUL"), rollout(6, "SUCCESSFUL")), denied}, given...),
			kind:  fleet.Notify, reasons: []string{"no-rollback-target"}, notify: verdict(t) + ". No rollback target: " + obstacle + ".",
		}
	}
	check(t, map[string]plan{
		"its tag points to another image":     alert("web:6 cannot be pinned (" + why + "), and its tag points to another image"),
		"it is inactive":                      alert("web:6 is an inactive task definition and cannot be registered again: "+why, target(func(r *fleet.Revision) { r.Status, r.AsWritten = "INACTIVE", true })),
		"it is deleted, and its copy is kept": alert("web:6 is an inactive task definition and cannot be registered again: "+why, target(func(r *fleet.Revision) { r.Status = fleet.Deleted }), func(in *decide.Input) { in.Memory.Definitions = []string{"web:6"} }),
	})
	d := planOf(t, failing, denied, target(written))
	assert.Equal(t, "web:6", d.Action.TaskDefinition)
	assert.True(t, d.Action.AsWritten)

	d = planOf(t, failing, denied, history(rollout(7, "IN_PROGRESS"), rollout(6, "SUCCESSFUL")))
	assert.Equal(t, fleet.StopDeployment, d.Action.Kind, "ECS itself goes back, and registers nothing")
}

func TestADeletedDefinitionIsRegisteredFromItsCopy(t *testing.T) {
	d := planOf(t, failing, target(func(r *fleet.Revision) { r.Status = fleet.Deleted }), func(in *decide.Input) { in.Memory.Definitions = []string{"web:6"} })
	assert.Equal(t, "web:6", d.Action.TaskDefinition)
	assert.True(t, d.Action.Kept)
}

func TestADeploymentIsNotStoppedIfECSWouldGoBackToAFailingRevision(t *testing.T) {
	d := planOf(t, failing, history(rollout(7, "IN_PROGRESS"), rollout(6, "SUCCESSFUL"), rollout(5, "SUCCESSFUL")), func(in *decide.Input) {
		ended(in, "ecs-svc/6", "web:6", 12, time.Minute, fleet.AppExit)
	})
	assert.Equal(t, fleet.RunRevision, d.Action.Kind)
	assert.Equal(t, "web:5", d.Action.TaskDefinition)
}

func TestTwoBadRevisionsInARowEndOnTheProvenOne(t *testing.T) {
	// web:8 was rolled back to web:7 an hour ago, and now web:7 fails.
	restored := func(ran time.Duration, why ...string) change {
		return func(in *decide.Input) {
			in.Memory.Rollbacks = []fleet.Rollback{{From: "ecs-svc/8", FromDefinition: "web:8", ToDefinition: "web:7", At: ago(time.Hour), Why: why}}
			back, bad, before := rollout(7, "SUCCESSFUL"), rollout(8, "SUCCESSFUL"), rollout(7, "SUCCESSFUL")
			back.CreatedAt, bad.CreatedAt, before.CreatedAt = ago(time.Hour), ago(2*time.Hour), ago(2*time.Hour+ran)
			old := rollout(6, "SUCCESSFUL")
			old.CreatedAt = ago(60 * time.Hour)
			in.Snapshot.History = []fleet.Rollout{back, bad, before, old}
		}
	}
	alone := func(in *decide.Input) { in.Snapshot.History = in.Snapshot.History[:3] }
	for name, c := range map[string]struct {
		given []change
		want  fleet.DecisionKind
	}{
		"it ran for minutes before":                 {after(restored(10 * time.Minute)), fleet.RollBack},
		"it ran for hours before":                   {after(restored(5 * time.Hour)), fleet.Notify},
		"it ran for hours, and fails otherwise now": {after(restored(5*time.Hour, "image-missing")), fleet.RollBack},
		"there is no other one":                     {after(restored(10*time.Minute), alone), fleet.Notify},
	} {
		t.Run(name, func(t *testing.T) {
			d := planOf(t, append([]change{failing}, c.given...)...)
			assert.Equal(t, c.want, d.Kind, "%+v", d.Reasons)
			if c.want == fleet.RollBack {
				assert.Equal(t, "web:6", d.Action.TaskDefinition)
			} else {
				assert.EqualValues(t, "rollback-ineffective", d.Main().Name)
			}
		})
	}
}

func TestAnArchivedImageIsRestoredWherePermitted(t *testing.T) {
	archived := func(state fleet.ImageState) change {
		return func(in *decide.Input) {
			in.Snapshot.History = in.Snapshot.History[:2]
			in.Snapshot.History[1].Target.Images = checkedImage(state)
		}
	}
	permitted := func(in *decide.Input) { in.Policy.RestoreImages = true }
	d := planOf(t, failing, archived(fleet.ImageArchived), permitted)
	assert.Equal(t, fleet.Restore, d.Kind)
	assert.Equal(t, &fleet.Action{
		Kind: fleet.RestoreImage, Intent: "restore " + digest(6) + " for ecs-svc/7", Images: []fleet.ContainerImage{{Image: image(6).Pinned()}},
	}, d.Action)
	assert.Equal(t, time.Minute, d.RequeueAfter)

	d = planOf(t, failing, archived(fleet.ImageActivating), permitted)
	assert.Equal(t, fleet.DoNothing, d.Kind, "its restoration is awaited")
	assert.Equal(t, time.Minute, d.RequeueAfter)

	for name, given := range map[string][]change{
		"not without the key": after(failing, archived(fleet.ImageArchived)),
		"not a missing image": after(failing, archived(fleet.ImageGone), permitted),
	} {
		d = planOf(t, given...)
		assert.Equal(t, fleet.Notify, d.Kind, name)
		assert.Contains(t, d.Notify, "No rollback target: web:6 needs a", name)
	}
	assert.Equal(t, fleet.RollBack, planOf(t, failing, permitted, target(func(r *fleet.Revision) { r.Images = checkedImage(fleet.ImageArchived) })).Kind,
		"another revision can run at once")
}

func TestALostWayBackIsReportedBeforeItIsNeeded(t *testing.T) {
	tick := func(in *decide.Input) {
		in.Trigger = fleet.Trigger{Kind: fleet.Tick, ID: "tick", At: fixture.Noon()}
		in.Cause = ""
		in.Snapshot.History = in.Snapshot.History[:2]
	}
	denied := func(in *decide.Input) { in.NoRegistration = "the stack was deployed without -c pin=true" }
	moved := target(func(r *fleet.Revision) { r.AsWritten = false })
	gone := target(func(r *fleet.Revision) { r.Images = checkedImage(fleet.ImageGone) })
	warned := func(given ...change) string {
		d := planOf(t, append([]change{tick}, given...)...)
		if d.Kind != fleet.Notify {
			return ""
		}
		assert.EqualValues(t, "no-way-back", d.Main().Name)
		assert.Nil(t, d.Action)
		return d.Notify
	}
	for name, c := range map[string]struct {
		given []change
		want  string
	}{
		"the image of the previous one is gone":         {after(gone), "web:7 runs well, but it could not be rolled back if it failed: web:6 needs a missing image"},
		"its image is archived":                         {after(target(func(r *fleet.Revision) { r.Images = checkedImage(fleet.ImageArchived) })), "web:6 needs an archived image"},
		"its definition is deleted, and no copy stored": {after(target(func(r *fleet.Revision) { r.Status = fleet.Deleted })), "web:6 is a deleted task definition"},
		"its tag moved, and nothing may be registered":  {after(denied, moved), "web:6 cannot be pinned (the stack was deployed without -c pin=true), and its tag points to another image"},
		"its definition is inactive": {
			after(denied, target(func(r *fleet.Revision) { r.Status = "INACTIVE" })),
			"web:6 is an inactive task definition and cannot be registered again",
		},
		"the running image is gone": {after(func(in *decide.Input) {
			in.Snapshot.History[0].Target.Images = []fleet.CheckedImage{{Image: image(7), State: fleet.ImageGone}}
		}), "no new task of web:7 can start: it needs a missing image"},
		"the previous one can run":     {nil, ""},
		"its image is unknown":         {after(target(func(r *fleet.Revision) { r.Images = checkedImage(fleet.ImageUnknown) })), ""},
		"it was not read":              {after(target(func(r *fleet.Revision) { r.Status, r.Unread = "", "throttled" })), ""},
		"its tag still leads to it":    {after(denied, target(func(r *fleet.Revision) { r.AsWritten = true })), ""},
		"another one can run":          {after(gone, func(in *decide.Input) { in.Snapshot.History = append(in.Snapshot.History, rollout(5, "SUCCESSFUL")) }), ""},
		"there is no other one":        {after(func(in *decide.Input) { in.Snapshot.History = in.Snapshot.History[:1] }), ""},
		"the other one was taken back": {after(gone, func(in *decide.Input) { in.Memory.Rollbacks = []fleet.Rollback{{FromDefinition: "web:6"}} }), ""},
		"rollbacks are forbidden":      {after(gone, func(in *decide.Input) { in.Policy.Rollback = false }), ""},
		"a deployment is in progress": {after(gone, func(in *decide.Input) {
			in.Snapshot.Deployments[0].RolloutState, in.Snapshot.Deployments[0].CreatedAt = "IN_PROGRESS", ago(time.Minute)
			in.Snapshot.History[0].Status = "IN_PROGRESS"
		}), ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := warned(c.given...); c.want == "" {
				assert.Empty(t, got)
			} else {
				assert.Contains(t, got, c.want)
			}
		})
	}
}

// newNetwork gives the running revision other security groups than the previous one.
func newNetwork(in *decide.Input) {
	part := fleet.Part{What: fleet.ChangedNetwork}
	in.Snapshot.History[0].Target.Parts = map[fleet.Part]string{part: "new"}
	in.Snapshot.History[1].Target.Parts = map[fleet.Part]string{part: "old"}
	in.Snapshot.History[1].Target.Network = &fleet.Network{Subnets: []string{"subnet-a"}, SecurityGroups: []string{"sg-a"}}
	in.Snapshot.History = in.Snapshot.History[:2]
}

// sameDefinition gives the running revision the definition and images of the previous one.
func sameDefinition(in *decide.Input) {
	now, before := &in.Snapshot.History[0].Target, &in.Snapshot.History[1].Target
	before.Definition = &fleet.Definition{Containers: []fleet.ContainerDefinition{{Name: "app", Image: "web:live"}}}
	now.TaskDefinition, now.Containers, now.Definition = before.TaskDefinition, before.Containers, before.Definition
}

func TestARollbackRestoresTheNetworkOrNamesIt(t *testing.T) {
	permitted := func(in *decide.Input) { in.Policy.RestoreNetwork = true }

	d := planOf(t, failing, newNetwork)
	assert.Equal(t, fleet.RollBack, d.Kind, "%+v", d.Reasons)
	assert.Nil(t, d.Action.Network)
	assert.Contains(t, d.Notify, "Not restored: the network of the service.")

	d = planOf(t, failing, newNetwork, permitted)
	assert.Equal(t, fleet.RollBack, d.Kind, "%+v", d.Reasons)
	assert.Equal(t, []string{"sg-a"}, d.Action.Network.SecurityGroups)
	assert.NotContains(t, d.Notify, "Not restored")

	d = planOf(t, failing, newNetwork, sameDefinition)
	assert.Equal(t, fleet.Notify, d.Kind, "a rollback would change nothing: %+v", d.Reasons)
	assert.Equal(t, "cannot-restore", string(d.Reasons[0].Name))
	assert.False(t, d.MarkedFailed, "the task definition is not at fault")

	d = planOf(t, failing, newNetwork, sameDefinition, permitted)
	assert.Equal(t, fleet.RollBack, d.Kind, "%+v", d.Reasons)
	assert.Equal(t, []string{"subnet-a"}, d.Action.Network.Subnets)
}
