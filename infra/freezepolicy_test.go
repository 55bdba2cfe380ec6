//go:build !race

package main

import (
	"context"
	"testing"

	"homeostat/shared/aws/record"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// written keeps the last item that the store wrote.
type written struct {
	record.DynamoDB
	item map[string]types.AttributeValue
}

func (w *written) PutItem(_ context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	w.item = in.Item
	return &dynamodb.PutItemOutput{}, nil
}

// partition returns the partition key of the last item.
func (w *written) partition() string {
	return w.item[keyPartition].(*types.AttributeValueMemberS).Value
}

func TestOperatorsReadAllAndWriteOnlyFreezes(t *testing.T) {
	made := synthesised(t, options{Accounts: []string{"222222222222"}})
	statements := made.operators()
	require.Len(t, statements, 3)
	table, _ := made.only("AWS::DynamoDB::Table", "Memory")

	assert.Equal(t, []string{"dynamodb:Query"}, statements[0].actions)
	assert.ElementsMatch(t, []string{made.arnOf(table), made.arnOf(table) + "/index/by-time"}, statements[0].resources)
	assert.Equal(t, []string{"dynamodb:GetItem"}, statements[1].actions)
	assert.Equal(t, []string{made.arnOf(table)}, statements[1].resources)

	write := statements[2]
	assert.Equal(t, []string{"dynamodb:PutItem"}, write.actions)
	assert.Equal(t, []string{made.arnOf(table)}, write.resources)
	keys := made.texts(write.condition["ForAllValues:StringEquals"].(object)["dynamodb:LeadingKeys"])

	var db written
	store := record.Store{DynamoDB: &db}
	for _, account := range []string{"123456789012", "222222222222"} {
		ref := fleet.ServiceRef{Account: account, Region: "eu-central-1", Cluster: "shop", Service: "web"}
		for _, scope := range ref.Scopes() {
			require.NoError(t, store.SetFreeze(t.Context(), fleet.AccountOf(ref), fleet.Freeze{Scope: scope, Frozen: true}))
			assert.Contains(t, keys, db.partition(), "the freeze %s may be written", scope)
		}
		_, err := store.Append(t.Context(), ref, fleet.Evidence{}, fixture.Noon())
		require.NoError(t, err)
		assert.NotContains(t, keys, db.partition(), "evidence may not")
		require.NoError(t, store.Journal(t.Context(), fleet.Episode{Ref: ref}))
		assert.NotContains(t, keys, db.partition(), "an episode may not")
	}
}

func TestTheStackAttachesThePolicyToNoRole(t *testing.T) {
	_, p := synthesised(t, options{}).only("AWS::IAM::ManagedPolicy", "Operators")
	for _, holder := range []string{"Roles", "Users", "Groups"} {
		assert.NotContains(t, p, holder)
	}
}
