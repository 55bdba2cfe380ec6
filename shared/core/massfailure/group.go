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

const (
	// leastServices must fail before anything is frozen, and fewer only where
	// they are most of those that share a dependency.
	leastServices = 3
	fewServices   = 2
	// leastDeaths of a service within the Window, where nothing is known that it
	// shares: one death may be anything.
	leastDeaths = 2
	// leastPart of its tasks at risk: a service of hundreds loses some each day.
	leastPart = 0.1
	// zoneDeaths are all in one of three zones by chance less than once in 200.
	zoneDeaths = 6
	// zonePart of the services that lose tasks must lose them in that zone alone.
	zonePart = 0.75
	// liveElsewhere is how many tasks of such a service live: ECS spreads tasks over
	// the zones, and of a service with one task each death is in one zone.
	liveElsewhere = 2
	// ownRollout is for how long a failure may be that of a service's own rollout.
	ownRollout = time.Hour
)

// Least is how many services' pulses there must be before anything could be
// frozen: with fewer, no switch needs to be looked at.
const Least = fewServices

// group is the services that share something, and how many of them fail.
type group struct {
	scope string
	// says is what they do, as in "3 of 9 services of the cluster shop fail".
	says    string
	failing []fleet.FailureReport
	// of is how many there are; zero where that is not known.
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
	// A service that began to fail after the count is one more.
	return fmt.Sprintf("%d of %d services %s", len(g.failing), max(g.of, len(g.failing)), g.says)
}

// rolledOut says how many of them may fail by their own rollout.
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
	return fmt.Sprintf("; %d of them rolled out within the last hour and may fail by that alone", n)
}

// fresh are the services that lost a task within the Window.
func (w *evaluation) fresh() []fleet.FailureReport {
	return slices.DeleteFunc(slices.Clone(w.Reports), func(p fleet.FailureReport) bool { return w.Now.Sub(p.Last) >= Window })
}

// failing are those that lost so many tasks that they are said to fail.
func failing(fresh []fleet.FailureReport) []fleet.FailureReport {
	return slices.DeleteFunc(slices.Clone(fresh), func(p fleet.FailureReport) bool { return p.Failures < leastDeaths || !many(p) })
}

// many reports whether the deaths are more than what big services lose anyway.
func many(p fleet.FailureReport) bool { return float64(p.Failures) >= leastPart*float64(p.Tasks) }

func inOneZone(p fleet.FailureReport) bool {
	return len(p.Zones) == 1 && p.Tasks-p.Failures >= liveElsewhere
}

// groupOf is the group of a scope as it is now, whatever else explains its
// failures; of is zero where its size is not known.
func (w *evaluation) groupOf(scope string) group {
	kind, name, _ := strings.Cut(scope, ":")
	g := group{scope: scope, least: leastServices}
	var in func(fleet.FailureReport) bool
	pulses := failing(w.fresh())
	switch kind {
	case fleet.ScopeAccount:
		g.says, g.of = "of the account fail", w.Counts.Services
		in = func(fleet.FailureReport) bool { return true }
	case "cluster":
		g.says, g.of = "of the cluster "+name+" fail", w.Counts.Clusters[name]
		in = func(p fleet.FailureReport) bool { return p.Ref.Cluster == name }
	case "zone":
		g.says, g.of = "lose tasks in the zone "+name+" alone", w.Counts.Services
		in = func(p fleet.FailureReport) bool { return inOneZone(p) && p.Zones[0] == name }
		pulses = w.fresh()
	case "dependency":
		g.says, g.of = "that depend on "+name+" fail", w.Counts.Dependencies[name]
		in = func(p fleet.FailureReport) bool { return slices.Contains(p.DependsOn, name) && many(p) }
		pulses = w.fresh()
	default:
		return g
	}
	g.failing = slices.DeleteFunc(pulses, func(p fleet.FailureReport) bool { return !in(p) })
	return g
}

// dependencies are the groups that share a word, the one with most failures
// first.
func (w *evaluation) dependencies() []group {
	var words []string
	for _, p := range w.fresh() {
		words = append(words, p.DependsOn...)
	}
	slices.Sort(words)
	var out []group
	for _, word := range slices.Compact(words) {
		g := w.groupOf(fleet.ScopeDependency(word))
		if g.of >= fewServices && 2*len(g.failing) > g.of {
			g.least = fewServices
		}
		out = append(out, g)
	}
	sort.SliceStable(out, func(i, j int) bool { return len(out[i].failing) > len(out[j].failing) })
	return out
}

// zones are the zones in which alone most services lose tasks, of those that
// nothing narrower explains.
func (w *evaluation) zones(left []fleet.FailureReport) []group {
	var out []group
	for _, zone := range zonesOf(left) {
		g := w.groupOf(fleet.ScopeZone(zone))
		g.failing = without(g.failing, without(g.failing, left))
		deaths := 0
		for _, p := range g.failing {
			deaths += p.Failures
		}
		if deaths >= zoneDeaths && float64(len(g.failing)) >= zonePart*float64(len(left)) {
			out = append(out, g)
		}
	}
	return out
}

func zonesOf(pulses []fleet.FailureReport) []string {
	zones := map[string]bool{}
	for _, p := range pulses {
		if inOneZone(p) {
			zones[p.Zones[0]] = true
		}
	}
	return slices.Sorted(maps.Keys(zones))
}

// wide is the account where too many of its services fail; the cluster where
// all of those are in one, or where only it has too many.
func (w *evaluation) wide(left []fleet.FailureReport) []group {
	in := map[string][]fleet.FailureReport{}
	for _, p := range left {
		if !w.at[fleet.ScopeCluster(p.Ref.Cluster)].Active(w.Now) {
			in[p.Ref.Cluster] = append(in[p.Ref.Cluster], p)
		}
	}
	var clusters []group
	account := w.groupOf(fleet.ScopeAccount)
	account.failing = nil
	for _, name := range slices.Sorted(maps.Keys(in)) {
		g := w.groupOf(fleet.ScopeCluster(name))
		g.failing = in[name]
		clusters = append(clusters, g)
		account.failing = append(account.failing, g.failing...)
	}
	if account.above(w.Limit) && (len(clusters) > 1 || clusters[0].of == 0) {
		return []group{account}
	}
	return clusters
}

func without(all, some []fleet.FailureReport) []fleet.FailureReport {
	return slices.DeleteFunc(slices.Clone(all), func(p fleet.FailureReport) bool {
		return slices.ContainsFunc(some, func(s fleet.FailureReport) bool { return s.Ref.Key() == p.Ref.Key() })
	})
}

func (w *evaluation) say(name reason.Name, format string, args ...any) {
	w.said = append(w.said, fleet.Reason{Name: name, Text: fmt.Sprintf(format, args...)})
}

func percent(share float64) string { return strconv.FormatFloat(100*share, 'g', 3, 64) + " %" }

func by(who string) string {
	if who == "" {
		return ""
	}
	return " by " + who
}
