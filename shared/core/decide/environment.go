package decide

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/judge"
	"homeostat/shared/core/polling"
	"homeostat/shared/core/reason"
)

// onEnvironment returns the decision about a revision whose older tasks run, while new
// starts fail. No rollback helps, and the older tasks are kept. If the policy permits a
// probe, the earlier revision is tried first: if it starts, the revision is at fault.
func onEnvironment(in Input, s subject, found judge.Finding) (fleet.Decision, []fleet.Reason) {
	verdict := findingOf(s.primary, found).with(str("revision", s.primary.TaskDefinition), num("older_running", found.OlderAlive),
		at("changed_after", found.ChangedAfter), at("changed_before", found.ChangedBefore), str("source", found.Source))
	if unread := in.Snapshot.Unread["sources"]; unread != "" && found.Source == "" {
		verdict = verdict.detail("changes of parameters and secrets are unknown: " + unread)
	}
	if in.Policy.Probe && !found.Outdated {
		if d, why, ok := probeEnvironment(in, s, found, verdict); ok {
			return d, why
		}
	}
	d, _ := commonCause(verdict, environmentAlert(s, found))
	if found.InRollout || found.Outdated {
		return d, nil
	}
	until := in.Now.Add(environmentHold)
	d.Blocks = []fleet.Block{{Kind: fleet.ScaleIn, Until: until, Why: "only older tasks of the revision run, and new ones fail to start"}}
	low := max(found.OlderAlive, in.Policy.Min, 1)
	if !in.Policy.CapRestarts || in.Memory.RestartCap != nil || low >= in.Snapshot.Desired {
		return d, nil
	}
	capped := setDesired(in, fleet.ScaleIn, low, because(reason.RestartCap, "new starts fail: cap restarts for %s at the %d running tasks", fleet.DurationText(environmentRetry), low).
		with(num("failed", found.Failures), num("desired", in.Snapshot.Desired), num("cap", low)))
	capped.Reasons = append(d.Reasons, capped.Reasons...)
	capped.Effects = d.And(fleet.Effects{CapsRestarts: true, CapFor: environmentRetry})
	capped.Notify = d.Notify + fmt.Sprintf(" Desired count %d → %d for %s.", in.Snapshot.Desired, low, fleet.DurationText(environmentRetry))
	capped.Action.Intent = "cap restarts of " + s.primary.ID + " at " + in.Now.UTC().Format(time.RFC3339)
	return capped, nil
}

// environmentAlert returns the text for the operator.
func environmentAlert(s subject, found judge.Finding) string {
	begin := fmt.Sprintf("%s: %s. %s changed at %s, ", s.primary.TaskDefinition, found.Text, found.Source, found.ChangedAfter.UTC().Format(time.RFC3339))
	switch {
	case found.InRollout:
		return begin + fmt.Sprintf("and the earlier revision reads it too, so a rollback would not help. Tasks of the earlier revision run (%d).", s.olderRunning)
	case found.Outdated:
		return begin + fmt.Sprintf("and a task gets its values at its start, so a rollback would not help. Running tasks hold the earlier value (%d).", found.OlderAlive)
	}
	text := fmt.Sprintf("%s: %s. Something outside of the revision changed between %s and %s, so a rollback would not help.",
		s.primary.TaskDefinition, found.Text, found.ChangedAfter.UTC().Format(time.RFC3339), found.ChangedBefore.UTC().Format(time.RFC3339))
	if found.Source != "" {
		text += " " + found.Source + " changed in that time."
	}
	return text + " The older tasks are kept."
}

// probeEnvironment runs one task of the earlier revision. ok is false without such a
// revision.
func probeEnvironment(in Input, s subject, found judge.Finding, verdict draft) (fleet.Decision, []fleet.Reason, bool) {
	back, _ := rollback(in, s.primary, verdict)
	if back.Kind != fleet.RollBack {
		return fleet.Decision{}, nil, false
	}
	found.Silent = true // older tasks show nothing about the start of the earlier revision
	if d, why, ok := probe(in, s.primary, found, back); ok {
		return d, why, true
	}
	if run := in.Memory.Probe; run == nil || run.For != s.primary.ID {
		return fleet.Decision{}, nil, false // the probe cannot be run
	}
	return back, nil, true
}

// outdated proposes a forced deployment while running tasks hold the earlier value of a
// parameter or secret, and a task with the new value runs. ECS gives a task its values at
// its start
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html).
func outdated(in Input) (fleet.Decision, []fleet.Reason) {
	primary, ok := in.Snapshot.Primary()
	if !in.Policy.RefreshSecrets || !ok || in.Snapshot.Deploying() {
		return fleet.Decision{}, nil
	}
	source, changed := latestChange(in.Snapshot.SourceChanges, in.Now)
	older, newer, failed := startsAround(subjectOf(in, primary).cohort, changed, in.Now)
	if probe := in.Snapshot.Probe; probe != nil && probe.LastStatus != "STOPPED" && probe.StartedAt.After(changed) && in.Now.Sub(probe.StartedAt) >= probeRuns {
		newer++
	}
	if source == "" || older == 0 || newer == 0 || failed > 0 {
		return fleet.Decision{}, nil
	}
	ref := in.Snapshot.Ref
	return because(reason.ValueOutdated, "tasks of %s hold an earlier value of a parameter or secret (%d)", primary.TaskDefinition, older).
		detail(fmt.Sprintf("%s changed at %s; later starts succeed (%d)", source, changed.UTC().Format(time.RFC3339), newer)).
		with(str("revision", primary.TaskDefinition), str("source", source), at("changed", changed), num("older_running", older), num("newer_running", newer)).
		alert(fmt.Sprintf("Running tasks of %s hold the value of %s from before %s (%d). New tasks start well. A forced deployment replaces the older ones (aws ecs update-service --region %s --cluster %s --service %s --force-new-deployment).",
			primary.TaskDefinition, source, changed.UTC().Format(time.RFC3339), older, ref.Region, ref.Cluster, ref.Service))
}

// latestChange returns the parameter or secret that changed last; empty if none is
// known.
func latestChange(changes map[string]time.Time, now time.Time) (source string, changed time.Time) {
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		if t := changes[name]; t.After(changed) && !t.After(now) {
			source, changed = name, t
		}
	}
	return source, changed
}

// startsAround returns the number of running tasks that started before a time, and that
// of the stable ones that started after it. failed counts the failures of the latter.
func startsAround(cohort *fleet.TaskCohort, change, now time.Time) (older, newer, failed int) {
	for _, life := range cohortTasks(cohort) {
		running := life.EndedAt.IsZero() && life.StoppedAt.IsZero()
		switch {
		case life.StartedAt.After(change) && running && now.Sub(life.StartedAt) >= stableTask:
			newer++
		case life.Cause.BlamesRevision() && (life.StartedAt.After(change) || life.StartedAt.IsZero() && life.StoppedAt.After(change)):
			failed++
		case running && !life.StartedAt.IsZero() && !life.StartedAt.After(change):
			older++
		}
	}
	return older, newer, failed
}

// issueReasons returns the reasons of events about troubles outside of all revisions.
// Such an event changes nothing: later failures are read with it.
func issueReasons(in Input) []fleet.Reason {
	var why []fleet.Reason
	for _, t := range in.triggers() {
		if t.Issue != nil {
			why = append(why, issueReason(*t.Issue))
		}
	}
	return why
}

func issueReason(i fleet.Issue) fleet.Reason {
	what := "failed starts that it can bring about count against no revision"
	switch {
	case i.Closed:
		what = "it has ended"
	case i.Host != "":
		what = "failures on the instance " + i.Host + " count against no revision"
	case i.Service == fleet.DaemonService:
		what = "its instances are replaced"
	}
	return because(reason.AWSIssue, "%s of %s: %s", i.Code, issueOf(i), what).
		detail(i.Text).with(str("issue", i.Code), at("since", i.Since)).reason()
}

func issueOf(i fleet.Issue) string {
	if i.Service == fleet.DaemonService {
		return "a daemon"
	}
	return i.Service
}

// issueBehind returns the open issue that explains fresh evidence, by its cause or its
// host, with the cause; ok is false without one.
func issueBehind(in Input) (i fleet.Issue, c fleet.Cause, ok bool) {
	open := in.Memory.OpenIssues(in.Now)
	if len(open) == 0 {
		return i, c, false
	}
	for _, e := range append([]fleet.Evidence{{Trigger: in.Trigger, Cause: in.Cause}}, in.Also...) {
		if !e.Cause.BlamesRevision() {
			continue
		}
		for _, i := range open {
			onHost := i.Host != "" && e.Trigger.Stop != nil && e.Trigger.Stop.Host == i.Host
			if i.Explains(e.Cause) || onHost {
				return i, e.Cause, true
			}
		}
	}
	return i, c, false
}

// onIssue returns the decision about a failure that an issue of AWS explains.
func onIssue(primary fleet.Deployment, c fleet.Cause, i fleet.Issue) (fleet.Decision, []fleet.Reason) {
	return because(reason.CommonCause, "%s: %s", c, issueText(i)).detail("a rollback would not help").
		with(str("cause", c), str("revision", primary.TaskDefinition), str("issue", i.Code)).
		alert(fmt.Sprintf("Tasks of %s fail with %s: %s. A rollback would not help.", primary.TaskDefinition, c, issueText(i)))
}

func issueText(i fleet.Issue) string {
	if i.Service == fleet.DaemonService {
		return "on the instance " + i.Host + " a managed daemon fails"
	}
	text := "AWS reports " + i.Code + " of " + i.Service
	if !i.Since.IsZero() {
		text += " since " + clock(i.Since)
	}
	return text
}

// withoutTolerated returns the cohort without the failures that issues of AWS or of
// managed daemons explain.
func withoutTolerated(cohort *fleet.TaskCohort, in Input) *fleet.TaskCohort {
	if cohort == nil || len(in.Memory.Issues) == 0 {
		return cohort
	}
	out := *cohort
	out.Tasks = map[string]fleet.TaskLife{}
	for id, life := range cohort.Tasks {
		if !in.Memory.Tolerated(life) {
			out.Tasks[id] = life
		}
	}
	return &out
}

// failsLately reports whether a task failed within the last hour that no issue explains.
func failsLately(in Input) bool {
	m := in.Memory
	m.Cohorts = map[string]*fleet.TaskCohort{}
	for id, cohort := range in.Memory.Cohorts {
		m.Cohorts[id] = withoutTolerated(cohort, in)
	}
	return polling.RecentFailure(m, in.Now)
}

// waitsForIssue returns the text of an open issue that can keep tasks from starting; ok
// is false without one.
func waitsForIssue(in Input) (text string, ok bool) {
	for _, i := range in.Memory.OpenIssues(in.Now) {
		switch {
		case i.Closed:
		case i.Service == fleet.DaemonService:
			return "a managed daemon: " + i.Text, true
		case i.Service == "ECS", i.Service == "ECR":
			return issueText(i), true
		}
	}
	return "", false
}
