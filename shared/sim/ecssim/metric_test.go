package ecssim

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestPutMetricDataInItsThreeForms(t *testing.T) {
	for _, c := range []struct {
		name  string
		datum cwtypes.MetricDatum
		want  point
	}{
		{"a value", cwtypes.MetricDatum{Value: aws.Float64(4)}, point{n: 1, sum: 4, min: 4, max: 4}},
		{"values", cwtypes.MetricDatum{Values: []float64{1, 5}}, point{n: 2, sum: 6, min: 1, max: 5}},
		{"values and counts", cwtypes.MetricDatum{Values: []float64{1, 5}, Counts: []float64{3, 2}}, point{n: 5, sum: 13, min: 1, max: 5}},
		{"a statistic set", cwtypes.MetricDatum{StatisticValues: &cwtypes.StatisticSet{
			SampleCount: aws.Float64(10), Sum: aws.Float64(30), Minimum: aws.Float64(1), Maximum: aws.Float64(9),
		}}, point{n: 10, sum: 30, min: 1, max: 9}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			c.datum.MetricName = aws.String("M")
			_, err := w.cw.PutMetricData(t.Context(), &cloudwatch.PutMetricDataInput{
				Namespace: aws.String("Test"), MetricData: []cwtypes.MetricDatum{c.datum},
			})
			require.NoError(t, err)
			c.want.t = w.Now().Unix()
			assert.Equal(t, []point{c.want}, w.metrics.find("Test", "M", nil).points)
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

func TestPointsAreKeptInOrderWhateverOrderTheyComeIn(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := &series{resolution: 60}
		times := rapid.SliceOfN(rapid.Int64Range(0, 100), 1, 50).Draw(r, "times")
		for _, at := range times {
			p := single(1)
			p.t = at * 60
			s.put(p)
		}
		n := 0.0
		for i, p := range s.points {
			n += p.n
			if i > 0 && p.t <= s.points[i-1].t {
				r.Fatalf("%d after %d", p.t, s.points[i-1].t)
			}
		}
		assert.InDelta(r, len(times), n, 0, "none is lost")
	})
}

func TestOldPointsAreForgotten(t *testing.T) {
	s := &series{resolution: 60}
	for day := range int64(60) {
		s.put(point{t: day * 86400, n: 1})
	}
	assert.LessOrEqual(t, len(s.points), 31)
	assert.Equal(t, int64(59*86400), s.points[len(s.points)-1].t)
}
