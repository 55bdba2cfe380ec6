//go:build measure

package bench

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A tick over many services must stay within the account's limits: ECS allows 20
// calls of DescribeServices and ListServices together per second, and CloudWatch
// 500 queries per call.
func TestATickOverManyServicesTakesFewCalls(t *testing.T) {
	services := 10_000
	if testing.Short() {
		services = 1_500
	}
	c, err := NewCrowd(t.Context(), services)
	require.NoError(t, err)
	read, err := c.Read(t.Context())
	require.NoError(t, err)
	assert.LessOrEqual(t, read, 5*time.Minute, "the whole account is read within five minutes")

	c.Move(time.Minute)
	tick, err := c.Tick(t.Context())
	require.NoError(t, err)
	t.Logf("%d services: read in %s of the clock; a tick took %s, %d invocations, %v", services, read, tick.Took, tick.Invocations, tick.Calls)
	shards := (services + 499) / 500
	assert.Equal(t, 1+shards, tick.Invocations, "one for each shard, and the one that requests them")
	evaluations := tick.Evaluations()
	assert.LessOrEqual(t, evaluations, services/60+services/200+10, "a service above its minimum is evaluated once an hour, and none for its load")
	assert.LessOrEqual(t, tick.Of("ecs DescribeServices", "ecs ListServices"), 82+evaluations, "the next part of the account, and the evaluations: less than the burst of ECS for each")
	assert.LessOrEqual(t, tick.Of("ecs DescribeServices", "ecs ListServices"), 20*60, "the limit of ECS in the minute until the next tick")
	assert.LessOrEqual(t, tick.Calls["monitoring GetMetricData"], 2*services/500+shards+evaluations, "500 queries a call")
	assert.Greater(t, tick.Calls["monitoring GetMetricData"], evaluations)
	assert.Zero(t, tick.Calls["ecs UpdateService"], "nothing needs a change")
	assert.LessOrEqual(t, tick.Calls["sqs SendMessageBatch"], shards/10+2)
	assert.LessOrEqual(t, tick.Of("dynamodb"), 12+shards*(2+500/100+500/25)+12*evaluations, "the table is read and written in batches")
}
