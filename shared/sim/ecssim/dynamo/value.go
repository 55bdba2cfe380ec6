package dynamo

import (
	"encoding/base64"
	"slices"
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
	if !ok || len(value) == 0 {
		return nil, invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
	}
	if len(value) > 1 {
		return nil, invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
	}
	kind, content := typed(value)
	switch kind {
	case "S", "B", "N":
		return checkScalar(kind, content, value)
	case "BOOL":
		_, ok = content.(bool)
	case "NULL":
		if content == false {
			return nil, invalid("Null attribute value types must have the value of true")
		}
		ok = content == true
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
		return nil, invalid("One or more parameter values were invalid: %s", map[string]string{
			"SS": "An string set  may not be empty", "NS": "An number set  may not be empty", "BS": "Binary sets should not be empty",
		}[kind])
	}
	out := make([]any, 0, len(list))
	for _, element := range list {
		checked, err := checkScalar(kind[:1], element, attribute{kind[:1]: element})
		if err != nil {
			return nil, err
		}
		text := checked[kind[:1]]
		if slices.Contains(out, text) {
			return nil, duplicates(kind, list)
		}
		out = append(out, text)
	}
	return attribute{kind: out}, nil
}

func duplicates(kind string, list []any) error {
	texts := make([]string, len(list))
	for i, element := range list {
		texts[i], _ = element.(string)
	}
	given := "[" + strings.Join(texts, ", ") + "]"
	switch kind {
	case "NS":
		return invalid("Input collection contains duplicates")
	case "BS":
		given += "of type BS"
	}
	return invalid("One or more parameter values were invalid: Input collection %s contains duplicates.", given)
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
	case kind == "KEY":
		return compareKeys(x.([]any), y.([]any)), true
	case kind == "N":
		return compareNumbers(s, t), true
	case kind == "B":
		return strings.Compare(decoded(s), decoded(t)), true
	case isText:
		return strings.Compare(s, t), true
	}
	return 0, false
}

// compareKeys orders range keys of several attributes.
func compareKeys(a, b []any) int {
	for i := range a {
		if order, _ := compare(a[i], b[i]); order != 0 {
			return order
		}
	}
	return 0
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
