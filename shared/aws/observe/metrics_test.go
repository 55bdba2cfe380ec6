package observe_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/aws/observe"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"
)

// fakeCloudWatch is a CloudWatch that keeps its requests. It answers each query
// with two values of the last minutes, the newer one on a second page.
type fakeCloudWatch struct {
	observe.CloudWatch
	requests [][]types.MetricDataQuery
	broken   int // the call that fails, from 1
}

func (c *fakeCloudWatch) GetMetricData(_ context.Context, in *cloudwatch.GetMetricDataInput, _ ...func(*cloudwatch.Options)) (*cloudwatch.GetMetricDataOutput, error) {
	second := in.NextToken != nil
	if !second {
		c.requests = append(c.requests, in.MetricDataQueries)
		if c.broken == len(c.requests) {
			return nil, errors.New("the connection broke")
		}
	}
	out := &cloudwatch.GetMetricDataOutput{}
	for i, q := range in.MetricDataQueries {
		at := fixture.Noon().Add(-3 * time.Minute)
		if second {
			at = at.Add(time.Minute)
		} else {
			out.NextToken = aws.String("more")
		}
		if q.ReturnData == nil || *q.ReturnData {
			out.MetricDataResults = append(out.MetricDataResults, types.MetricDataResult{
				Id: q.Id, Timestamps: []time.Time{at}, Values: []float64{float64(i)},
			})
		}
	}
	return out, nil
}

func services(n int) []fleet.Source {
	var out []fleet.Source
	for i := range n {
		ref := fixture.Ref(fmt.Sprint("web-", i))
		out = append(out, fleet.Source{Ref: ref})
	}
	return out
}

func TestTheLoadsOfManyServicesAreReadInFewCalls(t *testing.T) {
	c := &fakeCloudWatch{}
	o := &observe.Observer{CloudWatch: c}
	loads, err := o.Loads(t.Context(), services(600), fixture.Noon().Add(-10*time.Minute), fixture.Noon())
	require.NoError(t, err)
	require.Len(t, loads, 600)
	require.Len(t, c.requests, 3, "two queries a service, 500 a call")
	assert.Len(t, c.requests[0], 500)
	assert.Len(t, c.requests[2], 200)
	minute := func(at time.Duration, v float64) fleet.Sample {
		return fleet.Sample{At: fixture.Noon().Add(at), Period: time.Minute, Value: v}
	}
	assert.Equal(t, []fleet.Sample{minute(-2*time.Minute, 2), minute(-time.Minute, 2)}, loads[251].CPU, "the pages of one answer, oldest first")
	assert.Equal(t, []fleet.Sample{minute(-2*time.Minute, 3), minute(-time.Minute, 3)}, loads[251].Running)
	assert.Empty(t, loads[251].Why)
}

func TestACallThatFailsLeavesTheOtherServicesKnown(t *testing.T) {
	c := &fakeCloudWatch{broken: 2}
	o := &observe.Observer{CloudWatch: c}
	loads, err := o.Loads(t.Context(), services(600), fixture.Noon().Add(-10*time.Minute), fixture.Noon())
	require.Error(t, err)
	assert.NotEmpty(t, loads[0].CPU)
	assert.Empty(t, loads[300].CPU, "unknown, not zero")
	assert.Contains(t, loads[300].Why, "the connection broke")
	assert.NotEmpty(t, loads[599].CPU)
}

func TestEachSignalHasAQueryOfItsOwn(t *testing.T) {
	c := &fakeCloudWatch{}
	o := &observe.Observer{CloudWatch: c}
	source := fleet.Source{
		Ref: fixture.Web(), HighResolution: true, Memory: true, Groups: []fleet.TargetGroup{{Group: "targetgroup/web/1", LoadBalancer: "app/web/2"}}, Queue: "jobs",
		Custom: &fleet.Expression{Text: `open / MAX(open) + SUM(SEARCH('{A,open} open', 'Sum'))`, Metrics: map[string]fleet.Metric{
			"open": {Namespace: "Shop", Name: "OpenCarts", Dimensions: map[string]string{"Stage": "live"}},
		}},
	}
	loads, err := o.Loads(t.Context(), []fleet.Source{source}, fixture.Noon().Add(-10*time.Minute), fixture.Noon())
	require.NoError(t, err)
	var messages []string
	for _, q := range c.requests[0] {
		if q.MetricStat == nil {
			messages = append(messages, aws.ToString(q.Id)+" = "+aws.ToString(q.Expression))
			continue
		}
		m := q.MetricStat
		messages = append(messages, fmt.Sprintf("%s = %s %s %s %ds", aws.ToString(q.Id), aws.ToString(m.Metric.Namespace), aws.ToString(m.Metric.MetricName), aws.ToString(m.Stat), aws.ToInt32(m.Period)))
	}
	assert.Equal(t, []string{
		"cpu0 = AWS/ECS CPUUtilization Average 20s",
		"running0 = AWS/ECS CPUUtilization SampleCount 20s",
		"memory0 = AWS/ECS MemoryUtilization Average 20s",
		"backlog0 = AWS/SQS ApproximateNumberOfMessagesVisible Maximum 60s",
		"requests0 = AWS/ApplicationELB RequestCount Sum 60s",
		"openof0 = Shop OpenCarts Average 60s",
		"custom0 = openof0 / MAX(openof0) + SUM(SEARCH('{A,open} open', 'Sum'))",
	}, messages)
	l := loads[0]
	for name, samples := range map[string][]fleet.Sample{
		"cpu": l.CPU, "running": l.Running, "memory": l.Memory, "requests": l.Requests, "backlog": l.Backlog, "custom": l.Custom,
	} {
		assert.Len(t, samples, 2, name)
	}
	assert.Equal(t, 20*time.Second, l.CPU[0].Period)

	source.CustomOnly = true
	loads, err = o.Loads(t.Context(), []fleet.Source{source}, fixture.Noon().Add(-10*time.Minute), fixture.Noon())
	require.NoError(t, err)
	assert.Len(t, c.requests[1], 2, "the expression and its metric, and nothing else")
	assert.Len(t, loads[0].Custom, 2)
	assert.Empty(t, loads[0].CPU)
}

func TestAnExpressionHasThePeriodOfItsMetrics(t *testing.T) {
	for name, c := range map[string]struct {
		periods []time.Duration
		want    time.Duration
	}{
		"of ten seconds":                 {[]time.Duration{10 * time.Second}, 10 * time.Second},
		"of the longest":                 {[]time.Duration{10 * time.Second, 2 * time.Minute}, 2 * time.Minute},
		"of a minute where none is said": {[]time.Duration{0}, time.Minute},
		"of a minute without any":        {nil, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			e := &fleet.Expression{Text: "1", Metrics: map[string]fleet.Metric{}}
			for i, period := range c.periods {
				e.Metrics[fmt.Sprint("m", i)] = fleet.Metric{Namespace: "Shop", Name: "Requests", Stat: "Sum", Period: period}
			}
			o := &observe.Observer{CloudWatch: &fakeCloudWatch{}}
			loads, err := o.Loads(t.Context(), []fleet.Source{{Ref: fixture.Web(), Custom: e}}, fixture.Noon().Add(-5*time.Minute), fixture.Noon())
			require.NoError(t, err)
			require.NotEmpty(t, loads[0].Custom)
			assert.Equal(t, c.want, loads[0].Custom[0].Period)
			assert.Equal(t, fixture.Noon().Add(-3*time.Minute+c.want), loads[0].Custom[0].At, "a value is of the time when its period ends")
		})
	}
}

func TestAPeriodThatGoesOnIsNotRead(t *testing.T) {
	o := &observe.Observer{CloudWatch: &fakeCloudWatch{}}
	// The two values end two minutes and one minute before noon.
	for name, c := range map[string]struct {
		now  time.Time
		want int
	}{
		"both are over":         {fixture.Noon(), 2},
		"just over":             {fixture.Noon().Add(-time.Minute), 2},
		"the newer one goes on": {fixture.Noon().Add(-61 * time.Second), 1},
		"both go on":            {fixture.Noon().Add(-121 * time.Second), 0},
	} {
		t.Run(name, func(t *testing.T) {
			loads, err := o.Loads(t.Context(), services(1), fixture.Noon().Add(-10*time.Minute), c.now)
			require.NoError(t, err)
			assert.Len(t, loads[0].CPU, c.want)
		})
	}
}

func TestAGroupWithoutALoadBalancerIsSearched(t *testing.T) {
	source := fleet.Source{Ref: fixture.Web(), Steady: true, Groups: []fleet.TargetGroup{{Group: "targetgroup/web/1"}}}
	for search, want := range map[bool][]string{
		false: nil,
		true:  {`SEARCH('{AWS/ApplicationELB,LoadBalancer,TargetGroup} MetricName="RequestCount" TargetGroup="targetgroup/web/1"', 'Sum', 60)`},
	} {
		c := &fakeCloudWatch{}
		source.Search = search
		_, err := (&observe.Observer{CloudWatch: c}).Loads(t.Context(), []fleet.Source{source}, fixture.Noon().Add(-10*time.Minute), fixture.Noon())
		require.NoError(t, err)
		var got []string
		for _, q := range c.requests[0] {
			if q.Expression != nil {
				got = append(got, aws.ToString(q.Expression))
			}
		}
		assert.Equal(t, want, got)
	}
}
