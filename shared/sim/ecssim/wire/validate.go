package wire

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Validate compares a response tree with the output of an operation and returns
// the differences. It finds unknown members, wrong types, missing required
// members, values outside of an enum, and violated patterns and limits.
func (m *Model) Validate(operation string, output any) []string {
	op, ok := m.operations[operation]
	if !ok {
		return []string{"the model has no operation " + operation}
	}
	v := &validation{model: m}
	v.root(op.Output, output)
	return v.problems
}

// validation compares a tree with a shape. A response is checked for differences. A
// request is checked for the constraints of AWS, in AWS's words: it may have unknown
// members.
type validation struct {
	model   *Model
	request bool
	// text is true for the Query protocol: numbers and booleans are texts.
	text     bool
	problems []string
	// quick compares in any order, to find out whether there is a problem at all.
	quick bool
	// optional leaves missing members to the handler: ECS has its own words for them.
	optional bool
	// wrong is the first value of a wrong type in a request.
	wrong string
	// unread are the members of a request that no handler reads.
	unread []string
}

// root compares a whole tree.
func (v *validation) root(ref shapeRef, tree any) {
	if ref.Shape == "" { // it has no members
		if object := asObject(tree); len(object) > 0 && !v.request {
			v.addf(nil, "has members, the model has none")
		}
		return
	}
	if object, ok := tree.(Object); tree == nil || ok && object == nil {
		tree = Object{}
	}
	v.value(nil, v.model.shapes[ref.Shape], tree)
}

// addf adds a difference of a response.
func (v *validation) addf(at *place, format string, args ...any) {
	v.problems = append(v.problems, at.String()+" "+fmt.Sprintf(format, args...))
}

// violated adds a violated constraint: in the words of a difference, or in AWS's.
func (v *validation) violated(at *place, value, difference, constraint string) {
	if !v.request {
		v.problems = append(v.problems, at.String()+" "+difference)
		return
	}
	if len(value) > longestValue {
		value = value[:longestValue] + "…"
	}
	if value != "" {
		value = "'" + value + "' "
	}
	v.problems = append(v.problems, "Value "+value+"at '"+at.aws()+"' failed to satisfy constraint: "+constraint)
}

// missing adds a missing member of the structure at a place.
func (v *validation) missing(at *place, name string) {
	if !v.request {
		v.addf(at, "lacks %s", name)
		return
	}
	v.problems = append(v.problems, "Value null at '"+at.member(name).aws()+"' failed to satisfy constraint: Member must not be null")
}

// mistyped adds a value of a wrong type.
func (v *validation) mistyped(at *place, value any, expected string) {
	if !v.request {
		v.addf(at, "is %T, not %s", value, expected)
		return
	}
	if v.wrong == "" {
		v.wrong = fmt.Sprintf("%s is not %s", at.aws(), expected)
	}
}

func (v *validation) value(at *place, s *shape, value any) {
	if s == nil {
		v.addf(at, "has a shape that the model lacks")
		return
	}
	value = plain(value)
	switch s.Type {
	case "structure":
		v.structure(at, s, value)
	case "map":
		v.dictionary(at, s, value)
	case "list":
		v.list(at, s, value)
	case "string":
		v.string(at, s, value)
	default:
		v.scalar(at, s, value)
	}
}

// plain removes pointers and named types.
func plain(value any) any {
	switch v := value.(type) {
	case nil, string, bool, int, float64, time.Time, Object, []byte, json.Number, []any:
		return value
	case map[string]any:
		return Object(v)
	}
	r := reflect.ValueOf(value)
	switch {
	case r.Kind() == reflect.Pointer && !r.IsNil():
		return plain(r.Elem().Interface())
	case r.Kind() == reflect.String:
		return r.String()
	case r.Kind() == reflect.Bool:
		return r.Bool()
	case r.CanInt():
		return int(r.Int())
	case r.CanFloat():
		return r.Float()
	case r.Kind() == reflect.Slice:
		return elements(r)
	case r.Kind() == reflect.Map && r.Type().Key().Kind() == reflect.String:
		return Object(entries(r))
	}
	return value
}

func (v *validation) structure(at *place, s *shape, value any) {
	if s.Document {
		return
	}
	object, ok := value.(Object)
	if !ok {
		v.mistyped(at, value, "a structure")
		return
	}
	for _, name := range s.Required {
		if omitted(object[name]) && !v.optional {
			v.missing(at, name)
		}
	}
	if s.Union && len(object) != 1 && !v.request {
		v.addf(at, "is a union and has %d members", len(object))
	}
	v.members(at, s, object)
}

func (v *validation) members(at *place, s *shape, object Object) {
	v.each(object, func(name string) {
		ref, known := s.Members[name]
		switch {
		case v.request && v.model.declared && s.uses[name] == Refused && !unset(object[name]):
			v.unread = append(v.unread, at.member(name).aws())
		case known && !omitted(object[name]):
			v.value(v.at(place{parent: at, name: name}), ref.target, object[name])
		case !known && !v.request:
			v.addf(at.member(name), "is unknown to the model")
		}
	})
}

// at returns the place; nil if quick, which needs no places.
func (v *validation) at(p place) *place {
	if v.quick {
		return nil
	}
	kept := p
	return &kept
}

// each calls f with the keys of a tree: sorted, so that the order of problems does not
// change, or quick in any order.
func (v *validation) each(object Object, f func(name string)) {
	if v.quick {
		for name := range object {
			f(name)
		}
		return
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		f(name)
	}
}

func (v *validation) dictionary(at *place, s *shape, value any) {
	object, ok := value.(Object)
	if !ok {
		v.mistyped(at, value, "a map")
		return
	}
	v.limits(at, s, float64(len(object)), "entries")
	v.each(object, func(name string) {
		v.value(v.at(place{parent: at, name: name, key: true}), s.Key.target, name)
		v.value(v.at(place{parent: at, name: name, entry: true}), s.Value.target, object[name])
	})
}

func (v *validation) list(at *place, s *shape, value any) {
	list, ok := value.([]any)
	if !ok {
		v.mistyped(at, value, "a list")
		return
	}
	if v.request || len(list) > 0 { // AWS's answers have empty lists where its requests must not
		v.limits(at, s, float64(len(list)), "elements")
	}
	for i, element := range list {
		v.value(v.at(place{parent: at, index: i + 1}), s.Member.target, element)
	}
}

func (v *validation) string(at *place, s *shape, value any) {
	text, ok := value.(string)
	if !ok {
		v.mistyped(at, value, "a string")
		return
	}
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, text) {
		v.violated(at, text, fmt.Sprintf("is %q, which is not one of %v", text, s.Enum),
			"Member must satisfy enum value set: ["+strings.Join(s.Enum, ", ")+"]")
	}
	if expression := v.pattern(s); expression != nil && !expression.MatchString(text) {
		v.violated(at, text, fmt.Sprintf("is %q, which does not match %s", text, s.Pattern),
			"Member must satisfy regular expression pattern: "+s.Pattern)
	}
	v.limits(at, s, float64(utf8.RuneCountInString(text)), "characters")
}

// pattern returns the pattern of a shape. AWS compares the whole text of a request. A
// text of a response may match in a part only.
func (v *validation) pattern(s *shape) *regexp.Regexp {
	if v.request {
		return s.whole()
	}
	return s.expression()
}

func (v *validation) scalar(at *place, s *shape, value any) {
	fits := false
	switch s.Type {
	case "boolean":
		_, fits = value.(bool)
		if text, ok := value.(string); ok && v.text {
			_, err := strconv.ParseBool(text)
			fits = err == nil
		}
	case "integer", "long":
		n, ok := v.number(value)
		fits = ok && n == math.Trunc(n)
		if fits {
			v.limits(at, s, n, "")
		}
	case "float", "double":
		n, ok := v.number(value)
		fits = ok
		if fits {
			v.limits(at, s, n, "")
		}
	case "timestamp":
		fits = isTime(value)
	case "blob":
		fits = isBlob(value)
	}
	if !fits {
		v.mistyped(at, value, s.Type)
	}
}

// limits checks a size against the limits of a shape. unit is empty for a number.
func (v *validation) limits(at *place, s *shape, size float64, unit string) {
	if s.Min != nil && size < *s.Min {
		v.limit(at, size, unit, "fewer than", "greater than or equal to", *s.Min)
	}
	if s.Max != nil && size > *s.Max {
		v.limit(at, size, unit, "more than", "less than or equal to", *s.Max)
	}
}

func (v *validation) limit(at *place, size float64, unit, difference, constraint string, limit float64) {
	measure, value, words := "length", "", unit
	if unit == "" {
		measure, value = "value", strconv.FormatFloat(size, 'f', -1, 64)
	} else {
		words = " " + unit
	}
	v.violated(at, value, fmt.Sprintf("has %v%s, %s %v", size, words, difference, limit),
		fmt.Sprintf("Member must have %s %s %s", measure, constraint, strconv.FormatFloat(limit, 'f', -1, 64)))
}

// number returns a number; of a text only in the Query protocol, or for NaN and the
// infinities of JSON.
func (v *validation) number(value any) (float64, bool) {
	if text, ok := value.(string); ok && (v.text || text == "NaN" || text == "Infinity" || text == "-Infinity") {
		f, err := strconv.ParseFloat(text, 64)
		return f, err == nil
	}
	return number(value)
}

// HasError reports whether the operation may fail with the error shape code.
// Errors of every service, such as ThrottlingException, are in no model.
func (m *Model) HasError(operation, code string) bool {
	return slices.Contains(m.operations[operation].Errors, shapeRef{Shape: code})
}

func number(value any) (float64, bool) {
	switch n := value.(type) {
	case float64:
		return n, true
	case int:
		return float64(n), true
	case int64:
		return float64(n), true
	case uint64:
		return float64(n), true
	case json.Number:
		f, err := n.Float64()
		return f, err == nil
	}
	return 0, false
}

func isTime(value any) bool {
	if text, ok := value.(string); ok {
		_, err := time.Parse(time.RFC3339, text)
		return err == nil
	}
	if _, ok := value.(time.Time); ok {
		return true
	}
	_, ok := number(value)
	return ok
}

func isBlob(value any) bool {
	switch value.(type) {
	case []byte, string:
		return true
	}
	return false
}
