package ecssim

import (
	"testing"
	"time"

	metrics "homeostat/shared/sim/ecssim/cloudwatch"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPutMetricDataInItsThreeForms(t *testing.T) {
	for _, c := range []struct {
		name  string
		datum cwtypes.MetricDatum
		want  metrics.Point
	}{
		{"a value", cwtypes.MetricDatum{Value: aws.Float64(4)}, metrics.Point{N: 1, Sum: 4, Min: 4, Max: 4}},
		{"values", cwtypes.MetricDatum{Values: []float64{1, 5}}, metrics.Point{N: 2, Sum: 6, Min: 1, Max: 5}},
		{"values and counts", cwtypes.MetricDatum{Values: []float64{1, 5}, Counts: []float64{3, 2}}, metrics.Point{N: 5, Sum: 13, Min: 1, Max: 5}},
		{"a statistic set", cwtypes.MetricDatum{StatisticValues: &cwtypes.StatisticSet{
			SampleCount: aws.Float64(10), Sum: aws.Float64(30), Minimum: aws.Float64(1), Maximum: aws.Float64(9),
		}}, metrics.Point{N: 10, Sum: 30, Min: 1, Max: 9}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			c.datum.MetricName = aws.String("M")
			_, err := w.cw.PutMetricData(t.Context(), &cloudwatch.PutMetricDataInput{
				Namespace: aws.String("Test"), MetricData: []cwtypes.MetricDatum{c.datum},
			})
			require.NoError(t, err)
			c.want.At = w.Now().Unix()
			assert.Equal(t, []metrics.Point{c.want}, w.cloudwatch.Find("Test", "M").Points())
		})
	}
}

func TestPutMetricDataRefuses(t *testing.T) {
	w := newWorld(t, Config{})
	put := func(namespace string, d cwtypes.MetricDatum) error {
		_, err := w.cw.PutMetricData(t.Context(), &cloudwatch.PutMetricDataInput{Namespace: &namespace, MetricData: []cwtypes.MetricDatum{d}})
		return err
	}
	assert.ErrorContains(t, put("AWS/ECS", cwtypes.MetricDatum{MetricName: aws.String("M"), Value: aws.Float64(1)}), "Namespace")
	assert.ErrorContains(t, put("Test", cwtypes.MetricDatum{MetricName: aws.String("M")}), "StatisticValues")
}

func TestHighResolutionCustomMetrics(t *testing.T) {
	w := newWorld(t, Config{})
	for range 6 {
		_, err := w.cw.PutMetricData(t.Context(), &cloudwatch.PutMetricDataInput{
			Namespace: aws.String("Test"), MetricData: []cwtypes.MetricDatum{{
				MetricName: aws.String("Concurrency"), Value: aws.Float64(2), StorageResolution: aws.Int32(1), Timestamp: aws.Time(w.Now()),
				Dimensions: []cwtypes.Dimension{{Name: aws.String("Service"), Value: aws.String("web")}},
			}},
		})
		require.NoError(t, err)
		w.run(5 * time.Second)
	}
	out, err := w.cw.GetMetricData(t.Context(), &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(w.Now().Add(-time.Minute)), EndTime: aws.Time(w.Now()), ScanBy: cwtypes.ScanByTimestampAscending,
		MetricDataQueries: []cwtypes.MetricDataQuery{{Id: aws.String("c"), MetricStat: &cwtypes.MetricStat{
			Period: aws.Int32(10), Stat: aws.String("Sum"), Metric: &cwtypes.Metric{
				Namespace: aws.String("Test"), MetricName: aws.String("Concurrency"),
				Dimensions: []cwtypes.Dimension{{Name: aws.String("Service"), Value: aws.String("web")}},
			},
		}}},
	})
	require.NoError(t, err)
	assert.Equal(t, []float64{4, 4, 4}, out.MetricDataResults[0].Values)
	assert.Equal(t, 10*time.Second, out.MetricDataResults[0].Timestamps[1].Sub(out.MetricDataResults[0].Timestamps[0]))
	found, err := w.cw.ListMetrics(t.Context(), &cloudwatch.ListMetricsInput{
		MetricName: aws.String("Concurrency"), Dimensions: []cwtypes.DimensionFilter{{Name: aws.String("Service"), Value: aws.String("web")}},
	})
	require.NoError(t, err)
	assert.Len(t, found.Metrics, 1)
	none, err := w.cw.ListMetrics(t.Context(), &cloudwatch.ListMetricsInput{
		Dimensions: []cwtypes.DimensionFilter{{Name: aws.String("Service"), Value: aws.String("other")}},
	})
	require.NoError(t, err)
	assert.Empty(t, none.Metrics)
}

func TestWhatCannotBeComputedIsAnError(t *testing.T) {
	w := newWorld(t, Config{})
	w.put("Errors", 1)
	ask := func(q cwtypes.MetricDataQuery) error {
		q.Id = aws.String("q")
		_, err := w.cw.GetMetricData(t.Context(), &cloudwatch.GetMetricDataInput{
			StartTime: aws.Time(w.Now().Add(-time.Minute)), EndTime: aws.Time(w.Now().Add(time.Minute)), MetricDataQueries: []cwtypes.MetricDataQuery{q},
		})
		return err
	}
	assert.ErrorContains(t, ask(cwtypes.MetricDataQuery{MetricStat: &cwtypes.MetricStat{
		Period: aws.Int32(60), Stat: aws.String("p99"), Metric: &cwtypes.Metric{Namespace: aws.String("Test"), MetricName: aws.String("Errors")},
	}}), "statistic p99")
}
