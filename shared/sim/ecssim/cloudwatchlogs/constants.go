package cloudwatchlogs

// Limits of requests. AWS: API reference of the operations.
const (
	eventsLimit  = 10000 // events of a page, GetLogEvents and FilterLogEvents
	groupsLimit  = 50    // groups of a page, DescribeLogGroups
	streamsLimit = 50    // streams of a page, DescribeLogStreams
)
