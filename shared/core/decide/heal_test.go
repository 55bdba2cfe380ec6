package decide_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
)

// guilty is the judge's sentence on convicted().
const guilty = "web:7: 3 of 3 tasks failed within 3 s of start, nothing to compare with; P(new worse) 0.50, evidence 12364 : 1, threshold 1000 : 1"

// after is in with more changes.
func after(given ...change) []change { return given }

func history(rollouts ...fleet.Rollout) change {
	return func(in *decide.Input) { in.Snapshot.History = rollouts }
}

func TestABadRevisionIsRolledBack(t *testing.T) {
	target := []fleet.ContainerImage{{Name: "app", Image: image(6).Pinned()}}
	check(t, map[string]planned{
		"a completed revision that dies goes back to the last good one by digest": {
			given: after(convicted), kind: fleet.RollBack, reasons: []string{"bad-revision", "last-good", "quarantine"},
			text: "web@" + short(7) + " must not come back until a person lifts it",
			action: &fleet.Action{
				Kind: fleet.RunRevision, Intent: "rollback ecs-svc/7", TaskDefinition: "web:6", Images: target,
				Expect: fleet.Expect{Deployment: "ecs-svc/7"},
			},
			notify: guilty + ": rolled back to web:6", again: 5 * time.Minute, quarantine: []fleet.Image{image(7)},
		},
		"a revision that dies while it is rolled out is stopped": {
			given: after(convicted, history(rollout(7, "IN_PROGRESS"), rollout(6, "SUCCESSFUL"))),
			kind:  fleet.RollBack, reasons: []string{"bad-revision", "last-good", "quarantine"},
			text: "web@" + short(7) + " must not come back until a person lifts it",
			action: &fleet.Action{
				Kind: fleet.StopDeployment, Intent: "stop ecs-svc/7", TaskDefinition: "web:6", Rollout: "rollout/7",
				Expect: fleet.Expect{Deployment: "ecs-svc/7"},
			},
			notify: guilty + ": rolled back to web:6", again: 5 * time.Minute, quarantine: []fleet.Image{image(7)},
		},
		"a revision with the image of the one before is rolled back without a quarantine": {
			given: after(convicted, func(in *decide.Input) { in.Snapshot.History[0].Target.Containers[0].Image = image(6) }),
			kind:  fleet.RollBack, reasons: []string{"bad-revision", "last-good"},
			text: "the deployment is over, so the service goes back to web:6, pinned by digest",
			action: &fleet.Action{
				Kind: fleet.RunRevision, Intent: "rollback ecs-svc/7", TaskDefinition: "web:6", Images: target,
				Expect: fleet.Expect{Deployment: "ecs-svc/7"},
			},
			notify: guilty + ": rolled back to web:6", again: 5 * time.Minute,
		},
		"what ECS went back to may be bad too, and goes further back": {
			given: after(convicted, func(in *decide.Input) {
				back := rollout(8, "ROLLBACK_SUCCESSFUL")
				back.RollbackTo = "revision/7"
				in.Snapshot.History = append([]fleet.Rollout{back}, in.Snapshot.History...)
			}),
			kind: fleet.RollBack, reasons: []string{"bad-revision", "last-good", "quarantine"},
			text: "web@" + short(7) + " must not come back until a person lifts it",
			action: &fleet.Action{
				Kind: fleet.RunRevision, Intent: "rollback ecs-svc/7", TaskDefinition: "web:6", Images: target,
				Expect: fleet.Expect{Deployment: "ecs-svc/7"},
			},
			notify: guilty + ": rolled back to web:6", again: 5 * time.Minute, quarantine: []fleet.Image{image(7)},
		},
		"rollouts that did not complete are no way back": {
			given: after(convicted, history(rollout(7, "SUCCESSFUL"), rollout(6, "STOPPED"), rollout(5, "SUCCESSFUL"))),
			kind:  fleet.RollBack, reasons: []string{"bad-revision", "last-good", "quarantine"},
			text: "web@" + short(7) + " must not come back until a person lifts it",
			action: &fleet.Action{
				Kind: fleet.RunRevision, Intent: "rollback ecs-svc/7", TaskDefinition: "web:5",
				Images: []fleet.ContainerImage{{Name: "app", Image: image(5).Pinned()}},
				Expect: fleet.Expect{Deployment: "ecs-svc/7"},
			},
			notify: guilty + ": rolled back to web:5", again: 5 * time.Minute, quarantine: []fleet.Image{image(7)},
		},
	})
}

func TestThereMustBeAFitRevisionToGoBackTo(t *testing.T) {
	unfit := func(why string, f func(*fleet.Revision)) planned {
		text := guilty + ", but there is nothing to go back to: " + why
		return planned{
			given: after(convicted, history(rollout(7, "SUCCESSFUL"), rollout(6, "SUCCESSFUL")), func(in *decide.Input) { f(&in.Snapshot.History[1].Target) }),
			kind:  fleet.Notify, reasons: []string{"no-rollback-target"}, text: text, notify: text,
		}
	}
	quarantined := unfit("web:6 runs the quarantined "+digest(6), func(*fleet.Revision) {})
	quarantined.given = append(quarantined.given, func(in *decide.Input) {
		in.Memory.Quarantine = []fleet.Quarantined{{Image: image(6)}}
	})
	check(t, map[string]planned{
		"no revision that completed": unfit("no earlier deployment of the service completed", func(r *fleet.Revision) { r.TaskDefinition = "" }),
		"a revision whose digest is not recorded": unfit("web:6 has no recorded image digest, and its tag may point to the bad image",
			func(r *fleet.Revision) { r.Containers[0].Image.Digest = "" }),
		"a revision whose task definition is gone": unfit("web:6 is no longer an active task definition", func(r *fleet.Revision) { r.Status = "INACTIVE" }),
		"a revision that was not looked up":        unfit("web:6 could not be looked up", func(r *fleet.Revision) { r.Status = "" }),
		"a revision whose image is gone": unfit("web:6 needs web@6, which the registry no longer holds",
			func(r *fleet.Revision) { r.Missing = []string{"web@6"} }),
		"the same revision as the bad one": unfit("no earlier deployment of the service completed", func(r *fleet.Revision) { *r = revision(7) }),
		"a revision in quarantine":         quarantined,
	})
}

func TestAConvictionDoesNotAlwaysMeanARollback(t *testing.T) {
	said := func(kind fleet.DecisionKind, name, tail string, given ...change) planned {
		p := planned{given: append([]change{convicted}, given...), kind: kind, reasons: []string{name}, text: guilty + tail}
		if kind == fleet.Notify {
			p.notify = p.text
		}
		return p
	}
	check(t, map[string]planned{
		"unread revisions stop it": said(fleet.DoNothing, "unread", ", but its revisions could not be read: throttled", func(in *decide.Input) {
			in.Snapshot.Unread = map[string]string{"revisions": "throttled"}
		}),
		"a history without rollouts stops it": said(fleet.DoNothing, "unread", ", but ECS lists no service deployment of it", history()),
		"a policy that forbids it calls a person": said(fleet.Notify, "rollback-forbidden",
			", but the policy or the tag homeostat:rollback forbids a rollback", func(in *decide.Input) { in.Policy.Rollback = false }),
		"a revision that was rolled back to calls a person": said(fleet.Notify, "rollback-ineffective",
			", and it is what web:8 was rolled back to: the rollback was in vain", func(in *decide.Input) {
				in.Memory.Rollbacks = []fleet.Rollback{{From: "ecs-svc/8", FromDefinition: "web:8", ToDefinition: "web:7", At: ago(time.Hour)}}
			}),
		"a deployment that was rolled back before is not again": said(fleet.Notify, "rolled-back-before",
			", but it was rolled back before: never twice", func(in *decide.Input) {
				in.Memory.Rollbacks = []fleet.Rollback{{From: "ecs-svc/7", FromDefinition: "web:7", ToDefinition: "web:6", At: ago(time.Hour)}}
			}),
		"a revision that was rolled back before is not again": said(fleet.Notify, "rolled-back-before",
			", but it was rolled back before: never twice", func(in *decide.Input) {
				in.Memory.Rollbacks = []fleet.Rollback{{From: "ecs-svc/3", FromDefinition: "web:7", ToDefinition: "web:6", At: ago(time.Hour)}}
			}),
		"a rollback that is under way is left alone": said(fleet.DoNothing, "rollback-in-progress", ", and its rollback is under way",
			history(rollout(7, "ROLLBACK_IN_PROGRESS"), rollout(6, "SUCCESSFUL")), func(in *decide.Input) {
				in.Memory.Quarantine = []fleet.Quarantined{{Image: image(7)}}
			}),
	})
}

func TestWhatECSTakesBackByItselfIsQuarantinedOnce(t *testing.T) {
	taken := func(reasons []string, given ...change) planned {
		return planned{
			given: given, kind: fleet.DoNothing, reasons: reasons,
			text: "ECS itself takes web:7 back; its image is quarantined", quarantine: []fleet.Image{image(7)},
		}
	}
	one := func(in *decide.Input) {
		convicted(in)
		dying(in, "ecs-svc/7", 1, fleet.AppExit)
	}
	known := func(in *decide.Input) { in.Memory.Quarantine = []fleet.Quarantined{{Image: image(7)}} }
	check(t, map[string]planned{
		"while ECS rolls back, also where we would have": taken([]string{"ecs-rolls-back"}, convicted,
			history(rollout(7, "ROLLBACK_IN_PROGRESS"), rollout(6, "SUCCESSFUL"))),
		"while ECS rolls back, before we would have": taken([]string{"counted", "ecs-rolls-back"}, one,
			history(rollout(7, "ROLLBACK_REQUESTED"), rollout(6, "SUCCESSFUL"))),
		"after ECS has rolled back": taken([]string{"counted", "ecs-rolls-back"}, one,
			history(rollout(7, "ROLLBACK_SUCCESSFUL"), rollout(6, "SUCCESSFUL"))),
		"after ECS could not roll back": taken([]string{"counted", "ecs-rolls-back"}, one,
			history(rollout(7, "ROLLBACK_FAILED"), rollout(6, "SUCCESSFUL"))),
		"a second time it is no news": {
			given: after(one, known, history(rollout(7, "ROLLBACK_SUCCESSFUL"), rollout(6, "SUCCESSFUL"))),
			kind:  fleet.DoNothing, reasons: []string{"counted", "not-enough-evidence"},
			text: "web:7: 1 of 1 tasks failed within 3 s of start, nothing to compare with; P(new worse) 0.50, evidence 16 : 1, threshold 1000 : 1",
		},
		"after a day it is no news": {
			given: after(one, history(rollout(7, "ROLLBACK_SUCCESSFUL"), rollout(6, "SUCCESSFUL")), func(in *decide.Input) {
				in.Snapshot.History[0].CreatedAt = ago(24*time.Hour + time.Second)
			}),
			kind: fleet.DoNothing, reasons: []string{"counted", "not-enough-evidence"},
			text: "web:7: 1 of 1 tasks failed within 3 s of start, nothing to compare with; P(new worse) 0.50, evidence 16 : 1, threshold 1000 : 1",
		},
		"our own rollback is not taken for one of ECS": {
			given: after(one, history(rollout(7, "ROLLBACK_IN_PROGRESS"), rollout(6, "SUCCESSFUL")), func(in *decide.Input) {
				in.Memory.Rollbacks = []fleet.Rollback{{From: "ecs-svc/7", FromDefinition: "web:7", ToDefinition: "web:6", At: ago(time.Hour)}}
			}),
			kind: fleet.DoNothing, reasons: []string{"counted", "rollback-in-progress"}, text: "the rollback of web:7 is under way",
		},
	})
}

func TestTheWayBackNeverLeadsToTheSameThing(t *testing.T) {
	in := input()
	convicted(&in)
	again := rollout(7, "SUCCESSFUL")
	again.ARN, again.Target.ARN = "rollout/again", "revision/again"
	history(rollout(7, "SUCCESSFUL"), again, rollout(5, "SUCCESSFUL"))(&in)
	d := decide.Plan(in)
	assert.Equal(t, "web:5", d.Action.TaskDefinition, "a forced redeployment of the bad revision is no way back")
	assert.NotEmpty(t, d.Quarantine)
}

func TestARevisionThatWasRolledBackIsNoControl(t *testing.T) {
	in := input()
	convicted(&in)
	dying(&in, "ecs-svc/5", 3, fleet.AppExit)
	in.Memory.Rollbacks = []fleet.Rollback{{From: "ecs-svc/5", FromDefinition: "web:5", ToDefinition: "web:4", At: ago(30 * time.Minute)}}
	assert.Equal(t, fleet.RollBack, decide.Plan(in).Kind)
}

func TestWhatOnlyAPersonCanMendStopsNoScaling(t *testing.T) {
	in := input()
	alarmed(95)(&in)
	dying(&in, "ecs-svc/7", 3, fleet.ELBHealth)
	dying(&in, "ecs-svc/6", 3, fleet.ELBHealth)
	in.Trigger = fleet.Trigger{Kind: fleet.Tick, ID: "tick", At: noon()}
	d := decide.Plan(in)
	assert.Equal(t, fleet.ScaleOut, d.Kind, "%+v", d)
	assert.EqualValues(t, "common-cause", d.Main().Name)
	assert.NotEmpty(t, d.Notify)
}
