package ssm

const (
	// pageLimit is the number of parameters of a page, at most and by default. AWS: API
	// reference of DescribeParameters, MaxResults. Assumed: the default.
	pageLimit = 50
	// typeOf is the type of all parameters. Assumed: nothing depends on it.
	typeOf = "SecureString"
)
