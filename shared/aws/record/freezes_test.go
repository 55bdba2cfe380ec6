package record_test

import (
	"testing"

	"homeostat/shared/aws/record"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAllFreezesOfTheAccountAreFound(t *testing.T) {
	onEvery(t, func(t *testing.T, s *record.Store) {
		none, err := s.Freezes(ctx, fixture.Home())
		require.NoError(t, err)
		assert.Empty(t, none)
		elsewhere := fixture.Home()
		elsewhere.Region = "eu-west-1"
		require.NoError(t, s.SetFreeze(ctx, elsewhere, fleet.Freeze{Scope: "account", Frozen: true}))
		for _, scope := range []string{"service:shop/web", "cluster:other", "account"} {
			require.NoError(t, s.SetFreeze(ctx, fixture.Home(), fleet.Freeze{Scope: scope, Frozen: true, Who: "ann", Until: noon}))
		}
		got, err := s.Freezes(ctx, fixture.Home())
		require.NoError(t, err)
		assert.Equal(t, []fleet.Freeze{
			{Scope: "account", Frozen: true, Who: "ann", Until: noon},
			{Scope: "cluster:other", Frozen: true, Who: "ann", Until: noon},
			{Scope: "service:shop/web", Frozen: true, Who: "ann", Until: noon},
		}, got)
	})
}

func TestAnUnreadableFreezeIsActive(t *testing.T) {
	onEvery(t, func(t *testing.T, s *record.Store) {
		_, err := s.DynamoDB.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(s.Table), Item: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "123456789012/eu-central-1"}, "sk": &types.AttributeValueMemberS{Value: "switch#cluster:shop"},
			"body": &types.AttributeValueMemberS{Value: "{"},
		}})
		require.NoError(t, err)
		got, err := s.Freezes(ctx, fixture.Home())
		require.NoError(t, err)
		assert.Equal(t, []fleet.Freeze{{Scope: "cluster:shop", Frozen: true, Why: "the stored freeze is unreadable"}}, got)
	})
}
