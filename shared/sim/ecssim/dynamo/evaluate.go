package dynamo

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// scope is the input of an expression: an item and the placeholders.
type scope struct {
	item   item
	names  map[string]any // of #placeholders
	values map[string]any // of :placeholders
}

// name resolves a placeholder. The placeholders were checked before.
func (s *scope) name(token string) string {
	if !strings.HasPrefix(token, "#") {
		return token
	}
	name, _ := s.names[token].(string)
	return name
}

// lookup returns the attribute at a path, or nil.
func (s *scope) lookup(path []step) any {
	at := s.item[s.name(path[0].name)]
	for _, level := range path[1:] {
		kind, content := typed(at)
		switch members := content.(type) {
		case map[string]any:
			if kind != "M" || level.name == "" {
				return nil
			}
			at = members[s.name(level.name)]
		case []any:
			if kind != "L" || level.name != "" || level.index >= len(members) {
				return nil
			}
			at = members[level.index]
		default:
			return nil
		}
	}
	return at
}

// holds evaluates a condition. Missing operands make it false.
func (s *scope) holds(n *node) (bool, error) {
	switch n.op {
	case "AND", "OR":
		left, err := s.holds(n.args[0])
		if err != nil || left == (n.op == "OR") {
			return left, err
		}
		return s.holds(n.args[1])
	case "NOT":
		inner, err := s.holds(n.args[0])
		return !inner, err
	case "attribute_exists":
		return s.lookup(n.args[0].path) != nil, nil
	case "attribute_not_exists":
		return s.lookup(n.args[0].path) == nil, nil
	}
	operands := make([]any, len(n.args))
	for i, argument := range n.args {
		value, err := s.value(argument)
		if err != nil {
			return false, err
		}
		operands[i] = value
	}
	return relation(n.op, operands), nil
}

// relation compares operands. Two missing attributes are equal: AWS does not document
// it, and moto, ministack and dynalite agree.
func relation(op string, operands []any) bool {
	left, right := operands[0], operands[1]
	switch op {
	case "=":
		return left == nil && right == nil || equal(left, right)
	case "<>":
		return (left != nil || right != nil) && !equal(left, right)
	case "BETWEEN":
		return ordered(">=", left, right) && ordered("<=", left, operands[2])
	case "IN":
		return slices.ContainsFunc(operands[1:], func(o any) bool { return equal(left, o) })
	case "begins_with":
		return beginsWith(left, right)
	case "contains":
		return containsValue(left, right)
	case "attribute_type":
		kind, _ := typed(left)
		_, wanted := typed(right)
		return kind != "" && kind == wanted
	}
	return ordered(op, left, right)
}

func ordered(op string, left, right any) bool {
	order, ok := compare(left, right)
	if !ok {
		return false
	}
	switch op {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

func beginsWith(left, right any) bool {
	kind, text := typed(left)
	other, prefix := typed(right)
	if kind != other || kind != "S" && kind != "B" {
		return false
	}
	if kind == "B" {
		return strings.HasPrefix(decoded(text.(string)), decoded(prefix.(string)))
	}
	return strings.HasPrefix(text.(string), prefix.(string))
}

func containsValue(left, right any) bool {
	kind, content := typed(left)
	other, wanted := typed(right)
	switch kind {
	case "S":
		text, ok := wanted.(string)
		return ok && other == "S" && strings.Contains(content.(string), text)
	case "SS", "NS", "BS":
		return other == kind[:1] && slices.Contains(content.([]any), wanted)
	case "L":
		return slices.ContainsFunc(content.([]any), func(e any) bool { return equal(e, right) })
	}
	return false
}

// value evaluates an operand. It returns nil for a missing attribute.
func (s *scope) value(n *node) (any, error) {
	switch n.op {
	case "path":
		return s.lookup(n.path), nil
	case ":value":
		return s.values[n.name], nil
	case "size":
		return s.size(n.args[0])
	case "if_not_exists":
		if there := s.lookup(n.args[0].path); there != nil {
			return there, nil
		}
		return s.value(n.args[1])
	case "list_append", "+", "-":
		left, err := s.value(n.args[0])
		if err != nil {
			return nil, err
		}
		right, err := s.value(n.args[1])
		if err != nil {
			return nil, err
		}
		return combine(n.op, left, right)
	}
	return nil, invalid("Invalid expression: The operator or function is not allowed here: %s", n.op)
}

func combine(op string, left, right any) (any, error) {
	if left == nil || right == nil {
		return nil, invalid("The provided expression refers to an attribute that does not exist in the item")
	}
	kind, x := typed(left)
	other, y := typed(right)
	if op == "list_append" {
		if kind != "L" || other != "L" {
			return nil, invalid("An operand in the update expression has an incorrect data type")
		}
		return attribute{"L": slices.Concat(x.([]any), y.([]any))}, nil
	}
	if kind != "N" || other != "N" {
		return nil, invalid("An operand in the update expression has an incorrect data type")
	}
	sign := int64(1)
	if op == "-" {
		sign = -1
	}
	sum, err := addNumbers(x.(string), y.(string), sign)
	return attribute{"N": sum}, err
}

func (s *scope) size(operand *node) (any, error) {
	value, err := s.value(operand)
	if err != nil || value == nil {
		return nil, err
	}
	n := 0
	switch kind, content := typed(value); content := content.(type) {
	case string:
		n = utf8.RuneCountInString(content)
		if kind == "B" {
			n = len(decoded(content))
		}
	case []any:
		n = len(content)
	case map[string]any:
		n = len(content)
	default:
		return nil, nil
	}
	return attribute{"N": strconv.Itoa(n)}, nil
}
