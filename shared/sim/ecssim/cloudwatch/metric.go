package cloudwatch

import (
	"cmp"
	"iter"
	"slices"
	"sort"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim/wire"
)

// Dimension is a name and a value of a metric.
type Dimension struct{ Name, Value string }

// metricStore holds the metrics.
type metricStore struct {
	index map[string]*Series
	order []*Series
}

func newMetricStore() metricStore { return metricStore{index: map[string]*Series{}} }

// Series is one metric. Times are Unix seconds. Data of another unit than the first one
// are a part of their own.
type Series struct {
	namespace, name, unit string
	dimensions            []Dimension // by name
	resolution            int64       // seconds that a point stands for
	delay                 int64       // seconds from the end of its span until a point can be read
	exponential           bool        // percentiles are those of an exponential distribution
	points                []Point
	others                []*Series // the same metric in other units
}

// part returns the data in a unit and makes it if necessary.
func (s *Series) part(unit string) *Series {
	for p := range s.in(unit) {
		return p
	}
	made := *s
	made.unit, made.points, made.others = unit, nil, nil
	s.others = append(s.others, &made)
	return &made
}

// in returns the parts of the metric in a unit; "" is every unit.
func (s *Series) in(unit string) iter.Seq[*Series] {
	return func(yield func(*Series) bool) {
		if (unit == "" || s.unit == unit) && !yield(s) {
			return
		}
		for _, other := range s.others {
			if (unit == "" || other.unit == unit) && !yield(other) {
				return
			}
		}
	}
}

// empty reports whether the metric has no data.
func (s *Series) empty() bool {
	for p := range s.in("") {
		if len(p.points) > 0 {
			return false
		}
	}
	return true
}

func metricKey(namespace, name string, dimensions []Dimension) string {
	var b strings.Builder
	b.WriteString(namespace)
	b.WriteByte(0)
	b.WriteString(name)
	for _, d := range dimensions {
		b.WriteByte(0)
		b.WriteString(d.Name)
		b.WriteByte('=')
		b.WriteString(d.Value)
	}
	return b.String()
}

// DimensionsOf reads a list of Dimension structures and sorts it by name.
func DimensionsOf(in []wire.Object) []Dimension {
	out := make([]Dimension, 0, len(in))
	for _, d := range in {
		out = append(out, Dimension{d.String("Name"), d.String("Value")})
	}
	slices.SortFunc(out, func(a, b Dimension) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

func dimensionObjects(in []Dimension) []wire.Object {
	out := make([]wire.Object, len(in))
	for i, d := range in {
		out[i] = wire.Object{"Name": d.Name, "Value": d.Value}
	}
	return out
}

// Find returns a metric, or nil. Dimensions are sorted by name.
func (s *Service) Find(namespace, name string, dimensions ...Dimension) *Series {
	return s.metrics.index[metricKey(namespace, name, dimensions)]
}

// Open returns a metric and makes it if necessary. Dimensions are sorted by name.
func (s *Service) Open(namespace, name, unit string, dimensions ...Dimension) *Series {
	m, key := &s.metrics, metricKey(namespace, name, dimensions)
	if found := m.index[key]; found != nil {
		return found
	}
	made := &Series{namespace: namespace, name: name, unit: unit, dimensions: dimensions, resolution: StandardSeconds}
	m.index[key] = made
	m.order = append(m.order, made)
	return made
}

// Points returns the points of the metric, oldest first. The caller must not
// change them.
func (s *Series) Points() []Point { return s.points }

// Exponential gives the metric percentiles, from an exponential distribution with
// its mean.
func (s *Series) Exponential() { s.exponential = true }

// put adds a point. Points of the same instant are merged.
func (s *Series) put(p Point) {
	n := len(s.points)
	if n == 0 || s.points[n-1].At < p.At {
		if n > 0 && s.points[0].At < p.At-2*retention {
			s.points = append(s.points[:0], s.from(p.At-retention)...)
		}
		s.points = append(s.points, p)
		return
	}
	i := sort.Search(n, func(i int) bool { return s.points[i].At >= p.At })
	if s.points[i].At == p.At {
		s.points[i].Add(p)
		return
	}
	s.points = slices.Insert(s.points, i, p)
}

// Publish adds a point of a metric of an AWS service. The point stands for span
// seconds and can be read a delay after their end.
func (s *Series) Publish(p Point, span int64, delay time.Duration) {
	s.resolution, s.delay = span, int64(delay/time.Second)
	s.put(p)
}

// from returns the points at t and later.
func (s *Series) from(t int64) []Point {
	return s.points[sort.Search(len(s.points), func(i int) bool { return s.points[i].At >= t }):]
}

// visible returns the end of the time that is completely readable at now.
func (s *Series) visible(now time.Time) int64 { return now.Unix() - s.delay }

// merged returns the readable points of [from, to) in a unit at now, merged into one.
func (s *Series) merged(unit string, from, to int64, now time.Time) (sum Point, ok bool) {
	for part := range s.in(unit) {
		limit := part.visible(now)
		for _, p := range part.from(from) {
			if p.At >= to || p.At+part.resolution > limit {
				break
			}
			sum.Add(p)
		}
	}
	sum.At = from
	return sum, sum.N > 0
}

// buckets returns the points of [from, to) in a unit in periods of so many seconds,
// oldest first.
func (s *Series) buckets(unit string, from, to, period int64, now time.Time) []Point {
	var out []Point
	for part := range s.in(unit) {
		mine := part.own(from, to, period, now)
		if len(out) == 0 {
			out = mine
			continue
		}
		out = together(append(out, mine...))
	}
	return out
}

// together merges points of the same instant.
func together(points []Point) []Point {
	slices.SortStableFunc(points, func(a, b Point) int { return cmp.Compare(a.At, b.At) })
	var out []Point
	for _, p := range points {
		if n := len(out); n > 0 && out[n-1].At == p.At {
			out[n-1].Add(p)
			continue
		}
		out = append(out, p)
	}
	return out
}

// own is buckets of one part.
func (s *Series) own(from, to, period int64, now time.Time) []Point {
	var out []Point
	limit := s.visible(now)
	for _, p := range s.from(from) {
		if p.At >= to || p.At+s.resolution > limit {
			break
		}
		start := p.At - p.At%period
		if n := len(out); n > 0 && out[n-1].At == start {
			out[n-1].Add(p)
			continue
		}
		p.At = start
		out = append(out, p)
	}
	return out
}
