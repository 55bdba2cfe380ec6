package ecssim

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAMetricCanBeWrong(t *testing.T) {
	for how, want := range map[string]struct {
		cpu, samples float64
		known        bool
	}{
		"":             {50, 2, true},
		MetricMissing:  {0, 0, false},
		MetricLate:     {0, 0, false},
		MetricNegative: {-50, 2, true},
		MetricFraction: {0.5, 2, true},
		MetricDoubled:  {50, 4, true},
	} {
		t.Run("it is "+how, func(t *testing.T) {
			w := newWorld(t, Config{})
			w.steady(ServiceSpec{Cluster: "shop", Name: "web", TaskDefinition: w.image("1", Behaviour{CapacityRPS: 100}), Desired: 2})
			require.NoError(t, w.SetLoad("shop", "web", func(time.Time) float64 { return 100 }, 0))
			w.run(20 * time.Minute)
			require.NoError(t, w.BreakMetric("shop", "web", how))
			broken := w.Now()
			w.run(10 * time.Minute)
			cpu, known := w.newest("Average", broken.Add(time.Minute))
			assert.Equal(t, want.known, known)
			assert.InDelta(t, want.cpu, cpu, 1)
			samples, _ := w.newest("SampleCount", broken.Add(time.Minute))
			assert.InDelta(t, want.samples, samples, 0)
			if how == MetricLate {
				w.run(15 * time.Minute)
				_, known = w.newest("Average", broken.Add(time.Minute))
				assert.True(t, known, "late is not lost")
			}
		})
	}
	w := newWorld(t, Config{})
	assert.ErrorContains(t, w.BreakMetric("shop", "web", "odd"), `a metric cannot be "odd", expected missing, late, negative, fraction, doubled`)
	assert.Error(t, w.BreakMetric("shop", "web", MetricLate), "there is no such service")
}

// newest returns the last point of the CPU since a time.
func (w *world) newest(statistic string, since time.Time) (float64, bool) {
	out, err := w.cw.GetMetricData(w.t.Context(), &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(since.Truncate(time.Minute)), EndTime: aws.Time(w.Now()),
		MetricDataQueries: []cwtypes.MetricDataQuery{{Id: aws.String("m"), MetricStat: &cwtypes.MetricStat{
			Period: aws.Int32(60), Stat: aws.String(statistic), Metric: &cwtypes.Metric{
				Namespace: aws.String("AWS/ECS"), MetricName: aws.String("CPUUtilization"),
				Dimensions: []cwtypes.Dimension{
					{Name: aws.String("ClusterName"), Value: aws.String("shop")}, {Name: aws.String("ServiceName"), Value: aws.String("web")},
				},
			},
		}}},
	})
	require.NoError(w.t, err)
	if values := out.MetricDataResults[0].Values; len(values) > 0 {
		return values[0], true
	}
	return 0, false
}
