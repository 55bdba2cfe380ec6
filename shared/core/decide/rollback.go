package decide

import (
	"fmt"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/judge"
	"homeostat/shared/core/reason"
	"homeostat/shared/core/state"
)

// rollback returns the rollback of a bad revision, or the reason against it. The
// verdict is the reason of the rollback.
func rollback(in Input, primary fleet.Deployment, verdict draft) (fleet.Decision, []fleet.Reason) {
	revision := primary.TaskDefinition
	not := func(name reason.Name, format string, args ...any) draft {
		return because(name, "no rollback of %s: %s", revision, fmt.Sprintf(format, args...)).detail(verdict.full()).with(str("revision", revision))
	}
	if why, unread := in.Snapshot.Unread["revisions"]; unread {
		return not(reason.Unread, "revisions could not be read: %s", why).noOp()
	}
	if !in.Policy.Rollback {
		return not(reason.RollbackForbidden, "policy or tag homeostat:rollback forbids it").
			alert(verdict.sentence() + " No rollback: the policy or the tag homeostat:rollback forbids it.")
	}
	latest, ok := in.Snapshot.Latest()
	if !ok {
		return not(reason.Unread, "ECS lists no service deployment").noOp()
	}
	if d, rolledBack, ok := rolledBackByECS(in); ok && latest.RollingBack() {
		return d, []fleet.Reason{rolledBack}
	}
	if latest.RollingBack() {
		return inProgress(revision).detail(verdict.full()).noOp()
	}
	if in.Memory.RolledBack(primary.ID, revision) {
		return not(reason.RolledBackBefore, "it was rolled back before").
			alert(verdict.sentence() + " No rollback: it was rolled back before.")
	}
	bad, ok := in.Snapshot.Current()
	if !ok {
		return not(reason.Unread, "ECS does not list its revision").noOp()
	}
	target, obstacle := rollbackTarget(in, bad)
	if target == nil {
		return because(reason.NoRollbackTarget, "no rollback target for %s: %s", revision, obstacle).
			detail(verdict.full()).with(str("revision", revision)).
			alert(verdict.sentence() + " No rollback target: " + obstacle + ".")
	}
	return rollBackTo(primary, latest, bad, *target, verdict)
}

// ineffective notifies the operator of a revision that fails after a rollback to it. ok
// is false without such a rollback, or for a failure of another kind. A target that had
// run for less than provenFor may be bad itself.
func ineffective(in Input, s subject, found judge.Finding, verdict draft) (fleet.Decision, []fleet.Reason, bool) {
	revision := s.primary.TaskDefinition
	r, ok := rolledBackTo(in.Memory, revision, in.Now)
	if !ok || unproven(in, s) || !alike(r.Why, state.FailuresOf(s.cohort, found.Alarm, r.At)) {
		return fleet.Decision{}, nil, false
	}
	d, why := because(reason.RollbackIneffective, "%s fails too after the rollback from %s", revision, r.FromDefinition).
		detail(verdict.full()).with(str("revision", revision), str("from", r.FromDefinition), at("since", r.At)).
		alert(verdict.sentence() + " The rollback from " + r.FromDefinition + " to it was ineffective.")
	d.RollbackIneffective = true
	return d, why, true
}

// unproven reports whether the revision had run for a short time only before other
// content was deployed, and an earlier revision is left.
func unproven(in Input, s subject) bool {
	current, known := in.Snapshot.Current()
	if !known || s.earlier == 0 || s.earlier >= provenFor {
		return false
	}
	target, _ := rollbackTarget(in, current)
	return target != nil
}

// alike reports whether two lists of failures have one in common. An empty list is
// unknown, and alike to any.
func alike(a, b []string) bool {
	return len(a) == 0 || len(b) == 0 || shared(a, b) != ""
}

// rollBackTo returns the rollback to the target: by ECS during a deployment, else by a
// new deployment.
func rollBackTo(primary fleet.Deployment, latest fleet.Rollout, bad, target fleet.Revision, verdict draft) (fleet.Decision, []fleet.Reason) {
	action := fleet.Action{
		Intent: "rollback " + primary.ID,
		Expect: fleet.Expect{Deployment: primary.ID},
		// ECS itself chooses the target of StopDeployment. The name is for the record.
		TaskDefinition: target.TaskDefinition,
	}
	way := because(reason.LastGood, "the deployment is complete: redeploy %s, pinned by digest", target.TaskDefinition)
	if latest.InProgress() {
		action.Kind, action.Rollout = fleet.StopDeployment, latest.ARN
		action.Intent = "stop " + primary.ID
		way = because(reason.LastGood, "the deployment is in progress: stop it, and let ECS roll back to %s", target.TaskDefinition)
	} else {
		action.Kind, action.Images = fleet.RunRevision, pins(target)
	}
	d := fleet.Decision{
		Kind:         fleet.RollBack,
		Reasons:      []fleet.Reason{verdict.reason(), way.with(str("revision", bad.TaskDefinition), str("target", target.TaskDefinition)).reason()},
		Action:       &action,
		Effects:      fleet.Effects{Quarantine: badImages(bad, target)},
		RequeueAfter: state.AfterCheck,
		Notify:       verdict.sentence() + " Rollback to " + target.TaskDefinition + ".",
	}
	for _, image := range d.Quarantine {
		d.Reasons = append(d.Reasons, because(reason.Quarantine, "block %s@%s until its quarantine is lifted by hand", image.Repository, short(image.Digest)).
			with(str("repository", image.Repository), str("digest", image.Digest)).reason())
	}
	return d, nil
}

// rollbackTarget returns the newest completed revision that can still run; nil with the
// obstacle if there is none.
func rollbackTarget(in Input, bad fleet.Revision) (target *fleet.Revision, obstacle string) {
	obstacle = "no earlier deployment completed"
	for _, r := range in.Snapshot.History {
		if r.Status != "SUCCESSFUL" || r.Target.ARN == bad.ARN || r.Target.TaskDefinition == "" {
			continue
		}
		if sameContent(r.Target, bad) {
			obstacle = "the earlier deployments have the same content"
			continue
		}
		if o := obstacleOf(in.Memory, r.Target); o != "" {
			obstacle = r.Target.TaskDefinition + " " + o
			continue
		}
		return &r.Target, ""
	}
	return nil, obstacle
}

// sameContent reports whether a rollback from one revision to the other changes
// nothing.
func sameContent(target, bad fleet.Revision) bool {
	if _, known := fleet.Changes(target, bad); known {
		return fleet.Same(target, bad)
	}
	return target.TaskDefinition == bad.TaskDefinition && len(badImages(target, bad)) == 0
}

// obstacleOf returns the obstacle to a rollback to the revision; empty for none.
func obstacleOf(m fleet.Memory, r fleet.Revision) string {
	switch {
	case !r.Pinned():
		return "has no recorded digest, so its tag may lead to the bad image"
	case r.Status == "INACTIVE":
		return "is an inactive task definition"
	case r.Status == "":
		return "could not be read"
	case len(r.Missing) > 0:
		return "needs a missing image: " + r.Missing[0]
	}
	for _, c := range r.Containers {
		if _, bad := m.Quarantines(c.Image.Digest); bad {
			return "runs a quarantined image: " + c.Image.Digest
		}
	}
	return ""
}

// rolledBackByECS returns the quarantine of an image that ECS itself rolls back, or
// rolled back recently.
func rolledBackByECS(in Input) (fleet.Decision, fleet.Reason, bool) {
	for _, r := range in.Snapshot.History {
		rolledBack := r.RollingBack() || r.Status == "ROLLBACK_SUCCESSFUL" || r.Status == "ROLLBACK_FAILED"
		source := revisionOf(in.Snapshot, r.Source)
		images := badImages(r.Target, source)
		if !rolledBack || len(r.Target.FailedRoutes) > 0 || source.ARN == "" || in.Now.Sub(r.CreatedAt) > state.RollbackNews || !anyNew(in.Memory, images) {
			continue
		}
		return fleet.Decision{Kind: fleet.DoNothing, Effects: fleet.Effects{Quarantine: images}},
			because(reason.ECSRollsBack, "ECS itself rolls %s back: its image is quarantined", r.Target.TaskDefinition).
				with(str("revision", r.Target.TaskDefinition), str("status", r.Status)).reason(), true
	}
	return fleet.Decision{}, fleet.Reason{}, false
}

// rolledBackTo returns the recent rollback to this revision, if any.
func rolledBackTo(m fleet.Memory, definition string, now time.Time) (fleet.Rollback, bool) {
	for _, r := range m.Rollbacks {
		if r.ToDefinition == definition && now.Sub(r.At) < state.RollbackNews {
			return r, true
		}
	}
	return fleet.Rollback{}, false
}

func revisionOf(s fleet.Snapshot, arn string) fleet.Revision {
	for _, r := range s.History {
		if r.Target.ARN == arn {
			return r.Target
		}
	}
	return fleet.Revision{}
}

// badImages returns the images of the bad revision that the good one does not run.
func badImages(bad, good fleet.Revision) []fleet.Image {
	keep := map[string]bool{}
	for _, c := range good.Containers {
		keep[c.Image.Digest] = true
	}
	var out []fleet.Image
	for _, c := range bad.Containers {
		if c.Image.Digest != "" && !keep[c.Image.Digest] {
			out = append(out, c.Image)
		}
	}
	return out
}

// anyNew reports whether one of the images is not quarantined yet.
func anyNew(m fleet.Memory, images []fleet.Image) bool {
	for _, i := range images {
		if _, known := m.Quarantines(i.Digest); !known {
			return true
		}
	}
	return false
}

// pins returns the containers of the revision, pinned by digest.
func pins(r fleet.Revision) []fleet.ContainerImage {
	out := make([]fleet.ContainerImage, 0, len(r.Containers))
	for _, c := range r.Containers {
		out = append(out, fleet.ContainerImage{Name: c.Name, Image: c.Image.Pinned()})
	}
	return out
}
