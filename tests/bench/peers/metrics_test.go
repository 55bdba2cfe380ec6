package peers

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/kubernetes/pkg/controller/podautoscaler/metrics"

	"homeostat/shared/sim/traffic"
	"homeostat/shared/sim/workload"
)

// counted returns traffic with n requests in the n-th second.
func counted(seconds int) traffic.Trace {
	t := traffic.Trace{Step: 1}
	for i := range seconds {
		t.Requests = append(t.Requests, float64(i))
	}
	return t
}

// between returns the mean of such traffic in the seconds from (inclusive) to
// (exclusive).
func between(from, to int) float64 { return float64(from+to-1) / 2 }

func TestRatesAreAsOldAsTheirMetrics(t *testing.T) {
	sim := workload.New(steady(45), counted(1000), 10, 1)
	for range 300 {
		sim.Step()
	}
	for name, c := range map[string]struct {
		setting Setting
		want    float64
	}{
		"Prometheus has eight scrapes in two minutes, the last 7 s ago":      {Default(KEDA, false), between(188, 293)},
		"Prometheus has two scrapes in half a minute":                        {Setting{Policy: KEDA, Window: 30 * time.Second}, between(278, 293)},
		"our signal has the bucket that ended at least ten seconds ago":      {Default(KEDA, true), between(280, 290)},
		"our signal is the same for each that is fed with it, here Knative":  {Default(Knative, true), between(280, 290)},
		"our signal is the same for each that is fed with it, and the HPA's": {Default(HPA, true), between(280, 290)},
	} {
		t.Run(name, func(t *testing.T) {
			got, known := c.setting.requests(sim)
			assert.True(t, known)
			assert.Equal(t, c.want, got)
		})
	}
}

func TestABucketIsSeenTenSecondsAfterItsEnd(t *testing.T) {
	sim := workload.New(steady(45), counted(1000), 10, 1)
	seen := map[int]float64{}
	for range 41 {
		if got, known := bucketRate(sim); known {
			seen[sim.Second()] = got
		}
		sim.Step()
	}
	assert.NotContains(t, seen, 19, "the first ten seconds are not to be seen yet")
	assert.Equal(t, between(0, 10), seen[20])
	assert.Equal(t, between(0, 10), seen[29])
	assert.Equal(t, between(10, 20), seen[30])
	assert.Equal(t, between(20, 30), seen[40])
}

// Pods of a task created at second 100 with a start of 45 s, beside two old ones.
func TestMetricsServerSamplesPods(t *testing.T) {
	at := func(second int) (metrics.PodMetricsInfo, error) {
		service := steady(45)
		service.HealthInterval = 0
		sim := workload.New(service, stepped(150, 150, 0, 1000), 2, 1)
		for sim.Second() < second {
			if sim.Second() == 100 {
				sim.SetDesired(3)
			}
			sim.Step()
		}
		c := &cluster{sim: sim, zero: time.Unix(0, 0)}
		c.refresh()
		samples, _, err := meter{cluster: c}.GetResourceMetric(context.Background(), "cpu", namespace, nil, "")
		return samples, err
	}
	samples, err := at(165)
	require.NoError(t, err)
	assert.Equal(t, metrics.PodMetricsInfo{
		"pod-0": {Timestamp: time.Unix(147, 0), Window: 15 * time.Second, Value: samples["pod-0"].Value},
		"pod-1": {Timestamp: time.Unix(147, 0), Window: 15 * time.Second, Value: samples["pod-0"].Value},
	}, samples, "at 147 s, the last scrape that can be seen, the third pod ran for 2 s only")
	assert.InDelta(t, (13*750+2*500)/15, samples["pod-0"].Value, 15, "150 requests/s on two, and on three for the last 2 s")
	samples, err = at(180)
	require.NoError(t, err)
	assert.Equal(t, int64(500), samples["pod-2"].Value, "150 requests/s on three")
	assert.Equal(t, time.Unix(162, 0), samples["pod-2"].Timestamp)
	_, err = at(20)
	assert.ErrorIs(t, err, errNoSample, "the first scrape, at 12 s, can be read at 22 s")
}

func TestPodsMatchTheTasks(t *testing.T) {
	service := steady(45)
	service.Min, service.HealthInterval = 1, time.Minute // so that a task runs before it is ready
	sim := workload.New(service, stepped(10, 10, 0, 1000), 2, 5)
	sim.Step()
	sim.SetDesired(3)
	task := sim.Tasks()[2]
	require.Less(t, task.Running, task.Ready-1)
	c := &cluster{sim: sim, zero: time.Unix(0, 0)}
	look := func(second int) (phase, ready string, since int64) {
		for sim.Second() < second {
			sim.Step()
		}
		c.refresh()
		status := c.pods[2].Status
		return string(status.Phase), string(status.Conditions[0].Status), status.Conditions[0].LastTransitionTime.Unix()
	}
	for _, c := range []struct {
		second       int
		phase, ready string
		since        int
	}{
		{1, "Pending", "False", 1},
		{task.Running - 1, "Pending", "False", 1},
		{task.Running, "Running", "False", 1},
		{task.Ready - 1, "Running", "False", 1},
		{task.Ready, "Running", "True", task.Ready},
	} {
		phase, ready, since := look(c.second)
		assert.Equal(t, []any{c.phase, c.ready, int64(c.since)}, []any{phase, ready, since}, "second %d", c.second)
	}
	old := c.pods[1]
	sim.SetDesired(1)
	c.refresh()
	assert.Len(t, c.pods, 1)
	sim.SetDesired(2)
	c.refresh()
	assert.Equal(t, "pod-3", c.pods[1].Name, "a new task is a new pod")
	assert.NotSame(t, old, c.pods[1])
}
