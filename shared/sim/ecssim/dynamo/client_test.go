package dynamo_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"homeostat/shared/sim/ecssim/dynamo"
	"homeostat/shared/sim/ecssim/wire"
	"homeostat/shared/sim/simtest/sdk"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const table = "homeostat"

// item makes the attributes of an item from texts and whole numbers.
func item(pairs ...any) map[string]types.AttributeValue {
	out := map[string]types.AttributeValue{}
	for i := 0; i < len(pairs); i += 2 {
		switch v := pairs[i+1].(type) {
		case string:
			out[pairs[i].(string)] = &types.AttributeValueMemberS{Value: v}
		case int:
			out[pairs[i].(string)] = &types.AttributeValueMemberN{Value: fmt.Sprint(v)}
		}
	}
	return out
}

func newClient(t testing.TB) *dynamodb.Client {
	db := dynamo.New()
	db.Check(func(problem string) {
		// "If there are no unprocessed items remaining, the response contains an
		// empty UnprocessedItems map", and a throughput of PAY_PER_REQUEST "is set to
		// 0". The model contradicts these sentences.
		if !strings.HasSuffix(problem, "has 0 entries, fewer than 1") && !strings.HasSuffix(problem, "has 0, fewer than 1") {
			t.Errorf("an answer does not fit the model: %s", problem)
		}
	})
	client := clientOf(db)
	createTable(t, client)
	return client
}

func clientOf(h http.Handler) *dynamodb.Client {
	s := wire.NewServer()
	s.Mount(dynamo.TargetPrefix, h)
	return dynamodb.NewFromConfig(sdk.InMemory(s))
}

func createTable(t require.TestingT, client *dynamodb.Client) {
	_, err := client.CreateTable(context.Background(), &dynamodb.CreateTableInput{
		TableName:   aws.String(table),
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("pk"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("sk"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("day"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("at"), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("pk"), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String("sk"), KeyType: types.KeyTypeRange},
		},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName: aws.String("by-time"),
			KeySchema: []types.KeySchemaElement{
				{AttributeName: aws.String("day"), KeyType: types.KeyTypeHash},
				{AttributeName: aws.String("at"), KeyType: types.KeyTypeRange},
			},
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		}},
	})
	require.NoError(t, err)
}

// httpStatus returns the HTTP status of an error.
func httpStatus(err error) int {
	if answered, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		return answered.HTTPStatusCode()
	}
	return 0
}

func put(t testing.TB, client *dynamodb.Client, pairs ...any) {
	_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(table), Item: item(pairs...)})
	require.NoError(t, err)
}

func get(t testing.TB, client *dynamodb.Client, pk, sk string) map[string]types.AttributeValue {
	out, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: aws.String(table), Key: item("pk", pk, "sk", sk), ConsistentRead: aws.Bool(true),
	})
	require.NoError(t, err)
	return out.Item
}

func TestAnItemIsPutOnceUnderTheConditionThatItIsNotThere(t *testing.T) {
	client := newClient(t)
	in := &dynamodb.PutItemInput{
		TableName: aws.String(table), Item: item("pk", "a", "sk", "evidence#1", "n", 1),
		ConditionExpression: aws.String("attribute_not_exists(pk)"),
	}
	_, err := client.PutItem(t.Context(), in)
	require.NoError(t, err)
	_, err = client.PutItem(t.Context(), in)
	var failed *types.ConditionalCheckFailedException
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, item("pk", "a", "sk", "evidence#1", "n", 1), get(t, client, "a", "evidence#1"))
	assert.Nil(t, get(t, client, "a", "no such item"))
}

func TestAFailedConditionReturnsTheItemIfAsked(t *testing.T) {
	client := newClient(t)
	put(t, client, "pk", "a", "sk", "lease", "owner", "me")
	_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{
		TableName: aws.String(table), Item: item("pk", "a", "sk", "lease", "owner", "you"),
		ConditionExpression:                 aws.String("attribute_not_exists(pk)"),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var failed *types.ConditionalCheckFailedException
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, item("pk", "a", "sk", "lease", "owner", "me"), failed.Item)
}

func TestPutReturnsTheOldItem(t *testing.T) {
	client := newClient(t)
	for n := range 2 {
		out, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{
			TableName: aws.String(table), Item: item("pk", "a", "sk", "s", "n", n), ReturnValues: types.ReturnValueAllOld,
		})
		require.NoError(t, err)
		if n == 0 {
			assert.Empty(t, out.Attributes)
		} else {
			assert.Equal(t, item("pk", "a", "sk", "s", "n", 0), out.Attributes)
		}
	}
}

func TestUpdateAddsAndSetsUnderAConditionAndReturnsWhatIsNew(t *testing.T) {
	client := newClient(t)
	update := func(condition string, version int) (*dynamodb.UpdateItemOutput, error) {
		return client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName:                 aws.String(table),
			Key:                       item("pk", "a", "sk", "memory"),
			UpdateExpression:          aws.String("SET #o = :owner, expires = if_not_exists(expires, :zero) + :one REMOVE gone ADD version :one"),
			ConditionExpression:       aws.String(condition),
			ExpressionAttributeNames:  map[string]string{"#o": "owner"},
			ExpressionAttributeValues: item(":owner", "me", ":one", 1, ":zero", 0, ":v", version),
			ReturnValues:              types.ReturnValueAllNew,
		})
	}
	out, err := update("attribute_not_exists(version) OR version = :v", 7)
	require.NoError(t, err)
	assert.Equal(t, item("pk", "a", "sk", "memory", "owner", "me", "expires", 1, "version", 1), out.Attributes)
	out, err = update("attribute_exists(pk) AND (version = :v OR version > :v)", 1)
	require.NoError(t, err)
	assert.Equal(t, item("pk", "a", "sk", "memory", "owner", "me", "expires", 2, "version", 2), out.Attributes)
	_, err = update("version = :v", 1)
	var failed *types.ConditionalCheckFailedException
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, out.Attributes, get(t, client, "a", "memory"))
}

func TestAnUpdateThatFailsItsConditionCreatesNothing(t *testing.T) {
	client := newClient(t)
	_, err := client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: aws.String(table), Key: item("pk", "a", "sk", "x"),
		UpdateExpression:          aws.String("SET n = :n"),
		ConditionExpression:       aws.String("attribute_exists(pk)"),
		ExpressionAttributeValues: item(":n", 1),
	})
	var failed *types.ConditionalCheckFailedException
	require.ErrorAs(t, err, &failed)
	assert.Nil(t, get(t, client, "a", "x"))
}

func TestATransactionWritesAllOrNothing(t *testing.T) {
	client := newClient(t)
	put(t, client, "pk", "a", "sk", "lease", "token", 7)
	transact := func(token int) error {
		_, err := client.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{
			TransactItems: []types.TransactWriteItem{
				{Put: &types.Put{TableName: aws.String(table), Item: item("pk", "a", "sk", "intent#1", "state", "INPROGRESS")}},
				{Update: &types.Update{
					TableName: aws.String(table), Key: item("pk", "a", "sk", "memory"),
					UpdateExpression: aws.String("ADD version :one"), ExpressionAttributeValues: item(":one", 1),
				}},
				{ConditionCheck: &types.ConditionCheck{
					TableName: aws.String(table), Key: item("pk", "a", "sk", "lease"),
					ConditionExpression:                 aws.String("#t = :t"),
					ExpressionAttributeNames:            map[string]string{"#t": "token"},
					ExpressionAttributeValues:           item(":t", token),
					ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
				}},
			},
		})
		return err
	}
	var canceled *types.TransactionCanceledException
	require.ErrorAs(t, transact(6), &canceled)
	require.Len(t, canceled.CancellationReasons, 3)
	assert.Equal(t, "None", *canceled.CancellationReasons[0].Code)
	assert.Equal(t, "ConditionalCheckFailed", *canceled.CancellationReasons[2].Code)
	assert.Equal(t, item("pk", "a", "sk", "lease", "token", 7), canceled.CancellationReasons[2].Item)
	assert.Nil(t, get(t, client, "a", "intent#1"))
	assert.Nil(t, get(t, client, "a", "memory"))

	require.NoError(t, transact(7))
	assert.NotNil(t, get(t, client, "a", "intent#1"))
	assert.Equal(t, item("pk", "a", "sk", "memory", "version", 1), get(t, client, "a", "memory"))
}

func TestDeleteIsConditional(t *testing.T) {
	client := newClient(t)
	put(t, client, "pk", "a", "sk", "lease", "owner", "me")
	remove := func(owner string) error {
		_, err := client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{
			TableName: aws.String(table), Key: item("pk", "a", "sk", "lease"),
			ConditionExpression:       aws.String("#o = :o"),
			ExpressionAttributeNames:  map[string]string{"#o": "owner"},
			ExpressionAttributeValues: item(":o", owner),
		})
		return err
	}
	var failed *types.ConditionalCheckFailedException
	require.ErrorAs(t, remove("you"), &failed)
	require.NoError(t, remove("me"))
	assert.Nil(t, get(t, client, "a", "lease"))
	require.ErrorAs(t, remove("me"), &failed, "what is not there fails the condition")
}

func TestABatchPutsAndDeletes(t *testing.T) {
	client := newClient(t)
	put(t, client, "pk", "a", "sk", "0")
	_, err := client.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{
		RequestItems: map[string][]types.WriteRequest{table: {
			{PutRequest: &types.PutRequest{Item: item("pk", "a", "sk", "1", "n", 1)}},
			{PutRequest: &types.PutRequest{Item: item("pk", "b", "sk", "1", "n", 1)}},
			{DeleteRequest: &types.DeleteRequest{Key: item("pk", "a", "sk", "0")}},
		}},
	})
	require.NoError(t, err)
	keys, _ := queryAll(t, client, dynamodb.QueryInput{
		KeyConditionExpression: aws.String("pk = :pk"), ExpressionAttributeValues: item(":pk", "a"),
	})
	assert.Equal(t, []string{"1"}, keys)
}

func TestTimeToLiveIsSetAndDescribed(t *testing.T) {
	client := newClient(t)
	_, err := client.UpdateTimeToLive(t.Context(), &dynamodb.UpdateTimeToLiveInput{
		TableName:               aws.String(table),
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String("ttl"), Enabled: aws.Bool(true)},
	})
	require.NoError(t, err)
	out, err := client.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: aws.String(table)})
	require.NoError(t, err)
	assert.Equal(t, types.TimeToLiveStatusEnabled, out.TimeToLiveDescription.TimeToLiveStatus)
	assert.Equal(t, "ttl", *out.TimeToLiveDescription.AttributeName)
}

func TestAValueOfEveryTypeComesBackAsItWas(t *testing.T) {
	client := newClient(t)
	want := item("pk", "a", "sk", "types", "s", "", "n", -5)
	want["f"] = &types.AttributeValueMemberN{Value: "0.125"}
	want["yes"] = &types.AttributeValueMemberBOOL{Value: true}
	want["no"] = &types.AttributeValueMemberBOOL{Value: false}
	want["null"] = &types.AttributeValueMemberNULL{Value: true}
	want["raw"] = &types.AttributeValueMemberB{Value: []byte{0, 1, 2}}
	want["texts"] = &types.AttributeValueMemberSS{Value: []string{"x", "y"}}
	want["numbers"] = &types.AttributeValueMemberNS{Value: []string{"1"}}
	want["list"] = &types.AttributeValueMemberL{Value: []types.AttributeValue{
		&types.AttributeValueMemberS{Value: "x"}, &types.AttributeValueMemberM{Value: item("deep", 1)},
	}}
	want["map"] = &types.AttributeValueMemberM{Value: item("k", "v")}
	want["empty list"] = &types.AttributeValueMemberL{Value: []types.AttributeValue{}}
	want["empty map"] = &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{}}
	_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(table), Item: want})
	require.NoError(t, err)
	assert.Equal(t, want, get(t, client, "a", "types"))
}

func TestAnUnknownTableIsAnError(t *testing.T) {
	client := newClient(t)
	_, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("other"), Key: item("pk", "a", "sk", "b")})
	var missing *types.ResourceNotFoundException
	require.ErrorAs(t, err, &missing)
}

func TestDescribeTableSaysThatItIsActive(t *testing.T) {
	client := newClient(t)
	out, err := client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String(table)})
	require.NoError(t, err)
	assert.Equal(t, types.TableStatusActive, out.Table.TableStatus)
}
