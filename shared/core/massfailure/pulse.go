// Package massfailure tells when so many services fail at once that what fails is
// something they share: then nothing is done to any of them until it is over.
// It is pure: pulses, counts and now in, switches and reasons out.
package massfailure

import (
	"slices"
	"sort"
	"time"

	"homeostat/shared/core/fleet"
)

// Window is how long a death speaks of what happens now.
const Window = 15 * time.Minute

// quiet is how long a service does not repeat its pulse, unless it says more.
const quiet = 20 * time.Second

// Own is the service's pulse, by what its memory holds. ok is false where no
// task died within the Window of a cause that could be a revision's.
func Own(m fleet.Memory, s fleet.Snapshot, dependsOn []string, now time.Time) (p fleet.FailureReport, ok bool) {
	var at []time.Time
	var zones, providers []string
	for _, arm := range m.Cohorts {
		for _, life := range arm.Tasks {
			if !Blames(life.Cause) || life.StoppedAt.IsZero() || life.StoppedAt.Sub(now) > Window {
				continue
			}
			// A clock that is ahead of ours does not make a death one of the future.
			died := life.StoppedAt
			if died.After(now) {
				died = now
			}
			at = append(at, died)
			if now.Sub(died) < Window {
				p.Failures++
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
	p.First, p.Last = bout(at)
	if primary, found := s.Primary(); found {
		p.RolledOut = primary.CreatedAt
	}
	return p, true
}

// Blames reports whether a death of this cause could be a revision's own.
func Blames(c fleet.Cause) bool {
	return c.BlamesRevision()
}

// places are where the deaths were; none where that is not known of each, so
// that "all of them there" is never said of deaths that were nowhere.
func places(names []string) []string {
	if slices.Contains(names, "") {
		return nil
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// bout is the first and last death of the latest run of deaths without a
// pause of a Window.
func bout(at []time.Time) (first, last time.Time) {
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

// ReportChanged reports whether the service's own pulse says more than what the others
// can see of it already, so that a storm of deaths is a handful of writes.
func ReportChanged(seen []fleet.FailureReport, own fleet.FailureReport) bool {
	for _, p := range seen {
		if p.Ref.Key() == own.Ref.Key() {
			return own.Last.Sub(p.Last) >= quiet || own.Failures >= 2*p.Failures || !slices.Equal(own.Zones, p.Zones)
		}
	}
	return true
}

// Others are the pulses within the Window that are not the service's own.
func Others(pulses []fleet.FailureReport, own fleet.ServiceRef, now time.Time) []fleet.FailureReport {
	var out []fleet.FailureReport
	for _, p := range pulses {
		if p.Ref.Key() != own.Key() && now.Sub(p.Last) < Window {
			out = append(out, p)
		}
	}
	return out
}

// Scopes are those that cover a service beside its own three: the zones in
// which its tasks die, and what it depends on.
func Scopes(own fleet.FailureReport, dependsOn []string) []string {
	var out []string
	for _, zone := range own.Zones {
		out = append(out, fleet.ScopeZone(zone))
	}
	for _, word := range dependsOn {
		out = append(out, fleet.ScopeDependency(word))
	}
	return out
}
