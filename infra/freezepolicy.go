package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// newFreezePolicy is what a person needs who freezes and thaws: switches are items
// of the table, so that they work at once and without a deploy. The policy is
// for people's own roles; the stack attaches it to nobody. It reads all that
// Homeostat remembers and writes only the partition of each account, which
// holds its switches: no memory, lease or record can be changed with it.
func newFreezePolicy(stack awscdk.Stack, o options, table awsdynamodb.Table) awsiam.ManagedPolicy {
	var partitions []string
	for _, account := range append([]string{*stack.Account()}, o.Accounts...) {
		partitions = append(partitions, account+"/"+*stack.Region())
	}
	return awsiam.NewManagedPolicy(stack, jsii.String("Operators"), &awsiam.ManagedPolicyProps{
		Description: jsii.String("Homeostat: read what it remembers, freeze and thaw. For the people who operate it."),
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

// indexOf is the ARN of the index by time.
func indexOf(table awsdynamodb.Table) string { return *table.TableArn() + "/index/" + indexByTime }
