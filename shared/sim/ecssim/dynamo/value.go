package dynamo

import (
	"encoding/base64"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"homeostat/shared/sim/ecssim/wire"
)

// item holds the attributes of an item. Stored values are never changed in place,
// so that answers and older versions can share them.
type item = map[string]any

// attribute is a value with its type as the only key: {"S": "text"}.
type attribute = map[string]any

func invalid(format string, args ...any) *wire.Error {
	return wire.Errorf("ValidationException", format, args...)
}

// typed returns the type and the content of an attribute.
func typed(a any) (kind string, content any) {
	value, _ := a.(attribute)
	for kind, content = range value {
		return kind, content
	}
	return "", nil
}

// checkItem refuses values that DynamoDB cannot store, and normalizes numbers.
func checkItem(in map[string]any) (item, error) {
	out := make(item, len(in))
	for name, value := range in {
		checked, err := checkAttribute(value)
		if err != nil {
			return nil, err
		}
		out[name] = checked
	}
	return out, nil
}

func checkAttribute(a any) (attribute, error) {
	value, ok := a.(attribute)
	if !ok || len(value) != 1 {
		return nil, invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
	}
	kind, content := typed(value)
	switch kind {
	case "S", "B", "N":
		return checkScalar(kind, content, value)
	case "BOOL", "NULL":
		_, ok = content.(bool)
	case "SS", "NS", "BS":
		return checkSet(kind, content)
	case "L":
		return checkList(content)
	case "M":
		members, isMap := content.(map[string]any)
		if isMap {
			checked, err := checkItem(members)
			return attribute{"M": checked}, err
		}
		ok = false
	default:
		ok = false
	}
	if !ok {
		return nil, invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
	}
	return value, nil
}

func checkScalar(kind string, content any, value attribute) (attribute, error) {
	text, ok := content.(string)
	if !ok {
		return nil, invalid("Supplied AttributeValue of type %s is not a string", kind)
	}
	if kind != "N" {
		return value, nil
	}
	number, err := canonical(text)
	if err != nil {
		return nil, err
	}
	return attribute{"N": number}, nil
}

func checkSet(kind string, content any) (attribute, error) {
	list, _ := content.([]any)
	if len(list) == 0 {
		return nil, invalid("One or more parameter values were invalid: An string set  may not be empty")
	}
	out := make([]any, 0, len(list))
	for _, element := range list {
		checked, err := checkScalar(kind[:1], element, attribute{kind[:1]: element})
		if err != nil {
			return nil, err
		}
		text := checked[kind[:1]]
		if slices.Contains(out, text) {
			return nil, invalid("One or more parameter values were invalid: Input collection %v contains duplicates.", list)
		}
		out = append(out, text)
	}
	return attribute{kind: out}, nil
}

func checkList(content any) (attribute, error) {
	list, ok := content.([]any)
	if !ok {
		return nil, invalid("Supplied AttributeValue of type L is not a list")
	}
	out := make([]any, len(list))
	for i, element := range list {
		checked, err := checkAttribute(element)
		if err != nil {
			return nil, err
		}
		out[i] = checked
	}
	return attribute{"L": out}, nil
}

// canonical returns the only stored form of a number.
func canonical(text string) (string, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return strconv.FormatInt(n, 10), nil
	}
	if len(text) > maxNumber {
		return "", invalid("Attempting to store more than 38 significant digits in a Number")
	}
	if exponent := strings.IndexAny(text, "eE"); exponent >= 0 {
		if n, err := strconv.Atoi(text[exponent+1:]); err != nil || n > maxExponent || n < minExponent {
			return "", invalid("The parameter cannot be converted to a numeric value: %s", text)
		}
	}
	number, ok := new(big.Rat).SetString(text)
	if !ok || strings.ContainsAny(text, "/_xXpP") {
		return "", invalid("The parameter cannot be converted to a numeric value: %s", text)
	}
	return decimal(number), nil
}

func decimal(number *big.Rat) string {
	if number.IsInt() {
		return number.Num().String()
	}
	text := strings.TrimRight(number.FloatString(160), "0")
	return strings.TrimSuffix(text, ".")
}

// compareNumbers compares two canonical numbers.
func compareNumbers(a, b string) int {
	x, errX := strconv.ParseInt(a, 10, 64)
	y, errY := strconv.ParseInt(b, 10, 64)
	if errX == nil && errY == nil {
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	}
	return rational(a).Cmp(rational(b))
}

func rational(text string) *big.Rat {
	number, ok := new(big.Rat).SetString(text)
	if !ok {
		return new(big.Rat)
	}
	return number
}

// addNumbers returns a + sign·b.
func addNumbers(a, b string, sign int64) string {
	x, errX := strconv.ParseInt(a, 10, 64)
	y, errY := strconv.ParseInt(b, 10, 64)
	const safe = 1 << 61
	if errX == nil && errY == nil && max(x, -x, y, -y) < safe {
		return strconv.FormatInt(x+sign*y, 10)
	}
	term := new(big.Rat).Mul(rational(b), big.NewRat(sign, 1))
	return decimal(term.Add(term, rational(a)))
}

// compare orders two scalars of the same type; ok is false for other values.
func compare(a, b any) (order int, ok bool) {
	kind, x := typed(a)
	other, y := typed(b)
	if kind != other {
		return 0, false
	}
	s, isText := x.(string)
	t, _ := y.(string)
	switch {
	case kind == "N":
		return compareNumbers(s, t), true
	case kind == "B":
		return strings.Compare(decoded(s), decoded(t)), true
	case isText:
		return strings.Compare(s, t), true
	}
	return 0, false
}

func decoded(text string) string {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return text
	}
	return string(raw)
}

// equal compares any two attributes. Sets have no order.
func equal(a, b any) bool {
	kind, x := typed(a)
	other, y := typed(b)
	if kind != other || a == nil || b == nil {
		return false
	}
	switch kind {
	case "SS", "NS", "BS":
		return equalSets(x.([]any), y.([]any))
	case "L":
		return slices.EqualFunc(x.([]any), y.([]any), equal)
	case "M":
		return equalItems(x.(map[string]any), y.(map[string]any))
	}
	return x == y
}

func equalSets(x, y []any) bool {
	return len(x) == len(y) && !slices.ContainsFunc(x, func(e any) bool { return !slices.Contains(y, e) })
}

func equalItems(x, y item) bool {
	if len(x) != len(y) {
		return false
	}
	for name, value := range x {
		if !equal(value, y[name]) {
			return false
		}
	}
	return true
}

// sizeOf returns the approximate size that DynamoDB counts for a value.
func sizeOf(value any) int {
	switch v := value.(type) {
	case string:
		return len(v)
	case map[string]any:
		total := 1
		for name, content := range v {
			total += len(name) + sizeOf(content)
		}
		return total
	case []any:
		total := 3
		for _, content := range v {
			total += 1 + sizeOf(content)
		}
		return total
	}
	return 1
}
