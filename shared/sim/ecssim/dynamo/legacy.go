package dynamo

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"homeostat/shared/sim/ecssim/wire"
)

// legacy translates the parameters from before expressions into expressions. AWS: "Legacy
// DynamoDB conditional parameters".
type legacy struct{ *request }

// legacyMembers returns the parameters from before expressions of an operation.
func (f form) legacyMembers() []string {
	switch f {
	case formPut:
		return []string{"Expected", operatorMember}
	case formUpdate:
		return []string{"AttributeUpdates", "Expected", operatorMember}
	case formQuery:
		return []string{attributesMember, "QueryFilter", operatorMember, "KeyConditions"}
	case formScan:
		return []string{attributesMember, "ScanFilter", operatorMember}
	}
	return []string{attributesMember}
}

const (
	operatorMember   = "ConditionalOperator"
	attributesMember = "AttributesToGet"
)

// checkMixed refuses parameters of both kinds in a request.
func (r *request) checkMixed(f form) error {
	given := func(members []string) []string {
		return slices.DeleteFunc(members, func(member string) bool { return !r.in.Has(member) })
	}
	expressions, others := given(f.members()), given(f.legacyMembers())
	if !r.in.Has("KeyConditionExpression") {
		others = slices.DeleteFunc(others, func(member string) bool { return member == "KeyConditions" })
	}
	if len(expressions) == 0 || len(others) == 0 {
		return nil
	}
	return invalid("Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {%s} Expression parameters: {%s}",
		strings.Join(others, ", "), strings.Join(expressions, ", "))
}

// hasLegacy reports whether a request has a parameter from before expressions.
func (r *request) hasLegacy(f form) bool {
	return slices.ContainsFunc(f.legacyMembers(), r.in.Has)
}

// translate adds the expressions of the parameters from before expressions.
func (r *request) translate(f form) error {
	l := legacy{r}
	// The placeholders of the translation stay out of the request.
	r.names, r.values = maps.Clone(r.names), maps.Clone(r.values)
	if r.names == nil {
		r.names = map[string]any{}
	}
	if r.values == nil {
		r.values = map[string]any{}
	}
	for _, step := range []func() error{
		func() error { return l.conditions("Expected", "ConditionExpression") },
		func() error { return l.conditions("QueryFilter", "FilterExpression") },
		func() error { return l.conditions("ScanFilter", "FilterExpression") },
		func() error { return l.conditions("KeyConditions", "KeyConditionExpression") },
		l.updates, l.attributes,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// path returns a path to a whole attribute.
func (l legacy) path(name string) *node {
	token := "#legacy" + strconv.Itoa(len(l.names))
	l.names[token] = name
	return &node{op: "path", path: []step{{name: token}}}
}

func (l legacy) value(given any) (*node, error) {
	checked, err := checkAttribute(given)
	if err != nil {
		return nil, err
	}
	token := ":legacy" + strconv.Itoa(len(l.values))
	l.values[token] = checked
	return &node{op: ":value", name: token}, nil
}

func (l legacy) attributes() error {
	out := &node{op: "projection"}
	seen := map[string]bool{}
	for _, name := range l.in.Strings(attributesMember) {
		if seen[name] {
			return invalid(invalidParams+"Duplicate value in attribute name: %s", name)
		}
		seen[name] = true
		out.args = append(out.args, l.path(name))
	}
	if len(out.args) > 0 {
		l.parsed[projectionMember] = &expression{member: projectionMember, root: out}
	}
	return nil
}

// conditions translates one condition for each attribute, joined by the operator.
func (l legacy) conditions(member, expressionMember string) error {
	given := l.in.Object(member)
	op := "AND"
	if l.in.String(operatorMember) == "OR" && member != "KeyConditions" {
		op = "OR"
	}
	var root *node
	for _, name := range slices.Sorted(maps.Keys(given)) {
		one, err := l.condition(name, given.Object(name))
		if err != nil {
			return err
		}
		if root != nil {
			one = &node{op: op, args: []*node{root, one}}
		}
		root = one
	}
	if root != nil {
		l.parsed[expressionMember] = &expression{member: expressionMember, root: root}
	}
	return nil
}

func (l legacy) condition(name string, given wire.Object) (*node, error) {
	values, _ := given["AttributeValueList"].([]any)
	op := given.String("ComparisonOperator")
	if op == "" {
		return l.expected(name, given)
	}
	if given.Has("Value") {
		values = []any{given["Value"]}
	}
	args := []*node{l.path(name)}
	kinds := map[string]bool{}
	for _, value := range values {
		argument, err := l.value(value)
		if err != nil {
			return nil, err
		}
		kind, _ := typed(value)
		kinds[kind] = true
		args = append(args, argument)
	}
	rule := legacyRules()[op]
	switch {
	case len(values) < rule.least || len(values) > rule.most:
		return nil, invalid(invalidParams+"Invalid number of argument(s) for the %s ComparisonOperator", op)
	case len(kinds) > 1:
		return nil, invalid(invalidParams + "AttributeValues inside AttributeValueList must be of same type")
	}
	for kind := range kinds {
		if !strings.Contains(rule.kinds, " "+kind+" ") {
			return nil, invalid(invalidParams+"ComparisonOperator %s is not valid for %s AttributeValue type", op, kind)
		}
	}
	out := &node{op: rule.op, args: args}
	if rule.op == "BETWEEN" {
		if order, _ := compare(values[0], values[1]); order > 0 {
			return nil, invalid("The BETWEEN condition was provided a range where the lower bound is greater than the upper bound")
		}
	}
	if rule.negated {
		return &node{op: "NOT", args: []*node{out}}, nil
	}
	return out, nil
}

// expected translates a condition with Value and Exists.
func (l legacy) expected(name string, given wire.Object) (*node, error) {
	exists, said := given.Bool("Exists")
	switch hasValue := given.Has("Value"); {
	case said && !exists && hasValue:
		return nil, invalid(invalidParams+"Value cannot be used when Exists is false for Attribute: %s", name)
	case said && !exists:
		return &node{op: "attribute_not_exists", args: []*node{l.path(name)}}, nil
	case !hasValue && said:
		return nil, invalid(invalidParams+"Value must be provided when Exists is true for Attribute: %s", name)
	case !hasValue:
		return nil, invalid(invalidParams+"Value must be provided when Exists is null for Attribute: %s", name)
	}
	value, err := l.value(given["Value"])
	return &node{op: "=", args: []*node{l.path(name), value}}, err
}

// legacyRule is a ComparisonOperator as an operator of expressions, with the number and
// the types of its values.
type legacyRule struct {
	op          string
	least, most int
	kinds       string
	negated     bool
}

func legacyRules() map[string]legacyRule {
	const scalars, anything = " S N B ", " S N B SS NS BS L M BOOL NULL "
	return map[string]legacyRule{
		"EQ": {"=", 1, 1, anything, false}, "NE": {"<>", 1, 1, anything, false},
		"LE": {"<=", 1, 1, scalars, false}, "LT": {"<", 1, 1, scalars, false},
		"GE": {">=", 1, 1, scalars, false}, "GT": {">", 1, 1, scalars, false},
		"NOT_NULL": {"attribute_exists", 0, 0, anything, false}, "NULL": {"attribute_not_exists", 0, 0, anything, false},
		"CONTAINS": {"contains", 1, 1, scalars, false}, "NOT_CONTAINS": {"contains", 1, 1, scalars, true},
		"BEGINS_WITH": {"begins_with", 1, 1, " S B ", false}, "IN": {"IN", 1, maxList, scalars, false},
		"BETWEEN": {"BETWEEN", 2, 2, scalars, false},
	}
}

// updates translates AttributeUpdates.
func (l legacy) updates() error {
	given := l.in.Object("AttributeUpdates")
	out := &node{op: "update"}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		clause, err := l.update(name, given.Object(name))
		if err != nil {
			return err
		}
		out.sets = append(out.sets, clause)
	}
	if len(out.sets) > 0 {
		l.parsed["UpdateExpression"] = &expression{member: "UpdateExpression", root: out}
	}
	return nil
}

func (l legacy) update(name string, given wire.Object) (setter, error) {
	action := given.String("Action")
	out := setter{verb: "SET", target: l.path(name)}
	kind, _ := typed(given["Value"])
	if err := checkAction(action, kind); err != nil {
		return out, err
	}
	if kind == "" {
		out.verb = "REMOVE"
		return out, nil
	}
	value, err := l.value(given["Value"])
	if err != nil {
		return out, err
	}
	out.value = value
	switch {
	case action == "ADD" && kind == "L":
		empty, err := l.value(attribute{"L": []any{}})
		there := &node{op: "if_not_exists", args: []*node{l.path(name), empty}}
		out.value = &node{op: "list_append", args: []*node{there, value}}
		return out, err
	case action == "ADD" || action == "DELETE":
		out.verb = action
	}
	return out, nil
}

// checkAction compares the action of an update with the type of its value; "" is none.
func checkAction(action, kind string) error {
	isSet := kind == "SS" || kind == "NS" || kind == "BS"
	switch {
	case kind == "" && action != "DELETE":
		return invalid(invalidParams + "Only DELETE action is allowed when no attribute value is specified")
	case kind == "":
		return nil
	case action == "DELETE" && !isSet:
		return invalid(invalidParams+"DELETE action with value is not supported for the type %s", kind)
	case action == "ADD" && !isSet && kind != "N" && kind != "L":
		return invalid(invalidParams+"ADD action is not supported for the type %s", kind)
	}
	return nil
}
