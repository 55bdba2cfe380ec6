package dynamo_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// queryAll reads every page and returns the sort keys and the number of pages.
func queryAll(t testing.TB, client *dynamodb.Client, in dynamodb.QueryInput) (keys []string, pages int) {
	in.TableName = aws.String(table)
	for {
		out, err := client.Query(t.Context(), &in)
		require.NoError(t, err)
		pages++
		require.Less(t, pages, 100, "paging does not end")
		for _, got := range out.Items {
			keys = append(keys, got["sk"].(*types.AttributeValueMemberS).Value)
		}
		if len(out.LastEvaluatedKey) == 0 {
			return keys, pages
		}
		in.ExclusiveStartKey = out.LastEvaluatedKey
	}
}

// evidence fills three partitions. It returns a query of one partition and its
// answer.
func evidence(t testing.TB, client *dynamodb.Client) (in dynamodb.QueryInput, want []string) {
	for n := range 25 {
		put(t, client, "pk", "b", "sk", fmt.Sprintf("evidence#%02d", n), "n", n)
		put(t, client, "pk", "c", "sk", fmt.Sprintf("evidence#%02d", n), "n", n)
	}
	put(t, client, "pk", "b", "sk", "memory", "n", 1)
	put(t, client, "pk", "a", "sk", "evidence#99", "n", 1)
	in = dynamodb.QueryInput{
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :prefix)"),
		ExpressionAttributeValues: item(":pk", "b", ":prefix", "evidence#"),
	}
	for n := range 25 {
		want = append(want, fmt.Sprintf("evidence#%02d", n))
	}
	return in, want
}

func TestQueryPagesThroughAPartitionInOrder(t *testing.T) {
	client := newClient(t)
	in, want := evidence(t, client)
	t.Run("in one page", func(t *testing.T) {
		keys, pages := queryAll(t, client, in)
		assert.Equal(t, want, keys)
		assert.Equal(t, 1, pages)
	})
	t.Run("in pages of ten", func(t *testing.T) {
		in := in
		in.Limit = aws.Int32(10)
		keys, pages := queryAll(t, client, in)
		assert.Equal(t, want, keys)
		assert.Equal(t, 3, pages)
	})
	t.Run("backwards", func(t *testing.T) {
		in := in
		in.ScanIndexForward = aws.Bool(false)
		in.Limit = aws.Int32(7)
		keys, _ := queryAll(t, client, in)
		assert.Len(t, keys, 25)
		assert.Equal(t, "evidence#24", keys[0])
		assert.Equal(t, "evidence#00", keys[24])
	})
	t.Run("from a key to a key", func(t *testing.T) {
		keys, _ := queryAll(t, client, dynamodb.QueryInput{
			KeyConditionExpression:    aws.String("pk = :pk AND sk BETWEEN :a AND :b"),
			ExpressionAttributeValues: item(":pk", "b", ":a", "evidence#03", ":b", "evidence#05"),
		})
		assert.Equal(t, want[3:6], keys)
	})
}

func TestAQueryFiltersWhatItReadAndStartsAnywhere(t *testing.T) {
	client := newClient(t)
	in, want := evidence(t, client)
	t.Run("with a filter, which counts after the limit", func(t *testing.T) {
		in := in
		in.FilterExpression = aws.String("n >= :n")
		in.ExpressionAttributeValues = item(":pk", "b", ":prefix", "evidence#", ":n", 20)
		keys, _ := queryAll(t, client, in)
		assert.Equal(t, want[20:], keys)
		in.Limit = aws.Int32(10)
		keys, pages := queryAll(t, client, in)
		assert.Equal(t, want[20:], keys)
		assert.Equal(t, 3, pages)
	})
	t.Run("with a start key that is not there any more", func(t *testing.T) {
		in := in
		in.ExclusiveStartKey = item("pk", "b", "sk", "evidence#10x")
		keys, _ := queryAll(t, client, in)
		assert.Equal(t, want[11:], keys)
	})
}

func TestAnIndexIsQueriedByTimeAcrossPartitions(t *testing.T) {
	client := newClient(t)
	for n := range 12 {
		put(t, client, "pk", fmt.Sprint("service", n%3), "sk", fmt.Sprint("episode#", n),
			"day", "2026-07-01", "at", fmt.Sprintf("12:%02d", n))
	}
	put(t, client, "pk", "service0", "sk", "memory") // not in the index
	in := dynamodb.QueryInput{
		IndexName:                 aws.String("by-time"),
		KeyConditionExpression:    aws.String("#d = :d AND #at > :at"),
		ExpressionAttributeNames:  map[string]string{"#d": "day", "#at": "at"},
		ExpressionAttributeValues: item(":d", "2026-07-01", ":at", "12:05"),
		ScanIndexForward:          aws.Bool(false),
	}
	want := []string{"episode#11", "episode#10", "episode#9", "episode#8", "episode#7", "episode#6"}
	keys, _ := queryAll(t, client, in)
	assert.Equal(t, want, keys)
	in.Limit = aws.Int32(2)
	keys, _ = queryAll(t, client, in)
	assert.Equal(t, want, keys)
}

func TestAnItemLeavesTheIndexWithItsKey(t *testing.T) {
	client := newClient(t)
	put(t, client, "pk", "a", "sk", "1", "day", "d", "at", "1")
	put(t, client, "pk", "a", "sk", "2", "day", "d", "at", "2")
	_, err := client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: aws.String(table), Key: item("pk", "a", "sk", "1"), UpdateExpression: aws.String("REMOVE #d"),
		ExpressionAttributeNames: map[string]string{"#d": "day"},
	})
	require.NoError(t, err)
	keys, _ := queryAll(t, client, dynamodb.QueryInput{
		IndexName: aws.String("by-time"), KeyConditionExpression: aws.String("#d = :d"),
		ExpressionAttributeNames:  map[string]string{"#d": "day"},
		ExpressionAttributeValues: item(":d", "d"),
	})
	assert.Equal(t, []string{"2"}, keys)
}

// Two missing attributes are equal, as in other servers.
func TestAConditionOnMissingAttributes(t *testing.T) {
	client := newClient(t)
	put(t, client, "pk", "p", "sk", "s")
	for condition, holds := range map[string]bool{"alpha = beta": true, "alpha <> beta": false, "alpha < beta": false, "alpha = pk": false, "alpha <> pk": true} {
		_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{
			TableName: aws.String(table), Item: item("pk", "p", "sk", "s"), ConditionExpression: aws.String(condition),
		})
		assert.Equal(t, holds, err == nil, "%s: %v", condition, err)
	}
}

func TestTheReservedWordsAreThoseOfAWS(t *testing.T) {
	client := newClient(t)
	condition := func(attribute string) error {
		_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{
			TableName: aws.String(table), Item: item("pk", "p", "sk", "s"), ConditionExpression: aws.String("attribute_not_exists(" + attribute + ")"),
		})
		return err
	}
	for _, word := range []string{"abort", "Family", "class", "url", "shard", "ref", "project", "clusters", "zone"} {
		require.ErrorContains(t, condition(word), "reserved keyword: "+word)
	}
	for _, word := range []string{"lease", "policy", "event", "instance", "code", "context", "subject", "zones", "bor"} {
		assert.NoError(t, condition(word), word)
	}
}
