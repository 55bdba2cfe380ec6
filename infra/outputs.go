package main

import (
	"homeostat/shared/core/contract"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
)

// newOutputs adds the outputs for operators and for the command line.
// CloudFormation generates all names in the stack except that of uniqueInstall.
func newOutputs(stack awscdk.Stack, table awsdynamodb.Table, topic awssns.Topic, operators awsiam.ManagedPolicy, workers map[string]worker) {
	output := func(id, description string, value *string) {
		awscdk.NewCfnOutput(stack, jsii.String(id), &awscdk.CfnOutputProps{Description: jsii.String(description), Value: value})
	}
	output("MemoryTable", "The table with the stored state and the freezes of Homeostat.", table.TableName())
	output("NotificationsTopic", "Subscribe operators or chat rooms to this topic.", topic.TopicArn())
	output("OperatorsPolicy", "Attach this policy to the roles of operators who freeze and unfreeze.", operators.ManagedPolicyArn())
	for _, function := range contract.Functions() {
		r := workers[function]
		output(title(function)+"QueueUrl", "Events for "+function+".", r.queue.QueueUrl())
		output(title(function)+"DeadLettersUrl", "Events that "+function+" could not process.", r.dead.QueueUrl())
	}
}
