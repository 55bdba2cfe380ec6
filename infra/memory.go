package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Names of the table's keys and index. The stack may not import
// shared/aws/record, so a test compares them with the names there.
const (
	keyPartition = "pk"
	keySort      = "sk"
	keyDay       = "day"
	keyMoment    = "moment"
	keyExpires   = "expires"
	indexByTime  = "by-time"
)

// newMemory creates the table for all stored state.
func newMemory(scope constructs.Construct, o options) awsdynamodb.Table {
	removal := awscdk.RemovalPolicy_RETAIN
	if o.Ephemeral {
		removal = awscdk.RemovalPolicy_DESTROY
	}
	table := awsdynamodb.NewTable(scope, jsii.String("Memory"), &awsdynamodb.TableProps{
		PartitionKey:        stringKey(keyPartition),
		SortKey:             stringKey(keySort),
		BillingMode:         awsdynamodb.BillingMode_PAY_PER_REQUEST,
		Encryption:          awsdynamodb.TableEncryption_AWS_MANAGED,
		TimeToLiveAttribute: jsii.String(keyExpires),
		PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{
			PointInTimeRecoveryEnabled: jsii.Bool(true),
		},
		DeletionProtection: jsii.Bool(!o.Ephemeral),
		RemovalPolicy:      removal,
	})
	table.AddGlobalSecondaryIndex(&awsdynamodb.GlobalSecondaryIndexProps{
		IndexName:      jsii.String(indexByTime),
		PartitionKey:   stringKey(keyDay),
		SortKey:        stringKey(keyMoment),
		ProjectionType: awsdynamodb.ProjectionType_ALL,
	})
	return table
}

func stringKey(name string) *awsdynamodb.Attribute {
	return &awsdynamodb.Attribute{Name: jsii.String(name), Type: awsdynamodb.AttributeType_STRING}
}
