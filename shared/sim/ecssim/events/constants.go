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
	// listLimit is the number of results of a page. AWS: API reference of ListRules,
	// ListTargetsByRule, ListRuleNamesByTarget and ListEventBuses.
	listLimit = 100
)

// defaultBus is the name of the event bus that every account has.
const defaultBus = "default"
