package dynamo

import "slices"

// keyPart is the condition of a query on one attribute.
type keyPart struct {
	name   string
	op     string
	values []any
}

// rangeCondition is the condition of a query on the range key.
type rangeCondition struct {
	op     string
	values []any
}

// keyParts splits a key condition into one condition for each attribute. AWS: Query,
// "KeyConditionExpression".
func (c *checker) keyParts(n *node) ([]keyPart, error) {
	if n.op == "AND" {
		left, err := c.keyParts(n.args[0])
		if err != nil {
			return nil, err
		}
		right, err := c.keyParts(n.args[1])
		if err != nil {
			return nil, err
		}
		for _, part := range right {
			if slices.ContainsFunc(left, func(other keyPart) bool { return other.name == part.name }) {
				return nil, c.fail("KeyConditionExpressions must only contain one condition per key")
			}
		}
		return append(left, right...), nil
	}
	part, err := c.keyPart(n)
	return []keyPart{part}, err
}

// keyPart reads the condition on one attribute. The attribute may stand on any side of a
// comparison.
func (c *checker) keyPart(n *node) (keyPart, error) {
	if n.op != "=" && !isRangeOperator(n.op) {
		return keyPart{}, c.fail("Invalid operator used in KeyConditionExpression: %s", n.op)
	}
	at := -1
	out := keyPart{op: n.op}
	for i, argument := range n.args {
		switch argument.op {
		case ":value":
			out.values = append(out.values, c.values[argument.name])
			continue
		case "path":
		default:
			return out, c.fail("KeyConditionExpressions cannot contain nested operations")
		}
		switch {
		case at >= 0:
			return out, c.fail("Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition")
		case len(argument.path) > 1:
			return out, c.fail("KeyConditionExpressions cannot have conditions on nested attributes")
		}
		at, out.name = i, c.name(argument.path[0].name)
	}
	switch {
	case at < 0:
		return out, c.fail("Invalid condition in KeyConditionExpression: No key attribute specified")
	case at == 0:
		return out, nil
	case n.op == "BETWEEN" || n.op == "begins_with":
		return out, c.fail("Invalid condition in KeyConditionExpression: %s operator must have the key attribute as its first operand", n.op)
	}
	out.op = map[string]string{"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}[n.op]
	return out, nil
}

func isRangeOperator(op string) bool {
	switch op {
	case "=", "<", "<=", ">", ">=", "BETWEEN", "begins_with":
		return true
	}
	return false
}

// keys returns the hash value and the condition on the range key.
func (s *search) keys(parts []keyPart) (hash any, ranged *rangeCondition, err error) {
	if len(parts) > 2 {
		return nil, nil, invalid("Conditions can be of length 1 or 2 only")
	}
	keys := s.source.schema
	if keys.ranged == "" && len(parts) > 1 {
		return nil, nil, invalid("Query key condition not supported")
	}
	for _, name := range keys.names() {
		n := slices.IndexFunc(parts, func(part keyPart) bool { return part.name == name })
		switch {
		case n >= 0:
		case name == keys.hash || len(parts) > 1:
			return nil, nil, invalid("Query condition missed key schema element: %s", name)
		default:
			continue
		}
		if err := s.checkPart(parts[n]); err != nil {
			return nil, nil, err
		}
		if name == keys.hash {
			hash = parts[n].values[0]
		} else {
			ranged = &rangeCondition{parts[n].op, parts[n].values}
		}
	}
	return hash, ranged, nil
}

// checkPart compares a condition with the type of the key.
func (s *search) checkPart(part keyPart) error {
	for _, value := range part.values {
		kind, content := typed(value)
		if kind != s.table.types[part.name] {
			return invalid(invalidParams + "Condition parameter type does not match schema type")
		}
		if content == "" {
			return emptyKey(kind, part.name)
		}
	}
	if part.name == s.source.schema.hash && part.op != "=" {
		return invalid("Query key condition not supported")
	}
	return nil
}
