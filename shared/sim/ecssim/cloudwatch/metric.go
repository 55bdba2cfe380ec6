package cloudwatch

import (
	"cmp"
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

// Series is one metric. Times are Unix seconds.
type Series struct {
	namespace, name, unit string
	dimensions            []Dimension // by name
	resolution            int64       // seconds that a point stands for
	delay                 int64       // seconds from the end of its span until a point can be read
	exponential           bool        // percentiles are those of an exponential distribution
	points                []Point
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

// merged returns the readable points of [from, to) at now, merged into one.
func (s *Series) merged(from, to int64, now time.Time) (sum Point, ok bool) {
	limit := s.visible(now)
	for _, p := range s.from(from) {
		if p.At >= to || p.At+s.resolution > limit {
			break
		}
		sum.Add(p)
	}
	sum.At = from
	return sum, sum.N > 0
}

// buckets returns the points of [from, to) in periods of so many seconds, oldest
// first.
func (s *Series) buckets(from, to, period int64, now time.Time) []Point {
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
