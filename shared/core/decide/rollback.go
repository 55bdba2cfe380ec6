package decide

import (
	"fmt"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/reason"
	"homeostat/shared/core/state"
)

// rollback turns a conviction into the way back, or says why there is none. name
// is the reason of the rollback.
func rollback(in Input, primary fleet.Deployment, verdict string, name reason.Name) (fleet.Decision, []fleet.Reason) {
	if why, unread := in.Snapshot.Unread["revisions"]; unread {
		return nothing(reason.Unread, verdict+", but its revisions could not be read: "+why)
	}
	if !in.Policy.Rollback {
		return notify(reason.RollbackForbidden, verdict+", but the policy or the tag homeostat:rollback forbids a rollback")
	}
	latest, ok := in.Snapshot.Latest()
	if !ok {
		return nothing(reason.Unread, verdict+", but ECS lists no service deployment of it")
	}
	if d, taken, ok := takenBack(in); ok && latest.RollingBack() {
		return d, []fleet.Reason{taken}
	}
	if latest.RollingBack() {
		return nothing(reason.RollbackInProgress, verdict+", and its rollback is under way")
	}
	if r, ok := rolledBackTo(in.Memory, primary.TaskDefinition, in.Now); ok {
		d, why := notify(reason.RollbackIneffective, fmt.Sprintf("%s, and it is what %s was rolled back to: the rollback was in vain", verdict, r.FromDefinition))
		d.RollbackIneffective = true
		return d, why
	}
	if in.Memory.RolledBack(primary.ID, primary.TaskDefinition) {
		return notify(reason.RolledBackBefore, verdict+", but it was rolled back before: never twice")
	}
	bad, ok := in.Snapshot.Current()
	if !ok {
		return nothing(reason.Unread, verdict+", but what it runs is not among its latest deployments")
	}
	target, why := fit(in, bad)
	if target == nil {
		return notify(reason.NoRollbackTarget, verdict+", but there is nothing to go back to: "+why)
	}
	return goBack(primary, latest, bad, *target, verdict, name)
}

func goBack(primary fleet.Deployment, latest fleet.Rollout, bad, target fleet.Revision, verdict string, name reason.Name) (fleet.Decision, []fleet.Reason) {
	action := fleet.Action{
		Intent: "rollback " + primary.ID,
		Expect: fleet.Expect{Deployment: primary.ID},
		// Also for StopDeployment, where ECS chooses: so that the record names it.
		TaskDefinition: target.TaskDefinition,
	}
	way := "ECS is asked to stop the deployment and roll back to "
	if latest.InProgress() {
		action.Kind, action.Rollout = fleet.StopDeployment, latest.ARN
		action.Intent = "stop " + primary.ID
	} else {
		action.Kind, action.Images = fleet.RunRevision, pins(target)
		way = "the deployment is over, so the service goes back to "
	}
	d := fleet.Decision{
		Kind: fleet.RollBack,
		Reasons: []fleet.Reason{
			{Name: name, Text: verdict},
			{Name: reason.LastGood, Text: way + target.TaskDefinition + ", pinned by digest"},
		},
		Action:       &action,
		Effects:      fleet.Effects{Quarantine: badImages(bad, target)},
		RequeueAfter: state.AfterCheck,
		Notify:       verdict + ": rolled back to " + target.TaskDefinition,
	}
	for _, image := range d.Quarantine {
		d.Reasons = append(d.Reasons, fleet.Reason{
			Name: reason.Quarantine, Text: image.Repository + "@" + short(image.Digest) + " must not come back until a person lifts it",
		})
	}
	return d, nil
}

// fit is the newest revision that once completed and can still run, or the
// reason why there is none.
func fit(in Input, bad fleet.Revision) (*fleet.Revision, string) {
	why := "no earlier deployment of the service completed"
	for _, r := range in.Snapshot.History {
		same := r.Target.TaskDefinition == bad.TaskDefinition && len(badImages(r.Target, bad)) == 0
		if r.Status != "SUCCESSFUL" || r.Target.ARN == bad.ARN || r.Target.TaskDefinition == "" || same {
			continue
		}
		if cause := unfit(in.Memory, r.Target); cause != "" {
			why = r.Target.TaskDefinition + " " + cause
			continue
		}
		target := r.Target
		return &target, ""
	}
	return nil, why
}

func unfit(m fleet.Memory, r fleet.Revision) string {
	switch {
	case !r.Pinned():
		return "has no recorded image digest, and its tag may point to the bad image"
	case r.Status == "INACTIVE":
		return "is no longer an active task definition"
	case r.Status == "":
		return "could not be looked up"
	case len(r.Missing) > 0:
		return "needs " + r.Missing[0] + ", which the registry no longer holds"
	}
	for _, c := range r.Containers {
		if _, bad := m.Quarantines(c.Image.Digest); bad {
			return "runs the quarantined " + c.Image.Digest
		}
	}
	return ""
}

// takenBack is the quarantine of an image that ECS itself rolls, or of late
// rolled, back without us.
func takenBack(in Input) (fleet.Decision, fleet.Reason, bool) {
	for _, r := range in.Snapshot.History {
		back := r.RollingBack() || r.Status == "ROLLBACK_SUCCESSFUL" || r.Status == "ROLLBACK_FAILED"
		source := revisionOf(in.Snapshot, r.Source)
		images := badImages(r.Target, source)
		if !back || source.ARN == "" || in.Now.Sub(r.CreatedAt) > state.RollbackNews || !fresh(in.Memory, images) {
			continue
		}
		text := fmt.Sprintf("ECS itself takes %s back; its image is quarantined", r.Target.TaskDefinition)
		return fleet.Decision{Kind: fleet.DoNothing, Effects: fleet.Effects{Quarantine: images}}, fleet.Reason{Name: reason.ECSRollsBack, Text: text}, true
	}
	return fleet.Decision{}, fleet.Reason{}, false
}

// rolledBackTo is the rollback of late that brought this revision back.
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

// badImages are the images of the bad revision that the good one does not run.
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

func fresh(m fleet.Memory, images []fleet.Image) bool {
	for _, i := range images {
		if _, known := m.Quarantines(i.Digest); !known {
			return true
		}
	}
	return false
}

func pins(r fleet.Revision) []fleet.ContainerImage {
	out := make([]fleet.ContainerImage, 0, len(r.Containers))
	for _, c := range r.Containers {
		out = append(out, fleet.ContainerImage{Name: c.Name, Image: c.Image.Pinned()})
	}
	return out
}
