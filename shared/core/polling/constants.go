package polling

import "time"

const (
	// RequeueInterval is the longest time to the next evaluation of a service that
	// is hot or was just scaled: one period of the one-minute metrics.
	RequeueInterval = time.Minute
	// MetricStaleAfter is the age at which a one-minute metric is not acted on any
	// more. ECS metrics arrive 2 to 3 minutes late (docs/designs/0007).
	MetricStaleAfter = 5 * time.Minute
	// EventStaleAfter is the age from which an event is evidence only. EventBridge
	// may deliver for a day, and by then the sweep has seen what to do.
	EventStaleAfter = time.Hour
)

const (
	// highestThreshold is the highest CPU, in percent, of a trigger alarm: a task
	// that may not use more than its reservation never gets above 100 %.
	highestThreshold = 95
	// reserve is the share of the capacity of the last task that is kept back: the
	// metric comes late, and the demand grows meanwhile. Measured in tasks, it leaves
	// a large service room, whose CPU is always near its target. Chosen.
	reserve = 0.1
	// stableAfter is the time for which the count must have been at need until it is
	// expected to stay so: a scale-in has been waited for by then. Chosen.
	stableAfter = 10 * time.Minute
	// shortestLead and longestLead bound the time before a schedule at which its
	// tasks are requested. Chosen.
	shortestLead = time.Minute
	longestLead  = 15 * time.Minute
)
