package dynamo

import "slices"

// keyPart is the condition of a query on one attribute.
type keyPart struct {
	name   string
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

// keys returns the conditions on the attributes of the hash key and of the range key, in
// the order of the schema. AWS: "Multi-attribute keys pattern": all hash attributes, then
// range attributes from the left, without a gap and with = for all but the last one.
func (s *search) keys(parts []keyPart) (hash, ranged []keyPart, err error) {
	keys := s.source.schema
	most := len(keys.names())
	if most <= 2 && len(parts) > 2 {
		return nil, nil, invalid("Conditions can be of length 1 or 2 only")
	}
	if len(parts) > most {
		return nil, nil, invalid("Query key condition not supported")
	}
	for n, name := range keys.names() {
		at := slices.IndexFunc(parts, func(part keyPart) bool { return part.name == name })
		switch isHash := n <= len(keys.moreHash); {
		case at < 0 && (isHash || len(hash)+len(ranged) < len(parts)):
			return nil, nil, invalid("Query condition missed key schema element: %s", name)
		case at < 0:
			return hash, ranged, nil
		case isHash:
			hash = append(hash, parts[at])
		default:
			ranged = append(ranged, parts[at])
		}
		if err := s.checkPart(parts[at], n < len(parts)-1 || n <= len(keys.moreHash)); err != nil {
			return nil, nil, err
		}
	}
	return hash, ranged, nil
}

// checkPart compares a condition with the type of the key. exact is true for an attribute
// that takes the operator = only.
func (s *search) checkPart(part keyPart, exact bool) error {
	for _, value := range part.values {
		kind, content := typed(value)
		if kind != s.table.types[part.name] {
			return invalid(invalidParams + "Condition parameter type does not match schema type")
		}
		if content == "" {
			return emptyKey(kind, part.name)
		}
	}
	if exact && part.op != "=" {
		return invalid("Query key condition not supported")
	}
	return nil
}

// holds reports whether an item meets the condition.
func (p keyPart) holds(i item) bool { return relation(p.op, append([]any{i[p.name]}, p.values...)) }

// partition returns the rows that meet the conditions.
func (s *search) partition(hash, ranged []keyPart) []row {
	values := item{}
	for _, part := range hash {
		values[part.name] = part.values[0]
	}
	rows := s.source.partitions[s.source.schema.partition(values)]
	if len(s.source.schema.moreRanged) == 0 {
		low, high := bounds(rows, ranged)
		return rows[low:high]
	}
	return slices.DeleteFunc(slices.Clone(rows), func(at row) bool { return !holdAll(ranged, at.item) })
}

func holdAll(parts []keyPart, i item) bool {
	return !slices.ContainsFunc(parts, func(part keyPart) bool { return !part.holds(i) })
}
