package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"
)

// claimed is the one fixed name of the stack.
const claimed = "/homeostat/stack"

// claimID is what the CDK names beside "already exists" when the deploy fails,
// so it is the cure.
const claimID = "DeleteTheOtherInstallationFirst"

// uniqueInstall takes the account and region for this stack. Two installations
// would each keep a lease of their own on the same services, and fight: so the
// second one's deploy fails, because the name is taken, and before anything is
// made that would be kept.
func uniqueInstall(stack awscdk.Stack) awsssm.StringParameter {
	return awsssm.NewStringParameter(stack, jsii.String(claimID), &awsssm.StringParameterProps{
		ParameterName: jsii.String(claimed),
		StringValue:   stack.StackName(),
		Description:   jsii.String("The stack by which Homeostat is installed here. One account and region has one: delete that stack before you install another."),
	})
}
