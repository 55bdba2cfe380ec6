package cloudwatch

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"homeostat/shared/sim/ecssim/wire"
)

// search finds the metrics of a namespace with exactly these dimensions, whose name and
// dimensions have the given values. AWS: CloudWatch user guide, "CloudWatch search
// expression syntax", with terms in double quotes.
type search struct {
	namespace  string
	dimensions []string // names, sorted
	values     map[string]string
}

// readSearch reads a query that is one SEARCH with a schema and exact terms. ok is false
// for another expression.
func (q *metricQuery) readSearch(text string) (ok bool) {
	parts := regexp.MustCompile(`^SEARCH\('\{([^},]+),([^}]+)\}((?: [A-Za-z]+="[^"]*")*)', '([A-Za-z]+)', ([0-9]{1,5})\)$`).FindStringSubmatch(text)
	if parts == nil {
		return false
	}
	s := &search{namespace: parts[1], dimensions: strings.Split(parts[2], ","), values: map[string]string{}}
	slices.Sort(s.dimensions)
	for _, term := range regexp.MustCompile(`([A-Za-z]+)="([^"]*)"`).FindAllStringSubmatch(parts[3], -1) {
		s.values[term[1]] = term[2]
	}
	period, err := strconv.ParseInt(parts[5], 10, 64)
	q.search, q.statistic, q.period = s, parts[4], period
	return err == nil && period > 0
}

// finds reports whether the search finds the metric.
func (s *search) finds(m *Series) bool {
	if m.namespace != s.namespace || len(m.dimensions) != len(s.dimensions) {
		return false
	}
	values := map[string]string{"MetricName": m.name}
	for i, d := range m.dimensions {
		if d.Name != s.dimensions[i] {
			return false
		}
		values[d.Name] = d.Value
	}
	for name, value := range s.values {
		if values[name] != value {
			return false
		}
	}
	return true
}

// found returns one result for each metric that the query finds.
func (a *answers) found(q *metricQuery, ascending bool) (out []wire.Object, err error) {
	for _, m := range a.service.metrics.order {
		if !q.search.finds(m) {
			continue
		}
		one := *q
		one.namespace, one.metric, one.dimensions = m.namespace, m.name, m.dimensions
		one.key = metricKey(m.namespace, m.name, m.dimensions)
		values, err := a.metric(&one)
		if err != nil {
			return nil, err
		}
		out = append(out, one.object(values, ascending))
	}
	return out, nil
}
