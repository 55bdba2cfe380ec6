package ecssim

import (
	"maps"
	"testing"
	"time"

	"homeostat/shared/sim/ecssim/wire"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// scalingTarget is the service web in a request to Application Auto Scaling.
func scalingTarget(more wire.Object) wire.Object {
	out := wire.Object{"ServiceNamespace": "ecs", "ResourceId": "service/shop/web", "ScalableDimension": "ecs:service:DesiredCount"}
	maps.Copy(out, more)
	return out
}

func (w *world) scaling(operation string, in wire.Object) (wire.Object, error) {
	return w.Server().Invoke("application-autoscaling", operation, in)
}

func scheduledWorld(t *testing.T) *world {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 2})
	require.NoError(t, w.RegisterScalableTarget("shop", "web", 1, 10))
	return w
}

func TestAScheduledActionSetsTheBoundsAndScalesIntoThem(t *testing.T) {
	for _, c := range []struct {
		name   string
		action wire.Object
		want   int // the desired count after three hours; 2 before
	}{
		{"a rate", wire.Object{"Schedule": "rate(1 hour)", "ScalableTargetAction": wire.Object{"MinCapacity": 4.0}}, 4},
		{"a single time", wire.Object{"Schedule": "at(2026-01-05T07:30:00)", "ScalableTargetAction": wire.Object{"MaxCapacity": 1.0}}, 1},
		{"a cron expression", wire.Object{"Schedule": "cron(0 8 * * ? *)", "ScalableTargetAction": wire.Object{"MinCapacity": 5.0, "MaxCapacity": 6.0}}, 5},
		{"bounds that hold already", wire.Object{"Schedule": "rate(1 hour)", "ScalableTargetAction": wire.Object{"MinCapacity": 2.0}}, 2},
		{"a schedule that ended", wire.Object{"Schedule": "rate(2 hours)", "EndTime": "2026-01-05T07:00:00Z", "ScalableTargetAction": wire.Object{"MinCapacity": 4.0}}, 2},
		{"a schedule that begins later", wire.Object{"Schedule": "rate(1 hour)", "StartTime": "2026-01-05T12:00:00Z", "ScalableTargetAction": wire.Object{"MinCapacity": 4.0}}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := scheduledWorld(t)
			c.action["ScheduledActionName"] = "a"
			_, err := w.scaling("PutScheduledAction", scalingTarget(c.action))
			require.NoError(t, err)
			w.run(3 * time.Hour)
			assert.Equal(t, c.want, w.desired())
		})
	}
}

func TestAScheduledActionIsSuspendedUpdatedAndDeleted(t *testing.T) {
	w := scheduledWorld(t)
	put := func(in wire.Object) error {
		in["ScheduledActionName"] = "a"
		_, err := w.scaling("PutScheduledAction", scalingTarget(in))
		return err
	}
	require.ErrorContains(t, put(wire.Object{"Schedule": "rate(1 hour)"}), "needs a Schedule and a ScalableTargetAction")
	require.ErrorContains(t, put(wire.Object{"Schedule": "rate(1 hours)"}), "is not valid")
	require.ErrorContains(t, put(wire.Object{"Schedule": "rate(1 hour)", "Timezone": "Europe/Berlin"}), "ecssim does not model the time zone")
	require.NoError(t, put(wire.Object{"Schedule": "rate(1 hour)", "ScalableTargetAction": wire.Object{"MinCapacity": 4.0}}))
	suspend := func(value bool) {
		_, err := w.scaling("RegisterScalableTarget", scalingTarget(wire.Object{"SuspendedState": wire.Object{"ScheduledScalingSuspended": value}}))
		require.NoError(t, err)
	}
	suspend(true)
	w.run(2 * time.Hour)
	assert.Equal(t, 2, w.desired(), "suspended")
	suspend(false)
	require.NoError(t, put(wire.Object{"ScalableTargetAction": wire.Object{"MinCapacity": 3.0}}), "the schedule stays")
	w.run(2 * time.Hour)
	assert.Equal(t, 3, w.desired())
	out, err := w.scaling("DescribeScheduledActions", wire.Object{"ServiceNamespace": "ecs", "ScheduledActionNames": []any{"a"}})
	require.NoError(t, err)
	require.Len(t, out.Objects("ScheduledActions"), 1)
	assert.Equal(t, "rate(1 hour)", out.Objects("ScheduledActions")[0].String("Schedule"))
	remove := scalingTarget(wire.Object{"ScheduledActionName": "a"})
	_, err = w.scaling("DeleteScheduledAction", remove)
	require.NoError(t, err)
	_, err = w.scaling("DeleteScheduledAction", remove)
	assert.ErrorContains(t, err, "ObjectNotFoundException")
}

func TestTargetsOfOtherNamespacesAreKeptAndNotScaled(t *testing.T) {
	w := scheduledWorld(t)
	table := wire.Object{
		"ServiceNamespace": "dynamodb", "ResourceId": "table/t", "ScalableDimension": "dynamodb:table:ReadCapacityUnits", "MinCapacity": 1.0, "MaxCapacity": 5.0,
		"Tags": wire.Object{"a": "1", "b": "2"},
	}
	made, err := w.scaling("RegisterScalableTarget", table)
	require.NoError(t, err)
	arn := made.String("ScalableTargetARN")
	_, err = w.scaling("UntagResource", wire.Object{"ResourceARN": arn, "TagKeys": []any{"b"}})
	require.NoError(t, err)
	tags, err := w.scaling("ListTagsForResource", wire.Object{"ResourceARN": arn})
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"a": "1"}, tags["Tags"])
	for namespace, want := range map[string]string{"ecs": "service/shop/web", "dynamodb": "table/t"} {
		out, err := w.scaling("DescribeScalableTargets", wire.Object{"ServiceNamespace": namespace})
		require.NoError(t, err)
		require.Len(t, out.Objects("ScalableTargets"), 1)
		assert.Equal(t, want, out.Objects("ScalableTargets")[0].String("ResourceId"))
	}
	policy := wire.Object{
		"ServiceNamespace": "dynamodb", "ResourceId": "table/t", "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
		"PolicyName": "p", "PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": wire.Object{"TargetValue": 50.0},
	}
	_, err = w.scaling("PutScalingPolicy", policy)
	require.ErrorContains(t, err, "ecssim does not model policies of the namespace dynamodb")
	for _, member := range []string{"MinCapacity", "MaxCapacity", "Tags"} {
		delete(table, member)
	}
	_, err = w.scaling("DeregisterScalableTarget", table)
	require.NoError(t, err)
	_, err = w.scaling("ListTagsForResource", wire.Object{"ResourceARN": arn})
	require.ErrorContains(t, err, "ResourceNotFoundException")
	_, err = w.scaling("RegisterScalableTarget", scalingTarget(wire.Object{"ScalableDimension": "dynamodb:table:ReadCapacityUnits"}))
	assert.ErrorContains(t, err, "Unsupported service namespace")
}
