package engine_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/contract"
	"homeostat/shared/engine"
	"homeostat/shared/sim/simtest/fixture"
)

const counting = `version: 1
scale:
  min: %MIN
  metric:
    expression: requests
    metrics: {requests: {namespace: Shop, name: Requests, stat: Sum, period: 10s}}
`

// publish counts requests of ten seconds, as an application does.
func (w *world) publish(count float64) {
	_, err := w.watch().PutMetricData(w.t.Context(), &cloudwatch.PutMetricDataInput{
		Namespace: aws.String("Shop"), MetricData: []cwtypes.MetricDatum{{
			MetricName: aws.String("Requests"), Timestamp: aws.Time(w.Sim.Now().Add(-10 * time.Second)), Value: aws.Float64(count), StorageResolution: aws.Int32(1),
		}},
	})
	require.NoError(w.t, err)
}

// The policy of a service above its minimum names a metric of ten seconds. The
// service is polled every ten seconds, by ticks and timers. An idle service is
// polled at each tick only, whatever alarm exists.
func TestAServiceWithAMetricOfTenSecondsIsAskedEveryTenSeconds(t *testing.T) {
	asked := func(t *testing.T, minimum string) (w *world, after []time.Duration) {
		t.Helper()
		w = newWorld(t, "act")
		w.reassemble(func(_ *engine.Deps, o *engine.Options) { o.Every = time.Minute })
		w.rules(strings.Replace(counting, "%MIN", minimum, 1))
		w.publish(100)
		w.timers.all = nil
		require.Empty(t, w.deliver(w.sweep("t-1")))
		for _, timer := range w.timers.all {
			if timer.Why == contract.TimerShard && len(timer.Only) > 0 {
				assert.Equal(t, []string{"shop/web"}, timer.Only)
				after = append(after, timer.Delay)
			}
		}
		return w, after
	}
	_, after := asked(t, "1")
	assert.Equal(t, []time.Duration{10 * time.Second, 20 * time.Second, 30 * time.Second, 40 * time.Second, 50 * time.Second}, after)

	w, after := asked(t, "3")
	assert.Empty(t, after)
	w.syncAlarms()
	for minute := range 5 {
		before := w.Sim.Calls("monitoring", "GetMetricData").Made
		w.Sim.RunUntil(w.Sim.Now().Add(time.Minute))
		require.Empty(t, w.deliver(w.sweep("m-"+strconv.Itoa(minute))))
		assert.Greater(t, w.Sim.Calls("monitoring", "GetMetricData").Made, before, "minute %d", minute)
	}
}

// Of scheduled evaluations with the same result only the first is recorded. Actions
// are always recorded, because the next evaluation must know them.
func TestTwoActionsInARowAreBothRecorded(t *testing.T) {
	w := newWorld(t, "act")
	w.rules(strings.Replace(counting, "%MIN", "1", 1) + "    per_task: 100\n  max: 60\n")
	for i, count := range []float64{500, 900} {
		w.publish(count)
		require.Empty(t, w.deliver(w.sweep("t-"+strconv.Itoa(i))))
		w.Sim.RunUntil(w.Sim.Now().Add(time.Minute))
	}
	require.Len(t, w.episodes, 2, "what was kept")
	assert.Equal(t, w.episodes[0].DecisionKey(), w.episodes[1].DecisionKey())
	m, err := w.store.Memory(t.Context(), fixture.Web())
	require.NoError(t, err)
	assert.Nil(t, m.PendingAction, "nothing is left to be finished")
	assert.Len(t, m.Actions, 2)
}
