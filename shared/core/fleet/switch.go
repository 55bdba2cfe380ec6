package fleet

import "time"

// Freeze is a person's hand on an account, cluster or service, or Homeostat's
// own in a mass failure: data, so that it works at once and without a deploy.
type Freeze struct {
	// Scope is "account", "cluster:NAME", "service:CLUSTER/NAME", "zone:NAME" or
	// "dependency:WORD".
	Scope string `json:"scope"`
	// Frozen stops every action in the scope.
	Frozen bool   `json:"frozen"`
	Who    string `json:"who,omitempty"`
	Why    string `json:"why,omitempty"`
	// Until ends the switch; zero lasts until somebody lifts it.
	Until time.Time `json:"until,omitzero"`
	// At is when it was flipped; zero where that is not known.
	At time.Time `json:"at,omitzero"`
}

// Active reports whether the switch freezes its scope at now.
func (s Freeze) Active(now time.Time) bool {
	return s.Frozen && (s.Until.IsZero() || now.Before(s.Until))
}

// ScopeAccount is the scope of all services of an account and region.
const ScopeAccount = "account"

// ScopeCluster is the scope of all services of a cluster.
func ScopeCluster(cluster string) string { return "cluster:" + cluster }

// ScopeService is the scope of one service.
func ScopeService(cluster, service string) string { return "service:" + cluster + "/" + service }

// ScopeZone is the scope of all services whose tasks die in an Availability Zone.
func ScopeZone(zone string) string { return "zone:" + zone }

// ScopeDependency is the scope of all services that the policy says depend on
// the word.
func ScopeDependency(word string) string { return "dependency:" + word }

// Scopes are the scopes that cover the service, widest first.
func (r ServiceRef) Scopes() []string {
	return []string{ScopeAccount, ScopeCluster(r.Cluster), ScopeService(r.Cluster, r.Service)}
}
