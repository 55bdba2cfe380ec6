package dynamo_test

import (
	"testing"

	"homeostat/shared/sim/ecssim/dynamo"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheParametersFromBeforeExpressionsStillUpdate(t *testing.T) {
	for name, c := range map[string]struct{ updates, want string }{
		"PUT sets an attribute":     {`{"n": {"Value": {"N": "7"}, "Action": "PUT"}}`, `{"n": {"N": "7"}}`},
		"no action is PUT":          {`{"name": {"Value": {"S": "x"}}}`, `{"name": {"S": "x"}}`},
		"ADD adds to a number":      {`{"n": {"Value": {"N": "2"}, "Action": "ADD"}}`, `{"n": {"N": "7"}}`},
		"ADD appends to a list":     {`{"l": {"Value": {"L": [{"N": "9"}]}, "Action": "ADD"}}`, `{"l": {"L": [{"N": "0"}, {"N": "1"}, {"N": "2"}, {"N": "9"}]}}`},
		"ADD makes a list":          {`{"new": {"Value": {"L": [{"N": "9"}]}, "Action": "ADD"}}`, `{"new": {"L": [{"N": "9"}]}}`},
		"DELETE removes":            {`{"n": {"Action": "DELETE"}, "k": {"Value": {"BOOL": true}}}`, `{"k": {"BOOL": true}}`},
		"DELETE takes from a set":   {`{"k": {"Value": {"SS": ["a"]}, "Action": "DELETE"}, "n": {"Value": {"N": "1"}}}`, `{"n": {"N": "1"}}`},
		"a dot is part of the name": {`{"m.x": {"Value": {"N": "1"}}}`, `{"m.x": {"N": "1"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			db := newServer(t, dynamo.Config{})
			put1(t, db)
			out, err := call(t, db, "UpdateItem", `{"Key": {"pk": {"S": "p"}, "sk": {"S": "s"}}, "ReturnValues": "UPDATED_NEW", "AttributeUpdates": `+c.updates+`}`)
			require.NoError(t, err)
			assert.JSONEq(t, c.want, text(t, out["Attributes"]))
		})
	}
}

func TestTheParametersFromBeforeExpressionsStillCompare(t *testing.T) {
	for name, c := range map[string]struct {
		expected string
		holds    bool
	}{
		"a value":               {`{"n": {"Value": {"N": "5"}}}`, true},
		"another value":         {`{"n": {"Value": {"N": "6"}}}`, false},
		"no attribute":          {`{"none": {"Exists": false}}`, true},
		"an attribute":          {`{"n": {"Exists": false}}`, false},
		"NULL":                  {`{"none": {"ComparisonOperator": "NULL"}}`, true},
		"NOT_NULL":              {`{"none": {"ComparisonOperator": "NOT_NULL"}}`, false},
		"an order":              {`{"n": {"ComparisonOperator": "GE", "AttributeValueList": [{"N": "5"}]}}`, true},
		"bounds":                {`{"n": {"ComparisonOperator": "BETWEEN", "AttributeValueList": [{"N": "6"}, {"N": "9"}]}}`, false},
		"a list":                {`{"n": {"ComparisonOperator": "IN", "AttributeValueList": [{"N": "4"}, {"N": "5"}]}}`, true},
		"no part":               {`{"s": {"ComparisonOperator": "NOT_CONTAINS", "AttributeValueList": [{"S": "x"}]}}`, false},
		"a beginning":           {`{"s": {"ComparisonOperator": "BEGINS_WITH", "AttributeValueList": [{"S": "x"}]}}`, true},
		"both":                  {`{"n": {"Value": {"N": "5"}}, "s": {"Value": {"S": "y"}}}`, false},
		"one with the operator": {`{"n": {"Value": {"N": "5"}}, "s": {"Value": {"S": "y"}}}, "ConditionalOperator": "OR"`, true},
	} {
		t.Run(name, func(t *testing.T) {
			db := newServer(t, dynamo.Config{})
			put1(t, db)
			_, err := call(t, db, "DeleteItem", `{"Key": {"pk": {"S": "p"}, "sk": {"S": "s"}}, "Expected": `+c.expected+`}`)
			if c.holds {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, "ConditionalCheckFailedException")
			}
		})
	}
}

func TestTheParametersFromBeforeExpressionsStillQuery(t *testing.T) {
	db := newServer(t, dynamo.Config{})
	put1(t, db)
	const keys = `"KeyConditions": {"pk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "p"}]}, "sk": {"ComparisonOperator": "BEGINS_WITH", "AttributeValueList": [{"S": "s"}]}}`
	out, err := call(t, db, "Query", `{`+keys+`, "QueryFilter": {"n": {"ComparisonOperator": "LT", "AttributeValueList": [{"N": "9"}]}}, "AttributesToGet": ["n", "none"]}`)
	require.NoError(t, err)
	assert.JSONEq(t, `[{"n": {"N": "5"}}]`, text(t, out["Items"]))
	out, err = call(t, db, "Scan", `{"ScanFilter": {"n": {"ComparisonOperator": "EQ", "AttributeValueList": [{"N": "6"}]}}}`)
	require.NoError(t, err)
	assert.Equal(t, 0, out["Count"])
	out, err = call(t, db, "GetItem", `{"Key": {"pk": {"S": "p"}, "sk": {"S": "s"}}, "AttributesToGet": ["s"]}`)
	require.NoError(t, err)
	assert.JSONEq(t, `{"s": {"S": "x"}}`, text(t, out["Item"]))
}

func TestTheParametersFromBeforeExpressionsAreChecked(t *testing.T) {
	update := func(updates string) refused {
		return refused{operation: "UpdateItem", request: `{"Key": {"pk": {"S": "p"}, "sk": {"S": "s"}}, "AttributeUpdates": ` + updates + `}`}
	}
	remove := func(expected string) refused {
		return refused{operation: "DeleteItem", request: `{"Key": {"pk": {"S": "p"}, "sk": {"S": "s"}}, "Expected": ` + expected + `}`}
	}
	checkRefusals(t, map[string]refused{
		"not beside expressions":         update(`{"n": {"Value": {"N": "1"}}}, "ConditionExpression": "attribute_exists(n)"`).says("Non-expression parameters: {AttributeUpdates} Expression parameters: {ConditionExpression}"),
		"a value is needed to PUT":       update(`{"n": {"Action": "PUT"}}`).says("Only DELETE action is allowed when no attribute value is specified"),
		"ADD takes no text":              update(`{"s": {"Action": "ADD", "Value": {"S": "x"}}}`).says("ADD action is not supported for the type S"),
		"DELETE takes no number":         update(`{"n": {"Action": "DELETE", "Value": {"N": "1"}}}`).says("DELETE action with value is not supported for the type N"),
		"a key is not updated":           update(`{"sk": {"Value": {"S": "x"}}}`).says("part of the key"),
		"an operator has its values":     remove(`{"n": {"ComparisonOperator": "BETWEEN", "AttributeValueList": [{"N": "1"}]}}`).says("Invalid number of argument(s) for the BETWEEN ComparisonOperator"),
		"the values are of one type":     remove(`{"n": {"ComparisonOperator": "IN", "AttributeValueList": [{"N": "1"}, {"S": "x"}]}}`).says("must be of same type"),
		"an order has values in order":   remove(`{"n": {"ComparisonOperator": "BETWEEN", "AttributeValueList": [{"N": "2"}, {"N": "1"}]}}`).says("lower bound is greater than the upper bound"),
		"a comparison has an order":      remove(`{"n": {"ComparisonOperator": "LT", "AttributeValueList": [{"BOOL": true}]}}`).says("ComparisonOperator LT is not valid for BOOL AttributeValue type"),
		"a missing attribute has none":   remove(`{"n": {"Exists": false, "Value": {"N": "1"}}}`).says("Value cannot be used when Exists is false for Attribute: n"),
		"an expected one has a value":    remove(`{"n": {"Exists": true}}`).says("Value must be provided when Exists is true for Attribute: n"),
		"an attribute is projected once": {"Scan", `{"AttributesToGet": ["n", "n"]}`, "", "Duplicate value in attribute name: n"},
		"a filter is not for keys": {"Query", `{"KeyConditions": {"pk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "p"}]}},
			"QueryFilter": {"sk": {"ComparisonOperator": "NOT_NULL"}}}`, "", "QueryFilter can only contain non-primary key attributes"},
	})
}
