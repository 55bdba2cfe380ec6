package pattern

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// compileTest reads one element of a leaf: a value, or an operator.
func compileTest(element any) (test, error) {
	switch v := element.(type) {
	case map[string]any:
		name, operand, err := single(v)
		if err != nil {
			return nil, err
		}
		return compileOperator(name, operand)
	case []any:
		return nil, errors.New("a list may not hold a list")
	}
	return func(value any) bool { return value == element }, nil
}

func single(operator map[string]any) (name string, operand any, err error) {
	if len(operator) != 1 {
		return "", nil, fmt.Errorf("an operator has one key, not %d", len(operator))
	}
	for key, value := range operator {
		name, operand = key, value
	}
	return name, operand, nil
}

func compileOperator(name string, operand any) (test, error) {
	switch name {
	case "prefix", "suffix", "equals-ignore-case", "wildcard":
		return compileText(name, operand)
	case "anything-but":
		return compileAnythingBut(operand)
	case "numeric":
		return compileNumeric(operand)
	case "cidr":
		return compileCIDR(operand)
	case "exists":
		if operand != true { // the caller has handled false
			return nil, errors.New("exists has to be true or false")
		}
		return func(any) bool { return true }, nil
	}
	return nil, fmt.Errorf("the operator %q is unknown", name)
}

// compileText compiles an operator on a text. It matches texts only.
func compileText(name string, operand any) (test, error) {
	if folded, ok := operand.(map[string]any); ok && (name == "prefix" || name == "suffix") {
		return compileFolded(name, folded)
	}
	text, ok := operand.(string)
	if !ok {
		return nil, fmt.Errorf("%s has to be a string", name)
	}
	switch name {
	case "prefix":
		return onText(func(s string) bool { return strings.HasPrefix(s, text) }), nil
	case "suffix":
		return onText(func(s string) bool { return strings.HasSuffix(s, text) }), nil
	case "equals-ignore-case":
		return onText(func(s string) bool { return strings.EqualFold(s, text) }), nil
	}
	pieces, err := splitWildcard(text)
	if err != nil {
		return nil, err
	}
	return onText(func(s string) bool { return matchPieces(pieces, s) }), nil
}

// compileFolded compiles {"prefix": {"equals-ignore-case": text}}.
func compileFolded(name string, operand map[string]any) (test, error) {
	key, value, err := single(operand)
	if err != nil {
		return nil, err
	}
	text, ok := value.(string)
	if key != "equals-ignore-case" || !ok {
		return nil, fmt.Errorf("%s takes a string or equals-ignore-case", name)
	}
	text = strings.ToLower(text)
	if name == "prefix" {
		return onText(func(s string) bool { return strings.HasPrefix(strings.ToLower(s), text) }), nil
	}
	return onText(func(s string) bool { return strings.HasSuffix(strings.ToLower(s), text) }), nil
}

func onText(match func(string) bool) test {
	return func(value any) bool {
		text, ok := value.(string)
		return ok && match(text)
	}
}

// splitWildcard splits a wildcard at its stars. A backslash escapes a star or a
// backslash.
func splitWildcard(wildcard string) ([]string, error) {
	var pieces []string
	var piece strings.Builder
	for i := 0; i < len(wildcard); i++ {
		switch c := wildcard[i]; c {
		case '*':
			if i+1 < len(wildcard) && wildcard[i+1] == '*' {
				return nil, errors.New("a wildcard may not have two stars in a row")
			}
			pieces = append(pieces, piece.String())
			piece.Reset()
		case '\\':
			i++
			if i == len(wildcard) || wildcard[i] != '*' && wildcard[i] != '\\' {
				return nil, errors.New("a wildcard may escape a star or a backslash only")
			}
			piece.WriteByte(wildcard[i])
		default:
			piece.WriteByte(c)
		}
	}
	return append(pieces, piece.String()), nil
}

// matchPieces reports whether s consists of the pieces with any text between
// them.
func matchPieces(pieces []string, s string) bool {
	last := len(pieces) - 1
	if last == 0 {
		return s == pieces[0]
	}
	s, ok := strings.CutPrefix(s, pieces[0])
	if !ok {
		return false
	}
	for _, piece := range pieces[1:last] {
		_, after, found := strings.Cut(s, piece)
		if !found {
			return false
		}
		s = after
	}
	return strings.HasSuffix(s, pieces[last])
}

// compileAnythingBut compiles the negation of its operand, for present values.
func compileAnythingBut(operand any) (test, error) {
	inner, err := compileExcluded(operand)
	if err != nil {
		return nil, fmt.Errorf("anything-but: %w", err)
	}
	return func(value any) bool {
		return !slices.ContainsFunc(inner, func(t test) bool { return t(value) })
	}, nil
}

func compileExcluded(operand any) ([]test, error) {
	operator, ok := operand.(map[string]any)
	if !ok {
		return compileValues(operand)
	}
	name, value, err := single(operator)
	if err != nil {
		return nil, err
	}
	switch name {
	case "prefix", "suffix", "equals-ignore-case", "wildcard":
	default:
		return nil, fmt.Errorf("the operator %q is unknown here", name)
	}
	var out []test
	for _, element := range listOf(value) {
		text, ok := element.(string)
		if !ok {
			return nil, fmt.Errorf("%s has to be a string, or a list of strings", name)
		}
		if text == "" && (name == "prefix" || name == "suffix") {
			return nil, fmt.Errorf("%s may not be empty", name)
		}
		excluded, err := compileText(name, text)
		if err != nil {
			return nil, err
		}
		out = append(out, excluded)
	}
	if len(out) == 0 {
		return nil, errors.New("a list may not be empty")
	}
	return out, nil
}

// compileValues accepts texts or numbers, not both.
func compileValues(operand any) ([]test, error) {
	values := listOf(operand)
	texts, numbers := 0, 0
	out := make([]test, 0, len(values))
	for _, value := range values {
		switch value.(type) {
		case string:
			texts++
		case json.Number:
			numbers++
		}
		out = append(out, func(v any) bool { return v == value })
	}
	if len(values) == 0 || texts != len(values) && numbers != len(values) {
		return nil, errors.New("it takes strings, or numbers, at least one")
	}
	return out, nil
}

func listOf(operand any) []any {
	if list, ok := operand.([]any); ok {
		return list
	}
	return []any{operand}
}

func compileCIDR(operand any) (test, error) {
	text, _ := operand.(string)
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return nil, fmt.Errorf("cidr: %w", err)
	}
	if prefix.IsSingleIP() { // AWS: event-ruler 1.8.1, CIDR
		return nil, fmt.Errorf("cidr: it has to leave at least one bit of the address, not %s", text)
	}
	return onText(func(s string) bool {
		address, err := netip.ParseAddr(s)
		return err == nil && prefix.Contains(address)
	}), nil
}
