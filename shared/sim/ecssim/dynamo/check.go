package dynamo

import (
	"slices"
	"strconv"
	"strings"
)

// check refuses an expression with these names and values that no item can satisfy, as
// DynamoDB does before it reads an item. The messages are those that dynalite and moto
// recorded from AWS.
func (e *expression) check(s *scope) error {
	c := &checker{scope: s, member: e.member}
	switch grammarOf(e.member) {
	case grammarUpdate:
		return c.update(e.root)
	case grammarProjection:
		return c.overlaps(e.root.args)
	}
	return c.condition(e.root)
}

type checker struct {
	*scope
	member string
}

func (c *checker) fail(format string, args ...any) error { return failed(c.member, format, args...) }

// condition checks the functions and operators of a condition, from the inside.
func (c *checker) condition(n *node) error {
	for _, argument := range n.args {
		if len(argument.args) == 0 {
			continue
		}
		if err := c.condition(argument); err != nil {
			return err
		}
	}
	switch n.op {
	case "AND", "OR", "NOT":
		return nil
	case "BETWEEN":
		return c.between(n)
	case "attribute_type":
		return c.attributeType(n)
	}
	if err := c.distinct(n); err != nil {
		return err
	}
	return c.operandTypes(n)
}

// operandTypes refuses literal operands of a type that the operator never accepts.
func (c *checker) operandTypes(n *node) error {
	allowed := ""
	switch n.op {
	case "<", "<=", ">", ">=":
		allowed = " S N B "
	case "begins_with":
		allowed = " S B "
	case "size":
		allowed = " S B SS NS BS L M "
	default:
		return nil
	}
	for _, argument := range n.args {
		if kind := c.typeOf(argument); kind != "" && !strings.Contains(allowed, " "+kind+" ") {
			return c.fail("Incorrect operand type for operator or function; operator or function: %s, operand type: %s", n.op, kind)
		}
	}
	return nil
}

// typeOf returns the type of a literal or of the result of a function; "" for a path.
func (c *checker) typeOf(n *node) string {
	switch n.op {
	case ":value":
		kind, _ := typed(c.values[n.name])
		return kind
	case "size":
		return "N"
	}
	return ""
}

func (c *checker) distinct(n *node) error {
	if len(n.args) != 2 || n.args[0].op != "path" || n.args[1].op != "path" {
		return nil
	}
	first, second := n.args[0].path, n.args[1].path
	if len(first) != len(second) || !c.samePath(first, second) {
		return nil
	}
	return c.fail("The first operand must be distinct from the remaining operands for this operator or function; operator: %s, first operand: %s", n.op, c.pathText(first))
}

func (c *checker) between(n *node) error {
	low, high := c.literal(n.args[1]), c.literal(n.args[2])
	for _, argument := range n.args {
		if kind := c.typeOf(argument); kind != "" && kind != "S" && kind != "N" && kind != "B" {
			return c.fail("Incorrect operand type for operator or function; operator or function: BETWEEN, operand type: %s", kind)
		}
	}
	if low == nil || high == nil {
		return nil
	}
	order, same := compare(low, high)
	rule := ""
	switch {
	case !same:
		rule = "same data type for lower and upper bounds"
	case order > 0:
		rule = "upper bound to be greater than or equal to lower bound"
	default:
		return nil
	}
	return c.fail("The BETWEEN operator requires %s; lower bound operand: %s, upper bound operand: %s", rule, literalText(low), literalText(high))
}

// literal returns the value of a placeholder, or nil.
func (c *checker) literal(n *node) any {
	if n.op != ":value" {
		return nil
	}
	return c.values[n.name]
}

func literalText(value any) string {
	kind, content := typed(value)
	text, _ := content.(string)
	return "AttributeValue: {" + kind + ":" + text + "}"
}

func (c *checker) attributeType(n *node) error {
	value := c.literal(n.args[1])
	if value == nil {
		return c.fail("Incorrect operand type for operator or function; operator or function: attribute_type, operand type: {NS,SS,L,BS,N,M,B,BOOL,NULL,S}")
	}
	kind, content := typed(value)
	if kind != "S" {
		return c.fail("Incorrect operand type for operator or function; operator or function: attribute_type, operand type: %s", kind)
	}
	if !slices.Contains([]string{"B", "NULL", "SS", "BOOL", "L", "BS", "N", "NS", "S", "M"}, content.(string)) {
		return c.fail("Invalid attribute type name found; type: %s, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}", content)
	}
	return nil
}

// update checks the clauses of an update.
func (c *checker) update(n *node) error {
	targets := make([]*node, len(n.sets))
	for i, clause := range n.sets {
		targets[i] = clause.target
	}
	if err := c.overlaps(targets); err != nil {
		return err
	}
	for _, clause := range n.sets {
		if clause.value == nil {
			continue
		}
		if err := c.operation(clause.value); err != nil {
			return err
		}
		if err := c.adjustment(clause); err != nil {
			return err
		}
	}
	return nil
}

// operation checks the literal operands of a function of an update.
func (c *checker) operation(n *node) error {
	for _, argument := range n.args {
		if err := c.operation(argument); err != nil {
			return err
		}
		wanted := map[string]string{"list_append": "L", "+": "N", "-": "N"}[n.op]
		if kind := c.typeOf(argument); wanted != "" && kind != "" && kind != wanted {
			return c.fail("Incorrect operand type for operator or function; operator or function: %s, operand type: %s", n.op, kind)
		}
	}
	return nil
}

// adjustment checks the operand of ADD and DELETE.
func (c *checker) adjustment(clause setter) error {
	if clause.verb != "ADD" && clause.verb != "DELETE" {
		return nil
	}
	name, wrong := map[string]string{
		"S": "STRING", "N": "NUMBER", "B": "BINARY", "NULL": "NULL", "BOOL": "BOOLEAN", "L": "LIST", "M": "MAP",
	}[c.typeOf(clause.value)]
	if !wrong || clause.verb == "ADD" && name == "NUMBER" {
		return nil
	}
	return c.fail("Incorrect operand type for operator or function; operator: %[1]s, operand type: %[2]s, typeSet: ALLOWED_FOR_%[1]s_OPERAND", clause.verb, name)
}

// overlaps refuses two paths where one contains the other, and paths that make an
// attribute a map and a list.
func (c *checker) overlaps(paths []*node) error {
	for i, one := range paths {
		for _, other := range paths[:i] {
			if err := c.overlap(other.path, one.path); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *checker) overlap(a, b []step) error {
	for i := range min(len(a), len(b)) {
		if (a[i].name == "") != (b[i].name == "") {
			return c.fail("Two document paths conflict with each other; must remove or rewrite one of these paths; path one: %s, path two: %s", c.pathText(a), c.pathText(b))
		}
		if !c.samePath(a[i:i+1], b[i:i+1]) {
			return nil
		}
	}
	return c.fail("Two document paths overlap with each other; must remove or rewrite one of these paths; path one: %s, path two: %s", c.pathText(a), c.pathText(b))
}

// samePath compares two paths of the same length.
func (c *checker) samePath(a, b []step) bool {
	return slices.EqualFunc(a, b, func(x, y step) bool { return c.name(x.name) == c.name(y.name) && x.index == y.index })
}

func (c *checker) pathText(path []step) string {
	parts := make([]string, len(path))
	for i, level := range path {
		parts[i] = c.name(level.name)
		if level.name == "" {
			parts[i] = "[" + strconv.Itoa(level.index) + "]"
		}
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
