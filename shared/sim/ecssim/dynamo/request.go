package dynamo

import (
	"strings"

	"homeostat/shared/sim/ecssim/wire"
)

// request is the common part of the item operations: a table, expressions and the
// values of their placeholders.
type request struct {
	in     wire.Object
	table  *table
	names  map[string]any
	values map[string]any
	parsed map[string]*expression // by the name of the member
}

// open finds the table and parses the expressions of a request.
func (db *database) open(in wire.Object) (*request, error) {
	t := db.tables[tableName(in)]
	if t == nil {
		return nil, wire.Errorf("ResourceNotFoundException", "Requested resource not found")
	}
	r := &request{in: in, table: t, names: in.Object("ExpressionAttributeNames"), parsed: map[string]*expression{}}
	for _, legacy := range []string{"Expected", "AttributeUpdates", "KeyConditions", "QueryFilter", "ScanFilter", "AttributesToGet", "ConditionalOperator"} {
		if in.Has(legacy) {
			return nil, invalid("ecssim does not model the legacy parameter %s", legacy)
		}
	}
	values, err := checkItem(in.Object("ExpressionAttributeValues"))
	if err != nil {
		return nil, err
	}
	r.values = values
	if err := db.expressions(r); err != nil {
		return nil, err
	}
	return r, r.checkPlaceholders()
}

// tableName returns the name of the table. It accepts an ARN too, as DynamoDB
// does.
func tableName(in wire.Object) string {
	name := in.String("TableName")
	return name[strings.LastIndexByte(name, '/')+1:]
}

func (db *database) expressions(r *request) error {
	for member, g := range map[string]grammar{
		"ConditionExpression": grammarCondition, "FilterExpression": grammarCondition,
		"KeyConditionExpression": grammarCondition, "UpdateExpression": grammarUpdate,
		"ProjectionExpression": grammarProjection,
	} {
		if !r.in.Has(member) {
			continue
		}
		parsed, err := db.parse(g, r.in.String(member))
		if err != nil {
			return err
		}
		r.parsed[member] = parsed
	}
	return nil
}

// parse parses an expression and keeps the result, because a program has few
// expressions and repeats them.
func (db *database) parse(g grammar, text string) (*expression, error) {
	known := db.parsed[string(rune('0'+g))+text]
	if known != nil {
		return known, nil
	}
	parsed, err := parse(g, text)
	if err != nil {
		return nil, err
	}
	if len(db.parsed) >= maxParsed {
		clear(db.parsed)
	}
	db.parsed[string(rune('0'+g))+text] = parsed
	return parsed, nil
}

// checkPlaceholders refuses missing and unused placeholders.
func (r *request) checkPlaceholders() error {
	used := 0
	seen := map[string]bool{}
	for _, parsed := range r.parsed {
		for _, token := range parsed.uses {
			if seen[token] {
				continue
			}
			seen[token] = true
			used++
			if err := r.declared(token); err != nil {
				return err
			}
		}
	}
	if used == len(r.names)+len(r.values) {
		return nil
	}
	for _, given := range []map[string]any{r.names, r.values} {
		for token := range given {
			if !seen[token] {
				return invalid("Value provided in ExpressionAttributeNames or ExpressionAttributeValues unused in expressions: keys: {%s}", token)
			}
		}
	}
	return nil
}

func (r *request) declared(token string) error {
	if token[0] == '#' {
		if _, ok := r.names[token].(string); !ok {
			return invalid("Invalid expression: An expression attribute name used in the document path is not defined; attribute name: %s", token)
		}
		return nil
	}
	if r.values[token] == nil {
		return invalid("Invalid expression: An expression attribute value used in expression is not defined; attribute value: %s", token)
	}
	return nil
}

func (r *request) scope(i item) *scope { return &scope{item: i, names: r.names, values: r.values} }

// key returns the checked Key of a request.
func (r *request) key() (item, error) {
	k, err := checkItem(r.in.Object("Key"))
	if err != nil {
		return nil, err
	}
	return k, r.table.checkKey(k)
}

// permitted returns nil if the condition holds for an item. The item may be nil.
func (r *request) permitted(i item) error {
	condition := r.parsed["ConditionExpression"]
	if condition == nil {
		return nil
	}
	holds, err := r.scope(i).holds(condition.root)
	if err != nil || holds {
		return err
	}
	failed := &wire.Error{Code: "ConditionalCheckFailedException", Message: "The conditional request failed"}
	if i != nil && r.in.String("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" {
		failed.Fields = wire.Object{"Item": i}
	}
	return failed
}

func (r *request) projected(i item) item {
	if projection := r.parsed["ProjectionExpression"]; projection != nil && i != nil {
		return r.scope(i).project(projection.root)
	}
	return i
}
