package massfailure_test

import (
	"fmt"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/massfailure"
	"homeostat/shared/sim/simtest/fixture"
)

func service(cluster, name string) fleet.ServiceRef {
	ref := fixture.Ref(name)
	ref.Cluster = cluster
	return ref
}

// failing returns reports of n services of the cluster. Each service lost three of
// five tasks in three zones a minute ago.
func failing(cluster string, n int, change ...func(*fleet.FailureReport)) []fleet.FailureReport {
	var out []fleet.FailureReport
	for i := range n {
		p := fleet.FailureReport{
			Ref: service(cluster, fmt.Sprint("s", i)), First: fixture.Noon().Add(-2 * time.Minute), Last: fixture.Noon().Add(-time.Minute),
			Failures: 3, Tasks: 5, Zones: []string{"a", "b", "c"}, RolledOut: fixture.Noon().Add(-24 * time.Hour),
		}
		for _, f := range change {
			f(&p)
		}
		out = append(out, p)
	}
	return out
}

func dependsOn(names ...string) func(*fleet.FailureReport) {
	return func(p *fleet.FailureReport) { p.DependsOn = names }
}

func inZone(zone string, failures int) func(*fleet.FailureReport) {
	return func(p *fleet.FailureReport) { p.Zones, p.Failures = []string{zone}, failures }
}

// forty counts forty services in four clusters of ten. Twelve of them need the
// database.
func forty() fleet.ServiceCounts {
	return fleet.ServiceCounts{
		At: fixture.Noon().Add(-time.Minute), Services: 40, Clusters: map[string]int{"a": 10, "b": 10, "c": 10, "d": 10},
		Dependencies: map[string]int{"database": 12, "queue": 3},
	}
}

func ownFreeze(scope string, left time.Duration) fleet.Freeze {
	return fleet.Freeze{Scope: scope, Frozen: true, Who: massfailure.Homeostat, Why: "many fail", Until: fixture.Noon().Add(left), At: fixture.Noon().Add(-time.Hour)}
}

// changed returns the changes as words, each with its reason and scope.
func changed(changes []massfailure.Change) []string {
	out := []string{}
	for _, c := range changes {
		out = append(out, string(c.Reason.Name)+" "+c.Is.Scope)
	}
	return out
}
