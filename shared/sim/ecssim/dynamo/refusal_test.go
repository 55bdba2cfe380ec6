package dynamo_test

import (
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"homeostat/shared/sim/ecssim/dynamo"
	"homeostat/shared/sim/ecssim/wire"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const tableRequest = `{
	"TableName": "homeostat", "BillingMode": "PAY_PER_REQUEST",
	"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "S"},
		{"AttributeName": "day", "AttributeType": "S"}, {"AttributeName": "at", "AttributeType": "S"}],
	"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
	"GlobalSecondaryIndexes": [{"IndexName": "by-time", "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["n"]},
		"KeySchema": [{"AttributeName": "day", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}]}],
	"LocalSecondaryIndexes": [{"IndexName": "local", "Projection": {"ProjectionType": "KEYS_ONLY"},
		"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}]}]
}`

// object reads a request.
func object(t testing.TB, text string) wire.Object {
	var out map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &out), text)
	return out
}

// newServer returns DynamoDB with the table of tableRequest.
func newServer(t testing.TB, c dynamo.Config) *wire.Server {
	db := dynamo.NewIn(c)
	_, err := db.Invoke("dynamodb", "CreateTable", object(t, tableRequest))
	require.NoError(t, err)
	return db
}

// call sends a request to the table and returns the answer.
func call(t testing.TB, db *wire.Server, operation, request string) (wire.Object, error) {
	in := wire.Object{"TableName": table}
	maps.Copy(in, object(t, request))
	return db.Invoke("dynamodb", operation, in)
}

// put1 stores an item with attributes of many types.
func put1(t testing.TB, db *wire.Server) {
	_, err := call(t, db, "PutItem", `{"Item": {"pk": {"S": "p"}, "sk": {"S": "s"}, "n": {"N": "5"}, "s": {"S": "x"},
		"l": {"L": [{"N": "0"}, {"N": "1"}, {"N": "2"}]}, "m": {"M": {"x": {"N": "1"}, "y": {"N": "2"}}},
		"day": {"S": "monday"}, "at": {"S": "12"}}}`)
	require.NoError(t, err)
}

// refused is a request with the code and a part of the message of its error.
type refused struct{ operation, request, code, message string }

func checkRefusals(t *testing.T, cases map[string]refused) {
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			db := newServer(t, dynamo.Config{})
			put1(t, db)
			_, err := call(t, db, c.operation, c.request)
			failed, ok := errors.AsType[*wire.Error](err)
			require.True(t, ok, "the request was accepted: %v", err)
			if c.code == "" {
				c.code = "ValidationException"
			}
			assert.Equal(t, c.code, failed.Code)
			assert.Contains(t, failed.Message, c.message)
		})
	}
}

// condition returns an UpdateItem request with a condition on its values :v and :w.
func condition(expression, values string) refused {
	return refused{operation: "UpdateItem", request: `{"Key": {"pk": {"S": "p"}, "sk": {"S": "s"}}, "UpdateExpression": "REMOVE gone",
		"ConditionExpression": "` + expression + `"` + values + `}`}
}

func (r refused) says(message string) refused {
	r.message = message
	return r
}

func TestAConditionIsRefusedBeforeItIsEvaluated(t *testing.T) {
	const numbers = `, "ExpressionAttributeValues": {":v": {"N": "5"}, ":w": {"N": "1"}}`
	const text, list = `, "ExpressionAttributeValues": {":v": {"S": "X"}}`, `, "ExpressionAttributeValues": {":v": {"L": []}}`
	checkRefusals(t, map[string]refused{
		"bounds are in order":              condition("n BETWEEN :v AND :w", numbers).says("upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:5}"),
		"parentheses are not doubled":      condition("((n = :v))", text).says("Invalid ConditionExpression: The expression has redundant parentheses;"),
		"an operand has no two pairs":      condition("((n)) = :v", text).says("redundant parentheses"),
		"a comparison needs an order":      condition("n < :v", list).says("operator or function: <, operand type: L"),
		"a text begins with a text":        condition("begins_with(n, :v)", list).says("operator or function: begins_with, operand type: L"),
		"a type has a name":                condition("attribute_type(n, :v)", text).says("Invalid attribute type name found; type: X"),
		"operands are distinct":            condition("n = n", "").says("first operand must be distinct"),
		"a function has its operands":      condition("attribute_exists(n, s)", "").says("Incorrect number of operands"),
		"a function is known":              condition("missing(n)", "").says("Invalid function name; function: missing"),
		"a function takes a path":          condition("attribute_exists(:v)", text).says("requires a document path"),
		"size is no condition":             condition("size(s)", "").says("not allowed to be used this way"),
		"a predicate is no operand":        condition("attribute_exists(n) = :v", text).says("not allowed to be used this way"),
		"a condition has an operator":      condition("n", "").says(`Syntax error; token: "<EOF>", near: "n"`),
		"the syntax error has its place":   condition("n ! :v", text).says(`token: "!", near: "n ! :v"`),
		"a condition is not empty":         condition("", "").says("Invalid ConditionExpression: The expression can not be empty;"),
		"size needs something with a size": condition("size(:v) = :w", numbers).says("operator or function: size, operand type: N"),
	})
}

func TestPlaceholdersAreChecked(t *testing.T) {
	const key = `{"Key": {"pk": {"S": "p"}, "sk": {"S": "s"}}, `
	checkRefusals(t, map[string]refused{
		"unused names are listed":           {"GetItem", key + `"ProjectionExpression": "n", "ExpressionAttributeNames": {"#a": "a", "#b": "b"}}`, "", "ExpressionAttributeNames unused in expressions: keys: {#a, #b}"},
		"writes count the errors":           condition("n = n.x", `, "ExpressionAttributeValues": {":v": {"N": "1"}}`).says("1 validation error detected: Value provided in ExpressionAttributeValues unused"),
		"names need an expression":          {"GetItem", key + `"ExpressionAttributeNames": {"#a": "a"}}`, "", "can only be specified when using expressions"},
		"names are not empty":               {"GetItem", key + `"ProjectionExpression": "n", "ExpressionAttributeNames": {}}`, "", "must not be empty"},
		"a value begins with a colon":       condition("n = n.x", `, "ExpressionAttributeValues": {"v": {"N": "1"}}`).says(`Syntax error; key: "v"`),
		"a projection names a part once":    {"GetItem", key + `"ProjectionExpression": "m.x, m"}`, "", "path one: [m, x], path two: [m]"},
		"a projection has no comma too few": {"GetItem", key + `"ProjectionExpression": "m n"}`, "", `Syntax error; token: "n", near: "m n"`},
	})
}

func TestAQueryIsRefused(t *testing.T) {
	query := func(condition, more string) refused {
		return refused{operation: "Query", request: `{"KeyConditionExpression": "` + condition + `", "ExpressionAttributeValues": {":p": {"S": "p"}}` + more + `}`}
	}
	checkRefusals(t, map[string]refused{
		"with a filter on the key":             query("pk = :p", `, "FilterExpression": "attribute_exists(sk)"`).says("can only contain non-primary key attributes: Primary key attribute: sk"),
		"with a filter on the key of an index": query("#d = :p", `, "IndexName": "by-time", "ExpressionAttributeNames": {"#d": "day", "#a": "at"}, "FilterExpression": "#a = :p"`).says("Primary key attribute: at"),
		"with an operator on the hash key":     query("pk > :p", "").says("Query key condition not supported"),
		"without the hash key":                 query("sk = :p", "").says("missed key schema element: pk"),
		"with another attribute":               query("pk = :p AND n = :p", "").says("missed key schema element: sk"),
		"with OR":                              query("pk = :p OR sk = :p", "").says("Invalid operator used in KeyConditionExpression: OR"),
		"with two conditions of one key":       query("pk = :p AND pk = :p", "").says("one condition per key"),
		"with two attributes in a condition":   query("pk = sk AND sk = :p", "").says("Multiple attribute names"),
		"of projected attributes of the table": query("pk = :p", `, "Select": "ALL_PROJECTED_ATTRIBUTES"`).says("only when Querying using an IndexName"),
		"of specific attributes without names": query("pk = :p", `, "Select": "SPECIFIC_ATTRIBUTES"`).says("Must specify the AttributesToGet or ProjectionExpression"),
		"of a count with names":                query("pk = :p", `, "Select": "COUNT", "ProjectionExpression": "n"`).says("to get only the Count"),
		"of all attributes with names":         query("pk = :p", `, "Select": "ALL_ATTRIBUTES", "ProjectionExpression": "n"`).says("to get ALL_ATTRIBUTES"),
		"of more than the index has":           query("#d = :p", `, "IndexName": "by-time", "ExpressionAttributeNames": {"#d": "day"}, "Select": "ALL_ATTRIBUTES"`).says("its projection type is not ALL"),
		"from a key of another partition":      query("pk = :p", `, "ExclusiveStartKey": {"pk": {"S": "q"}, "sk": {"S": "s"}}`).says("outside query boundaries"),
		"from a key outside of the condition":  query("pk = :p AND sk = :p", `, "ExclusiveStartKey": {"pk": {"S": "p"}, "sk": {"S": "s"}}`).says("does not match the range key predicate"),
		"consistently from a global index":     query("#d = :p", `, "IndexName": "by-time", "ExpressionAttributeNames": {"#d": "day"}, "ConsistentRead": true`).says("Consistent reads are not supported"),
	})
}

func TestAnItemIsRefused(t *testing.T) {
	put := func(attribute string) refused {
		return refused{operation: "PutItem", request: `{"Item": {"pk": {"S": "p"}, "sk": {"S": "s"}, ` + attribute + `}}`}
	}
	long := strings.Repeat("x", 2049)
	checkRefusals(t, map[string]refused{
		"with 39 digits":                  put(`"n": {"N": "` + strings.Repeat("1", 39) + `"}`).says("more than 38 significant digits"),
		"with a number too big":           put(`"n": {"N": "1e126"}`).says("Number overflow"),
		"with a number too small":         put(`"n": {"N": "-1e-131"}`).says("Number underflow"),
		"with no number":                  put(`"n": {"N": "1e"}`).says("cannot be converted to a numeric value: 1e"),
		"with a false NULL":               put(`"n": {"NULL": false}`).says("must have the value of true"),
		"with an empty set":               put(`"n": {"NS": []}`).says("1 validation error detected: One or more parameter values were invalid: An number set  may not be empty"),
		"with an element twice":           put(`"n": {"SS": ["a", "a"]}`).says("Input collection [a, a] contains duplicates."),
		"with an empty key of an index":   put(`"day": {"S": ""}`).says("IndexName: by-time, IndexKey: day"),
		"with a number in an index":       put(`"day": {"N": "1"}`).says("Type mismatch for Index Key day Expected: S Actual: N IndexName: by-time"),
		"with a long key":                 {"PutItem", `{"Item": {"pk": {"S": "` + long + `"}, "sk": {"S": "s"}}}`, "", "Size of hashkey has exceeded"},
		"with a long sort key":            {"PutItem", `{"Item": {"pk": {"S": "p"}, "sk": {"S": "` + long + `"}}}`, "", "Aggregated size of all range keys"},
		"without a key":                   {"PutItem", `{"Item": {"pk": {"S": "p"}}}`, "", "Missing the key sk in the item"},
		"with a key of another type":      {"PutItem", `{"Item": {"pk": {"N": "1"}, "sk": {"S": "s"}}}`, "", "Type mismatch for key pk expected: S actual: N"},
		"with an answer that PutItem has": {"PutItem", `{"Item": {"pk": {"S": "p"}, "sk": {"S": "s"}}, "ReturnValues": "ALL_NEW"}`, "", "can only be ALL_OLD or NONE"},
	})
}

func TestAnUpdateIsRefused(t *testing.T) {
	update := func(expression, values string) refused {
		return refused{operation: "UpdateItem", request: `{"Key": {"pk": {"S": "p"}, "sk": {"S": "s"}}, "UpdateExpression": "` + expression + `"` + values + `}`}
	}
	const number = `, "ExpressionAttributeValues": {":v": {"N": "1"}}`
	big := `, "ExpressionAttributeValues": {":v": {"N": "1e125"}, ":w": {"N": "9e125"}}`
	checkRefusals(t, map[string]refused{
		"paths do not overlap":                update("SET m.x = :v, m = :v", number).says("path one: [m, x], path two: [m]"),
		"an attribute is no list and no map":  update("SET m.x = :v, m[0] = :v", number).says("Two document paths conflict"),
		"ADD takes a number or a set":         update("ADD n :v", `, "ExpressionAttributeValues": {":v": {"S": "x"}}`).says("operator: ADD, operand type: STRING"),
		"DELETE takes a set":                  update("DELETE n :v", number).says("operator: DELETE, operand type: NUMBER"),
		"ADD takes a placeholder":             update("ADD n m", "").says("Syntax error; token: \"m\""),
		"a list is appended to a list":        update("SET l = list_append(l, :v)", number).says("operator or function: list_append, operand type: N"),
		"a sum is in range":                   update("SET n = :v + :w", big).says("Number overflow"),
		"a sum is exact":                      update("SET n = :v + n", big[:strings.Index(big, `, ":w"`)]+"}").says("Number overflow"),
		"a condition function is not for SET": update("SET n = size(s)", "").says("Invalid function name; function: size"),
		"an element of another kind is wrong": update("ADD s :v", number).says("incorrect data type"),
	})
}

func TestATransactionSaysWhichUpdateIsInvalid(t *testing.T) {
	db := newServer(t, dynamo.Config{})
	put1(t, db)
	_, err := call(t, db, "TransactWriteItems", `{"TransactItems": [
		{"Put": {"TableName": "homeostat", "Item": {"pk": {"S": "p"}, "sk": {"S": "new"}}}},
		{"Update": {"TableName": "homeostat", "Key": {"pk": {"S": "p"}, "sk": {"S": "s"}}, "UpdateExpression": "SET gone.x = :v", "ExpressionAttributeValues": {":v": {"N": "1"}}}},
		{"Delete": {"TableName": "homeostat", "Key": {"pk": {"S": "p"}}}}]}`)
	failed, ok := errors.AsType[*wire.Error](err)
	require.True(t, ok, err)
	assert.Equal(t, "TransactionCanceledException", failed.Code)
	assert.Contains(t, failed.Message, "[None, ValidationError, ValidationError]")
	reasons := failed.Fields["CancellationReasons"].([]wire.Object)
	assert.Equal(t, "The document path provided in the update expression is invalid for update", reasons[1].String("Message"))
	out, err := call(t, db, "GetItem", `{"Key": {"pk": {"S": "p"}, "sk": {"S": "new"}}}`)
	require.NoError(t, err)
	assert.Empty(t, out, "nothing is written")
}

func TestATransactionWithASyntaxErrorIsRefusedAsAWhole(t *testing.T) {
	entry := func(kind, more string) refused {
		return refused{operation: "TransactWriteItems", request: `{"TransactItems": [{"` + kind + `": {"TableName": "homeostat", ` + more + `}}]}`}
	}
	const key = `"Key": {"pk": {"S": "p"}, "sk": {"S": "s"}}`
	checkRefusals(t, map[string]refused{
		"a section twice":    entry("Update", key+`, "UpdateExpression": "REMOVE a REMOVE b"`).says(`The "REMOVE" section can only be used once`),
		"an unused name":     entry("Delete", key+`, "ConditionExpression": "attribute_exists(n)", "ExpressionAttributeNames": {"#a": "a"}`).says("unused in expressions: keys: {#a}"),
		"an empty key":       entry("Delete", `"Key": {"pk": {"S": ""}, "sk": {"S": "s"}}`).says("cannot contain an empty string value. Key: pk"),
		"an empty index key": entry("Put", `"Item": {"pk": {"S": "p"}, "sk": {"S": "s"}, "at": {"S": ""}}`).says("IndexKey: at"),
		"no action":          entry("Other", key).says("should contain Delete or Put or Update"),
		"no table": {
			"TransactWriteItems", `{"TransactItems": [{"Delete": {"TableName": "none", "Key": {"pk": {"S": "p"}}}}]}`,
			"ResourceNotFoundException", "Requested resource not found",
		},
	})
}

func TestAnItemOfAnotherTransactionIsInConflict(t *testing.T) {
	busy := false
	db := newServer(t, dynamo.Config{Busy: func(name string, key wire.Object) bool {
		return busy && name == table && key.Object("sk").String("S") == "s"
	}})
	put1(t, db)
	busy = true
	_, err := call(t, db, "UpdateItem", `{"Key": {"pk": {"S": "p"}, "sk": {"S": "s"}}, "UpdateExpression": "REMOVE n"}`)
	require.ErrorContains(t, err, "TransactionConflictException: Transaction is ongoing for the item")
	_, err = call(t, db, "TransactWriteItems", `{"TransactItems": [
		{"Delete": {"TableName": "homeostat", "Key": {"pk": {"S": "p"}, "sk": {"S": "other"}}}},
		{"Delete": {"TableName": "homeostat", "Key": {"pk": {"S": "p"}, "sk": {"S": "s"}}}}]}`)
	require.ErrorContains(t, err, "TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for specific reasons [None, TransactionConflict]")
	_, err = call(t, db, "TransactGetItems", `{"TransactItems": [{"Get": {"TableName": "homeostat", "Key": {"pk": {"S": "p"}, "sk": {"S": "s"}}}}]}`)
	require.ErrorContains(t, err, "[TransactionConflict]")
	out, err := call(t, db, "GetItem", `{"Key": {"pk": {"S": "p"}, "sk": {"S": "s"}}}`)
	require.NoError(t, err, "a read has no conflict")
	assert.Equal(t, map[string]any{"N": "5"}, out.Object("Item")["n"])
}

func TestTablesHaveTheirDatesFromTheClock(t *testing.T) {
	at := time.Date(2026, 1, 5, 6, 0, 0, 0, time.UTC)
	out, err := call(t, newServer(t, dynamo.Config{Region: "eu-central-1", Now: func() time.Time { return at }}), "DescribeTable", `{}`)
	require.NoError(t, err)
	described := out.Object("Table")
	created, _ := described.Time("CreationDateTime")
	assert.Equal(t, at, created)
	assert.Equal(t, "arn:aws:dynamodb:eu-central-1:123456789012:table/homeostat", described.String("TableArn"))
	out, err = call(t, newServer(t, dynamo.Config{}), "DescribeTable", `{}`)
	require.NoError(t, err)
	assert.False(t, out.Object("Table").Has("CreationDateTime"), "no clock has no date")
}
