package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"
)

// installParameter is the only fixed name of the stack.
const installParameter = "/homeostat/stack"

// installID is the logical id of the parameter. The CDK prints it beside "already
// exists" when the deploy fails, so it names the fix.
const installID = "DeleteTheOtherInstallationFirst"

// uniqueInstall permits one installation in an account and region, by a parameter
// with a fixed name. Two installations would have separate leases for the same
// services. The deploy of the second one fails before it creates a retained
// resource.
func uniqueInstall(stack awscdk.Stack) awsssm.StringParameter {
	return awsssm.NewStringParameter(stack, jsii.String(installID), &awsssm.StringParameterProps{
		ParameterName: jsii.String(installParameter),
		StringValue:   stack.StackName(),
		Description:   jsii.String("The stack of Homeostat in this account and region. Only one is permitted: delete that stack before you install another."),
	})
}
