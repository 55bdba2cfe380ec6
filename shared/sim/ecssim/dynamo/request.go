package dynamo

import (
	"slices"
	"strings"

	"homeostat/shared/sim/ecssim/wire"
)

// request is the common part of the item operations: a table, expressions and the
// values of their placeholders.
type request struct {
	in     wire.Object
	table  *table
	item   item // the checked Item or Key
	names  map[string]any
	values map[string]any
	parsed map[string]*expression // by the name of the member
}

// form is the set of expressions of an operation.
type form int

const (
	formPut form = iota // and deletion
	formUpdate
	formGet
	formQuery
	formScan
)

// members returns the members with expressions, in the order of their checks.
func (f form) members() []string {
	switch f {
	case formPut:
		return []string{"ConditionExpression"}
	case formUpdate:
		return []string{"UpdateExpression", "ConditionExpression"}
	case formQuery:
		return []string{"KeyConditionExpression", "FilterExpression", projectionMember}
	case formScan:
		return []string{"FilterExpression", projectionMember}
	}
	return []string{projectionMember}
}

const projectionMember = "ProjectionExpression"

// read parses and checks the expressions of a request, before it finds the table.
func (db *database) read(f form, in wire.Object) (*request, error) {
	members := f.members()
	r := &request{in: in, names: in.Object("ExpressionAttributeNames"), parsed: map[string]*expression{}}
	old := r.hasLegacy(f)
	if old {
		if err := r.checkMixed(f); err != nil {
			return nil, err
		}
	}
	if err := r.checkGiven(members); err != nil {
		return nil, err
	}
	for _, member := range members {
		if !in.Has(member) {
			continue
		}
		parsed, err := db.parse(member, in.String(member))
		if err != nil {
			return nil, err
		}
		r.parsed[member] = parsed
		if err := r.declared(parsed); err != nil {
			return nil, err
		}
		if err := parsed.check(r.scope(nil)); err != nil {
			return nil, err
		}
	}
	if err := r.checkUnused(); err != nil {
		return nil, err
	}
	if old {
		if err := r.translate(f); err != nil {
			return nil, err
		}
	}
	return r, r.readItem()
}

// readItem checks the values of the Item or the Key.
func (r *request) readItem() error {
	given := r.in.Object("Item")
	if given == nil {
		given = r.in.Object("Key")
	}
	if given == nil {
		return nil
	}
	checked, err := checkItem(given)
	r.item = checked
	return err
}

// open reads a request and finds its table.
func (db *database) open(f form, in wire.Object) (*request, error) {
	r, err := db.read(f, in)
	if err != nil {
		return nil, err
	}
	return r, db.find(r)
}

func (db *database) find(r *request) error {
	r.table = db.tables[tableName(r.in)]
	if r.table == nil {
		return wire.Errorf("ResourceNotFoundException", "Requested resource not found")
	}
	return nil
}

// tableName returns the name of the table. It accepts an ARN too, as DynamoDB
// does.
func tableName(in wire.Object) string {
	name := in.String("TableName")
	return name[strings.LastIndexByte(name, '/')+1:]
}

// checkGiven checks the names and values of a request apart from its expressions.
func (r *request) checkGiven(members []string) error {
	const names, values = "ExpressionAttributeNames", "ExpressionAttributeValues"
	used := slices.DeleteFunc(slices.Clone(members), func(member string) bool { return !r.in.Has(member) })
	if r.in.Has(names) {
		if len(used) == 0 {
			return invalid(names + " can only be specified when using expressions")
		}
		if err := checkPlaceholders(names, '#', r.names); err != nil {
			return err
		}
	}
	if !r.in.Has(values) {
		return nil
	}
	// A projection uses no values.
	if len(used) == 0 || len(used) == 1 && used[0] == projectionMember {
		return invalid(values + " can only be specified when using expressions")
	}
	given := r.in.Object(values)
	if err := checkPlaceholders(values, ':', given); err != nil {
		return err
	}
	checked, err := checkItem(given)
	r.values = checked
	return err
}

func checkPlaceholders(member string, sign byte, given map[string]any) error {
	if len(given) == 0 {
		return invalid("%s must not be empty", member)
	}
	for token := range given {
		if len(token) < 2 || token[0] != sign || !isPlain(token[1:]) {
			return invalid("%s contains invalid key: Syntax error; key: \"%s\"", member, token)
		}
	}
	return nil
}

func isPlain(text string) bool {
	for i := range len(text) {
		if !isWord(text[i]) {
			return false
		}
	}
	return true
}

// parse parses an expression and keeps the result, because a program has few
// expressions and repeats them.
func (db *database) parse(member, text string) (*expression, error) {
	known := db.parsed[parsedKey{member, text}]
	if known != nil {
		return known, nil
	}
	parsed, err := parse(member, text)
	if err != nil {
		return nil, err
	}
	if len(db.parsed) >= maxParsed {
		clear(db.parsed)
	}
	db.parsed[parsedKey{member, text}] = parsed
	return parsed, nil
}

// declared refuses placeholders without a name or a value.
func (r *request) declared(e *expression) error {
	for _, token := range e.names {
		if _, ok := r.names[token].(string); !ok {
			return failed(e.member, "An expression attribute name used in the document path is not defined; attribute name: %s", token)
		}
	}
	for _, token := range e.values {
		if r.values[token] == nil {
			return failed(e.member, "An expression attribute value used in expression is not defined; attribute value: %s", token)
		}
	}
	return nil
}

// checkUnused refuses names and values that no expression uses.
func (r *request) checkUnused() error {
	if err := r.unused("ExpressionAttributeNames", r.names, func(e *expression) []string { return e.names }); err != nil {
		return err
	}
	return r.unused("ExpressionAttributeValues", r.values, func(e *expression) []string { return e.values })
}

func (r *request) unused(member string, given map[string]any, uses func(*expression) []string) error {
	var left []string
	for token := range given {
		if !r.uses(token, uses) {
			left = append(left, token)
		}
	}
	if left == nil {
		return nil
	}
	slices.Sort(left)
	return invalid("Value provided in %s unused in expressions: keys: {%s}", member, strings.Join(left, ", "))
}

func (r *request) uses(token string, uses func(*expression) []string) bool {
	for _, parsed := range r.parsed {
		if slices.Contains(uses(parsed), token) {
			return true
		}
	}
	return false
}

func (r *request) scope(i item) *scope { return &scope{item: i, names: r.names, values: r.values} }

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
	if projection := r.parsed[projectionMember]; projection != nil && i != nil {
		return r.scope(i).project(projection.root.args)
	}
	return i
}
