package ecssim

import "time"

// faults are the troubles of the account that are going on.
type faults struct {
	capacity  Capacity
	noZones   bool // no Availability Zone is left
	outages   []Outage
	shortages []shortage
	secrets   []SecretTrouble
	// launchesFrom is when the control plane is back: nothing is launched before.
	launchesFrom time.Time
}
