package massfailure

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/reason"
)

// group is the services of one scope, with the failing ones among them.
type group struct {
	scope string
	// text describes the failing services, as in "of cluster shop fail".
	text    string
	failing []fleet.FailureReport
	// of is the number of services of the scope; zero if unknown.
	of    int
	least int
}

func (g group) share() float64 {
	if g.of == 0 {
		return 0
	}
	return float64(len(g.failing)) / float64(g.of)
}

func (g group) above(limit float64) bool {
	return len(g.failing) >= g.least && g.of > 0 && g.share() > limit
}

func (g group) counts() string {
	// A service that began to fail after the count is added to it.
	return fmt.Sprintf("%d of %d services %s", len(g.failing), max(g.of, len(g.failing)), g.text)
}

// rolledOut returns a note on the services that may fail because of their own
// rollout; empty if there are none.
func (g group) rolledOut(now time.Time) string {
	n := 0
	for _, p := range g.failing {
		if !p.RolledOut.IsZero() && now.Sub(p.RolledOut) < ownRollout {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("; %d of them rolled out in the last hour and may fail for that reason", n)
}

// fresh returns the reports of services that lost a task within Window.
func (e *evaluation) fresh() []fleet.FailureReport {
	return slices.DeleteFunc(slices.Clone(e.Reports), func(p fleet.FailureReport) bool { return e.Now.Sub(p.Last) >= Window })
}

// failing returns the reports with enough failures for the service to count as
// failing.
func failing(fresh []fleet.FailureReport) []fleet.FailureReport {
	return slices.DeleteFunc(slices.Clone(fresh), func(p fleet.FailureReport) bool { return p.Failures < minFailures || !manyFailed(p) })
}

// manyFailed reports whether the failures exceed the normal losses of a large
// service.
func manyFailed(p fleet.FailureReport) bool { return float64(p.Failures) >= minShare*float64(p.Tasks) }

func inOneZone(p fleet.FailureReport) bool {
	return len(p.Zones) == 1 && p.Tasks-p.Failures >= minLiveElsewhere
}

// groupOf returns the group of a scope, also if another scope explains its
// failures. Its size is zero if unknown.
func (e *evaluation) groupOf(scope string) group {
	kind, name, _ := strings.Cut(scope, ":")
	g := group{scope: scope, least: minServices}
	var in func(fleet.FailureReport) bool
	reports := failing(e.fresh())
	switch kind {
	case fleet.ScopeAccount:
		g.text, g.of = "of the account fail", e.Counts.Services
		in = func(fleet.FailureReport) bool { return true }
	case "cluster":
		g.text, g.of = "of cluster "+name+" fail", e.Counts.Clusters[name]
		in = func(p fleet.FailureReport) bool { return p.Ref.Cluster == name }
	case "zone":
		g.text, g.of = "lose tasks in zone "+name+" only", e.Counts.Services
		in = func(p fleet.FailureReport) bool { return inOneZone(p) && p.Zones[0] == name }
		reports = e.fresh()
	case "dependency":
		g.text, g.of = "with dependency "+name+" fail", e.Counts.Dependencies[name]
		in = func(p fleet.FailureReport) bool { return slices.Contains(p.DependsOn, name) && manyFailed(p) }
		reports = e.fresh()
	default:
		return g
	}
	g.failing = slices.DeleteFunc(reports, func(p fleet.FailureReport) bool { return !in(p) })
	return g
}

// dependencies returns the groups with a dependency in common, the one with most
// failing services first.
func (e *evaluation) dependencies() []group {
	var names []string
	for _, p := range e.fresh() {
		names = append(names, p.DependsOn...)
	}
	slices.Sort(names)
	var out []group
	for _, dependency := range slices.Compact(names) {
		g := e.groupOf(fleet.ScopeDependency(dependency))
		if g.of >= minDependents && 2*len(g.failing) > g.of {
			g.least = minDependents
		}
		out = append(out, g)
	}
	sort.SliceStable(out, func(i, j int) bool { return len(out[i].failing) > len(out[j].failing) })
	return out
}

// zones returns the zones with enough failures, if most of the remaining services
// lose tasks in that zone only.
func (e *evaluation) zones(left []fleet.FailureReport) []group {
	var out []group
	for _, zone := range zonesOf(left) {
		g := e.groupOf(fleet.ScopeZone(zone))
		g.failing = without(g.failing, without(g.failing, left))
		failures := 0
		for _, p := range g.failing {
			failures += p.Failures
		}
		if failures >= minZoneFailures && float64(len(g.failing)) >= minZoneShare*float64(len(left)) {
			out = append(out, g)
		}
	}
	return out
}

func zonesOf(reports []fleet.FailureReport) []string {
	zones := map[string]bool{}
	for _, p := range reports {
		if inOneZone(p) {
			zones[p.Zones[0]] = true
		}
	}
	return slices.Sorted(maps.Keys(zones))
}

// wide returns the account if too many of its services fail in several clusters, or
// in one cluster of unknown size. Else it returns the clusters with failing
// services.
func (e *evaluation) wide(left []fleet.FailureReport) []group {
	in := map[string][]fleet.FailureReport{}
	for _, p := range left {
		if !e.at[fleet.ScopeCluster(p.Ref.Cluster)].Active(e.Now) {
			in[p.Ref.Cluster] = append(in[p.Ref.Cluster], p)
		}
	}
	var clusters []group
	account := e.groupOf(fleet.ScopeAccount)
	account.failing = nil
	for _, name := range slices.Sorted(maps.Keys(in)) {
		g := e.groupOf(fleet.ScopeCluster(name))
		g.failing = in[name]
		clusters = append(clusters, g)
		account.failing = append(account.failing, g.failing...)
	}
	if account.above(e.Limit) && (len(clusters) > 1 || clusters[0].of == 0) {
		return []group{account}
	}
	return clusters
}

func without(all, some []fleet.FailureReport) []fleet.FailureReport {
	return slices.DeleteFunc(slices.Clone(all), func(p fleet.FailureReport) bool {
		return slices.ContainsFunc(some, func(s fleet.FailureReport) bool { return s.Ref.Key() == p.Ref.Key() })
	})
}

func (e *evaluation) addReason(name reason.Name, format string, args ...any) {
	e.reasons = append(e.reasons, fleet.Reason{Name: name, Text: fmt.Sprintf(format, args...)})
}

func percent(share float64) string { return strconv.FormatFloat(100*share, 'g', 3, 64) + " %" }

func by(who string) string {
	if who == "" {
		return ""
	}
	return " by " + who
}
