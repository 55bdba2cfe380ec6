//go:build !race

package main

import (
	"context"
	"testing"

	"homeostat/shared/aws/record"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheTableIsRetainedUnlessEphemeral(t *testing.T) {
	for name, c := range map[string]struct {
		o         options
		protected bool
		policy    string
	}{
		"by default the table is retained": {options{}, true, "Retain"},
		"an ephemeral table is deleted":    {options{Ephemeral: true}, false, "Delete"},
	} {
		t.Run(name, func(t *testing.T) {
			made := synthesised(t, c.o)
			id, table := made.only("AWS::DynamoDB::Table", "Memory")
			assert.Equal(t, c.protected, table["DeletionProtectionEnabled"])
			resource := made.of("AWS::DynamoDB::Table")[id]
			assert.Equal(t, c.policy, resource["DeletionPolicy"])
			assert.Equal(t, c.policy, resource["UpdateReplacePolicy"])
			assert.Equal(t, "PAY_PER_REQUEST", table["BillingMode"])
			assert.Equal(t, object{"SSEEnabled": true}, table["SSESpecification"])
			assert.Equal(t, object{"PointInTimeRecoveryEnabled": true}, table["PointInTimeRecoverySpecification"])
			assert.Equal(t, object{"AttributeName": "expires", "Enabled": true}, table["TimeToLiveSpecification"])
		})
	}
}

// tableInput keeps the input with which the store creates its table.
type tableInput struct{ in *dynamodb.CreateTableInput }

func (a *tableInput) CreateTable(_ context.Context, in *dynamodb.CreateTableInput, _ ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error) {
	a.in = in
	return &dynamodb.CreateTableOutput{}, nil
}

func TestTheTableHasTheKeysOfTheStore(t *testing.T) {
	var store tableInput
	require.NoError(t, record.MakeTable(t.Context(), &store, "any"))
	_, table := synthesised(t, options{}).only("AWS::DynamoDB::Table", "Memory")

	want := plain(t, object{"keys": store.in.KeySchema, "attributes": store.in.AttributeDefinitions}).(object)
	assert.Equal(t, want["keys"], table["KeySchema"])
	assert.ElementsMatch(t, want["attributes"], table["AttributeDefinitions"])

	require.Len(t, store.in.GlobalSecondaryIndexes, 1)
	index := store.in.GlobalSecondaryIndexes[0]
	assert.Equal(t, []any{object{
		"IndexName": *index.IndexName, "KeySchema": plain(t, index.KeySchema),
		"Projection": object{"ProjectionType": string(index.Projection.ProjectionType)},
	}}, table["GlobalSecondaryIndexes"])
}
