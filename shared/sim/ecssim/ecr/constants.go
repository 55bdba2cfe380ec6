package ecr

import "time"

const (
	// tokenLife is the time that an authorization token is valid. AWS: API reference
	// of AuthorizationData.
	tokenLife = 12 * time.Hour
	// listLimit is the number of results of a page. AWS: API reference of
	// DescribeImages, DescribeRepositories and ListImages.
	listLimit = 100
	// feedAge is the age of the vulnerability feed at a scan. Assumed.
	feedAge = 24 * time.Hour
)
