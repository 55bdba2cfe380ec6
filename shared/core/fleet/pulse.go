package fleet

import "time"

// FailureReport is one service's failures of late, where every service's look can see
// it: so a common cause shows, and a mass failure.
type FailureReport struct {
	Ref ServiceRef `json:"ref"`
	// First and Last are the first and last death of the bout.
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	// Failures of Tasks died of causes of the families runtime or start.
	Failures int `json:"deaths"`
	Tasks    int `json:"tasks"`
	// Zones and Providers are where the deaths were, DependsOn what the policy
	// says the service cannot do without.
	Zones     []string `json:"zones,omitempty"`
	Providers []string `json:"providers,omitempty"`
	DependsOn []string `json:"depends_on,omitempty"`
	// RolledOut is when its running deployment began.
	RolledOut time.Time `json:"rolled_out,omitzero"`
}

// ServiceCounts is how many services are enrolled, as the last sweep counted them.
type ServiceCounts struct {
	At       time.Time      `json:"at"`
	Services int            `json:"services"`
	Clusters map[string]int `json:"clusters,omitempty"`
	// Dependencies are how many of them depend on each word of the policy.
	Dependencies map[string]int `json:"dependencies,omitempty"`
}
