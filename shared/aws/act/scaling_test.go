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
)

func TestOnlyTheScalingPoliciesOfAWSAreSuspended(t *testing.T) {
	w := newWorld(t)
	client := applicationautoscaling.New(applicationautoscaling.Options{
		Region: "eu-central-1", HTTPClient: w.sim.Client(), BaseEndpoint: aws.String("http://ecssim"), Retryer: aws.NopRetryer{},
	})
	w.Scaling = client
	require.NoError(t, w.sim.RegisterScalableTarget("shop", "web", 2, 9))
	require.NoError(t, w.sim.PutTargetTracking("shop", "web", "cpu70", 70))
	action := fleet.Action{Kind: fleet.SuspendScaling, Intent: "take over"}
	for range 2 {
		result, err := w.Apply(t.Context(), web(), action)
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

	w.sim.SetThrottle("application-autoscaling", "RegisterScalableTarget", 1)
	_, err = w.Apply(t.Context(), web(), action)
	assert.Equal(t, fault.Retry, fault.ClassOf(err))
}
