package fleet

import "time"

// FailureReport holds the recent failures of one service. All services can read
// it, to detect common causes and mass failures.
type FailureReport struct {
	Ref ServiceRef `json:"ref"`
	// First and Last are the times of the first and last task failure of the
	// series.
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	// Failures is the number of tasks that failed, out of Tasks, by causes of the
	// families runtime or start.
	Failures int `json:"deaths"`
	Tasks    int `json:"tasks"`
	// Zones and Providers are the places of the failures. DependsOn are the
	// dependencies from the policy.
	Zones     []string `json:"zones,omitempty"`
	Providers []string `json:"providers,omitempty"`
	DependsOn []string `json:"depends_on,omitempty"`
	// Digests are the images that the failing revisions brought shortly before.
	Digests []string `json:"digests,omitempty"`
	// RolledOut is the start of the running deployment.
	RolledOut time.Time `json:"rolled_out,omitzero"`
}

// ServiceCounts are the numbers of enrolled services at the last sweep.
type ServiceCounts struct {
	At       time.Time      `json:"at"`
	Services int            `json:"services"`
	Clusters map[string]int `json:"clusters,omitempty"`
	// Dependencies is the number of services for each dependency of the policy.
	Dependencies map[string]int `json:"dependencies,omitempty"`
}
