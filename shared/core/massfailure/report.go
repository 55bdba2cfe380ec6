// Package massfailure detects when so many services fail at once that something
// they share must be the cause. All actions in the shared scope are suspended until
// the failure is over. The package is pure: it maps failure reports, counts and a
// time to freezes and reasons.
package massfailure

import (
	"slices"
	"sort"
	"time"

	"homeostat/shared/core/fleet"
)

// Own returns the failure report of the service, computed from its memory. ok is
// false if no task failed within Window with a cause that a revision can bring
// about.
func Own(m fleet.Memory, s fleet.Snapshot, dependsOn []string, now time.Time) (p fleet.FailureReport, ok bool) {
	var at []time.Time
	var zones, providers []string
	failing := map[string]bool{}
	for _, cohort := range m.Cohorts {
		for _, life := range cohort.Tasks {
			if !CountsAsFailure(life.Cause) || life.StoppedAt.IsZero() || life.StoppedAt.Sub(now) > Window {
				continue
			}
			// The clock of ECS may be ahead. A failure is never in the future.
			stopped := life.StoppedAt
			if stopped.After(now) {
				stopped = now
			}
			at = append(at, stopped)
			if now.Sub(stopped) < Window {
				p.Failures++
				failing[cohort.TaskDefinition] = true
				zones, providers = append(zones, life.Zone), append(providers, life.Provider)
			}
		}
	}
	if p.Failures == 0 {
		return fleet.FailureReport{}, false
	}
	p.Ref, p.DependsOn = s.Ref, dependsOn
	p.Tasks = p.Failures + s.Running
	p.Zones, p.Providers = places(zones), places(providers)
	p.First, p.Last = latestRun(at)
	if primary, found := s.Primary(); found {
		p.RolledOut = primary.CreatedAt
	}
	p.Digests = brought(s, failing, p.First)
	return p, true
}

// brought returns the images that the failing task definitions brought, if their rollout
// began shortly before the first failure. An image of an older rollout is not among them,
// nor is that of the first rollout, because there is no way back from it.
func brought(s fleet.Snapshot, failing map[string]bool, first time.Time) (digests []string) {
	for i, r := range s.History { // newest first
		if i == len(s.History)-1 || !failing[r.Target.TaskDefinition] || first.Sub(r.CreatedAt) >= ownRollout || first.Before(r.CreatedAt) {
			continue
		}
		for _, digest := range r.Target.Digests() {
			older := slices.ContainsFunc(s.History[i+1:], func(o fleet.Rollout) bool {
				return !failing[o.Target.TaskDefinition] && slices.Contains(o.Target.Digests(), digest)
			})
			if !older && !slices.Contains(digests, digest) {
				digests = append(digests, digest)
			}
		}
	}
	slices.Sort(digests)
	return digests
}

// CountsAsFailure reports whether a task failure with this cause may be the fault
// of a revision.
func CountsAsFailure(c fleet.Cause) bool {
	return c.BlamesRevision()
}

// places returns the places of the failures. It returns none if the place of one of
// them is unknown, because then "all of them there" would be false.
func places(names []string) []string {
	if slices.Contains(names, "") {
		return nil
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// latestRun returns the times of the first and last failure of the latest run of
// failures. A pause of more than Window ends a run.
func latestRun(at []time.Time) (first, last time.Time) {
	sort.Slice(at, func(i, j int) bool { return at[i].Before(at[j]) })
	last = at[len(at)-1]
	first = last
	for _, earlier := range slices.Backward(at) {
		if first.Sub(earlier) > Window {
			break
		}
		first = earlier
	}
	return first, last
}

// ReportChanged reports whether the service's own report differs considerably from
// the reports that are stored. So a storm of failures causes a handful of writes.
func ReportChanged(known []fleet.FailureReport, own fleet.FailureReport) bool {
	for _, p := range known {
		if p.Ref.Key() == own.Ref.Key() {
			return own.Last.Sub(p.Last) >= reportEvery || own.Failures >= 2*p.Failures || !slices.Equal(own.Zones, p.Zones) || !slices.Equal(own.Digests, p.Digests)
		}
	}
	return true
}

// Others returns the reports within Window of all other services.
func Others(reports []fleet.FailureReport, own fleet.ServiceRef, now time.Time) []fleet.FailureReport {
	var out []fleet.FailureReport
	for _, p := range reports {
		if p.Ref.Key() != own.Key() && now.Sub(p.Last) < Window {
			out = append(out, p)
		}
	}
	return out
}

// Scopes returns the scopes that cover a service beside its account, cluster and
// own scope: the zones of its failures, and its dependencies.
func Scopes(own fleet.FailureReport, dependsOn []string) []string {
	var out []string
	for _, zone := range own.Zones {
		out = append(out, fleet.ScopeZone(zone))
	}
	for _, dependency := range dependsOn {
		out = append(out, fleet.ScopeDependency(dependency))
	}
	return out
}
