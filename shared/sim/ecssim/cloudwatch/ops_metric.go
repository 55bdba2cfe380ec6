package cloudwatch

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim/wire"
)

func (s *Service) metricOperations() wire.Operations {
	return wire.Operations{
		"PutMetricData":       s.putMetricData,
		"GetMetricData":       s.getMetricData,
		"GetMetricStatistics": s.getMetricStatistics,
		"ListMetrics":         s.listMetrics,
	}
}

func (s *Service) putMetricData(in wire.Object) (wire.Object, error) {
	namespace := in.String("Namespace")
	if namespace == "" || strings.HasPrefix(namespace, "AWS/") {
		return nil, wire.Errorf("InvalidParameterValueException", "The value %s for parameter Namespace is invalid.", namespace)
	}
	for _, d := range in.Objects("MetricData") {
		p, ok := pointOf(d)
		if !ok || d.String("MetricName") == "" {
			return nil, wire.Errorf("InvalidParameterCombinationException", "A MetricDatum needs a MetricName and one of Value, Values and StatisticValues.")
		}
		unit := cmp.Or(d.String("Unit"), noUnit)
		m := s.Open(namespace, d.String("MetricName"), unit, DimensionsOf(d.Objects("Dimensions"))...).part(unit)
		if n, ok := d.Int("StorageResolution"); ok && n == 1 {
			m.resolution = 1
		}
		// The data can be read at once, even before the minute is over.
		m.delay = -m.resolution
		at, said := d.Time("Timestamp")
		if !said {
			at = s.account.Now()
		}
		p.At = at.Unix() - at.Unix()%m.resolution
		m.put(p)
	}
	return wire.Object{}, nil
}

// pointOf reads one MetricDatum in any of its three forms.
func pointOf(d wire.Object) (Point, bool) {
	if v, ok := d.Float("Value"); ok {
		return Single(v), true
	}
	if set := d.Object("StatisticValues"); set != nil {
		n, _ := set.Float("SampleCount")
		sum, _ := set.Float("Sum")
		least, _ := set.Float("Minimum")
		most, _ := set.Float("Maximum")
		return Point{N: n, Sum: sum, Min: least, Max: most}, n > 0
	}
	values, counts := floats(d["Values"]), floats(d["Counts"])
	var p Point
	for i, v := range values {
		n := 1.0
		if i < len(counts) {
			n = counts[i]
		}
		p.Add(Point{N: n, Sum: n * v, Min: v, Max: v})
	}
	return p, p.N > 0
}

func floats(list any) []float64 {
	items, _ := list.([]any)
	out := make([]float64, 0, len(items))
	for _, item := range items {
		if v, ok := (wire.Object{"v": item}).Float("v"); ok {
			out = append(out, v)
		}
	}
	return out
}

func (s *Service) getMetricData(in wire.Object) (wire.Object, error) {
	queries := in.Objects("MetricDataQueries")
	if len(queries) == 0 || len(queries) > getMetricDataLimit {
		return nil, wire.Errorf("ValidationError", "MetricDataQueries must have 1 to %d elements.", getMetricDataLimit)
	}
	from, to, err := timeRange(in)
	if err != nil {
		return nil, err
	}
	asked, err := parseQueries(queries, 0)
	if err != nil {
		return nil, err
	}
	results, ascending := []wire.Object{}, in.String("ScanBy") == "TimestampAscending"
	answers := s.answers(asked, from, to)
	for _, q := range asked {
		if q.search != nil {
			found, err := answers.found(q, ascending)
			if err != nil {
				return nil, err
			}
			results = append(results, found...)
			continue
		}
		values, err := answers.of(q)
		if err != nil {
			return nil, err
		}
		if q.returned {
			results = append(results, q.object(values, ascending))
		}
	}
	return wire.Object{"MetricDataResults": results, "Messages": []wire.Object{}}, nil
}

func timeRange(in wire.Object) (from, to int64, err error) {
	start, ok := in.Time("StartTime")
	end, also := in.Time("EndTime")
	if !ok || !also || !start.Before(end) {
		return 0, 0, wire.Errorf("InvalidParameterValueException", "The parameter StartTime must be less than the parameter EndTime.")
	}
	return start.Unix(), end.Unix(), nil
}

func (s *Service) getMetricStatistics(in wire.Object) (wire.Object, error) {
	from, to, err := timeRange(in)
	if err != nil {
		return nil, err
	}
	period, _ := in.Int("Period")
	if period <= 0 {
		return nil, wire.Errorf("InvalidParameterValueException", "The parameter Period must be positive.")
	}
	points := []wire.Object{}
	m := s.Find(in.String("Namespace"), in.String("MetricName"), DimensionsOf(in.Objects("Dimensions"))...)
	if m == nil {
		return wire.Object{"Label": in.String("MetricName"), "Datapoints": points}, nil
	}
	for part := range m.in(in.String("Unit")) { // each unit has its own datapoints
		for _, p := range part.own(from-from%int64(period), to, int64(period), s.account.Now()) {
			object, err := part.datapoint(p, in)
			if err != nil {
				return nil, err
			}
			points = append(points, object)
		}
	}
	return wire.Object{"Label": m.name, "Datapoints": points}, nil
}

// datapoint returns a bucket with the statistics of the request.
func (s *Series) datapoint(p Point, in wire.Object) (wire.Object, error) {
	out := wire.Object{"Timestamp": time.Unix(p.At, 0).UTC()}
	if s.unit != "" {
		out["Unit"] = s.unit
	}
	for _, name := range in.Strings("Statistics") {
		v, ok := s.statistic(p, name)
		if !ok {
			return nil, wire.Errorf("InvalidParameterValueException", "Invalid statistic: %s", name)
		}
		out[name] = v
	}
	extended := map[string]float64{}
	for _, name := range in.Strings("ExtendedStatistics") {
		v, ok := s.statistic(p, name)
		if !ok {
			return nil, wire.Errorf("InvalidParameterValueException", "ecssim does not model the statistic %s of %s", name, s.name)
		}
		extended[name] = v
	}
	if len(extended) > 0 {
		out["ExtendedStatistics"] = extended
	}
	return out, nil
}

func (s *Service) listMetrics(in wire.Object) (wire.Object, error) {
	found := []wire.Object{}
	for _, m := range s.metrics.order {
		if !m.empty() && m.matches(in) {
			found = append(found, wire.Object{
				"Namespace": m.namespace, "MetricName": m.name, "Dimensions": dimensionObjects(m.dimensions),
			})
		}
	}
	found, next, err := wire.Page(found, in, "", "NextToken", listMetricsLimit)
	if err != nil {
		return nil, wire.Errorf("InvalidParameterValueException", "Request parameter NextToken is invalid")
	}
	return wire.SetToken(wire.Object{"Metrics": found}, "NextToken", next), nil
}

// matches applies the filters of ListMetrics.
func (s *Series) matches(in wire.Object) bool {
	if want := in.String("Namespace"); want != "" && want != s.namespace {
		return false
	}
	if want := in.String("MetricName"); want != "" && want != s.name {
		return false
	}
	for _, filter := range in.Objects("Dimensions") {
		has := slices.ContainsFunc(s.dimensions, func(d Dimension) bool {
			return d.Name == filter.String("Name") && (!filter.Has("Value") || d.Value == filter.String("Value"))
		})
		if !has {
			return false
		}
	}
	return true
}
