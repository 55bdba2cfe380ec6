package wire

import (
	"encoding/json"
	"math"
	"strconv"
	"time"
)

// Object is a request or response tree with the member names of the service
// model. Its readers never fail: a missing member, or one of another kind, reads
// as absent. Numbers and booleans may be text, as in Query.
type Object map[string]any

// Has reports whether the member is present, even if it is null.
func (o Object) Has(key string) bool {
	_, ok := o[key]
	return ok
}

// String returns the text of a member; "" if absent.
func (o Object) String(key string) string {
	s, _ := o[key].(string)
	return s
}

// Int returns a whole number. A number with a fraction reads as absent.
func (o Object) Int(key string) (int, bool) {
	f, ok := o.Float(key)
	if !ok || f != math.Trunc(f) || math.Abs(f) > 1<<62 {
		return 0, false
	}
	if n, exact := integer(o[key]); exact {
		return int(n), true
	}
	return int(f), true
}

// Float returns a number of any kind.
func (o Object) Float(key string) (float64, bool) {
	switch v := o[key].(type) {
	case float64:
		return v, true
	case float32:
		return float64(v), true
	case string:
		f, err := strconv.ParseFloat(v, 64)
		return f, err == nil
	default:
		n, ok := integer(v)
		return float64(n), ok
	}
}

func integer(value any) (int64, bool) {
	switch v := value.(type) {
	case int:
		return int64(v), true
	case int64:
		return v, true
	case int32:
		return int64(v), true
	case uint64:
		return int64(min(v, math.MaxInt64)), true
	case string:
		n, err := strconv.ParseInt(v, 10, 64)
		return n, err == nil
	case json.Number:
		n, err := v.Int64()
		return n, err == nil
	}
	return 0, false
}

// Bool returns a boolean.
func (o Object) Bool(key string) (value, ok bool) {
	switch v := o[key].(type) {
	case bool:
		return v, true
	case string:
		b, err := strconv.ParseBool(v)
		return b, err == nil
	}
	return false, false
}

// Time returns an instant in UTC: an epoch number, an RFC 3339 text or a
// time.Time.
func (o Object) Time(key string) (time.Time, bool) {
	switch v := o[key].(type) {
	case nil:
		return time.Time{}, false
	case time.Time:
		return v.UTC(), true
	case string:
		if t, err := time.Parse(time.RFC3339, v); err == nil {
			return t.UTC(), true
		}
	}
	f, ok := o.Float(key)
	if !ok || math.Abs(f) > maxEpoch {
		return time.Time{}, false
	}
	whole, fraction := math.Modf(f)
	// A float64 of today's epoch is exact to the microsecond at best.
	micros := int64(math.Round(fraction * 1e6))
	return time.Unix(int64(whole), micros*1000).UTC(), true
}

// maxEpoch is the end of year 9999, the last year that RFC 3339 can write.
const maxEpoch = 253402300799

// Object returns a structure or a map; nil if absent.
func (o Object) Object(key string) Object {
	return asObject(o[key])
}

func asObject(value any) Object {
	switch v := value.(type) {
	case Object:
		return v
	case map[string]any:
		return Object(v)
	case map[string]string:
		out := make(Object, len(v))
		for k, text := range v {
			out[k] = text
		}
		return out
	}
	return nil
}

// Objects returns a list of structures. It skips elements of other kinds.
func (o Object) Objects(key string) []Object {
	switch v := o[key].(type) {
	case []Object:
		return v
	case []any:
		out := make([]Object, 0, len(v))
		for _, element := range v {
			if object := asObject(element); object != nil {
				out = append(out, object)
			}
		}
		return out
	}
	return nil
}

// Ints returns a list of whole numbers. It skips elements of other kinds.
func (o Object) Ints(key string) []int {
	list, _ := plain(o[key]).([]any)
	out := make([]int, 0, len(list))
	for _, element := range list {
		if n, ok := number(element); ok && n == math.Trunc(n) {
			out = append(out, int(n))
		}
	}
	return out
}

// Strings returns a list of texts. It skips elements of other kinds.
func (o Object) Strings(key string) []string {
	switch v := o[key].(type) {
	case []string:
		return v
	case []any:
		out := make([]string, 0, len(v))
		for _, element := range v {
			if text, ok := element.(string); ok {
				out = append(out, text)
			}
		}
		return out
	}
	return nil
}
