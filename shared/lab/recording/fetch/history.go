package fetch

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"homeostat/shared/core/fault"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// Names of CloudWatch.
const (
	balancerSpace = "AWS/ApplicationELB"
	requestCount  = "RequestCount"
	targetGroup   = "TargetGroup"
	loadBalancer  = "LoadBalancer"
	serviceSpace  = "AWS/ECS"
	utilization   = "CPUUtilization"
)

// span is a time range in periods.
type span struct {
	from, to time.Time
	period   time.Duration
}

func (s span) periods() int { return int(s.to.Sub(s.from) / s.period) }

// history holds the values of CloudWatch by period. NaN means no data.
type history struct {
	span
	groups     []group
	requests   []float64 // nil without a load balancer
	cpu, tasks []float64
}

const (
	queryCPU     = "cpu"
	querySamples = "samples"
	queryGroup   = "requests"
)

func (r *Recorder) history(ctx context.Context, o Request, groups []group, samples float64, s span) (*history, error) {
	h := &history{span: s, groups: groups, cpu: unknown(s.periods()), tasks: unknown(s.periods())}
	into := map[string][]float64{queryCPU: h.cpu, querySamples: h.tasks}
	service := map[string]string{"ClusterName": o.Cluster, "ServiceName": o.Service}
	queries := []cwtypes.MetricDataQuery{
		query(queryCPU, serviceSpace, utilization, "Average", service, s.period),
		query(querySamples, serviceSpace, utilization, "SampleCount", service, s.period),
	}
	for i, g := range groups {
		id := queryGroup + strconv.Itoa(i)
		into[id] = unknown(s.periods())
		queries = append(queries, query(id, balancerSpace, requestCount, "Sum", map[string]string{targetGroup: g.target, loadBalancer: g.balancer}, s.period))
	}
	if err := r.fetch(ctx, queries, s, into); err != nil {
		return nil, err
	}
	for i := range h.tasks {
		h.tasks[i] /= samples * s.period.Minutes()
	}
	for i := range groups {
		h.requests = sum(h.requests, into[queryGroup+strconv.Itoa(i)])
	}
	return h, nil
}

// fetch reads all pages. The points of a query may be in several of them.
func (r *Recorder) fetch(ctx context.Context, queries []cwtypes.MetricDataQuery, s span, into map[string][]float64) error {
	pages := cloudwatch.NewGetMetricDataPaginator(r.CloudWatch, &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(s.from), EndTime: aws.Time(s.to), MetricDataQueries: queries, ScanBy: cwtypes.ScanByTimestampAscending,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fault.FromAWS("reading metrics", err)
		}
		for _, result := range page.MetricDataResults {
			if code := result.StatusCode; code == cwtypes.StatusCodeForbidden || code == cwtypes.StatusCodeInternalError {
				return fmt.Errorf("CloudWatch could not answer for %s: %s", aws.ToString(result.Label), code)
			}
			values := into[aws.ToString(result.Id)]
			for i := range min(len(result.Timestamps), len(result.Values)) {
				at := int(result.Timestamps[i].Sub(s.from) / s.period)
				if v := result.Values[i]; at >= 0 && at < len(values) && !result.Timestamps[i].Before(s.from) && v >= 0 && !math.IsInf(v, 0) {
					values[at] = v
				}
			}
		}
	}
	return nil
}

func query(id, namespace, metric, statistic string, dimensions map[string]string, period time.Duration) cwtypes.MetricDataQuery {
	m := &cwtypes.Metric{Namespace: aws.String(namespace), MetricName: aws.String(metric)}
	for name, value := range dimensions {
		m.Dimensions = append(m.Dimensions, cwtypes.Dimension{Name: aws.String(name), Value: aws.String(value)})
	}
	return cwtypes.MetricDataQuery{
		Id: aws.String(id), Label: aws.String(metric),
		MetricStat: &cwtypes.MetricStat{Metric: m, Period: aws.Int32(int32(period / time.Second)), Stat: aws.String(statistic)},
	}
}

func filters(name, value string) []cwtypes.DimensionFilter {
	return []cwtypes.DimensionFilter{{Name: aws.String(name), Value: aws.String(value)}}
}

// dimension returns the value of a dimension, or an empty string.
func dimension(m cwtypes.Metric, name string) string {
	for _, d := range m.Dimensions {
		if aws.ToString(d.Name) == name {
			return aws.ToString(d.Value)
		}
	}
	return ""
}

func unknown(periods int) []float64 {
	out := make([]float64, periods)
	for i := range out {
		out[i] = math.NaN()
	}
	return out
}

// sum adds the values of target groups. After a blue/green deployment one group
// reports nothing; that counts as no requests.
func sum(a, b []float64) []float64 {
	if a == nil {
		return b
	}
	for i := range a {
		switch {
		case math.IsNaN(a[i]):
			a[i] = b[i]
		case !math.IsNaN(b[i]):
			a[i] += b[i]
		}
	}
	return a
}

// source describes the source of the traffic.
func (h *history) source() string {
	if h.requests == nil {
		return "the average CPU times the running tasks"
	}
	names := make([]string, len(h.groups))
	for i, g := range h.groups {
		names[i] = g.target
	}
	return requestCount + " of " + strings.Join(names, " and ")
}
