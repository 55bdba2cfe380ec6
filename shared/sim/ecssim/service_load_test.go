package ecssim

import (
	"strings"
	"testing"
	"time"

	"homeostat/shared/sim/ecssim/account"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// read returns a statistic of the service's metric for the last minutes, newest
// first.
func (w *world) read(namespace, name, stat string, period int32, minutes int) []float64 {
	dimensions := []cwtypes.Dimension{
		{Name: aws.String("ClusterName"), Value: aws.String("shop")}, {Name: aws.String("ServiceName"), Value: aws.String("web")},
	}
	if namespace == "AWS/ApplicationELB" {
		group := "targetgroup/web/" + account.Digest("web")[7:23]
		dimensions = []cwtypes.Dimension{
			{Name: aws.String("TargetGroup"), Value: &group},
			{Name: aws.String("LoadBalancer"), Value: aws.String(LoadBalancerName(w.TargetGroup("web")))},
		}
	}
	return w.values(namespace, name, stat, period, minutes, dimensions)
}

// readGroup returns the sums of the last minutes of a target group by its ARN; "" is
// the load balancer of web as a whole.
func (w *world) readGroup(arn, name string) []float64 {
	dimensions := []cwtypes.Dimension{{Name: aws.String("LoadBalancer"), Value: aws.String(LoadBalancerName(w.TargetGroup("web")))}}
	if arn != "" {
		dimensions = append(dimensions, cwtypes.Dimension{Name: aws.String("TargetGroup"), Value: aws.String(groupOf(arn))})
	}
	return w.values("AWS/ApplicationELB", name, "Sum", 60, 5, dimensions)
}

// dimensionsOf returns the dimensions of the metrics of a target group.
func dimensionsOf(group, balancer string) []cwtypes.Dimension {
	_, name, _ := strings.Cut(balancer, ":loadbalancer/")
	return []cwtypes.Dimension{{Name: aws.String("LoadBalancer"), Value: &name}, {Name: aws.String("TargetGroup"), Value: aws.String(groupOf(group))}}
}

func (w *world) values(namespace, name, stat string, period int32, minutes int, dimensions []cwtypes.Dimension) []float64 {
	out, err := w.cw.GetMetricData(w.t.Context(), &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(w.Now().Add(-time.Duration(minutes) * time.Minute)), EndTime: aws.Time(w.Now()),
		MetricDataQueries: []cwtypes.MetricDataQuery{{Id: aws.String("m"), MetricStat: &cwtypes.MetricStat{
			Metric: &cwtypes.Metric{Namespace: &namespace, MetricName: &name, Dimensions: dimensions}, Period: &period, Stat: &stat,
		}}},
	})
	require.NoError(w.t, err)
	return out.MetricDataResults[0].Values
}

func (w *world) load(rps float64) {
	require.NoError(w.t, w.SetLoad("shop", "web", func(time.Time) float64 { return rps }, 0))
}

func TestLoadBecomesCPU(t *testing.T) {
	for _, c := range []struct {
		name  string
		image Behaviour
		rps   float64
		want  float64
	}{
		{"no traffic, no CPU", Behaviour{CapacityRPS: 50}, 0, 0},
		{"half the capacity of two tasks", Behaviour{CapacityRPS: 50}, 50, 50},
		{"all of it", Behaviour{CapacityRPS: 50}, 100, 100},
		{"more than all of it is censored at 100", Behaviour{CapacityRPS: 50}, 500, 100},
		{"idling costs something", Behaviour{CapacityRPS: 50, IdleCPU: 10}, 50, 60},
		{"an application that waits is not bound by CPU", Behaviour{CapacityRPS: 50, CPUPerRequest: 0.002}, 100, 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			w.steady(ServiceSpec{TaskDefinition: w.image("1", c.image), Desired: 2})
			w.load(c.rps)
			w.run(10 * time.Minute)
			values := w.read("AWS/ECS", "CPUUtilization", "Average", 60, 5)
			require.NotEmpty(t, values)
			assert.InDelta(t, c.want, values[0], 1e-6)
		})
	}
}

func TestTheLoadBalancerCounts(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{CapacityRPS: 50, Slots: 1, ErrorRate: 0.1, ResponseTime: 100 * time.Millisecond}), Desired: 2, LoadBalanced: true})
	w.load(50)
	w.run(10 * time.Minute)
	last := func(name, stat string) float64 {
		values := w.read("AWS/ApplicationELB", name, stat, 60, 5)
		require.NotEmpty(t, values, name)
		return values[0]
	}
	assert.InDelta(t, 3000, last("RequestCount", "Sum"), 1e-6)
	assert.InDelta(t, 1500, last("RequestCountPerTarget", "Sum"), 1e-6)
	assert.InDelta(t, 300, last("HTTPCode_Target_5XX_Count", "Sum"), 1e-6)
	// With two servers at half the load, a third of the requests waits, for 20 ms
	// on average (M/M/2).
	mean := 0.1 + 0.02/3
	assert.InDelta(t, mean, last("TargetResponseTime", "Average"), 1e-9)
	assert.InDelta(t, mean*2.9957, last("TargetResponseTime", "p95"), 1e-3, "exponential")
	assert.InDelta(t, 2, last("HealthyHostCount", "Minimum"), 1e-6)
}

func TestLoadIsIntegratedInPieces(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{CapacityRPS: 100}), Desired: 1})
	require.NoError(t, w.SetLoad("shop", "web", func(at time.Time) float64 {
		if at.Second() < 15 {
			return 100
		}
		return 20
	}, 5*time.Second))
	w.run(10 * time.Minute)
	assert.InDelta(t, 40, w.read("AWS/ECS", "CPUUtilization", "Average", 60, 5)[0], 1e-6)
	assert.InDelta(t, 100, w.read("AWS/ECS", "CPUUtilization", "Maximum", 60, 5)[0], 1e-6)
	assert.InDelta(t, 20, w.read("AWS/ECS", "CPUUtilization", "Minimum", 60, 5)[0], 1e-6)
}

func TestMetricsComeLate(t *testing.T) {
	w := newWorld(t, Config{MetricDelay: 90 * time.Second})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 1})
	w.RunUntil(w.Now().Truncate(time.Hour).Add(time.Hour + 89*time.Second))
	assert.Len(t, w.read("AWS/ECS", "CPUUtilization", "Average", 60, 10), 8, "the hour's last minute cannot be read yet")
	w.run(time.Second)
	assert.Len(t, w.read("AWS/ECS", "CPUUtilization", "Average", 60, 10), 9)
}

func TestHighResolutionMetrics(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 1, HighResolution: true})
	w.RunUntil(w.Now().Truncate(time.Minute).Add(time.Minute + 14*time.Second))
	before := len(w.read("AWS/ECS", "CPUUtilization", "Average", 20, 60))
	w.run(19 * time.Second)
	assert.Len(t, w.read("AWS/ECS", "CPUUtilization", "Average", 20, 60), before)
	w.run(time.Second)
	assert.Len(t, w.read("AWS/ECS", "CPUUtilization", "Average", 20, 60), before+1, "fourteen seconds after the end of each third")
}

func TestWithoutTasksThereIsNoData(t *testing.T) {
	w := newWorld(t, Config{})
	w.create(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 0})
	w.run(10 * time.Minute)
	assert.Empty(t, w.read("AWS/ECS", "CPUUtilization", "Average", 60, 10))
}

func TestMemoryClimbsTowardsTheKill(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{
		TaskDefinition: w.image("1", Behaviour{Memory: Memory{Percent: 20}, Exit: Exit{Probability: 1, After: Fixed(40 * time.Minute), OOM: true}}), Desired: 1,
	})
	w.run(30 * time.Minute)
	values := w.read("AWS/ECS", "MemoryUtilization", "Maximum", 60, 25)
	assert.Greater(t, values[0], 75.0)
	for i := 1; i < len(values); i++ {
		assert.Less(t, values[i], values[i-1])
	}
}

func TestStats(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{CapacityRPS: 100, StartDelay: Fixed(30 * time.Second)}), Desired: 1})
	before := w.Stats("shop", "web")
	assert.InDelta(t, 37, before.DowntimeSeconds, 1e-9, "2 s to react, 30 s to start, 5 s to be healthy")
	w.load(90)
	w.run(10 * time.Minute)
	after := w.Stats("shop", "web")
	assert.InDelta(t, 600, after.ViolationSeconds, 1e-6, "of one task at most four fifths may be busy")
	assert.InDelta(t, 54000, after.Requests, 1e-6)
	assert.InDelta(t, 600, after.TaskSeconds-before.TaskSeconds, 1e-6)
	assert.Equal(t, before.DowntimeSeconds, after.DowntimeSeconds)
	require.Equal(t, 1, w.LoseHost("shop", "web", 1))
	w.run(5 * time.Minute)
	lost := w.Stats("shop", "web")
	assert.InDelta(t, 37, lost.DowntimeSeconds-after.DowntimeSeconds, 1e-6)
	assert.InDelta(t, 37*90, lost.FailedRequests, 1e-6)
	last := lost.History[len(lost.History)-1]
	assert.Equal(t, []int{1, 1, 1}, []int{last.Desired, last.Running, last.Healthy})
	for i := 1; i < len(lost.History); i++ {
		assert.True(t, lost.History[i].At.After(lost.History[i-1].At), "one sample for each change")
	}
	assert.Zero(t, w.Stats("shop", "nothing"))
	assert.Zero(t, w.Stats("nowhere", "web"))
}

func TestStatsCountFailuresOfTasksOnly(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 2})
	w.LoseHost("shop", "web", 1)
	w.run(3 * time.Minute)
	w.update(ecs.UpdateServiceInput{DesiredCount: aws.Int32(1)})
	w.run(3 * time.Minute)
	assert.Zero(t, w.Stats("shop", "web").TasksFailed, "a lost host and a scale-in are not counted as failures")
}
