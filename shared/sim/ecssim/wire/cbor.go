package wire

import (
	"encoding/binary"
	"math"
	"reflect"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// newCBORDecoder decodes into map[string]any, int64, float64 and time.Time.
func newCBORDecoder() cbor.DecMode {
	mode, err := cbor.DecOptions{
		DefaultMapType:   reflect.TypeFor[map[string]any](),
		IntDec:           cbor.IntDecConvertSignedOrFail,
		MaxNestedLevels:  64,
		MaxArrayElements: 1 << 20,
		MaxMapPairs:      1 << 16,
	}.DecMode()
	if err != nil {
		panic(err) // impossible with constant options
	}
	return mode
}

func decodeCBOR(mode cbor.DecMode, body []byte) (Object, error) {
	if len(body) == 0 {
		return Object{}, nil
	}
	var in map[string]any
	if err := mode.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	if in == nil {
		return nil, errNotObject
	}
	return Object(in), nil
}

func encodeCBOR(tree Object) ([]byte, error) {
	s := &cborSink{out: make([]byte, 0, 512)}
	if tree == nil {
		tree = Object{}
	}
	err := write(s, tree)
	return s.out, err
}

// The major types of RFC 8949, in the upper three bits of a head.
const (
	majorUint   = 0 << 5
	majorNegInt = 1 << 5
	majorBytes  = 2 << 5
	majorText   = 3 << 5
	majorArray  = 4 << 5
	majorMap    = 5 << 5
	majorTag    = 6 << 5
	majorSimple = 7 << 5

	simpleFalse   = majorSimple | 20
	simpleTrue    = majorSimple | 21
	simpleNull    = majorSimple | 22
	simpleFloat64 = majorSimple | 27

	tagEpoch = 1
)

type cborSink struct{ out []byte }

func (s *cborSink) head(major byte, n uint64) {
	switch {
	case n < 24:
		s.out = append(s.out, major|byte(n))
	case n <= math.MaxUint8:
		s.out = append(s.out, major|24, byte(n))
	case n <= math.MaxUint16:
		s.out = binary.BigEndian.AppendUint16(append(s.out, major|25), uint16(n))
	case n <= math.MaxUint32:
		s.out = binary.BigEndian.AppendUint32(append(s.out, major|26), uint32(n))
	default:
		s.out = binary.BigEndian.AppendUint64(append(s.out, major|27), n)
	}
}

func (s *cborSink) null() { s.out = append(s.out, simpleNull) }

func (s *cborSink) text(v string) {
	s.head(majorText, uint64(len(v)))
	s.out = append(s.out, v...)
}

func (s *cborSink) blob(v []byte) {
	s.head(majorBytes, uint64(len(v)))
	s.out = append(s.out, v...)
}

func (s *cborSink) boolean(v bool) {
	if v {
		s.out = append(s.out, simpleTrue)
		return
	}
	s.out = append(s.out, simpleFalse)
}

func (s *cborSink) integer(v int64) {
	if v < 0 {
		s.head(majorNegInt, uint64(-(v + 1)))
		return
	}
	s.head(majorUint, uint64(v))
}

// float writes a whole number as an integer. Clients accept an integer for a
// double member, but no double for an integer member.
func (s *cborSink) float(v float64) {
	if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
		s.integer(int64(v))
		return
	}
	s.out = binary.BigEndian.AppendUint64(append(s.out, simpleFloat64), math.Float64bits(v))
}

func (s *cborSink) moment(v time.Time) {
	s.head(majorTag, tagEpoch)
	s.float(float64(v.Round(time.Millisecond).UnixMilli()) / 1000)
}

func (s *cborSink) open(k kind, n int) {
	if k == kindList {
		s.head(majorArray, uint64(n))
		return
	}
	s.head(majorMap, uint64(n))
}

func (s *cborSink) begin(k kind, name string, _ int) {
	if k != kindList {
		s.text(name)
	}
}

func (s *cborSink) end(kind, string) {}
func (s *cborSink) close(kind)       {}
