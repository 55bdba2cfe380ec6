package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// newFreezePolicy creates the policy for operators who freeze and unfreeze. A
// freeze is an item of the table, so that it works at once and without a deploy.
// The stack attaches the policy to no role. The policy permits reading the whole
// table and writing only the partitions with the freezes of each account. It does
// not permit changing memory, leases or episodes.
func newFreezePolicy(stack awscdk.Stack, o options, table awsdynamodb.Table) awsiam.ManagedPolicy {
	var partitions []string
	for _, account := range append([]string{*stack.Account()}, o.Accounts...) {
		partitions = append(partitions, account+"/"+*stack.Region())
	}
	return awsiam.NewManagedPolicy(stack, jsii.String("Operators"), &awsiam.ManagedPolicyProps{
		Description: jsii.String("Homeostat: read the stored state, freeze and unfreeze. For operators."),
		Statements: &[]awsiam.PolicyStatement{
			awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
				Sid:       jsii.String("Read"),
				Actions:   jsii.Strings("dynamodb:Query"),
				Resources: jsii.Strings(*table.TableArn(), indexOf(table)),
			}),
			awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
				Sid:       jsii.String("ReadOne"),
				Actions:   jsii.Strings("dynamodb:GetItem"),
				Resources: jsii.Strings(*table.TableArn()),
			}),
			awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
				Sid:        jsii.String("Switch"),
				Actions:    jsii.Strings("dynamodb:PutItem"),
				Resources:  jsii.Strings(*table.TableArn()),
				Conditions: &map[string]any{"ForAllValues:StringEquals": map[string]any{"dynamodb:LeadingKeys": partitions}},
			}),
		},
	})
}

// indexOf returns the ARN of the index by time.
func indexOf(table awsdynamodb.Table) string { return *table.TableArn() + "/index/" + indexByTime }
