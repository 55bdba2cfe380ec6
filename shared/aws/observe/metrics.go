package observe

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strconv"
	"time"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// Namespaces and statistics of CloudWatch.
const (
	namespaceECS = "AWS/ECS"
	namespaceELB = "AWS/ApplicationELB"
	namespaceSQS = "AWS/SQS"
	average      = "Average"
	sum          = "Sum"
	maximum      = "Maximum"
	sampleCount  = "SampleCount"
)

// metricRead is one query with the place of its answer.
type metricRead struct {
	query  cwtypes.MetricDataQuery
	period time.Duration
	into   *[]fleet.Sample
	load   *fleet.Load
}

// Loads reads the load of many services from since to now, in as few calls as
// CloudWatch allows. The result has the order of the sources. An unreadable load
// has its reason in Why. The error is that of a call that may succeed later; the
// loads of that call are unknown.
func (o *Observer) Loads(ctx context.Context, sources []fleet.Source, since, now time.Time) ([]fleet.Load, error) {
	loads := make([]fleet.Load, len(sources))
	var batch []metricRead
	var failed error
	flush := func() {
		if err := o.readMetrics(ctx, batch, since, now); err != nil {
			failed = err
			for _, q := range batch {
				q.load.Why = err.Error()
			}
		}
		batch = batch[:0]
	}
	for i, source := range sources {
		// The queries of one expression depend on each other, so one call reads all
		// of a service.
		queries := queriesOf(source, &loads[i], strconv.Itoa(i))
		if len(batch)+len(queries) > queriesLimit {
			flush()
		}
		batch = append(batch, queries...)
	}
	if len(batch) > 0 {
		flush()
	}
	for i := range loads {
		if l := &loads[i]; len(l.Groups) > 0 {
			l.Requests = fleet.TogetherOf(l.Groups)
		}
		if l := &loads[i]; len(l.CPU) == 0 && l.Why == "" {
			l.Why = "CloudWatch has no datapoint of the last minutes"
		}
	}
	return loads, failed
}

// readMetrics makes one call, and more if the answer has several pages.
func (o *Observer) readMetrics(ctx context.Context, batch []metricRead, since, now time.Time) error {
	in := &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(since.Truncate(time.Minute)), EndTime: aws.Time(now), ScanBy: cwtypes.ScanByTimestampAscending,
	}
	byID := make(map[string]metricRead, len(batch))
	for _, q := range batch {
		in.MetricDataQueries = append(in.MetricDataQueries, q.query)
		byID[aws.ToString(q.query.Id)] = q
	}
	for {
		out, err := o.CloudWatch.GetMetricData(ctx, in)
		if err != nil {
			return fault.FromAWS("reading metrics", err)
		}
		for _, r := range out.MetricDataResults {
			if q, ok := byID[aws.ToString(r.Id)]; ok && q.into != nil {
				*q.into = append(*q.into, samples(r, q.period, now)...)
			}
		}
		if aws.ToString(out.NextToken) == "" {
			return nil
		}
		in.NextToken = out.NextToken
	}
}

// samples returns the values of completed periods. The sum or maximum of a running
// period is not final.
func samples(r cwtypes.MetricDataResult, period time.Duration, now time.Time) []fleet.Sample {
	out := make([]fleet.Sample, 0, len(r.Values))
	for i := range min(len(r.Timestamps), len(r.Values)) {
		if end := r.Timestamps[i].Add(period).UTC(); !end.After(now) {
			out = append(out, fleet.Sample{At: end, Period: period, Value: r.Values[i]})
		}
	}
	// The order of the answer does not matter: a page may begin before the last one
	// ended.
	sort.SliceStable(out, func(i, j int) bool { return out[i].At.Before(out[j].At) })
	return out
}

// queriesOf returns the queries of one service. n makes their ids unique. A new
// signal gets a row of the table.
func queriesOf(s fleet.Source, into *fleet.Load, n string) []metricRead {
	if s.CustomOnly {
		return custom(s.Custom, into, n)
	}
	own := map[string]string{"ClusterName": s.Ref.Cluster, "ServiceName": s.Ref.Service}
	queue := map[string]string{"QueueName": s.Queue}
	var out []metricRead
	for _, row := range []struct {
		id     string
		wanted bool
		metric fleet.Metric
		into   *[]fleet.Sample
	}{
		{"cpu", true, fleet.Metric{Namespace: namespaceECS, Name: "CPUUtilization", Dimensions: own, Stat: average, Period: s.Period()}, &into.CPU},
		{"running", !s.Steady, fleet.Metric{Namespace: namespaceECS, Name: "CPUUtilization", Dimensions: own, Stat: sampleCount, Period: s.Period()}, &into.Running},
		{"memory", s.Memory, fleet.Metric{Namespace: namespaceECS, Name: "MemoryUtilization", Dimensions: own, Stat: average, Period: s.Period()}, &into.Memory},
		{"backlog", s.Queue != "", fleet.Metric{Namespace: namespaceSQS, Name: "ApproximateNumberOfMessagesVisible", Dimensions: queue, Stat: maximum, Period: time.Minute}, &into.Backlog},
	} {
		if row.wanted {
			out = append(out, metricRead{query: metricQuery(row.id+n, row.metric), period: row.metric.Period, into: row.into, load: into})
		}
	}
	out = append(out, groupQueries(s, into, n)...)
	return append(out, custom(s.Custom, into, n)...)
}

// groupQueries returns the queries of the target groups. The requests of one group are
// those of the service; the sum of several is made after the read.
func groupQueries(s fleet.Source, into *fleet.Load, n string) (out []metricRead) {
	groups := fleet.Countable(s.Groups, s.Search)
	add := func(id, name, stat string, g fleet.TargetGroup, to *[]fleet.Sample) {
		m := fleet.Metric{
			Namespace: namespaceELB, Name: name, Stat: stat, Period: time.Minute,
			Dimensions: map[string]string{"TargetGroup": g.Group, "LoadBalancer": g.LoadBalancer},
		}
		query := metricQuery(id+n, m)
		if g.LoadBalancer == "" {
			query = searchQuery(id+n, name, stat, g)
		}
		out = append(out, metricRead{query: query, period: m.Period, into: to, load: into})
	}
	if len(groups) == 1 && !s.Arms {
		add("requests", "RequestCount", sum, groups[0], &into.Requests)
		return out
	}
	into.Groups = make([]fleet.GroupLoad, len(groups))
	for i, g := range groups {
		l, of := &into.Groups[i], "group"+strconv.Itoa(i)
		l.Group = g.Group
		add("requests"+of+"of", "RequestCount", sum, g, &l.Requests)
		if s.Arms {
			add("errors"+of+"of", "HTTPCode_Target_5XX_Count", sum, g, &l.Errors)
			add("latency"+of+"of", "TargetResponseTime", average, g, &l.Latency)
		}
	}
	return out
}

// custom returns the queries of an expression. The policy names its metrics. Each
// name gets the number of the service, also in the expression, so that one call can
// read many services.
func custom(e *fleet.Expression, into *fleet.Load, n string) []metricRead {
	if e == nil {
		return nil
	}
	var out []metricRead
	period := time.Duration(0)
	for _, name := range slices.Sorted(maps.Keys(e.Metrics)) {
		m := e.Metrics[name]
		if m.Period == 0 {
			m.Period = time.Minute
		}
		if m.Stat == "" {
			m.Stat = average
		}
		period = max(period, m.Period)
		query := metricQuery(name+"of"+n, m)
		query.ReturnData = aws.Bool(false)
		out = append(out, metricRead{query: query, load: into})
	}
	if period == 0 {
		period = time.Minute
	}
	query := cwtypes.MetricDataQuery{
		Id: aws.String("custom" + n), Expression: aws.String(withIDs(e, n)), Period: aws.Int32(int32(period / time.Second)),
	}
	return append(out, metricRead{query: query, period: period, into: &into.Custom, load: into})
}

func metricQuery(id string, m fleet.Metric) cwtypes.MetricDataQuery {
	metric := &cwtypes.Metric{Namespace: aws.String(m.Namespace), MetricName: aws.String(m.Name)}
	for _, name := range slices.Sorted(maps.Keys(m.Dimensions)) {
		metric.Dimensions = append(metric.Dimensions, cwtypes.Dimension{Name: aws.String(name), Value: aws.String(m.Dimensions[name])})
	}
	return cwtypes.MetricDataQuery{
		Id:         aws.String(id),
		MetricStat: &cwtypes.MetricStat{Stat: aws.String(m.Stat), Period: aws.Int32(int32(m.Period / time.Second)), Metric: metric},
	}
}

// searchQuery returns the query of a metric of a target group with an unknown load
// balancer. A group belongs to one load balancer, so at most one metric is found.
func searchQuery(id, name, stat string, g fleet.TargetGroup) cwtypes.MetricDataQuery {
	text := fmt.Sprintf(`SEARCH('{%s,LoadBalancer,TargetGroup} MetricName="%s" TargetGroup="%s"', '%s', 60)`, namespaceELB, name, g.Group, stat)
	return cwtypes.MetricDataQuery{Id: aws.String(id), Expression: aws.String(text)}
}

// withIDs returns the expression with each of its metrics under the id of its
// query. Quoted texts, such as those of a SEARCH, stay as they are.
func withIDs(e *fleet.Expression, n string) string {
	var out []byte
	quoted := byte(0)
	for i := 0; i < len(e.Text); {
		c := e.Text[i]
		switch {
		case quoted != 0:
			if c == quoted {
				quoted = 0
			}
		case c == '\'' || c == '"':
			quoted = c
		case isNameStart(c):
			end := i + 1
			for end < len(e.Text) && isNamePart(e.Text[end]) {
				end++
			}
			word := e.Text[i:end]
			out = append(out, word...)
			if _, named := e.Metrics[word]; named {
				out = append(append(out, "of"...), n...)
			}
			i = end
			continue
		}
		out = append(out, c)
		i++
	}
	return string(out)
}

func isNameStart(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }

func isNamePart(c byte) bool { return isNameStart(c) || c >= '0' && c <= '9' }
