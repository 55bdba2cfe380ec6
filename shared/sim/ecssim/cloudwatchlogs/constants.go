package cloudwatchlogs

import "time"

// Limits of requests. AWS: API reference of the operations.
const (
	eventsLimit  = 10000 // events of a page, GetLogEvents and FilterLogEvents
	groupsLimit  = 50    // groups of a page, DescribeLogGroups
	streamsLimit = 50    // streams of a page, DescribeLogStreams
)

// The times of events. AWS: API reference of PutLogEvents.
const (
	maxAhead = 2 * time.Hour       // of an event in the future
	maxAge   = 14 * 24 * time.Hour // of an event
	maxSpan  = 24 * time.Hour      // between the events of a batch
)

// retentionDays returns the retentions that a group can have. AWS: API reference of
// PutRetentionPolicy.
func retentionDays() []int {
	return []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
}
