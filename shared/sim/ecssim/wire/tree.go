package wire

import (
	"fmt"
	"reflect"
	"slices"
	"time"
)

// kind is the kind of a composite in a response tree.
type kind int

const (
	kindStructure  kind = iota // members with the names of the model
	kindDictionary             // free keys
	kindList
)

// sink writes a tree in one protocol.
type sink interface {
	null()
	text(string)
	boolean(bool)
	integer(int64)
	float(float64)
	moment(time.Time)
	blob([]byte)
	open(k kind, n int)
	begin(k kind, name string, index int) // before a member, an entry or an element
	end(k kind, name string)
	close(k kind)
}

// write writes a response tree into a sink, keys in sorted order.
func write(s sink, value any) error {
	switch v := value.(type) {
	case nil:
		s.null()
	case string:
		s.text(v)
	case bool:
		s.boolean(v)
	case int:
		s.integer(int64(v))
	case int64:
		s.integer(v)
	case float64:
		s.float(v)
	case time.Time:
		s.moment(v)
	case []byte:
		s.blob(v)
	default:
		return writeComposite(s, value)
	}
	return nil
}

func writeComposite(s sink, value any) error {
	switch v := value.(type) {
	case Object:
		return writeKeyed(s, kindStructure, v)
	case map[string]any:
		return writeKeyed(s, kindStructure, v)
	case map[string]string:
		return writeKeyed(s, kindDictionary, v)
	case []Object:
		return writeList(s, v)
	case []string:
		return writeList(s, v)
	case []any:
		return writeList(s, v)
	case []float64:
		return writeList(s, v)
	case []time.Time:
		return writeList(s, v)
	}
	return writeReflected(s, value)
}

func writeList[T any](s sink, list []T) error {
	s.open(kindList, len(list))
	for i, element := range list {
		s.begin(kindList, "", i)
		if err := write(s, element); err != nil {
			return fmt.Errorf("[%d]: %w", i, err)
		}
		s.end(kindList, "")
	}
	s.close(kindList)
	return nil
}

func writeKeyed[T any](s sink, k kind, members map[string]T) error {
	var room [24]string // most structures fit: no allocation
	keys := room[:0]
	for key, value := range members {
		if !omitted(value) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	s.open(k, len(keys))
	for i, key := range keys {
		s.begin(k, key, i)
		if err := write(s, members[key]); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		s.end(k, key)
	}
	s.close(k)
	return nil
}

// omitted reports whether the answer omits a member.
func omitted(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case Object:
		return v == nil
	case time.Time:
		return v.IsZero()
	case string, bool, int, int64, float64, []Object, []string:
		return false
	}
	r := reflect.ValueOf(value)
	return r.Kind() == reflect.Pointer && r.IsNil()
}

// writeReflected writes the rarer types: named types, pointers, other integers
// and lists of these.
func writeReflected(s sink, value any) error {
	r := reflect.ValueOf(value)
	switch {
	case r.Kind() == reflect.Pointer && !r.IsNil():
		return write(s, r.Elem().Interface())
	case r.Kind() == reflect.String:
		s.text(r.String())
	case r.Kind() == reflect.Bool:
		s.boolean(r.Bool())
	case r.CanInt():
		s.integer(r.Int())
	case r.CanUint():
		s.integer(int64(r.Uint()))
	case r.CanFloat():
		s.float(r.Float())
	case r.Kind() == reflect.Slice:
		return writeList(s, elements(r))
	case r.Kind() == reflect.Map && r.Type().Key().Kind() == reflect.String:
		return writeKeyed(s, kindDictionary, entries(r))
	default:
		return fmt.Errorf("a response cannot hold %T", value)
	}
	return nil
}

func elements(list reflect.Value) []any {
	out := make([]any, list.Len())
	for i := range out {
		out[i] = list.Index(i).Interface()
	}
	return out
}

func entries(dictionary reflect.Value) map[string]any {
	out := make(map[string]any, dictionary.Len())
	for pairs := dictionary.MapRange(); pairs.Next(); {
		out[pairs.Key().String()] = pairs.Value().Interface()
	}
	return out
}
