package cloudwatch

import (
	"cmp"
	"slices"
	"time"

	"homeostat/shared/sim/ecssim/wire"
)

// Source is the input of a metric alarm: a statistic of a metric, or the one
// query of several that returns data.
type Source struct {
	namespace, metric string
	dimensions        []Dimension
	statistic         string // or a percentile
	unit              string
	period            int64
	key               string        // of the metric
	queries           []wire.Object // unchanged, from the request; nil for a plain alarm
	asked             []*metricQuery
	watched           *metricQuery // the query that returns data; nil for a plain alarm
}

// MetricSource returns a statistic of a metric, with a period in seconds.
func MetricSource(namespace, metric, statistic string, period int64, dimensions []Dimension) Source {
	return Source{namespace: namespace, metric: metric, statistic: statistic, period: period, dimensions: dimensions}
}

// InUnit returns the source with the data of one unit; "" is every unit.
func (s Source) InUnit(unit string) Source {
	s.unit = unit
	return s
}

// Queries makes the only query that returns data the source: a metric or an
// expression. Queries without a period take the given one; 0 demands one.
func (s *Service) Queries(of Source, queries []wire.Object, period int64) (Source, error) {
	parsed, err := parseQueries(queries, period)
	if err != nil {
		return of, err
	}
	if slices.ContainsFunc(parsed, func(q *metricQuery) bool { return q.search != nil }) {
		return of, wire.Errorf("ValidationError", "SEARCH is not supported on Metric Alarms.")
	}
	watched := slices.DeleteFunc(slices.Clone(parsed), func(q *metricQuery) bool { return !q.returned })
	if len(watched) != 1 {
		return of, wire.Errorf("ValidationError", "Of the alarm's queries %d return data, expected one: set ReturnData to false on the others.", len(watched))
	}
	q := watched[0]
	of.queries, of.asked, of.watched, of.period = queries, parsed, q, q.period
	if q.expression == nil {
		of.namespace, of.metric, of.dimensions, of.statistic, of.unit = q.namespace, q.metric, q.dimensions, q.statistic, q.unit
		return of, nil
	}
	now := s.account.Now().Unix()
	_, err = s.answers(parsed, now-q.period, now).of(q)
	return of, err
}

// sourceOf reads the metric of PutMetricAlarm, plain or as queries.
func (s *Service) sourceOf(in wire.Object) (Source, error) {
	if queries := in.Objects("Metrics"); len(queries) > 0 {
		return s.Queries(Source{}, queries, 0)
	}
	n, _ := in.Int("Period")
	out := Source{
		period: int64(n), unit: in.String("Unit"), namespace: in.String("Namespace"), metric: in.String("MetricName"),
		statistic:  cmp.Or(in.String("Statistic"), in.String("ExtendedStatistic")),
		dimensions: DimensionsOf(in.Objects("Dimensions")),
	}
	if out.namespace == "" || out.metric == "" || out.statistic == "" {
		return out, wire.Errorf("ValidationError", "The alarm needs a metric and a statistic.")
	}
	return out, nil
}

// computed reports whether the alarm evaluates an expression.
func (s *Source) computed() bool { return s.watched != nil && s.watched.expression != nil }

// metricDelay returns the time from the end of a period until its data can be
// read. For several metrics it is the longest such time.
func (s *Service) metricDelay(of *Source) time.Duration {
	if !of.computed() {
		return s.delayOf(of.key, of.namespace, of.period)
	}
	longest := time.Duration(0)
	for _, q := range of.asked {
		if q.expression == nil {
			longest = max(longest, s.delayOf(q.key, q.namespace, q.period))
		}
	}
	return longest
}

func (s *Service) delayOf(key, namespace string, period int64) time.Duration {
	if m := s.metrics.index[key]; m != nil {
		return time.Duration(max(0, m.delay)) * time.Second
	}
	switch {
	case namespace == NamespaceELB:
		return s.delays.Balancer
	case namespace != NamespaceECS:
		return 0
	case period < StandardSeconds:
		return s.delays.HighResolution
	}
	return s.delays.Standard
}
