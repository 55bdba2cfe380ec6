package main

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/regioninfo"
	"github.com/aws/jsii-runtime-go"
)

// regionVariable holds the target region of the CDK's command line, from the
// environment or from the profile.
const regionVariable = "CDK_DEFAULT_REGION"

// checkRegion rejects a region that does not exist or that this version of the
// CDK does not support. An empty region is valid, because a template may be for
// all regions.
func checkRegion(region string) error {
	if region == "" || regioninfo.RegionInfo_Get(jsii.String(region)).DomainSuffix() != nil {
		return nil
	}
	return fmt.Errorf("the region %q is not supported: set AWS_REGION to a region such as eu-central-1", region)
}
