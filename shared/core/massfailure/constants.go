package massfailure

import "time"

// Homeostat is the owner of the freezes that Homeostat sets.
const Homeostat = "homeostat"

// The failures that count.
const (
	// Window is the maximum age of a task failure that counts. Chosen: 15 minutes.
	Window = 15 * time.Minute
	// reportEvery is the minimum time between two failure reports of a service
	// without a considerable change. Chosen: 20 seconds.
	reportEvery = 20 * time.Second
	// minFailures is the minimum number of failures within Window for a failing
	// service. Chosen: 2, because one failure may have any cause. Failures in one
	// zone and failures with a shared dependency count from the first.
	minFailures = 2
	// minShare is the minimum share of failed tasks for a failing service.
	// Chosen: a tenth, because a service of hundreds of tasks loses some each day.
	minShare = 0.1
)

// The size of a mass failure. A service fails when its failures count.
const (
	// minServices is the minimum number of failing services to freeze a scope.
	// Chosen: 3.
	minServices = 3
	// minDependents is the number for a dependency, if most of its services fail.
	// Chosen: 2.
	minDependents = 2
	// MinReports is the minimum number of failure reports to freeze anything. With
	// fewer reports no freeze needs to be read.
	MinReports = minDependents
	// minZoneFailures is the minimum number of task failures in one zone to freeze
	// it. Computed: with three zones they are all in one by chance less than once
	// in 200 times.
	minZoneFailures = 6
	// minZoneShare is the share of the services with failures that must have them in
	// this zone only. Chosen: three quarters.
	minZoneShare = 0.75
	// minLiveElsewhere is the number of other tasks of such a service that must live.
	// Chosen: 2. ECS spreads tasks over the zones, and all failures of a service with
	// one task are in one zone.
	minLiveElsewhere = 2
	// ownRollout is the time after the rollout of a service. Failures within it may
	// be caused by that rollout. Chosen: 1 hour.
	ownRollout = time.Hour
)

// The life of a freeze.
const (
	// freezeFor is the lifetime of a freeze unless it is prolonged.
	// Chosen: 15 minutes, the same as Window.
	freezeFor = 15 * time.Minute
	// renewBefore is the remaining lifetime of a freeze when it is prolonged.
	// Chosen: 10 minutes, so that not every evaluation writes it.
	renewBefore = 10 * time.Minute
	// maxCountsAge is the maximum age of a count of the services. Chosen: 1
	// hour.
	maxCountsAge = time.Hour
	// unfreezeFor is the time after an operator's unfreeze without a new freeze.
	// Chosen: 1 hour.
	unfreezeFor = time.Hour
)
