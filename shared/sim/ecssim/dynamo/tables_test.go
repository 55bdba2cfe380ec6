package dynamo_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"homeostat/shared/sim/ecssim/dynamo"
	"homeostat/shared/sim/ecssim/wire"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// text returns an answer as JSON.
func text(t testing.TB, out any) string {
	raw, err := json.Marshal(out)
	require.NoError(t, err)
	return string(raw)
}

// tableWith returns tableRequest for another table, with a change.
func tableWith(from, to string) refused {
	request := strings.Replace(tableRequest, `"homeostat"`, `"other"`, 1)
	return refused{operation: "CreateTable", request: strings.Replace(request, from, to, 1)}
}

func TestATableIsRefused(t *testing.T) {
	const mode, unused = `"BillingMode": "PAY_PER_REQUEST"`, `{"AttributeName": "unused", "AttributeType": "S"}, {"AttributeName": "pk"`
	const throughput = `"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}`
	checkRefusals(t, map[string]refused{
		"with an unused attribute definition": tableWith(`{"AttributeName": "pk"`, unused).says("AttributeDefinitions: [unused, pk, sk, day, at], keys used: [pk, sk, day, at]"),
		"without a throughput":                tableWith(mode, `"BillingMode": "PROVISIONED"`).says("must both be specified when BillingMode is PROVISIONED"),
		"with a throughput on demand":         tableWith(mode, mode+", "+throughput).says("can be specified when BillingMode is PAY_PER_REQUEST"),
		"with an undefined key":               tableWith(`"AttributeName": "day", "KeyType"`, `"AttributeName": "none", "KeyType"`).says("Keys: [none, at], AttributeDefinitions: [pk, sk, day, at]"),
		"with a range key first":              tableWith(`"KeyType": "HASH"}, {"AttributeName": "sk"`, `"KeyType": "RANGE"}, {"AttributeName": "sk"`).says("first KeySchemaElement is not a HASH key type"),
		"with one name in both keys":          tableWith(`"sk", "KeyType"`, `"pk", "KeyType"`).says("have the same name"),
		"with an index twice":                 tableWith(`"local"`, `"by-time"`).says("Duplicate index name: by-time"),
		"with an index of no projection":      tableWith(`{"ProjectionType": "KEYS_ONLY"}`, `{}`).says("Unknown ProjectionType: null"),
		"with attributes beside ALL":          tableWith(`"INCLUDE"`, `"ALL"`).says("ProjectionType is ALL, but NonKeyAttributes is specified"),
		"with INCLUDE of nothing":             tableWith(`"KEYS_ONLY"`, `"INCLUDE"`).says("NonKeyAttributes is not specified"),
		"with another key in a local index":   tableWith(`"pk", "KeyType": "HASH"}, {"AttributeName": "at"`, `"day", "KeyType": "HASH"}, {"AttributeName": "at"`).says("does not have the same leading hash key"),
		"with an index throughput on demand":  tableWith(`"IndexName": "by-time"`, `"IndexName": "by-time", `+throughput).says("should not be specified for index: by-time"),
		"with little warm throughput":         tableWith(mode, mode+`, "WarmThroughput": {"ReadUnitsPerSecond": 11999}`).says("Requested ReadUnitsPerSecond for WarmThroughput for table is lower"),
		"with a stream":                       tableWith(mode, mode+`, "StreamSpecification": {"StreamEnabled": true}`).says("does not model the member StreamSpecification"),
		"with a name of two characters":       {"CreateTable", strings.Replace(tableRequest, `"homeostat"`, `"ab"`, 1), "ValidationException", "TableName must be at least 3 characters long"},
		"that is there":                       {"CreateTable", tableRequest, "ResourceInUseException", "Table already exists: homeostat"},
	})
}

func TestADescriptionCountsItemsAndBytes(t *testing.T) {
	db := newServer(t, dynamo.Config{})
	put1(t, db)
	out, err := call(t, db, "DescribeTable", `{}`)
	require.NoError(t, err)
	described := out.Object("Table")
	items, _ := described.Int("ItemCount")
	assert.Equal(t, 1, items)
	size, _ := described.Int("TableSizeBytes")
	assert.Positive(t, size)
	assert.Equal(t, "PAY_PER_REQUEST", described.Object("BillingModeSummary").String("BillingMode"))
	assert.JSONEq(t, `{"NumberOfDecreasesToday": 0, "ReadCapacityUnits": 0, "WriteCapacityUnits": 0}`, text(t, described["ProvisionedThroughput"]))
	global := described.Objects("GlobalSecondaryIndexes")[0]
	assert.Equal(t, described.String("TableArn")+"/index/by-time", global.String("IndexArn"))
	items, _ = global.Int("ItemCount")
	assert.Equal(t, 1, items)
	assert.False(t, described.Objects("LocalSecondaryIndexes")[0].Has("IndexStatus"), "a local index has no status")
}

func TestUpdateTableChangesATableAtOnce(t *testing.T) {
	db := newServer(t, dynamo.Config{})
	put1(t, db)
	update := func(request string) (wire.Object, error) {
		out, err := call(t, db, "UpdateTable", request)
		return out.Object("TableDescription"), err
	}
	out, err := update(`{"BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4}}`)
	require.NoError(t, err)
	assert.Equal(t, "PROVISIONED", out.Object("BillingModeSummary").String("BillingMode"))
	_, err = update(`{"ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4}}`)
	require.ErrorContains(t, err, "will not change")
	out, err = update(`{"AttributeDefinitions": [{"AttributeName": "s", "AttributeType": "S"}], "GlobalSecondaryIndexUpdates": [
		{"Create": {"IndexName": "by-s", "KeySchema": [{"AttributeName": "s", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}},
		{"Delete": {"IndexName": "by-time"}}]}`)
	require.NoError(t, err)
	assert.Len(t, out.Objects("GlobalSecondaryIndexes"), 1)
	assert.JSONEq(t, `[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"S"},{"AttributeName":"at","AttributeType":"S"},{"AttributeName":"s","AttributeType":"S"}]`, text(t, out["AttributeDefinitions"]))
	found, err := call(t, db, "Query", `{"IndexName": "by-s", "KeyConditionExpression": "s = :s", "ExpressionAttributeValues": {":s": {"S": "x"}}}`)
	require.NoError(t, err)
	assert.Equal(t, 1, found["Count"], "a new index has the items of the table")
	_, err = update(`{"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "none"}}]}`)
	require.ErrorContains(t, err, "ResourceNotFoundException")
	_, err = update(`{"DeletionProtectionEnabled": true}`)
	require.NoError(t, err)
	_, err = call(t, db, "DeleteTable", `{}`)
	require.ErrorContains(t, err, "can't be deleted while DeletionProtectionEnabled is set to True")
}

func TestTagsAreListedInPages(t *testing.T) {
	db := newServer(t, dynamo.Config{})
	const arn = `"ResourceArn": "arn:aws:dynamodb:us-east-1:123456789012:table/homeostat"`
	for n := range 11 {
		_, err := db.Invoke("dynamodb", "TagResource", object(t, fmt.Sprintf(`{%s, "Tags": [{"Key": "k%d", "Value": "v"}, {"Key": "k0", "Value": "w"}]}`, arn, n)))
		require.NoError(t, err)
	}
	first, err := db.Invoke("dynamodb", "ListTagsOfResource", object(t, "{"+arn+"}"))
	require.NoError(t, err)
	assert.Len(t, first.Objects("Tags"), 10)
	assert.Equal(t, "w", first.Objects("Tags")[0].String("Value"), "a tag is replaced")
	rest, err := db.Invoke("dynamodb", "ListTagsOfResource", object(t, `{`+arn+`, "NextToken": "`+first.String("NextToken")+`"}`))
	require.NoError(t, err)
	assert.Len(t, rest.Objects("Tags"), 1)
	assert.False(t, rest.Has("NextToken"))
	_, err = db.Invoke("dynamodb", "UntagResource", object(t, `{`+arn+`, "TagKeys": ["k0", "k10"]}`))
	require.NoError(t, err)
	left, err := db.Invoke("dynamodb", "ListTagsOfResource", object(t, "{"+arn+"}"))
	require.NoError(t, err)
	assert.Len(t, left.Objects("Tags"), 9)
	_, err = db.Invoke("dynamodb", "ListTagsOfResource", object(t, `{"ResourceArn": "none"}`))
	require.ErrorContains(t, err, "ResourceNotFoundException")
}

func TestTablesAreListedInPages(t *testing.T) {
	db := newServer(t, dynamo.Config{})
	_, err := db.Invoke("dynamodb", "CreateTable", object(t, strings.Replace(tableRequest, `"homeostat"`, `"zebra"`, 1)))
	require.NoError(t, err)
	out, err := db.Invoke("dynamodb", "ListTables", object(t, `{"Limit": 1}`))
	require.NoError(t, err)
	assert.JSONEq(t, `{"TableNames": ["homeostat"], "LastEvaluatedTableName": "homeostat"}`, text(t, out))
	out, err = db.Invoke("dynamodb", "ListTables", object(t, `{"ExclusiveStartTableName": "homeostat"}`))
	require.NoError(t, err)
	assert.JSONEq(t, `{"TableNames": ["zebra"]}`, text(t, out))
}

func TestSettingsAreKept(t *testing.T) {
	db := newServer(t, dynamo.Config{})
	expiry := func(name, enabled string) error {
		_, err := call(t, db, "UpdateTimeToLive", `{"TimeToLiveSpecification": {"AttributeName": "`+name+`", "Enabled": `+enabled+`}}`)
		return err
	}
	require.ErrorContains(t, expiry("n", "false"), "TimeToLive is already disabled")
	require.NoError(t, expiry("n", "true"))
	require.ErrorContains(t, expiry("n", "true"), "TimeToLive is already enabled")
	require.ErrorContains(t, expiry("m", "false"), "active on a different AttributeName: current AttributeName is n")
	require.NoError(t, expiry("n", "false"))
	out, err := call(t, db, "UpdateContinuousBackups", `{"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true}}`)
	require.NoError(t, err)
	assert.Contains(t, text(t, out), `"RecoveryPeriodInDays":35`)
	out, err = call(t, db, "DescribeContinuousBackups", `{"TableName": "homeostat"}`)
	require.NoError(t, err)
	assert.Contains(t, text(t, out), `"PointInTimeRecoveryStatus":"ENABLED"`)
	out, err = db.Invoke("dynamodb", "DescribeLimits", wire.Object{})
	require.NoError(t, err)
	assert.Equal(t, 40_000, out["TableMaxReadCapacityUnits"])
}

func TestAGlobalIndexHasKeysOfSeveralAttributes(t *testing.T) {
	db := dynamo.New()
	_, err := db.Invoke("dynamodb", "CreateTable", object(t, `{"TableName": "homeostat", "BillingMode": "PAY_PER_REQUEST",
		"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "a", "AttributeType": "S"},
			{"AttributeName": "b", "AttributeType": "S"}, {"AttributeName": "c", "AttributeType": "N"}, {"AttributeName": "d", "AttributeType": "N"}],
		"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
		"GlobalSecondaryIndexes": [{"IndexName": "many", "Projection": {"ProjectionType": "KEYS_ONLY"}, "KeySchema": [
			{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "HASH"},
			{"AttributeName": "c", "KeyType": "RANGE"}, {"AttributeName": "d", "KeyType": "RANGE"}]}]}`))
	require.NoError(t, err)
	for n, rest := range []string{`"c": {"N": "2"}, "d": {"N": "1"}`, `"c": {"N": "1"}, "d": {"N": "30"}`, `"c": {"N": "1"}, "d": {"N": "4"}`, `"c": {"N": "1"}`} {
		_, err := call(t, db, "PutItem", fmt.Sprintf(`{"Item": {"pk": {"S": "p%d"}, "a": {"S": "x"}, "b": {"S": "y"}, %s}}`, n, rest))
		require.NoError(t, err)
	}
	query := func(condition, more string) (keys []string, err error) {
		out, err := call(t, db, "Query", `{"IndexName": "many", "KeyConditionExpression": "`+condition+`", "ExpressionAttributeValues": {":a": {"S": "x"}, ":b": {"S": "y"}`+more+`}}`)
		if err != nil {
			return nil, err
		}
		for _, found := range out["Items"].([]any) {
			keys = append(keys, wire.Object(found.(map[string]any)).Object("pk").String("S"))
		}
		return keys, nil
	}
	keys, err := query("a = :a AND b = :b", "")
	require.NoError(t, err)
	assert.Equal(t, []string{"p2", "p1", "p0"}, keys, "ordered by all range attributes, without the item that lacks one")
	keys, err = query("a = :a AND b = :b AND c = :c AND d > :d", `, ":c": {"N": "1"}, ":d": {"N": "5"}`)
	require.NoError(t, err)
	assert.Equal(t, []string{"p1"}, keys)
	_, err = query("a = :a AND b = :b AND d > :d", `, ":d": {"N": "5"}`)
	require.ErrorContains(t, err, "missed key schema element: c", "no gap")
	_, err = query("a = :a AND b = :b AND c > :c AND d = :c", `, ":c": {"N": "1"}`)
	require.ErrorContains(t, err, "Query key condition not supported", "an order is for the last one")
	_, err = query("a = :a AND a = :b", "")
	require.ErrorContains(t, err, "one condition per key")
}
