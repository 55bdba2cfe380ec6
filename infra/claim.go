package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"
)

// claimed is the one fixed name of the stack.
const claimed = "/homeostat/stack"

// newClaim takes the account and region for this stack. Two installations
// would each keep a lease of their own on the same services, and fight: so the
// second one's deploy fails before anything is made, because the name is taken.
func newClaim(stack awscdk.Stack) {
	awsssm.NewStringParameter(stack, jsii.String("Claim"), &awsssm.StringParameterProps{
		ParameterName: jsii.String(claimed),
		StringValue:   stack.StackName(),
		Description:   jsii.String("The stack by which Homeostat is installed here. One account and region has one: delete that stack before you install another."),
	})
}
