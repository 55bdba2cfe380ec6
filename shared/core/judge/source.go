package judge

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"homeostat/shared/core/fleet"
)

// valueChanged reports whether the failed starts of a rollout come from a parameter or
// secret that changed meanwhile, and sets the finding. The earlier revision must read it
// too and run: then no start of any revision shows that the changed value works, and
// the tasks of the earlier revision serve. Without them an ineffective rollback costs
// less than an outage. A change before the rollout does not count: one pipeline often changes
// values and deploys a revision.
func (f *Finding) valueChanged(c Case, lives []life) bool {
	failed := c.failedLately(lives)
	late := slices.ContainsFunc(failed, func(l life) bool { return !l.young() })
	if c.ControlRunning == 0 || len(failed) == 0 || late {
		return false
	}
	first := failed[0].start()
	for _, l := range failed {
		if l.start().Before(first) {
			first = l.start()
		}
	}
	var source string
	var at time.Time
	for _, name := range c.SharedSources {
		t := c.SourceChanges[name]
		if t.After(c.since()) && !t.After(first) && t.After(at) && !c.startedWell(lives, t) {
			source, at = name, t
		}
	}
	if source == "" {
		return false
	}
	f.Outcome, f.InRollout, f.Source, f.ChangedAfter, f.ChangedBefore = EnvironmentChanged, true, source, at, first
	f.Text = fmt.Sprintf("new starts fail (%d), %s changed in the rollout", f.Failures, short(nameOf(source)))
	f.Detail = fmt.Sprintf("%s changed at %s, before the first failed start; the earlier revision reads it too, and no task of any revision started well since; %s; %s",
		source, at.UTC().Format(time.RFC3339), f.comparison(), f.statistics())
	return true
}

// nameOf returns the name of a parameter or secret without the rest of its ARN.
func nameOf(source string) string {
	if !strings.HasPrefix(source, "arn:") {
		return source
	}
	name := source
	for range arnHead {
		_, rest, ok := strings.Cut(name, ":")
		if !ok {
			return source
		}
		name = rest
	}
	name = strings.TrimPrefix(strings.TrimPrefix(name, "secret:"), "parameter/")
	name, _, _ = strings.Cut(name, ":")
	return name
}

// failedLately returns the failed tasks that still count as evidence.
func (c Case) failedLately(lives []life) (failed []life) {
	for _, l := range lives {
		if l.failed && c.Now.Sub(l.ended) <= onsetWindow {
			failed = append(failed, l)
		}
	}
	return failed
}

// startedWell reports whether a task of any revision started after a time and lived
// longer than the start of a task takes.
func (c Case) startedWell(lives []life, after time.Time) bool {
	well := func(l life) bool {
		return !l.failed && l.began.After(after) && l.age(c.Now) > startPeriod
	}
	if slices.ContainsFunc(lives, well) {
		return true
	}
	return slices.ContainsFunc(c.Control, func(cohort *fleet.TaskCohort) bool {
		return slices.ContainsFunc(livesOf(cohort, c.NotAtFault, nil), well)
	})
}

// valueOutdated reports whether tasks fail because they hold the earlier value of a
// parameter or secret, and sets the finding. ECS gives a task its values at its start
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html).
// So each failed task started before the change and failed after it, and no task that
// started after the change failed.
func (f *Finding) valueOutdated(c Case, lives []life) bool {
	failed := c.failedLately(lives)
	var source string
	var at time.Time
	for _, name := range slices.Sorted(maps.Keys(c.SourceChanges)) {
		t := c.SourceChanges[name]
		holdsEarlier := func(l life) bool { return l.began.Before(t) && l.ended.After(t) && !l.began.IsZero() }
		late := slices.ContainsFunc(failed, func(l life) bool { return !holdsEarlier(l) }) || f.FirstFailure.Sub(t) > outdatedAfter
		if !late && t.After(at) {
			source, at = name, t
		}
	}
	if source == "" || len(failed) == 0 {
		return false
	}
	older, later := 0, 0
	for _, l := range lives {
		switch {
		case !l.ended.IsZero():
		case l.began.Before(at):
			older++
		case l.age(c.Now) > startPeriod:
			later++
		}
	}
	f.Outcome, f.Outdated, f.Source, f.OlderAlive, f.ChangedAfter, f.ChangedBefore = EnvironmentChanged, true, source, older, at, f.FirstFailure
	f.Text = fmt.Sprintf("tasks with the earlier value of %s fail (%d)", short(nameOf(source)), f.Failures)
	f.Detail = fmt.Sprintf("%s changed at %s, all failed tasks started before, and none that started later failed (%d run); %s; %s",
		source, at.UTC().Format(time.RFC3339), later, f.comparison(), f.statistics())
	return true
}
