package bench

import "time"

// The aims of the healing benchmark.
const (
	// minDetected is the lowest share of runs, in percent, that must find a bad
	// revision. Chosen: a policy that seldom decides would otherwise reach a low
	// mean of failures. minDetectedOther is that of the revisions whose tasks all fail
	// in a way of their own.
	minDetected      = 95.0
	minDetectedOther = 99.0
	// maxFailuresAll, maxFailuresHalf and maxFailuresThirty are the highest means
	// of known task failures at the decision, if all, half or 30 % of the tasks
	// fail. Chosen: docs/judge.md measures a mean of 3.0 if every start fails.
	maxFailuresAll    = 3.0
	maxFailuresHalf   = 5.0
	maxFailuresThirty = 10.0
	// maxFailuresOther is that of the other bad revisions, and maxFailuresLeak that of a
	// slow leak. Chosen: the plain case and one failure, and one generation and one.
	maxFailuresOther = 4.0
	maxFailuresLeak  = 5.0
	// maxFalseGood is the highest share of good revisions, in percent, that may be
	// rolled back. Chosen: one rollout in a thousand.
	maxFalseGood = 0.1
	// maxFalseIncident is the same share for each kind of incident, in percent.
	// Chosen: one rollout in a hundred.
	maxFalseIncident = 1.0
	// maxReaction is the longest time from an event to the rollback call, in
	// seconds. Chosen: the assumed delivery of an event takes half of it.
	maxReaction = 1.0
)

// How a run is measured.
const (
	// pollInterval is the time between two counts of the serving tasks. Chosen:
	// no event reports them, and recovery takes tens of seconds.
	pollInterval = 2 * time.Second
	// maxStopLead is the longest time from a StopServiceDeployment call to the
	// rollback that it starts. Chosen: longer than one pass of the simulator's
	// service scheduler.
	maxStopLead = 10 * time.Second
	// eventDelay is the time from the emission of an event to its delivery.
	// Chosen: the simulator's delivery time of EventBridge.
	eventDelay = 500 * time.Millisecond
	// gcPercent is the garbage collector's target, in percent of the live heap.
	// Chosen: nearly half of the processor time went into garbage collection, and
	// some hundred MB of memory are affordable. Measure it again with
	// `GOGC=100 homeostat bench heal`.
	gcPercent = 2000
)

// Statistics.
const (
	// normal is the 97.5 % quantile of the standard normal distribution.
	normal = 1.959963984540054
	// student1 and student2 are the 97.5 % quantiles of Student's t distribution
	// with one and two degrees of freedom.
	student1 = 12.706204736432095
	student2 = 4.302652729911275
)
