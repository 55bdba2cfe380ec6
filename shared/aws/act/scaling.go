package act

import (
	"context"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	aastypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
)

// Scaling is the part of Application Auto Scaling that actions need.
type Scaling interface {
	RegisterScalableTarget(context.Context, *applicationautoscaling.RegisterScalableTargetInput, ...func(*applicationautoscaling.Options)) (*applicationautoscaling.RegisterScalableTargetOutput, error)
}

// suspendScaling suspends the scaling policies of Application Auto Scaling. The
// bounds stay. Scheduled actions stay as well, and they move the bounds.
func (a *Actor) suspendScaling(ctx context.Context, ref fleet.ServiceRef) (fleet.Result, error) {
	_, err := a.Scaling.RegisterScalableTarget(ctx, &applicationautoscaling.RegisterScalableTargetInput{
		ServiceNamespace: aastypes.ServiceNamespaceEcs, ScalableDimension: aastypes.ScalableDimensionECSServiceDesiredCount,
		ResourceId:     aws.String("service/" + ref.Cluster + "/" + ref.Service),
		SuspendedState: &aastypes.SuspendedState{DynamicScalingInSuspended: aws.Bool(true), DynamicScalingOutSuspended: aws.Bool(true)},
	})
	if err != nil {
		return fleet.Result{}, fault.FromAWS("suspending the scaling policies of "+ref.String(), err)
	}
	return fleet.Result{Status: fleet.Done, Text: "the scaling policies of AWS are suspended"}, nil
}
