package massfailure_test

import (
	"fmt"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/massfailure"
)

func noon() time.Time { return time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC) }

func service(cluster, name string) fleet.ServiceRef {
	return fleet.ServiceRef{Account: "123456789012", Region: "eu-central-1", Cluster: cluster, Service: name}
}

// failing returns reports of n services of the cluster. Each service lost three of
// five tasks in three zones a minute ago.
func failing(cluster string, n int, change ...func(*fleet.FailureReport)) []fleet.FailureReport {
	var out []fleet.FailureReport
	for i := range n {
		p := fleet.FailureReport{
			Ref: service(cluster, fmt.Sprint("s", i)), First: noon().Add(-2 * time.Minute), Last: noon().Add(-time.Minute),
			Failures: 3, Tasks: 5, Zones: []string{"a", "b", "c"}, RolledOut: noon().Add(-24 * time.Hour),
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
		At: noon().Add(-time.Minute), Services: 40, Clusters: map[string]int{"a": 10, "b": 10, "c": 10, "d": 10},
		Dependencies: map[string]int{"database": 12, "queue": 3},
	}
}

func ownFreeze(scope string, left time.Duration) fleet.Freeze {
	return fleet.Freeze{Scope: scope, Frozen: true, Who: massfailure.Homeostat, Why: "many fail", Until: noon().Add(left), At: noon().Add(-time.Hour)}
}

// changed returns the changes as words, each with its reason and scope.
func changed(changes []massfailure.Change) []string {
	out := []string{}
	for _, c := range changes {
		out = append(out, string(c.Reason.Name)+" "+c.Is.Scope)
	}
	return out
}
