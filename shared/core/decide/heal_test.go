package decide_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"
)

// rolledBack returns the plan for failing(): a rollback to a definition with image n.
func rolledBack(t *testing.T, definition string, n int) plan {
	return plan{
		given: after(failing), kind: fleet.RollBack, reasons: []string{"bad-revision", "last-good", "quarantine"},
		text: "block web@" + shortDigest + " until its quarantine is lifted by hand",
		action: &fleet.Action{
			Kind: fleet.RunRevision, Intent: "rollback ecs-svc/7", TaskDefinition: definition,
			Images: []fleet.ContainerImage{{Name: "app", Image: image(n).Pinned()}}, Expect: fleet.Expect{Deployment: "ecs-svc/7"},
		},
		notify: rollbackTo(t, definition), again: 5 * time.Minute, quarantine: []fleet.Image{image(7)},
	}
}

func TestABadRevisionIsRolledBack(t *testing.T) {
	complete, deploying, sameImage, afterECS, incomplete := rolledBack(t, "web:6", 6), rolledBack(t, "web:6", 6), rolledBack(t, "web:6", 6), rolledBack(t, "web:6", 6), rolledBack(t, "web:5", 5)
	deploying.given = after(failing, history(rollout(7, "IN_PROGRESS"), rollout(6, "SUCCESSFUL")))
	deploying.action = &fleet.Action{
		Kind: fleet.StopDeployment, Intent: "stop ecs-svc/7", TaskDefinition: "web:6", Rollout: "rollout/7", Expect: fleet.Expect{Deployment: "ecs-svc/7"},
	}
	sameImage.given = after(failing, func(in *decide.Input) { in.Snapshot.History[0].Target.Containers[0].Image = image(6) })
	sameImage.reasons, sameImage.quarantine = []string{"bad-revision", "last-good"}, nil
	sameImage.text = "the deployment is complete: redeploy web:6, pinned by digest"
	afterECS.given = after(failing, func(in *decide.Input) {
		back := rollout(8, "ROLLBACK_SUCCESSFUL")
		back.RollbackTo = "revision/7"
		in.Snapshot.History = append([]fleet.Rollout{back}, in.Snapshot.History...)
	})
	incomplete.given = after(failing, history(rollout(7, "SUCCESSFUL"), rollout(6, "STOPPED"), rollout(5, "SUCCESSFUL")))
	check(t, map[string]plan{
		"after its deployment, to the last good revision by digest": complete,
		"during its deployment, by a stop":                          deploying,
		"with the image of the previous one, without a quarantine":  sameImage,
		"after ECS rolled back to it":                               afterECS,
		"past a rollout that did not complete":                      incomplete,
	})
}

func TestTheReasonsOfARollbackHaveFields(t *testing.T) {
	d := planOf(t, failing)
	assert.Regexp(t, "^web:7: 3 of 3 ", d.Reasons[0].Text)
	assert.Regexp(t, `evidence \d+ : 1, threshold 1000 : 1`, d.Reasons[0].Detail)
	assert.Equal(t, map[string]string{"revision": "web:7", "failed": "3", "tasks": "3", "older_failed": "0", "older_tasks": "0"}, fieldsOf(d.Reasons[0]))
	assert.Equal(t, map[string]string{"revision": "web:7", "target": "web:6"}, fieldsOf(d.Reasons[1]))
	assert.Equal(t, map[string]string{"repository": "web", "digest": digest(7)}, fieldsOf(d.Reasons[2]))
}

func TestARollbackNeedsATargetThatCanRun(t *testing.T) {
	without := func(obstacle string, f func(*decide.Input)) plan {
		return plan{
			given: after(failing, history(rollout(7, "SUCCESSFUL"), rollout(6, "SUCCESSFUL")), f),
			kind:  fleet.Notify, reasons: []string{"no-rollback-target"}, notify: verdict(t) + ". No rollback target: " + obstacle + ".",
		}
	}
	target := func(f func(*fleet.Revision)) change {
		return func(in *decide.Input) { f(&in.Snapshot.History[1].Target) }
	}
	check(t, map[string]plan{
		"a revision without a task definition": without("no earlier deployment completed", target(func(r *fleet.Revision) { r.TaskDefinition = "" })),
		"a revision without a recorded digest": without("web:6 has no recorded digest, so its tag may lead to the bad image",
			target(func(r *fleet.Revision) { r.Containers[0].Image.Digest = "" })),
		"a deleted task definition": without("web:6 is a deleted task definition, and no copy of it is stored",
			target(func(r *fleet.Revision) { r.Status = fleet.Deleted })),
		"an unread revision": without("web:6 could not be read", target(func(r *fleet.Revision) { r.Status = "" })),
		"a revision without its image": without("web:6 needs a missing image: web@sha256:6", target(func(r *fleet.Revision) {
			r.Images = []fleet.CheckedImage{{Image: fleet.Image{Repository: "web", Digest: "sha256:6"}, State: fleet.ImageGone}}
		})),
		"the same revision": without("no earlier deployment completed", target(func(r *fleet.Revision) { *r = revision(7) })),
		"a quarantined image": without("web:6 runs a quarantined image: "+digest(6), func(in *decide.Input) {
			in.Memory.Quarantine = []fleet.Quarantined{{Image: image(6)}}
		}),
	})
	d := planOf(t, failing, history(rollout(7, "SUCCESSFUL")))
	assert.Equal(t, "no rollback target for web:7: no earlier deployment completed", d.Reasons[0].Text)
}

func TestABadRevisionIsNotAlwaysRolledBack(t *testing.T) {
	noOp := func(name, text string, given ...change) plan {
		return plan{given: append([]change{failing}, given...), kind: fleet.DoNothing, reasons: []string{name}, text: text}
	}
	unread := func(text, rest string, given change) plan {
		return plan{given: after(failing, given), kind: fleet.Notify, reasons: []string{"unread"}, text: text, notify: verdict(t) + ". " + rest, again: time.Minute}
	}
	alert := func(name, text, rest string, given ...change) plan {
		return plan{given: append([]change{failing}, given...), kind: fleet.Notify, reasons: []string{name}, text: text, notify: verdict(t) + ". " + rest}
	}
	rollbacks := func(r fleet.Rollback) change {
		return func(in *decide.Input) {
			r.At = ago(time.Hour)
			in.Memory.Rollbacks = []fleet.Rollback{r}
		}
	}
	check(t, map[string]plan{
		"with unread revisions": unread("no rollback of web:7: revisions could not be read: throttled", "No rollback: revisions could not be read: throttled.", func(in *decide.Input) {
			in.Snapshot.Unread = map[string]string{"revisions": "throttled"}
		}),
		"without a service deployment": unread("no rollback of web:7: ECS lists no service deployment", "No rollback: ECS lists no service deployment.", history()),
		"with a policy against it": alert("rollback-forbidden", "no rollback of web:7: policy or tag homeostat:rollback forbids it",
			"No rollback: the policy or the tag homeostat:rollback forbids it.", func(in *decide.Input) { in.Policy.Rollback = false }),
		"after a rollback to it": alert("rollback-ineffective", "web:7 fails too after the rollback from web:8",
			"The rollback from web:8 to it was ineffective.", rollbacks(fleet.Rollback{From: "ecs-svc/8", FromDefinition: "web:8", ToDefinition: "web:7"})),
		"after a rollback of the deployment": alert("rolled-back-before", "no rollback of web:7: it was rolled back before",
			"No rollback: it was rolled back before.", rollbacks(fleet.Rollback{From: "ecs-svc/7", FromDefinition: "web:7", ToDefinition: "web:6"})),
		"after a rollback of the revision": alert("rolled-back-before", "no rollback of web:7: it was rolled back before",
			"No rollback: it was rolled back before.", rollbacks(fleet.Rollback{From: "ecs-svc/3", FromDefinition: "web:7", ToDefinition: "web:6"})),
		"during a rollback": noOp("rollback-in-progress", "rollback of web:7 is in progress",
			history(rollout(7, "ROLLBACK_IN_PROGRESS"), rollout(6, "SUCCESSFUL")), func(in *decide.Input) {
				in.Memory.Quarantine = []fleet.Quarantined{{Image: image(7)}}
			}),
	})
}

func TestECSRollsBackAndTheJudgeQuarantines(t *testing.T) {
	back := func(status string) change {
		last := rollout(7, status)
		last.CreatedAt = ago(10 * time.Minute)
		return history(last, rollout(6, "SUCCESSFUL"))
	}
	blamed := func(given ...change) plan {
		return plan{
			given: given, kind: fleet.DoNothing, reasons: []string{"ecs-rolls-back"},
			text: "ECS itself rolls web:7 back: its image is quarantined", quarantine: []fleet.Image{image(7)},
		}
	}
	notBlamed := func(reason string, n int, cause fleet.Cause, given ...change) plan {
		lost := func(in *decide.Input) { fail(in, "ecs-svc/7", n, cause) }
		return plan{
			given: append([]change{lost}, given...), kind: fleet.DoNothing, reasons: []string{reason, "ecs-rolls-back"},
			text: "ECS itself rolls web:7 back: its image is not quarantined", fields: map[string]string{"revision": "web:7"},
		}
	}
	known := func(in *decide.Input) { in.Memory.Quarantine = []fleet.Quarantined{{Image: image(7)}} }
	restored := func(in *decide.Input) {
		fail(in, "ecs-svc/7", 3, fleet.AppExit)
		in.Snapshot.Deployments[0] = fleet.Deployment{ID: "ecs-svc/8", Status: "PRIMARY", TaskDefinition: "web:6", RolloutState: "COMPLETED", Desired: 3, Running: 3}
	}
	counted := func(given ...change) plan {
		return plan{given: given, kind: fleet.DoNothing, reasons: []string{"counted", "not-enough-evidence"}}
	}
	one := func(in *decide.Input) { fail(in, "ecs-svc/7", 1, fleet.AppExit) }
	after8 := blamed(restored, back("ROLLBACK_SUCCESSFUL"))
	after8.reasons = []string{"counted", "ecs-rolls-back"}
	check(t, map[string]plan{
		"three tasks failed, during its rollback":           blamed(failing, back("ROLLBACK_IN_PROGRESS")),
		"three tasks failed, after its rollback":            after8,
		"one failure is not enough, during its rollback":    notBlamed("counted", 1, fleet.AppExit, back("ROLLBACK_REQUESTED")),
		"one failure is not enough, after its rollback":     notBlamed("counted", 1, fleet.AppExit, back("ROLLBACK_SUCCESSFUL")),
		"one failure is not enough, after a failed one":     notBlamed("counted", 1, fleet.AppExit, back("ROLLBACK_FAILED")),
		"the network to a secret store blames no revision":  notBlamed("transient", 2, fleet.SecretNetwork, back("ROLLBACK_SUCCESSFUL")),
		"a full subnet blames no revision, whatever the n.": notBlamed("counted", 9, fleet.SubnetFull, back("ROLLBACK_SUCCESSFUL"), func(in *decide.Input) { in.Cause = fleet.DiskFull }),
		"not twice": counted(one, known, back("ROLLBACK_SUCCESSFUL")),
		"not after a day": counted(one, back("ROLLBACK_SUCCESSFUL"), func(in *decide.Input) {
			in.Snapshot.History[0].CreatedAt = ago(24*time.Hour + time.Second)
		}),
		"not during a rollback by Homeostat": {
			given: after(one, back("ROLLBACK_IN_PROGRESS"), func(in *decide.Input) {
				in.Memory.Rollbacks = []fleet.Rollback{{From: "ecs-svc/7", FromDefinition: "web:7", ToDefinition: "web:6", At: ago(time.Hour)}}
			}),
			kind: fleet.DoNothing, reasons: []string{"counted", "rollback-in-progress"}, text: "rollback of web:7 is in progress",
		},
	})
}

func TestARollbackNeverLeadsToTheSameRevision(t *testing.T) {
	again := rollout(7, "SUCCESSFUL")
	again.ARN, again.Target.ARN = "rollout/again", "revision/again"
	more := func(in *decide.Input) { fail(in, "ecs-svc/7", 6, fleet.AppExit) }
	d := planOf(t, failing, more, history(rollout(7, "SUCCESSFUL"), again, rollout(5, "SUCCESSFUL")))
	assert.Equal(t, "web:5", d.Action.TaskDefinition, "a forced redeployment of the bad revision is no target")
	assert.NotEmpty(t, d.Quarantine)
}

func TestARevisionThatWasRolledBackIsNoControl(t *testing.T) {
	d := planOf(t, failing, func(in *decide.Input) {
		fail(in, "ecs-svc/5", 3, fleet.AppExit)
		in.Memory.Rollbacks = []fleet.Rollback{{From: "ecs-svc/5", FromDefinition: "web:5", ToDefinition: "web:4", At: ago(30 * time.Minute)}}
	})
	assert.Equal(t, fleet.RollBack, d.Kind)
}

func TestAnAlertDoesNotPreventScaling(t *testing.T) {
	d := planOf(t, inAlarm(95), func(in *decide.Input) {
		fail(in, "ecs-svc/7", 3, fleet.ELBHealth)
		fail(in, "ecs-svc/6", 3, fleet.ELBHealth)
		in.Trigger = fleet.Trigger{Kind: fleet.Tick, ID: "tick", At: fixture.Noon()}
	})
	assert.Equal(t, fleet.ScaleOut, d.Kind, "%+v", d)
	assert.EqualValues(t, "common-cause", d.Main().Name)
	assert.NotEmpty(t, d.Notify)
}
