package observe

import (
	"context"
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

// queriesLimit is how many queries one GetMetricData takes.
const queriesLimit = 500

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

// asked is one query, with where its answer belongs.
type asked struct {
	query  cwtypes.MetricDataQuery
	period time.Duration
	into   *[]fleet.Sample
	load   *fleet.Load
}

// Loads reads the load of many services from since to now, in as few calls as
// CloudWatch allows, in the order of the sources. One that could not be read
// says so in its Why; the error is that of a call which may work later, and then
// says of which services nothing is known.
func (o *Observer) Loads(ctx context.Context, sources []fleet.Source, since, now time.Time) ([]fleet.Load, error) {
	loads := make([]fleet.Load, len(sources))
	var batch []asked
	var failed error
	flush := func() {
		if err := o.ask(ctx, batch, since, now); err != nil {
			failed = err
			for _, q := range batch {
				q.load.Why = err.Error()
			}
		}
		batch = batch[:0]
	}
	for i, source := range sources {
		// The queries of one expression lean on each other, so that a service is
		// asked about in one call.
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
		if l := &loads[i]; len(l.CPU) == 0 && l.Why == "" {
			l.Why = "CloudWatch has no datapoint of the last minutes"
		}
	}
	return loads, failed
}

// ask makes one call, and more where its answer has several pages.
func (o *Observer) ask(ctx context.Context, batch []asked, since, now time.Time) error {
	in := &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(since.Truncate(time.Minute)), EndTime: aws.Time(now), ScanBy: cwtypes.ScanByTimestampAscending,
	}
	byID := make(map[string]asked, len(batch))
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

// samples are the values of periods that are over: of one that goes on a sum, or
// a maximum, is not known yet.
func samples(r cwtypes.MetricDataResult, period time.Duration, now time.Time) []fleet.Sample {
	out := make([]fleet.Sample, 0, len(r.Values))
	for i := range min(len(r.Timestamps), len(r.Values)) {
		if end := r.Timestamps[i].Add(period).UTC(); !end.After(now) {
			out = append(out, fleet.Sample{At: end, Period: period, Value: r.Values[i]})
		}
	}
	// Whatever the order of the answer: a page may begin before the last one ended.
	sort.SliceStable(out, func(i, j int) bool { return out[i].At.Before(out[j].At) })
	return out
}

// queriesOf returns the queries of one service. n makes their ids unique. A new
// signal gets a row of the table.
func queriesOf(s fleet.Source, into *fleet.Load, n string) []asked {
	if s.CustomOnly {
		return custom(s.Custom, into, n)
	}
	own := map[string]string{"ClusterName": s.Ref.Cluster, "ServiceName": s.Ref.Service}
	targets := map[string]string{"TargetGroup": s.TargetGroup, "LoadBalancer": s.LoadBalancer}
	queue := map[string]string{"QueueName": s.Queue}
	var out []asked
	for _, row := range []struct {
		id     string
		wanted bool
		metric fleet.Metric
		into   *[]fleet.Sample
	}{
		{"cpu", true, fleet.Metric{Namespace: namespaceECS, Name: "CPUUtilization", Dimensions: own, Stat: average, Period: s.Period()}, &into.CPU},
		{"running", !s.Steady, fleet.Metric{Namespace: namespaceECS, Name: "CPUUtilization", Dimensions: own, Stat: sampleCount, Period: s.Period()}, &into.Running},
		{"memory", s.Memory, fleet.Metric{Namespace: namespaceECS, Name: "MemoryUtilization", Dimensions: own, Stat: average, Period: s.Period()}, &into.Memory},
		{"requests", s.TargetGroup != "" && s.LoadBalancer != "", fleet.Metric{Namespace: namespaceELB, Name: "RequestCount", Dimensions: targets, Stat: sum, Period: time.Minute}, &into.Requests},
		{"backlog", s.Queue != "", fleet.Metric{Namespace: namespaceSQS, Name: "ApproximateNumberOfMessagesVisible", Dimensions: queue, Stat: maximum, Period: time.Minute}, &into.Backlog},
	} {
		if row.wanted {
			out = append(out, asked{query: metricQuery(row.id+n, row.metric), period: row.metric.Period, into: row.into, load: into})
		}
	}
	return append(out, custom(s.Custom, into, n)...)
}

// custom are the queries of an expression. The names of its metrics are those
// of the policy: each gets the service's number, also in the expression, so that
// many services can be asked about in one call.
func custom(e *fleet.Expression, into *fleet.Load, n string) []asked {
	if e == nil {
		return nil
	}
	var out []asked
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
		out = append(out, asked{query: query, load: into})
	}
	if period == 0 {
		period = time.Minute
	}
	query := cwtypes.MetricDataQuery{
		Id: aws.String("custom" + n), Expression: aws.String(renamed(e, n)), Period: aws.Int32(int32(period / time.Second)),
	}
	return append(out, asked{query: query, period: period, into: &into.Custom, load: into})
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

// renamed is the expression with each of its metrics under the id that it is
// asked for with. Texts in quotes, of a SEARCH say, stay as they are.
func renamed(e *fleet.Expression, n string) string {
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
		case wordBegins(c):
			end := i + 1
			for end < len(e.Text) && wordGoesOn(e.Text[end]) {
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

func wordBegins(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }

func wordGoesOn(c byte) bool { return wordBegins(c) || c >= '0' && c <= '9' }
