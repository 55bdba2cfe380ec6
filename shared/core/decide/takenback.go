package decide

import (
	"maps"
	"slices"
	"strings"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/judge"
	"homeostat/shared/core/reason"
	"homeostat/shared/core/route"
	"homeostat/shared/core/state"
)

// rolledBackByECS returns the finding about a revision that ECS itself rolls back, or
// rolled back recently. Only the judge quarantines its image. For other causes, such
// as a full subnet, the image may be deployed again.
func rolledBackByECS(in Input) (fleet.Decision, fleet.Reason, bool) {
	for _, r := range in.Snapshot.History {
		source := revisionOf(in.Snapshot, r.Source)
		images := badImages(r.Target, source)
		if !takenBack(r) || len(r.Target.FailedRoutes) > 0 || source.ARN == "" || in.Now.Sub(r.CreatedAt) > state.RollbackNews || !anyNew(in.Memory, images) {
			continue
		}
		blamed := evaluateTakenBack(in, r, source)
		d := because(reason.ECSRollsBack, "ECS itself rolls %s back: its image is quarantined", r.Target.TaskDefinition)
		if blamed.Outcome == judge.BadRevision {
			return fleet.Decision{Kind: fleet.DoNothing, Effects: fleet.Effects{Quarantine: images}},
				d.detail(blamed.Text).with(str("revision", r.Target.TaskDefinition), str("status", r.Status)).reason(), true
		}
		if !route.Of(in.Trigger.Kind).Asks(route.Heal) || route.Of(in.Trigger.Kind).Scheduled {
			continue
		}
		d = because(reason.ECSRollsBack, "ECS itself rolls %s back: its image is not quarantined", r.Target.TaskDefinition)
		return fleet.Decision{}, d.detail(notBlamed(in, r, blamed)).with(str("revision", r.Target.TaskDefinition), str("status", r.Status)).reason(), true
	}
	return fleet.Decision{}, fleet.Reason{}, false
}

// takenBack reports whether ECS rolls the deployment back, or rolled it back.
func takenBack(r fleet.Rollout) bool {
	return r.RollingBack() || r.Status == "ROLLBACK_SUCCESSFUL" || r.Status == "ROLLBACK_FAILED"
}

// evaluateTakenBack returns the judge's finding about the target of a rollout that ECS
// rolled back. It takes the tasks of all deployments of that revision.
func evaluateTakenBack(in Input, r fleet.Rollout, source fleet.Revision) judge.Finding {
	suspect, ids := cohortOf(in, r.Target)
	control := slices.DeleteFunc(slices.Sorted(maps.Keys(in.Memory.Cohorts)), func(id string) bool {
		return slices.Contains(ids, id) || in.Memory.RolledBack(id, in.Memory.Cohorts[id].TaskDefinition)
	})
	c := judge.Case{
		Suspect: suspect, Since: r.CreatedAt, ControlRunning: in.Snapshot.Running, Peers: peerFailures(in, suspect),
		NotAtFault: notAtFaultOf(fleet.Changes(source, r.Target)), Explained: in.Memory.Explained, FalseAlarm: in.Policy.FalseRollback, Now: in.Now,
	}
	for _, id := range control {
		c.Control = append(c.Control, in.Memory.Cohorts[id])
	}
	return judge.Evaluate(c)
}

// cohortOf returns the tasks of all deployments of the revision, and the ids of the
// deployments.
func cohortOf(in Input, r fleet.Revision) (all *fleet.TaskCohort, ids []string) {
	all = &fleet.TaskCohort{TaskDefinition: r.TaskDefinition, Tasks: map[string]fleet.TaskLife{}}
	for _, id := range slices.Sorted(maps.Keys(in.Memory.Cohorts)) {
		cohort := in.Memory.Cohorts[id]
		named := slices.ContainsFunc(in.Snapshot.Deployments, func(d fleet.Deployment) bool {
			return d.ID == id && cohort.TaskDefinition == "" && d.TaskDefinition == r.TaskDefinition
		})
		if !named && !cohort.Runs(r) {
			continue
		}
		ids = append(ids, id)
		maps.Copy(all.Tasks, cohort.Tasks)
		if all.FirstSeen.IsZero() || cohort.FirstSeen.Before(all.FirstSeen) {
			all.FirstSeen = cohort.FirstSeen
		}
	}
	return all, ids
}

// notBlamed returns the finding about a rolled back revision that is not blamed, with
// the causes of its failures.
func notBlamed(in Input, r fleet.Rollout, found judge.Finding) string {
	var causes []string
	cohort, _ := cohortOf(in, r.Target)
	for _, life := range cohort.Tasks {
		if life.Cause.Family() != fleet.FamilyNormal {
			causes = append(causes, string(life.Cause))
		}
	}
	if causes = distinct(causes); len(causes) == 0 {
		return found.Text
	}
	return "its tasks failed with " + strings.Join(causes, ", ") + "; " + found.Text
}

// retry returns the reason to deploy an image again that the circuit breaker of ECS
// took back. Its failures did not come from it, and no start failed for a while. Each
// further attempt waits twice as long.
func retry(in Input) (why draft, due bool) {
	latest, ok := in.Snapshot.Latest()
	want := in.Snapshot.Watched
	if !ok || want == nil || !tripped(latest, *want) || !route.Of(in.Trigger.Kind).Scheduled {
		return draft{}, false
	}
	attempts := 0
	for _, r := range in.Snapshot.History {
		if tripped(r, *want) {
			attempts++
		}
	}
	quiet := quietFor(in, latest)
	if attempts > maxAttempts || quiet < retryPause<<(attempts-1) {
		return draft{}, false
	}
	return because(reason.ImageRetried, "ECS took %s back, and not for the image: no start failed for %s", fleet.ShortDigest(want.Digest), fleet.DurationText(quiet.Round(time.Minute))).
		with(str("digest", want.Digest), num("attempt", attempts+1)), true
}

// tripped reports whether the circuit breaker ended the rollout of the image.
func tripped(r fleet.Rollout, image fleet.Image) bool {
	_, running, ok := runs(r.Target, image)
	return ok && running.Digest == image.Digest && takenBack(r) && !r.InProgress() && r.BreakerStatus == "TRIGGERED"
}

// quietFor returns the time since the end of the rollout, or since a later failed
// start of any task.
func quietFor(in Input, r fleet.Rollout) time.Duration {
	last := r.FinishedAt
	if last.IsZero() {
		last = r.CreatedAt
	}
	for cause, t := range in.Memory.Troubles {
		if cause.Family() != fleet.FamilyNormal && t.Last.After(last) {
			last = t.Last
		}
	}
	return in.Now.Sub(last)
}
