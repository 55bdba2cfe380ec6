package massfailure

import "time"

// Homeostat is the owner of the freezes that Homeostat sets.
const Homeostat = "homeostat"

// The failures that count.
const (
	// Window is the time for which a task failure counts. Chosen: 15 minutes.
	Window = 15 * time.Minute
	// reportEvery is the time for which a service does not repeat its failure report
	// without a considerable change. Chosen: 20 seconds.
	reportEvery = 20 * time.Second
	// minFailures is the number of failures within Window from which a service counts
	// as failing. Chosen: 2, because one failure may have any cause. Failures in one
	// zone and failures with a shared dependency count from the first.
	minFailures = 2
	// minShare is the share of its tasks from which a service counts as failing.
	// Chosen: a tenth, because a service of hundreds of tasks loses some each day.
	minShare = 0.1
)

// The size of a mass failure. A service fails when its failures count.
const (
	// minServices is the number of failing services from which a scope is frozen.
	// Chosen: 3.
	minServices = 3
	// minDependents is the number for a dependency, if most of its services fail.
	// Chosen: 2.
	minDependents = 2
	// MinReports is the number of failure reports below which nothing can be frozen,
	// so that no freeze needs to be read.
	MinReports = minDependents
	// minZoneFailures is the number of task failures in one zone from which the zone
	// may be frozen. Computed: with three zones they are all in one by chance less
	// than once in 200 times.
	minZoneFailures = 6
	// minZoneShare is the share of the services with failures that must have them in
	// this zone only. Chosen: three quarters.
	minZoneShare = 0.75
	// minLiveElsewhere is the number of other tasks of such a service that must live.
	// Chosen: 2. ECS spreads tasks over the zones, and all failures of a service with
	// one task are in one zone.
	minLiveElsewhere = 2
	// ownRollout is the time after the rollout of a service for which its failures may
	// be caused by that rollout. Chosen: 1 hour.
	ownRollout = time.Hour
)

// The life of a freeze.
const (
	// freezeFor is the time after which a freeze expires unless it is prolonged.
	// Chosen: 15 minutes, the same as Window.
	freezeFor = 15 * time.Minute
	// renewBefore is the remaining time of a freeze below which it is prolonged.
	// Chosen: 10 minutes, so that not every evaluation writes it.
	renewBefore = 10 * time.Minute
	// maxCountsAge is the age up to which a count of the services is used. Chosen: 1
	// hour.
	maxCountsAge = time.Hour
	// unfreezeFor is the time for which an operator's unfreeze prevents a new freeze.
	// Chosen: 1 hour.
	unfreezeFor = time.Hour
)
