package polling

import "time"

// The times of metrics and events. The word "chosen" marks a number without a
// measurement or a document behind it.
const (
	// RequeueInterval is the longest time to the next evaluation of a service that is
	// hot or was just scaled: one period of the one-minute metrics.
	RequeueInterval = time.Minute
	// MetricStaleAfter is the highest age of a usable one-minute metric. ECS
	// metrics arrive 2 to 3 minutes late (docs/designs/0007).
	MetricStaleAfter = 5 * time.Minute
	// EventStaleAfter is the highest age of an event that is acted on. Chosen:
	// EventBridge may deliver for 24 h, but a sweep evaluates each minute.
	EventStaleAfter = time.Hour
	// imageMinutes is the pause between two comparisons of the watched tags, in minutes
	// of the clock. Chosen: a comparison needs several calls for each service.
	imageMinutes = 15
)

// The numbers of trigger alarms and schedules.
const (
	// highestThreshold is the highest CPU, in percent, of a trigger alarm. Chosen: a task
	// that cannot exceed its reservation stays below 100 %.
	highestThreshold = 95
	// reserve is the share of the last task's capacity that stays unused below the
	// threshold, because the metric is late and the demand grows. Chosen: in tasks, it
	// leaves room to a large service with a CPU near its target.
	reserve = 0.1
	// thresholdRounding keeps a threshold of a whole percent from rounding down. It is
	// far above the error of a float64 at 100.
	thresholdRounding = 1e-9
	// stableAfter is the time at need until a service is stable. Chosen: a
	// scale-in would have happened by then.
	stableAfter = 10 * time.Minute
	// shortestLead and longestLead are the bounds of the time from the request of a
	// schedule's tasks to its begin. Chosen: starts of tasks take 1 to 15 min.
	shortestLead = time.Minute
	longestLead  = 15 * time.Minute
)
