package ecssim

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAnApplicationCountsItsRequestsItself(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{Desired: 2, TaskDefinition: w.image("1", Behaviour{CapacityRPS: 100})})
	require.NoError(t, w.CountRequests("shop", "web", Count{Namespace: "Shop", Metric: "Requests", Period: 10 * time.Second}))
	require.NoError(t, w.SetLoad("shop", "web", func(time.Time) float64 { return 30 }, 0))
	w.RunUntil(w.Now().Truncate(time.Minute).Add(time.Minute))
	begin := w.Now()
	w.run(time.Minute)
	require.NoError(t, w.SetLoad("shop", "web", func(time.Time) float64 { return 0 }, 0))
	w.run(20 * time.Second)

	counted := w.cloudwatch.Find("Shop", "Requests")
	require.NotNil(t, counted)
	var sums []float64
	for _, p := range counted.Points() {
		if p.At >= begin.Unix() {
			sums = append(sums, p.Sum)
		}
	}
	require.Len(t, sums, 8)
	for _, n := range sums[:6] {
		assert.InDelta(t, 300, n, 1e-6, "thirty requests a second")
	}
	assert.Equal(t, []float64{0, 0}, sums[6:], "no request arrived, and a task counted")

	before := len(counted.Points())
	w.update(ecs.UpdateServiceInput{DesiredCount: aws.Int32(0)})
	w.run(5 * time.Minute)
	assert.LessOrEqual(t, len(counted.Points())-before, 6, "no count while no task serves")
}

func TestACountNeedsAMetricAndAPeriod(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{Desired: 1, TaskDefinition: w.image("1", Behaviour{})})
	for _, c := range []Count{{}, {Namespace: "Shop", Metric: "Requests"}, {Namespace: "Shop", Metric: "Requests", Period: 1500 * time.Millisecond}} {
		assert.ErrorContains(t, w.CountRequests("shop", "web", c), "a period of whole seconds")
	}
	assert.Error(t, w.CountRequests("shop", "gone", Count{Namespace: "Shop", Metric: "Requests", Period: time.Second}))
}
