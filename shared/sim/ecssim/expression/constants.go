package expression

const (
	// maxLength is the length of an expression in characters. AWS: API reference of
	// MetricDataQuery.
	maxLength = 2048
	// maxDepth is the number of nested brackets. Assumed.
	maxDepth = 50
)
