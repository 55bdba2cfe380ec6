package pattern

const (
	// maxNumber is the largest number that EventBridge compares. AWS: numeric
	// matching of event patterns.
	maxNumber = 5e9
	// maxDepth is the largest nesting of an event. Assumed: it exceeds that of any
	// AWS event.
	maxDepth = 128
)
