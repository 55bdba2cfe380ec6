package fleet

import "time"

// Freeze is a stored order to suspend all changes in a scope, by an operator or
// after a mass failure. It is data, so it takes effect without a deployment. A
// Freeze with Frozen false suspends nothing.
type Freeze struct {
	// Scope is "account", "cluster:NAME", "service:CLUSTER/NAME", "zone:NAME" or
	// "dependency:WORD".
	Scope string `json:"scope"`
	// Frozen suspends every action in the scope.
	Frozen bool   `json:"frozen"`
	Who    string `json:"who,omitempty"`
	Why    string `json:"why,omitempty"`
	// Until is the end of the freeze; zero means until an operator lifts it.
	Until time.Time `json:"until,omitzero"`
	// At is the time of the order; zero if it is unknown.
	At time.Time `json:"at,omitzero"`
}

// Active reports whether the freeze applies at now.
func (s Freeze) Active(now time.Time) bool {
	return s.Frozen && (s.Until.IsZero() || now.Before(s.Until))
}

// ScopeAccount is the scope of all services of an account and region.
const ScopeAccount = "account"

// ScopeCluster returns the scope of all services of a cluster.
func ScopeCluster(cluster string) string { return "cluster:" + cluster }

// ScopeService returns the scope of one service.
func ScopeService(cluster, service string) string { return "service:" + cluster + "/" + service }

// ScopeZone returns the scope of all services with failures in an Availability
// Zone.
func ScopeZone(zone string) string { return "zone:" + zone }

// ScopeDependency returns the scope of all services with this dependency in their
// policy.
func ScopeDependency(word string) string { return "dependency:" + word }

// Scopes returns the scopes of the service, widest first: account, cluster,
// service.
func (r ServiceRef) Scopes() []string {
	return []string{ScopeAccount, ScopeCluster(r.Cluster), ScopeService(r.Cluster, r.Service)}
}
