package act

import (
	"context"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// continueDeployment answers the hook of a waiting deployment.
func (a *Actor) continueDeployment(ctx context.Context, ref fleet.ServiceRef, action fleet.Action) (fleet.Result, error) {
	skipped, err := a.hookNotWaiting(ctx, ref, action)
	if err != nil || skipped != "" {
		return fleet.Result{Status: fleet.Skipped, Text: skipped}, err
	}
	answer, text := ecstypes.DeploymentLifecycleHookActionContinue, "the deployment continues"
	if action.RollBack {
		answer, text = ecstypes.DeploymentLifecycleHookActionRollback, "the deployment rolls back"
	}
	_, err = a.ECS.ContinueServiceDeployment(ctx, &ecs.ContinueServiceDeploymentInput{
		ServiceDeploymentArn: aws.String(action.Rollout), HookId: aws.String(action.Hook), Action: answer,
	})
	if err == nil {
		return fleet.Result{Status: fleet.Done, Text: text}, nil
	}
	// ECS has no own error for a hook that was answered in the meantime.
	if skipped, unread := a.hookNotWaiting(ctx, ref, action); unread == nil && skipped != "" {
		return fleet.Result{Status: fleet.Skipped, Text: skipped}, nil
	}
	return fleet.Result{}, fault.FromAWS("answering the hook of "+ref.String(), err)
}

// hookNotWaiting returns the reason why there is nothing to answer; empty if the
// hook waits.
func (a *Actor) hookNotWaiting(ctx context.Context, ref fleet.ServiceRef, action fleet.Action) (skipped string, err error) {
	out, err := a.ECS.DescribeServiceDeployments(ctx, &ecs.DescribeServiceDeploymentsInput{ServiceDeploymentArns: []string{action.Rollout}})
	if err != nil {
		return "", fault.FromAWS("describing the deployment of "+ref.String(), err)
	}
	if len(out.ServiceDeployments) != 1 {
		return "the deployment is gone", nil
	}
	d := out.ServiceDeployments[0]
	if d.Status != ecstypes.ServiceDeploymentStatusInProgress && d.Status != ecstypes.ServiceDeploymentStatusPending {
		return "the deployment no longer waits, its status is " + string(d.Status), nil
	}
	for _, h := range d.LifecycleHookDetails {
		if aws.ToString(h.HookId) != action.Hook {
			continue
		}
		if h.Status != ecstypes.DeploymentLifecycleHookStatusAwaitingAction {
			return "the hook no longer waits, its status is " + string(h.Status), nil
		}
		return "", nil
	}
	return "the deployment does not wait at this hook any more", nil
}
