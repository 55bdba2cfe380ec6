package dynamo_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"homeostat/shared/sim/ecssim/dynamo"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/truora/minidyn/server"
	"pgregory.net/rapid"
)

// outcome is the client's view of an operation.
type outcome struct {
	Code  string
	Items []map[string]types.AttributeValue
}

func outcomeOf(err error, items ...map[string]types.AttributeValue) outcome {
	if failed, ok := errors.AsType[smithy.APIError](err); ok {
		return outcome{Code: failed.ErrorCode()}
	}
	if err != nil {
		return outcome{Code: err.Error()}
	}
	out := outcome{}
	for _, i := range items {
		if len(i) > 0 {
			out.Items = append(out.Items, i)
		}
	}
	return out
}

// step is one operation. All its random choices are drawn before.
type step func(t *rapid.T, client *dynamodb.Client) outcome

func drawStep(t *rapid.T) step {
	k := item("pk", rapid.SampledFrom([]string{"a", "b"}).Draw(t, "pk"), "sk", rapid.SampledFrom([]string{"e#1", "e#2", "m"}).Draw(t, "sk"))
	n := rapid.IntRange(-2, 3).Draw(t, "n")
	conditions := []string{
		"", "attribute_not_exists(pk)", "attribute_exists(pk)", "n = :c", "n < :c OR attribute_not_exists(n)",
		"NOT (n >= :c) AND attribute_exists(pk)", "n BETWEEN :c AND :c",
	}
	condition := rapid.SampledFrom(conditions).Draw(t, "condition")
	values := map[string]types.AttributeValue{}
	var conditioned *string
	if condition != "" {
		conditioned = &condition
		if strings.Contains(condition, ":c") {
			values[":c"] = &types.AttributeValueMemberN{Value: "1"}
		}
	}
	switch rapid.IntRange(0, 4).Draw(t, "operation") {
	case 0:
		return putStep(k, n, conditioned, values)
	case 1:
		return deleteStep(k, conditioned, values)
	case 2:
		return updateStep(k, n, conditioned, values)
	case 3:
		return queryStep(rapid.Bool().Draw(t, "forward"), rapid.SampledFrom([]string{
			"pk = :pk AND begins_with(sk, :sk)", "pk = :pk AND sk > :sk", "pk = :pk AND sk <= :sk", "pk = :pk AND sk BETWEEN :sk AND :sk",
		}).Draw(t, "keys"))
	}
	return func(t *rapid.T, client *dynamodb.Client) outcome {
		out, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String(table), Key: k})
		if err != nil {
			return outcomeOf(err)
		}
		return outcomeOf(nil, out.Item)
	}
}

// none removes an empty map from a request, as DynamoDB requires.
func none(values map[string]types.AttributeValue) map[string]types.AttributeValue {
	if len(values) == 0 {
		return nil
	}
	return values
}

func putStep(k map[string]types.AttributeValue, n int, condition *string, values map[string]types.AttributeValue) step {
	k["n"] = &types.AttributeValueMemberN{Value: fmt.Sprint(n)}
	return func(t *rapid.T, client *dynamodb.Client) outcome {
		_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{
			TableName: aws.String(table), Item: k, ConditionExpression: condition, ExpressionAttributeValues: none(values),
		})
		return outcomeOf(err)
	}
}

func deleteStep(k map[string]types.AttributeValue, condition *string, values map[string]types.AttributeValue) step {
	return func(t *rapid.T, client *dynamodb.Client) outcome {
		_, err := client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{
			TableName: aws.String(table), Key: k, ConditionExpression: condition, ExpressionAttributeValues: none(values),
		})
		return outcomeOf(err)
	}
}

func updateStep(k map[string]types.AttributeValue, n int, condition *string, values map[string]types.AttributeValue) step {
	values[":n"] = &types.AttributeValueMemberN{Value: fmt.Sprint(n)}
	return func(t *rapid.T, client *dynamodb.Client) outcome {
		out, err := client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName: aws.String(table), Key: k, ConditionExpression: condition, ExpressionAttributeValues: values,
			UpdateExpression: aws.String("SET m = if_not_exists(m, :n) ADD n :n"), ReturnValues: types.ReturnValueAllNew,
		})
		if err != nil {
			return outcomeOf(err)
		}
		return outcomeOf(nil, out.Attributes)
	}
}

func queryStep(forward bool, keys string) step {
	return func(t *rapid.T, client *dynamodb.Client) outcome {
		out, err := client.Query(t.Context(), &dynamodb.QueryInput{
			TableName: aws.String(table), KeyConditionExpression: &keys, ScanIndexForward: &forward,
			ExpressionAttributeValues: item(":pk", "a", ":sk", "e#1"),
		})
		if err != nil {
			return outcomeOf(err)
		}
		return outcomeOf(nil, out.Items...)
	}
}

// minidyn is a DynamoDB of other authors. The test leaves out its known
// differences from AWS; client_test.go pins AWS's behaviour there.
func TestEveryOperationEndsAsMinidynEndsIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ours, theirs := clientOf(dynamo.New()), clientOf(server.NewServer())
		createTable(t, ours)
		createTable(t, theirs)
		for i := range rapid.IntRange(1, 25).Draw(t, "steps") {
			run := drawStep(t)
			require.Equal(t, run(t, theirs), run(t, ours), "step %d", i)
		}
	})
}

func TestStrictnessWhereAStoreWouldStumble(t *testing.T) {
	client := newClient(t)
	put(t, client, "pk", "a", "sk", "s", "owner", "me")
	update := func(expression string, names map[string]string, pairs ...any) error {
		_, err := client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName: aws.String(table), Key: item("pk", "a", "sk", "s"), UpdateExpression: &expression,
			ExpressionAttributeNames: names, ExpressionAttributeValues: none(item(pairs...)),
		})
		return err
	}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"a reserved word needs a placeholder": {update("SET owner = :o", nil, ":o", "x"), "reserved keyword: owner"},
		"a placeholder has to be defined":     {update("SET n = :n", nil, ":m", 1), "not defined"},
		"a placeholder has to be used":        {update("REMOVE n", nil, ":n", 1), "unused"},
		"a name has to be used":               {update("REMOVE n", map[string]string{"#x": "x"}), "unused"},
		"a key cannot be updated":             {update("SET sk = :s", nil, ":s", "x"), "part of the key"},
		"an index key has its type":           {update("SET #d = :d", map[string]string{"#d": "day"}, ":d", 5), "Type mismatch"},
		"paths may not overlap":               {update("SET a = :a, a.b = :a", nil, ":a", 1), "overlap"},
		"a parent has to be there":            {update("SET a.b = :a", nil, ":a", 1), "invalid for update"},
		"ADD wants a number":                  {update("ADD n :n", nil, ":n", "x"), "operand type"},
		"arithmetic wants what is there":      {update("SET n = n + :n", nil, ":n", 1), "does not exist"},
		"a clause is given once":              {update("SET a = :a SET b = :a", nil, ":a", 1), "can only be used once"},
	} {
		t.Run(name, func(t *testing.T) {
			var failed smithy.APIError
			require.ErrorAs(t, c.err, &failed)
			assert.Equal(t, "ValidationException", failed.ErrorCode())
			assert.Contains(t, failed.ErrorMessage(), c.want)
		})
	}
}

func TestDocumentsAndSetsAreUpdatedInPlace(t *testing.T) {
	client := newClient(t)
	put(t, client, "pk", "a", "sk", "s")
	update := func(expression string, values map[string]types.AttributeValue) map[string]types.AttributeValue {
		out, err := client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName: aws.String(table), Key: item("pk", "a", "sk", "s"), UpdateExpression: &expression,
			ExpressionAttributeValues: values, ReturnValues: types.ReturnValueAllNew,
		})
		require.NoError(t, err)
		return out.Attributes
	}
	list := &types.AttributeValueMemberL{Value: []types.AttributeValue{
		&types.AttributeValueMemberN{Value: "1"}, &types.AttributeValueMemberN{Value: "2"},
	}}
	set := &types.AttributeValueMemberSS{Value: []string{"x", "y"}}
	deep := &types.AttributeValueMemberM{Value: item("k", "v")}
	update("SET l = :l, m = :m ADD s :s", map[string]types.AttributeValue{":l": list, ":s": set, ":m": deep})
	update("SET l = list_append(l, :l)", map[string]types.AttributeValue{":l": list})
	got := update("SET m.n = :n REMOVE l[0], m.k DELETE s :x", map[string]types.AttributeValue{
		":n": &types.AttributeValueMemberN{Value: "0.50"}, ":x": &types.AttributeValueMemberSS{Value: []string{"x"}},
	})
	assert.Equal(t, map[string]types.AttributeValue{"n": &types.AttributeValueMemberN{Value: "0.5"}}, got["m"].(*types.AttributeValueMemberM).Value)
	assert.Equal(t, []string{"y"}, got["s"].(*types.AttributeValueMemberSS).Value)
	assert.Len(t, got["l"].(*types.AttributeValueMemberL).Value, 3)
	got = update("DELETE s :y SET c = l[1]", map[string]types.AttributeValue{":y": &types.AttributeValueMemberSS{Value: []string{"y"}}})
	assert.NotContains(t, got, "s", "an empty set is no attribute")
	assert.Equal(t, &types.AttributeValueMemberN{Value: "1"}, got["c"])
}

func FuzzExpressions(f *testing.F) {
	f.Add("a = :v AND (b.c[1] <> :v OR NOT begins_with(#n, :v))", "SET a = if_not_exists(a, :v) + :v REMOVE b ADD c :v")
	f.Add("size(a) > :v", "DELETE a :v SET b = list_append(:v, :v)")
	client := newClient(f)
	put(f, client, "pk", "a", "sk", "s", "a", 1, "b", "x")
	f.Fuzz(func(t *testing.T, condition, update string) {
		_, err := client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName: aws.String(table), Key: item("pk", "a", "sk", "s"),
			ConditionExpression: &condition, UpdateExpression: &update,
			ExpressionAttributeValues: item(":v", 1), ExpressionAttributeNames: map[string]string{"#n": "n"},
		})
		var failed smithy.APIError
		if err != nil {
			require.ErrorAs(t, err, &failed)
			assert.Less(t, httpStatus(err), http.StatusInternalServerError)
		}
		_, err = client.Query(t.Context(), &dynamodb.QueryInput{
			TableName: aws.String(table), KeyConditionExpression: &condition, FilterExpression: &condition,
			ExpressionAttributeValues: item(":v", 1), ExpressionAttributeNames: map[string]string{"#n": "n"},
		})
		if err != nil {
			require.ErrorAs(t, err, &failed)
		}
	})
}
