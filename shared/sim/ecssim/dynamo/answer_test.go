package dynamo_test

import (
	"fmt"
	"testing"

	"homeostat/shared/sim/ecssim/dynamo"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOnlyTheUpdatedPartsAreReturned(t *testing.T) {
	for name, c := range map[string]struct{ expression, values, want, attributes string }{
		"a member of a map":     {"SET m.x = :v", `{":v": {"N": "7"}}`, "UPDATED_NEW", `{"m": {"M": {"x": {"N": "7"}}}}`},
		"the old member":        {"SET m.x = :v", `{":v": {"N": "7"}}`, "UPDATED_OLD", `{"m": {"M": {"x": {"N": "1"}}}}`},
		"an element of a list":  {"SET l[1] = :v", `{":v": {"N": "7"}}`, "UPDATED_NEW", `{"l": {"L": [{"N": "7"}]}}`},
		"elements in order":     {"SET l[2] = :v, l[0] = :v", `{":v": {"N": "7"}}`, "UPDATED_OLD", `{"l": {"L": [{"N": "0"}, {"N": "2"}]}}`},
		"a new attribute":       {"SET k = :v", `{":v": {"N": "7"}}`, "UPDATED_OLD", `null`},
		"a removed attribute":   {"REMOVE n, m.y SET s = :v", `{":v": {"S": "y"}}`, "UPDATED_NEW", `{"s": {"S": "y"}}`},
		"an element at the end": {"SET l[9] = :v", `{":v": {"N": "7"}}`, "UPDATED_NEW", `null`},
	} {
		t.Run(name, func(t *testing.T) {
			db := newServer(t, dynamo.Config{})
			put1(t, db)
			out, err := call(t, db, "UpdateItem", fmt.Sprintf(`{"Key": {"pk": {"S": "p"}, "sk": {"S": "s"}}, "UpdateExpression": "%s",
				"ExpressionAttributeValues": %s, "ReturnValues": "%s"}`, c.expression, c.values, c.want))
			require.NoError(t, err)
			assert.JSONEq(t, c.attributes, text(t, out["Attributes"]))
		})
	}
}

func TestAProjectionKeepsTheOrderOfLists(t *testing.T) {
	db := newServer(t, dynamo.Config{})
	put1(t, db)
	out, err := call(t, db, "GetItem", `{"Key": {"pk": {"S": "p"}, "sk": {"S": "s"}}, "ProjectionExpression": "l[2], l[0], m.y, m.z, nowhere.x"}`)
	require.NoError(t, err)
	assert.JSONEq(t, `{"l": {"L": [{"N": "0"}, {"N": "2"}]}, "m": {"M": {"y": {"N": "2"}}}}`, text(t, out["Item"]))
}

func TestANumberHasOneForm(t *testing.T) {
	db := newServer(t, dynamo.Config{})
	for given, stored := range map[string]string{
		"007": "7", "-0": "0", "1.50": "1.5", "1e2": "100", ".5": "0.5", "5.": "5", "12e-1": "1.2", "+3": "3", "0.000": "0", "123e-5": "0.00123",
		"99999999999999999999999999999999999999": "99999999999999999999999999999999999999",
	} {
		_, err := call(t, db, "PutItem", `{"Item": {"pk": {"S": "p"}, "sk": {"S": "n"}, "n": {"N": "`+given+`"}}}`)
		require.NoError(t, err, given)
		out, err := call(t, db, "GetItem", `{"Key": {"pk": {"S": "p"}, "sk": {"S": "n"}}, "ProjectionExpression": "n"}`)
		require.NoError(t, err)
		assert.JSONEq(t, `{"n": {"N": "`+stored+`"}}`, text(t, out["Item"]), given)
	}
}

func TestALocalIndexReadsWhatItLacks(t *testing.T) {
	db := newServer(t, dynamo.Config{})
	put1(t, db)
	query := func(more string) string {
		out, err := call(t, db, "Query", `{"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "p"}}, "IndexName": "local"`+more+`}`)
		require.NoError(t, err)
		return text(t, out["Items"])
	}
	assert.JSONEq(t, `[{"pk": {"S": "p"}, "sk": {"S": "s"}, "at": {"S": "12"}}]`, query(`, "ConsistentRead": true`))
	assert.JSONEq(t, `[{"n": {"N": "5"}}]`, query(`, "ProjectionExpression": "n"`))
	assert.Contains(t, query(`, "Select": "ALL_ATTRIBUTES"`), `"m":`)
	out, err := call(t, db, "Query", `{"IndexName": "by-time", "KeyConditionExpression": "#d = :d", "ExpressionAttributeNames": {"#d": "day"}, "ExpressionAttributeValues": {":d": {"S": "monday"}}}`)
	require.NoError(t, err)
	assert.JSONEq(t, `[{"pk": {"S": "p"}, "sk": {"S": "s"}, "day": {"S": "monday"}, "at": {"S": "12"}, "n": {"N": "5"}}]`, text(t, out["Items"]))
}

func TestAKeyConditionMayBeTurnedRound(t *testing.T) {
	db := newServer(t, dynamo.Config{})
	put1(t, db)
	out, err := call(t, db, "Query", `{"KeyConditionExpression": "(:p = pk) AND (:s < sk)", "ExpressionAttributeValues": {":p": {"S": "p"}, ":s": {"S": "a"}}, "Select": "COUNT"}`)
	require.NoError(t, err)
	assert.Equal(t, 1, out["Count"])
	assert.False(t, out.Has("Items"))
}

func TestTheSegmentsOfAScanShareTheItems(t *testing.T) {
	db := newServer(t, dynamo.Config{})
	for n := range 20 {
		_, err := call(t, db, "PutItem", fmt.Sprintf(`{"Item": {"pk": {"S": "p%d"}, "sk": {"S": "s"}}}`, n))
		require.NoError(t, err)
	}
	seen := map[string]bool{}
	for segment := range 3 {
		out, err := call(t, db, "Scan", fmt.Sprintf(`{"Segment": %d, "TotalSegments": 3}`, segment))
		require.NoError(t, err)
		for _, found := range out["Items"].([]any) {
			seen[text(t, found)] = true
		}
		assert.Less(t, out["Count"], 20)
	}
	assert.Len(t, seen, 20)
	checkRefusals(t, map[string]refused{
		"a segment of none":     {"Scan", `{"Segment": 0}`, "", "The TotalSegments parameter is required"},
		"segments without one":  {"Scan", `{"TotalSegments": 2}`, "", "The Segment parameter is required"},
		"a segment too far out": {"Scan", `{"Segment": 2, "TotalSegments": 2}`, "", "Segment: 2 is not less than TotalSegments: 2"},
	})
}

func TestABatchIsRefusedAsAWhole(t *testing.T) {
	key := func(n int) string { return fmt.Sprintf(`{"pk": {"S": "p"}, "sk": {"S": "%d"}}`, n) }
	keys := key(0)
	for n := range 100 {
		keys += ", " + key(n+1)
	}
	request := func(operation, entries string) refused {
		return refused{operation: operation, request: `{"RequestItems": {"homeostat": ` + entries + `}}`}
	}
	checkRefusals(t, map[string]refused{
		"a key twice to read":  request("BatchGetItem", `{"Keys": [`+key(1)+`, `+key(1)+`]}`).says("Provided list of item keys contains duplicates"),
		"a key twice to write": request("BatchWriteItem", `[{"DeleteRequest": {"Key": `+key(1)+`}}, {"PutRequest": {"Item": `+key(1)+`}}]`).says("contains duplicates"),
		"101 keys":             request("BatchGetItem", `{"Keys": [`+keys+`]}`).says("at 'requestItems.homeostat.member.keys' failed to satisfy constraint: Member must have length less than or equal to 100"),
		"an empty request":     request("BatchWriteItem", `[{}]`).says("must contain exactly one"),
	})
}
