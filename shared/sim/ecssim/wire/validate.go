package wire

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
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
	return m.fit(op.Output, output)
}

// ValidateInput is Validate for a request, as decoded from JSON or CBOR.
func (m *Model) ValidateInput(operation string, input any) []string {
	op, ok := m.operations[operation]
	if !ok {
		return []string{"the model has no operation " + operation}
	}
	return m.fit(op.Input, input)
}

// HasError reports whether the operation may fail with the error shape code.
// Errors of every service, such as ThrottlingException, are in no model.
func (m *Model) HasError(operation, code string) bool {
	return slices.Contains(m.operations[operation].Errors, shapeRef{code})
}

func (m *Model) fit(ref shapeRef, tree any) []string {
	v := &validation{model: m}
	if ref.Shape == "" { // it has no members
		if object := asObject(tree); len(object) > 0 {
			v.addf("", "has members, the model has none")
		}
		return v.problems
	}
	if object, ok := tree.(Object); tree == nil || ok && object == nil {
		tree = Object{}
	}
	v.value("", m.shapes[ref.Shape], tree)
	return v.problems
}

type validation struct {
	model    *Model
	problems []string
}

func (v *validation) addf(path, format string, args ...any) {
	if path == "" {
		path = "it"
	}
	v.problems = append(v.problems, path+" "+fmt.Sprintf(format, args...))
}

func (v *validation) value(path string, s *shape, value any) {
	if s == nil {
		v.addf(path, "has a shape that the model lacks")
		return
	}
	value = plain(value)
	switch s.Type {
	case "structure":
		v.structure(path, s, value)
	case "map":
		v.dictionary(path, s, value)
	case "list":
		v.list(path, s, value)
	case "string":
		v.text(path, s, value)
	default:
		v.scalar(path, s, value)
	}
}

// plain removes pointers and named types.
func plain(value any) any {
	switch value.(type) {
	case nil, string, bool, int, float64, time.Time, Object, []byte, json.Number:
		return value
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

func (v *validation) structure(path string, s *shape, value any) {
	if s.Document {
		return
	}
	object, ok := value.(Object)
	if !ok {
		v.addf(path, "is %T, not a structure", value)
		return
	}
	for _, name := range s.Required {
		if omitted(object[name]) {
			v.addf(path, "lacks %s", name)
		}
	}
	if s.Union && len(object) != 1 {
		v.addf(path, "is a union and has %d members", len(object))
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		ref, known := s.Members[name]
		if !known {
			v.addf(join(path, name), "is unknown to the model")
			continue
		}
		if !omitted(object[name]) {
			v.value(join(path, name), v.model.shapes[ref.Shape], object[name])
		}
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func (v *validation) dictionary(path string, s *shape, value any) {
	object, ok := value.(Object)
	if !ok {
		v.addf(path, "is %T, not a map", value)
		return
	}
	v.limits(path, s, float64(len(object)), "entries")
	for _, name := range slices.Sorted(maps.Keys(object)) {
		v.value(join(path, name)+" (key)", v.model.shapes[s.Key.Shape], name)
		v.value(join(path, name), v.model.shapes[s.Value.Shape], object[name])
	}
}

func (v *validation) list(path string, s *shape, value any) {
	list, ok := value.([]any)
	if !ok {
		v.addf(path, "is %T, not a list", value)
		return
	}
	v.limits(path, s, float64(len(list)), "elements")
	for i, element := range list {
		v.value(fmt.Sprintf("%s[%d]", path, i), v.model.shapes[s.Member.Shape], element)
	}
}

func (v *validation) text(path string, s *shape, value any) {
	text, ok := value.(string)
	if !ok {
		v.addf(path, "is %T, not a string", value)
		return
	}
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, text) {
		v.addf(path, "is %q, which is not one of %v", text, s.Enum)
	}
	if expression := s.expression(); expression != nil && !expression.MatchString(text) {
		v.addf(path, "is %q, which does not match %s", text, s.Pattern)
	}
	v.limits(path, s, float64(utf8.RuneCountInString(text)), "characters")
}

func (v *validation) scalar(path string, s *shape, value any) {
	fits := false
	switch s.Type {
	case "boolean":
		_, fits = value.(bool)
	case "integer", "long":
		number, ok := number(value)
		fits = ok && number == math.Trunc(number)
		if fits {
			v.limits(path, s, number, "")
		}
	case "float", "double":
		number, ok := number(value)
		fits = ok
		if fits {
			v.limits(path, s, number, "")
		}
	case "timestamp":
		fits = isTime(value)
	case "blob":
		fits = isBlob(value)
	}
	if !fits {
		v.addf(path, "is %T, not %s", value, s.Type)
	}
}

func (v *validation) limits(path string, s *shape, size float64, unit string) {
	if unit != "" {
		unit = " " + unit
	}
	if s.Min != nil && size < *s.Min {
		v.addf(path, "has %v%s, fewer than %v", size, unit, *s.Min)
	}
	if s.Max != nil && size > *s.Max {
		v.addf(path, "has %v%s, more than %v", size, unit, *s.Max)
	}
}

func number(value any) (float64, bool) {
	switch n := value.(type) {
	case float64:
		return n, true
	case int:
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
