package main

import (
	"homeostat/shared/core/contract"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
)

// newOutputs names what people and the command line look for. Everything in
// the stack but the claim has a name that CloudFormation made.
func newOutputs(stack awscdk.Stack, table awsdynamodb.Table, topic awssns.Topic, operators awsiam.ManagedPolicy, reactions map[string]worker) {
	output := func(id, description string, value *string) {
		awscdk.NewCfnOutput(stack, jsii.String(id), &awscdk.CfnOutputProps{Description: jsii.String(description), Value: value})
	}
	output("MemoryTable", "All that Homeostat remembers, and its switches.", table.TableName())
	output("NotificationsTopic", "Subscribe people or chat rooms to this topic.", topic.TopicArn())
	output("OperatorsPolicy", "Attach this policy to the roles of those who freeze and thaw.", operators.ManagedPolicyArn())
	for _, function := range contract.Functions() {
		r := reactions[function]
		output(title(function)+"QueueUrl", "Events for "+function+".", r.queue.QueueUrl())
		output(title(function)+"DeadLettersUrl", "Events that "+function+" gave up.", r.dead.QueueUrl())
	}
}
