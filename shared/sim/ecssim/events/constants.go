package events

import "time"

const (
	// DefaultLatency is the time from an event to the function that it starts.
	// Assumed.
	DefaultLatency = 500 * time.Millisecond
	// reorderDelay is the longest extra delay of a reordered event. Assumed.
	reorderDelay = 10 * time.Second
	// putEventsLimit is the number of entries of a call. AWS: API reference of
	// PutEvents.
	putEventsLimit = 10
)
