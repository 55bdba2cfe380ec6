package wire

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

var errNotObject = errors.New("it is not an object")

func decodeJSON(body []byte) (Object, error) {
	if len(body) == 0 {
		return Object{}, nil // the AWS CLI sends an empty body
	}
	var in any // an Object here would be filled by reflection
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	object, ok := in.(map[string]any)
	if !ok {
		return nil, errNotObject
	}
	return object, nil
}

// encodeJSON appends the tree to space and returns the result.
func encodeJSON(space []byte, tree Object) ([]byte, error) {
	s := &jsonSink{out: space}
	if tree == nil {
		tree = Object{}
	}
	err := write(s, tree)
	return s.out, err
}

type jsonSink struct{ out []byte }

func (s *jsonSink) null()            { s.out = append(s.out, "null"...) }
func (s *jsonSink) text(v string)    { s.out = appendQuoted(s.out, v) }
func (s *jsonSink) boolean(v bool)   { s.out = strconv.AppendBool(s.out, v) }
func (s *jsonSink) integer(v int64)  { s.out = strconv.AppendInt(s.out, v, 10) }
func (s *jsonSink) float(v float64)  { s.out = appendFloat(s.out, v, `"`) }
func (s *jsonSink) blob(v []byte)    { s.text(base64.StdEncoding.EncodeToString(v)) }
func (s *jsonSink) end(kind, string) {}

func (s *jsonSink) moment(v time.Time) { s.out = appendEpoch(s.out, v) }

func (s *jsonSink) open(k kind, _ int) {
	if k == kindList {
		s.out = append(s.out, '[')
		return
	}
	s.out = append(s.out, '{')
}

func (s *jsonSink) close(k kind) {
	if k == kindList {
		s.out = append(s.out, ']')
		return
	}
	s.out = append(s.out, '}')
}

func (s *jsonSink) begin(k kind, name string, index int) {
	if index > 0 {
		s.out = append(s.out, ',')
	}
	if k != kindList {
		s.out = append(appendQuoted(s.out, name), ':')
	}
}

// appendQuoted appends s as a JSON text. ASCII, with quotation marks, is copied:
// many attributes of items are documents themselves.
func appendQuoted(out []byte, s string) []byte {
	start, copied := len(out), 0
	out = append(out, '"')
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c >= utf8.RuneSelf {
			quoted, _ := json.Marshal(s) // a string always marshals
			return append(out[:start], quoted...)
		}
		if c == '"' || c == '\\' {
			out = append(append(out, s[copied:i]...), '\\')
			copied = i
		}
	}
	return append(append(out, s[copied:]...), '"')
}

// appendFloat appends v in decimal. Infinities and NaN become quoted words.
func appendFloat(out []byte, v float64, quote string) []byte {
	word := ""
	switch {
	case math.IsNaN(v):
		word = "NaN"
	case math.IsInf(v, 1):
		word = "Infinity"
	case math.IsInf(v, -1):
		word = "-Infinity"
	case v == 0 || math.Abs(v) >= 1e-6 && math.Abs(v) < 1e21:
		return strconv.AppendFloat(out, v, 'f', -1, 64)
	default:
		return strconv.AppendFloat(out, v, 'e', -1, 64)
	}
	return append(out, quote+word+quote...)
}

// appendEpoch appends the seconds since 1970, with milliseconds if there are any.
func appendEpoch(out []byte, t time.Time) []byte {
	ms := t.Round(time.Millisecond).UnixMilli()
	if ms%1000 == 0 {
		return strconv.AppendInt(out, ms/1000, 10)
	}
	return strconv.AppendFloat(out, float64(ms)/1000, 'f', -1, 64)
}
