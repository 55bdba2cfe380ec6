package elb

const (
	// pageLimit is the number of results of a page. AWS: API reference of
	// DescribeTargetGroups, PageSize.
	pageLimit = 400
	// httpPort is the port of the listeners. Assumed.
	httpPort = 80
	// stateUnused is the state of a target that is not registered. AWS: API reference
	// of TargetHealth.
	stateUnused = "unused"
)
