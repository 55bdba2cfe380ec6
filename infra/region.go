package main

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/regioninfo"
	"github.com/aws/jsii-runtime-go"
)

// regionVariable is where the CDK's command line says which region it will
// deploy to: that of the environment or of the profile.
const regionVariable = "CDK_DEFAULT_REGION"

// checkRegion refuses a region that does not exist, or that this version of the
// CDK does not know how to write templates for, before AWS is asked. No region
// is fine: a template can be made for all.
func checkRegion(region string) error {
	if region == "" || regioninfo.RegionInfo_Get(jsii.String(region)).DomainSuffix() != nil {
		return nil
	}
	return fmt.Errorf("the region %q is not one that Homeostat can be deployed to: set AWS_REGION to one like eu-central-1", region)
}
