package dynamo_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
)

func fill(b *testing.B, client *dynamodb.Client, n int) {
	for i := range n {
		put(b, client, "pk", fmt.Sprint("service", i%10), "sk", fmt.Sprintf("evidence#%06d", i), "n", i)
	}
	b.ResetTimer()
}

func BenchmarkPutItem(b *testing.B) {
	for _, size := range []int{0, 1000, 10000} {
		b.Run(fmt.Sprint(size, " items"), func(b *testing.B) {
			client := newClient(b)
			fill(b, client, size)
			for i := range b.N {
				_, err := client.PutItem(b.Context(), &dynamodb.PutItemInput{
					TableName: aws.String(table), Item: item("pk", "service1", "sk", fmt.Sprintf("more#%07d", i), "n", i),
					ConditionExpression: aws.String("attribute_not_exists(pk)"),
				})
				require.NoError(b, err)
			}
		})
	}
}

func BenchmarkUpdateItem(b *testing.B) {
	for _, size := range []int{0, 1000, 10000} {
		b.Run(fmt.Sprint(size, " items"), func(b *testing.B) {
			client := newClient(b)
			fill(b, client, size)
			for i := range b.N {
				_, err := client.UpdateItem(b.Context(), &dynamodb.UpdateItemInput{
					TableName: aws.String(table), Key: item("pk", "service1", "sk", "memory"),
					UpdateExpression:          aws.String("SET #o = :o ADD version :one"),
					ConditionExpression:       aws.String("attribute_not_exists(version) OR version >= :zero"),
					ExpressionAttributeNames:  map[string]string{"#o": "owner"},
					ExpressionAttributeValues: item(":o", fmt.Sprint(i), ":one", 1, ":zero", 0),
					ReturnValues:              types.ReturnValueAllNew,
				})
				require.NoError(b, err)
			}
		})
	}
}

func BenchmarkQuery(b *testing.B) {
	for _, size := range []int{100, 1000, 10000} {
		b.Run(fmt.Sprint(size, " items"), func(b *testing.B) {
			client := newClient(b)
			fill(b, client, size)
			for range b.N {
				_, err := client.Query(b.Context(), &dynamodb.QueryInput{
					TableName: aws.String(table), KeyConditionExpression: aws.String("pk = :pk AND begins_with(sk, :p)"),
					ExpressionAttributeValues: item(":pk", "service1", ":p", "evidence#00000"),
				})
				require.NoError(b, err)
			}
		})
	}
}

func BenchmarkTransactWriteItems(b *testing.B) {
	for _, size := range []int{0, 1000, 10000} {
		b.Run(fmt.Sprint(size, " items"), func(b *testing.B) {
			client := newClient(b)
			fill(b, client, size)
			for i := range b.N {
				_, err := client.TransactWriteItems(b.Context(), &dynamodb.TransactWriteItemsInput{
					TransactItems: []types.TransactWriteItem{{Put: &types.Put{
						TableName: aws.String(table), Item: item("pk", "service1", "sk", "intent", "n", i),
					}}},
				})
				require.NoError(b, err)
			}
		})
	}
}
