package decide

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/judge"
	"homeostat/shared/core/reason"
	"homeostat/shared/core/state"
)

// rollback returns the rollback of a bad revision, or the reason against it. The
// verdict is the reason of the rollback. The operator is alerted of each bad revision
// that stays.
func rollback(in Input, primary fleet.Deployment, verdict draft) (fleet.Decision, []fleet.Reason) {
	revision := primary.TaskDefinition
	not := func(name reason.Name, format string, args ...any) draft {
		return because(name, "no rollback of %s: %s", revision, fmt.Sprintf(format, args...)).detail(verdict.full()).with(str("revision", revision))
	}
	unread := func(format string, args ...any) (fleet.Decision, []fleet.Reason) {
		text := fmt.Sprintf(format, args...)
		d, why := not(reason.Unread, "%s", text).alert(verdict.sentence() + " No rollback: " + text + ".")
		d.RequeueAfter = followUpIn
		return d, why
	}
	if why, failed := in.Snapshot.Unread["revisions"]; failed {
		return unread("revisions could not be read: %s", why)
	}
	if !in.Policy.Rollback {
		return marked(not(reason.RollbackForbidden, "policy or tag homeostat:rollback forbids it").
			alert(verdict.sentence() + " No rollback: the policy or the tag homeostat:rollback forbids it."))
	}
	latest, ok := in.Snapshot.Latest()
	if !ok {
		return unread("ECS lists no service deployment")
	}
	if d, rolledBack, ok := rolledBackByECS(in); ok && latest.RollingBack() {
		return d, []fleet.Reason{rolledBack}
	}
	if latest.RollingBack() {
		return inProgress(revision).detail(verdict.full()).noOp()
	}
	bad, ok := in.Snapshot.Current()
	if !ok {
		return unread("ECS does not list its revision")
	}
	if in.Memory.RolledBack(primary.ID, revision) {
		return marked(not(reason.RolledBackBefore, "it was rolled back before").
			alert(verdict.sentence() + " No rollback: it was rolled back before."))
	}
	found := rollbackTarget(in, bad)
	if found.best == nil {
		return marked(withoutTarget(in, primary, found, verdict))
	}
	lost := notRestored(in, bad, *found.best)
	if len(lost) > 0 && onlySettings(bad, found.best.Revision) {
		what := strings.Join(lost, ", ")
		// The task definition is not at fault, so it is not marked.
		return because(reason.CannotRestore, "no rollback of %s: it changed only the %s of the service", revision, what).
			detail(verdict.full()).with(str("revision", revision), str("changed", what)).
			alert(verdict.sentence() + " It changed only the " + what + " of the service, and a rollback does not restore that.")
	}
	return marked(rollBackTo(in, primary, bad, *found.best, lost, verdict))
}

// notRestored returns the settings of the service that the bad revision changed, and that
// the way back does not restore. ECS itself restores all of them.
func notRestored(in Input, bad fleet.Revision, target candidate) []string {
	if target.byECS {
		return nil
	}
	return slices.DeleteFunc(fleet.ServiceChanges(target.Revision, bad), func(what string) bool {
		return what == fleet.ChangedNetwork && restoresNetwork(in, bad, target)
	})
}

// restoresNetwork reports whether the rollback restores the network of the target.
func restoresNetwork(in Input, bad fleet.Revision, target candidate) bool {
	return in.Policy.RestoreNetwork && target.Network != nil && !target.byECS &&
		slices.Contains(fleet.ServiceChanges(target.Revision, bad), fleet.ChangedNetwork)
}

// onlySettings reports whether two revisions differ only in settings of the service.
func onlySettings(bad, target fleet.Revision) bool {
	bad.ARN, bad.Parts = "", target.Parts
	return fleet.Same(target, bad)
}

// withoutTarget returns the decision about a bad revision without a target. If only an
// archived image prevents a rollback, and the policy permits it, the image is restored.
func withoutTarget(in Input, primary fleet.Deployment, found targets, verdict draft) (fleet.Decision, []fleet.Reason) {
	revision := primary.TaskDefinition
	why := because(reason.NoRollbackTarget, "no rollback target for %s: %s", revision, found.obstacle).
		detail(verdict.full()).with(str("revision", revision))
	if found.archived != nil {
		alert := verdict.sentence() + " The image of " + found.archived.TaskDefinition + " is archived."
		if d, reasons, ok := restoreImage(in, primary, found.archived.Revision, why, alert); ok {
			return d, reasons
		}
	}
	return why.alert(verdict.sentence() + " No rollback target: " + found.obstacle + ".")
}

// marked adds the effect that the running deployment is marked failed.
func marked(d fleet.Decision, why []fleet.Reason) (fleet.Decision, []fleet.Reason) {
	d.MarkedFailed = true
	return d, why
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
	return rollbackTarget(in, current).best != nil
}

// alike reports whether two lists of failures have one in common. An empty list is
// unknown, and alike to any.
func alike(a, b []string) bool {
	return len(a) == 0 || len(b) == 0 || shared(a, b) != ""
}

// rollBackTo returns the rollback to the target. lost are the settings of the service that
// it does not restore. During a deployment ECS itself rolls
// back, if it would choose the target. Else a new deployment does.
func rollBackTo(in Input, primary fleet.Deployment, bad fleet.Revision, target candidate, lost []string, verdict draft) (fleet.Decision, []fleet.Reason) {
	latest, _ := in.Snapshot.Latest()
	action := fleet.Action{
		Intent: "rollback " + primary.ID,
		Expect: fleet.Expect{Deployment: primary.ID},
		// ECS itself chooses the target of StopDeployment. The name is for the record.
		TaskDefinition: target.TaskDefinition,
	}
	way := because(reason.LastGood, "the deployment is complete: redeploy %s, pinned by digest", target.TaskDefinition)
	switch {
	case target.byECS:
		action.Kind, action.Rollout = fleet.StopDeployment, latest.ARN
		action.Intent = "stop " + primary.ID
		way = because(reason.LastGood, "the deployment is in progress: stop it, and let ECS roll back to %s", target.TaskDefinition)
	default:
		if latest.InProgress() {
			way = because(reason.LastGood, "ECS would roll back to another revision: redeploy %s, pinned by digest", target.TaskDefinition)
		}
		action.Kind, action.Images = fleet.RunRevision, pins(target.Revision)
		action.AsWritten = target.deploysAsWritten()
		action.Kept = target.Status == fleet.Deleted
		if restoresNetwork(in, bad, target) {
			action.Network = target.Network
		}
	}
	unrestored := ""
	if len(lost) > 0 {
		unrestored = "not restored: the " + strings.Join(lost, ", ") + " of the service"
	}
	d := fleet.Decision{
		Kind: fleet.RollBack,
		Reasons: []fleet.Reason{
			verdict.reason(),
			way.detail(target.doubt).detail(unrestored).with(str("revision", bad.TaskDefinition), str("target", target.TaskDefinition)).reason(),
		},
		Action:       &action,
		Effects:      fleet.Effects{Quarantine: badImages(bad, target.Revision)},
		RequeueAfter: state.AfterCheck,
		Notify:       verdict.sentence() + " Rollback to " + target.TaskDefinition + ".",
	}
	if unrestored != "" {
		d.Notify += " Not restored: the " + strings.Join(lost, ", ") + " of the service."
	}
	for _, image := range d.Quarantine {
		d.Reasons = append(d.Reasons, because(reason.Quarantine, "block %s@%s until its quarantine is lifted by hand", image.Repository, fleet.ShortDigest(image.Digest)).
			with(str("repository", image.Repository), str("digest", image.Digest)).reason())
	}
	return d, nil
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
