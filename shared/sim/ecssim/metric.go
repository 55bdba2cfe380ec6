package ecssim

import (
	"cmp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim/wire"
)

// retention is how long data points are kept: 15 days, as CloudWatch keeps
// one-minute data.
const retention = 15 * 24 * 60 * 60

// dimension is a name and a value of a metric.
type dimension struct{ name, value string }

// metricStore is CloudWatch's metrics.
type metricStore struct {
	index map[string]*series
	order []*series
}

func newMetricStore() metricStore { return metricStore{index: map[string]*series{}} }

// series is one metric. Times are Unix seconds.
type series struct {
	namespace, name, unit string
	dimensions            []dimension // by name
	resolution            int64       // seconds that a point stands for
	delay                 int64       // seconds after the end of its span until a point can be read
	exponential           bool        // percentiles are those of an exponential distribution
	points                []point
}

// point is a statistic set: n values from t on.
type point struct {
	t                int64
	n, sum, min, max float64
}

func (p *point) add(q point) {
	if p.n == 0 {
		*p = q
		return
	}
	p.n, p.sum = p.n+q.n, p.sum+q.sum
	p.min, p.max = min(p.min, q.min), max(p.max, q.max)
}

func metricKey(namespace, name string, dimensions []dimension) string {
	var b strings.Builder
	b.WriteString(namespace)
	b.WriteByte(0)
	b.WriteString(name)
	for _, d := range dimensions {
		b.WriteByte(0)
		b.WriteString(d.name)
		b.WriteByte('=')
		b.WriteString(d.value)
	}
	return b.String()
}

// dimensionsOf reads a list of Dimension structures, sorted by name.
func dimensionsOf(in []wire.Object, name, value string) []dimension {
	out := make([]dimension, 0, len(in))
	for _, d := range in {
		out = append(out, dimension{d.String(name), d.String(value)})
	}
	slices.SortFunc(out, func(a, b dimension) int { return cmp.Compare(a.name, b.name) })
	return out
}

func dimensionObjects(in []dimension) []wire.Object {
	out := make([]wire.Object, len(in))
	for i, d := range in {
		out[i] = wire.Object{"Name": d.name, "Value": d.value}
	}
	return out
}

func (m *metricStore) find(namespace, name string, dimensions []dimension) *series {
	return m.index[metricKey(namespace, name, dimensions)]
}

// open finds a series or makes it.
func (m *metricStore) open(namespace, name, unit string, dimensions ...dimension) *series {
	key := metricKey(namespace, name, dimensions)
	if found := m.index[key]; found != nil {
		return found
	}
	made := &series{namespace: namespace, name: name, unit: unit, dimensions: dimensions, resolution: 60}
	m.index[key] = made
	m.order = append(m.order, made)
	return made
}

// put adds a point; points of the same instant are merged.
func (s *series) put(p point) {
	n := len(s.points)
	if n == 0 || s.points[n-1].t < p.t {
		if n > 0 && s.points[0].t < p.t-2*retention {
			s.points = append(s.points[:0], s.from(p.t-retention)...)
		}
		s.points = append(s.points, p)
		return
	}
	i := sort.Search(n, func(i int) bool { return s.points[i].t >= p.t })
	if s.points[i].t == p.t {
		s.points[i].add(p)
		return
	}
	s.points = slices.Insert(s.points, i, p)
}

// publish adds a point of a metric of AWS's own, which stands for a span and
// can be read a while after it.
func (s *series) publish(p point, span int64, delay time.Duration) {
	s.resolution, s.delay = span, int64(delay/time.Second)
	s.put(p)
}

// from are the points at t and later.
func (s *series) from(t int64) []point {
	return s.points[sort.Search(len(s.points), func(i int) bool { return s.points[i].t >= t }):]
}

// visible is the end of the time about which everything can be known at now.
func (s *series) visible(now time.Time) int64 { return now.Unix() - s.delay }

// merged is the points of [from, to) that can be read at now, as one.
func (s *series) merged(from, to int64, now time.Time) (sum point, ok bool) {
	limit := s.visible(now)
	for _, p := range s.from(from) {
		if p.t >= to || p.t+s.resolution > limit {
			break
		}
		sum.add(p)
	}
	sum.t = from
	return sum, sum.n > 0
}

// buckets are the points of [from, to) in periods of so many seconds, oldest first.
func (s *series) buckets(from, to, period int64, now time.Time) []point {
	var out []point
	limit := s.visible(now)
	for _, p := range s.from(from) {
		if p.t >= to || p.t+s.resolution > limit {
			break
		}
		start := p.t - p.t%period
		if n := len(out); n > 0 && out[n-1].t == start {
			out[n-1].add(p)
			continue
		}
		p.t = start
		out = append(out, p)
	}
	return out
}

// statistic is one number of a point. Percentiles are known for response times
// only, which the model takes to be exponential.
func (s *series) statistic(p point, name string) (float64, bool) {
	switch name {
	case "Average":
		return p.sum / p.n, true
	case "Sum":
		return p.sum, true
	case "Minimum":
		return p.min, true
	case "Maximum":
		return p.max, true
	case "SampleCount":
		return p.n, true
	}
	share, err := strconv.ParseFloat(strings.TrimPrefix(name, "p"), 64)
	if err != nil || !s.exponential || share <= 0 || share >= 100 {
		return 0, false
	}
	return p.sum / p.n * exponentialQuantile(share/100), true
}
