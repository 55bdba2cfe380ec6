package record_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/aws/record"
	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"
)

// crowd returns an inventory of n services with the longest names of ECS.
func crowd(n int) fleet.Inventory {
	r := fleet.Inventory{Round: 3, At: fleet.Place{Cluster: "shop", Page: "2"}, CompletedAt: noon, ChangesReadTo: noon}
	for i := range n {
		r.Put(fleet.Member{
			Cluster: "shop", Service: fmt.Sprint(strings.Repeat("w", 240), i), Tags: map[string]string{contract.TagMode: "act"},
			Definition: fmt.Sprint(strings.Repeat("d", 240), ":", i), Desired: i % 7, Running: i % 5, Groups: []fleet.TargetGroup{{Group: fmt.Sprint("targetgroup/web/", i)}},
		})
	}
	return r
}

func TestTheInventoryIsKeptInShards(t *testing.T) {
	onEvery(t, func(t *testing.T, s *record.Store) {
		none, err := s.Inventory(ctx, fixture.Home())
		require.NoError(t, err)
		assert.True(t, none.CompletedAt.IsZero(), "a roster that was never written is not an empty one")

		r := crowd(2*fleet.ShardSize + 3)
		require.NoError(t, s.SaveInventory(ctx, fixture.Home(), r, none))
		found, err := s.Inventory(ctx, fixture.Home())
		require.NoError(t, err)
		assert.Equal(t, r.Members(), found.Members())
		assert.Equal(t, r.At, found.At)
		assert.True(t, found.CompletedAt.Equal(noon))
		require.Len(t, found.Shards, len(r.Shards))
		shard, err := s.Shard(ctx, fixture.Home(), 2)
		require.NoError(t, err)
		assert.Equal(t, r.Shards[2], shard)
		shard, err = s.Shard(ctx, fixture.Home(), 9)
		require.NoError(t, err)
		assert.Empty(t, shard)
	})
}

func TestOnlyShardsThatDifferAreWritten(t *testing.T) {
	onEveryPlace(t, func(t *testing.T, p testStore) {
		puts := &counter{DynamoDB: p.DynamoDB}
		p.DynamoDB = puts
		was := crowd(fleet.ShardSize + 1)
		require.NoError(t, p.SaveInventory(ctx, fixture.Home(), was, fleet.Inventory{}))
		require.Len(t, was.Shards, 2)
		puts.puts = 0
		is := crowd(fleet.ShardSize + 1)
		is.Shards[1][0].Running = 99
		require.NoError(t, p.SaveInventory(ctx, fixture.Home(), is, was))
		assert.Equal(t, 2, puts.puts, "the shard that changed, and the head")
		assert.Less(t, puts.largest, 400_000, "an item holds less than it may, with the longest names")
	})
}

func TestAnUnreadableInventoryIsReadAgain(t *testing.T) {
	onEvery(t, func(t *testing.T, s *record.Store) {
		require.NoError(t, s.SaveInventory(ctx, fixture.Home(), crowd(3), fleet.Inventory{}))
		_, err := s.DynamoDB.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(s.Table), Item: map[string]types.AttributeValue{
			"pk":   &types.AttributeValueMemberS{Value: "roster#123456789012/eu-central-1"},
			"sk":   &types.AttributeValueMemberS{Value: "shard#00000"},
			"body": &types.AttributeValueMemberS{Value: "no JSON"},
		}})
		require.NoError(t, err)
		r, err := s.Inventory(ctx, fixture.Home())
		require.NoError(t, err)
		assert.True(t, r.CompletedAt.IsZero())
		_, err = s.Shard(ctx, fixture.Home(), 0)
		assert.ErrorContains(t, err, "the next sweep reads the account again")
	})
}

func TestChangedServicesAreReadFromATimeOn(t *testing.T) {
	onEvery(t, func(t *testing.T, s *record.Store) {
		other := fixture.Ref("api")
		require.NoError(t, s.MarkChanged(ctx, fixture.Web(), noon))
		require.NoError(t, s.MarkChanged(ctx, other, noon.Add(time.Minute)))
		require.NoError(t, s.MarkChanged(ctx, other, noon.Add(2*time.Minute)))
		refs, err := s.Changed(ctx, fixture.Home(), noon)
		require.NoError(t, err)
		assert.Equal(t, []fleet.ServiceRef{fixture.Web(), other}, refs, "each service once")
		refs, err = s.Changed(ctx, fixture.Home(), noon.Add(time.Second))
		require.NoError(t, err)
		assert.Equal(t, []fleet.ServiceRef{other}, refs)
	})
}

// counter counts the puts, and keeps the size of the largest body.
type counter struct {
	record.DynamoDB
	puts, largest int
}

func (c *counter) PutItem(ctx context.Context, in *dynamodb.PutItemInput, o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	c.puts++
	if body, ok := in.Item["body"].(*types.AttributeValueMemberS); ok {
		c.largest = max(c.largest, len(body.Value))
	}
	return c.DynamoDB.PutItem(ctx, in, o...)
}
