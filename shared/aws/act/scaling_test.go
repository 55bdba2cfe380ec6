package act_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"
)

func TestOnlyTheScalingPoliciesOfAWSAreSuspended(t *testing.T) {
	w := newWorld(t)
	client := applicationautoscaling.NewFromConfig(w.Config)
	w.Scaling = client
	require.NoError(t, w.Sim.RegisterScalableTarget("shop", "web", 2, 9))
	require.NoError(t, w.Sim.PutTargetTracking("shop", "web", "cpu70", 70))
	action := fleet.Action{Kind: fleet.SuspendScaling, Intent: "take over"}
	for range 2 {
		result, err := w.Apply(t.Context(), fixture.Web(), action)
		require.NoError(t, err)
		assert.Equal(t, fleet.Done, result.Status)
	}
	out, err := client.DescribeScalableTargets(t.Context(), &applicationautoscaling.DescribeScalableTargetsInput{ServiceNamespace: types.ServiceNamespaceEcs})
	require.NoError(t, err)
	require.Len(t, out.ScalableTargets, 1)
	target := out.ScalableTargets[0]
	assert.True(t, aws.ToBool(target.SuspendedState.DynamicScalingInSuspended) && aws.ToBool(target.SuspendedState.DynamicScalingOutSuspended))
	assert.False(t, aws.ToBool(target.SuspendedState.ScheduledScalingSuspended))
	assert.EqualValues(t, 2, aws.ToInt32(target.MinCapacity))
	assert.EqualValues(t, 9, aws.ToInt32(target.MaxCapacity))

	w.Sim.SetThrottle("application-autoscaling", "RegisterScalableTarget", 1)
	_, err = w.Apply(t.Context(), fixture.Web(), action)
	assert.Equal(t, fault.Retry, fault.ClassOf(err))
}
