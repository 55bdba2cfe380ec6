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
	// scanTime is the duration of a basic scan. Assumed: AWS names no number.
	scanTime = 30 * time.Second
	// scanInterval is the time between two scans of an image by hand. AWS: ECR guide,
	// "Scan images for OS vulnerabilities", once in 24 hours.
	scanInterval = 24 * time.Hour
	// lifecycleInterval is the time between two evaluations of a lifecycle policy.
	// AWS: ECR guide, "Automate the cleanup of images", within 24 hours.
	lifecycleInterval = 24 * time.Hour
	// restoreTime is the time from the restoration of an archived image until it can be
	// pulled. Assumed: AWS names no number.
	restoreTime = 5 * time.Minute
	// maxTags is the number of tags of a repository. AWS: API reference of
	// TagResource.
	maxTags = 50
)

// The media types of a single image, and of a list of images. Docker: Image Manifest
// Version 2, Schema 2. OCI: Image Format Specification.
const (
	manifestType     = "application/vnd.docker.distribution.manifest.v2+json"
	manifestListType = "application/vnd.docker.distribution.manifest.list.v2+json"
	indexType        = "application/vnd.oci.image.index.v1+json"
)
