package cloudwatch

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"homeostat/shared/sim/ecssim/expression"
	"homeostat/shared/sim/ecssim/wire"
)

// metricQuery is a query of GetMetricData, of an alarm, or of a scaling policy: a
// statistic of a metric, or an expression over other queries.
type metricQuery struct {
	id, label  string
	returned   bool
	namespace  string
	metric     string
	dimensions []Dimension
	key        string
	statistic  string
	unit       string                 // "" is every unit
	period     int64                  // of an expression: the period of its metrics
	expression *expression.Expression // nil for a metric
	search     *search                // nil for no search
}

// parseQueries reads queries. If no query has a period, they take the given one;
// 0 demands one.
func parseQueries(in []wire.Object, period int64) ([]*metricQuery, error) {
	out := make([]*metricQuery, 0, len(in))
	for i, object := range in {
		q, err := parseQuery(object, i+1, period)
		if err != nil {
			return nil, err
		}
		if !isQueryID(q.id) || queryOf(out, q.id) != nil {
			return nil, wire.Errorf("ValidationError", "The id %q is not valid, or not the only one of its name: it must begin with a small letter.", q.id)
		}
		out = append(out, q)
	}
	for _, q := range out {
		if _, err := q.periodAmong(out, nil); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// isQueryID reports whether CloudWatch accepts the id: a small letter, then
// letters, digits and underscores, 255 characters at most.
func isQueryID(id string) bool {
	for i, r := range id {
		small := r >= 'a' && r <= 'z'
		if !small && (i == 0 || (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_') {
			return false
		}
	}
	return id != "" && len(id) <= maxQueryID
}

func queryOf(all []*metricQuery, id string) *metricQuery {
	for _, q := range all {
		if q.id == id {
			return q
		}
	}
	return nil
}

func parseQuery(in wire.Object, place int, period int64) (*metricQuery, error) {
	returned, said := in.Bool("ReturnData")
	q := &metricQuery{id: in.String("Id"), label: in.String("Label"), returned: returned || !said}
	stat, text := in.Object("MetricStat"), in.String("Expression")
	if stat == nil && text == "" {
		return nil, wire.Errorf("ValidationError", "The parameter MetricDataQueries.member.%d.MetricStat is required.\n", place)
	}
	if stat != nil && text != "" {
		return nil, wire.Errorf("ValidationError", "The query %s has a MetricStat and an Expression, and needs one of them.", q.id)
	}
	if q.readSearch(text) {
		return q, nil
	}
	if text != "" {
		var err error
		if q.expression, err = expression.Parse(text); err != nil {
			return nil, wire.Errorf("ValidationError", "ecssim does not understand the query %s: %v", q.id, err)
		}
		return q, nil
	}
	metric := stat.Object("Metric")
	q.namespace, q.metric = metric.String("Namespace"), metric.String("MetricName")
	q.dimensions = DimensionsOf(metric.Objects("Dimensions"))
	q.key, q.statistic, q.period = metricKey(q.namespace, q.metric, q.dimensions), stat.String("Stat"), period
	q.unit = stat.String("Unit")
	if n, ok := stat.Int("Period"); ok {
		q.period = int64(n)
	}
	if q.period <= 0 {
		return nil, wire.Errorf("ValidationError", "Invalid period of query %s", q.id)
	}
	return q, nil
}

// periodAmong returns the period of a query. An expression takes the period of
// its metrics, through other expressions if necessary. The metrics of one
// expression have one period. Assumed: CloudWatch has more rules here.
func (q *metricQuery) periodAmong(all []*metricQuery, above []string) (int64, error) {
	if q.period > 0 {
		return q.period, nil
	}
	if slices.Contains(above, q.id) {
		return 0, wire.Errorf("ValidationError", "The expression %s is made of itself.", q.id)
	}
	for _, id := range q.expression.IDs() {
		of := queryOf(all, id)
		if of == nil {
			return 0, wire.Errorf("ValidationError", "The expression %s names %s, and there is no query with that id.", q.id, id)
		}
		period, err := of.periodAmong(all, append(above, q.id))
		if err != nil {
			return 0, err
		}
		if q.period > 0 && q.period != period {
			return 0, wire.Errorf("ValidationError", "ecssim does not model the expression %s: its metrics have periods of %d and %d s", q.id, q.period, period)
		}
		q.period = period
	}
	if q.period == 0 {
		return 0, wire.Errorf("ValidationError", "The expression %s names no metric.", q.id)
	}
	return q.period, nil
}

// answers are the values of queries of one request, each computed once.
type answers struct {
	service  *Service
	queries  []*metricQuery
	from, to int64
	known    map[string]expression.Series
}

func (s *Service) answers(queries []*metricQuery, from, to int64) *answers {
	return &answers{service: s, queries: queries, from: from, to: to, known: map[string]expression.Series{}}
}

func (a *answers) of(q *metricQuery) (expression.Series, error) {
	if values, done := a.known[q.id]; done {
		return values, nil
	}
	values, err := a.metric(q)
	if q.expression != nil {
		span := expression.Span{From: a.from - a.from%q.period, To: min(a.to, a.service.account.Now().Unix()), Period: q.period}
		values, err = q.expression.Eval(span, a.source)
		if _, said := errors.AsType[*wire.Error](err); err != nil && !said {
			err = wire.Errorf("ValidationError", "Query %s: %v", q.id, err)
		}
	}
	a.known[q.id] = values
	return values, err
}

func (a *answers) source(id string) (expression.Series, bool, error) {
	q := queryOf(a.queries, id)
	if q == nil {
		return nil, false, nil
	}
	if q.search != nil {
		return nil, true, wire.Errorf("ValidationError", "ecssim models no expression over the search %s.", id)
	}
	values, err := a.of(q)
	return values, true, err
}

// metric returns the statistic of the query's metric in each period with data.
func (a *answers) metric(q *metricQuery) (expression.Series, error) {
	m := a.service.metrics.index[q.key]
	if m == nil {
		return nil, nil
	}
	var out expression.Series
	for _, p := range m.buckets(q.unit, a.from-a.from%q.period, a.to, q.period, a.service.account.Now()) {
		v, ok := m.statistic(p, q.statistic)
		if !ok {
			return nil, wire.Errorf("ValidationError", "ecssim does not model the statistic %s of %s", q.statistic, m.name)
		}
		out = append(out, expression.Point{At: p.At, Value: v})
	}
	return out, nil
}

// object returns the result in the form of GetMetricData.
func (q *metricQuery) object(values expression.Series, ascending bool) wire.Object {
	times, numbers := make([]time.Time, 0, len(values)), make([]float64, 0, len(values))
	for _, p := range values {
		times, numbers = append(times, time.Unix(p.At, 0).UTC()), append(numbers, p.Value)
	}
	if !ascending {
		slices.Reverse(times)
		slices.Reverse(numbers)
	}
	return wire.Object{
		"Id": q.id, "Label": cmp.Or(q.label, cmp.Or(q.metric, q.id)),
		"Timestamps": times, "Values": numbers, "StatusCode": "Complete",
	}
}
