package act

import (
	"context"

	"homeostat/shared/fault"
	"homeostat/shared/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// continueDeployment answers the hook that the deployment waits at.
func (a *Actor) continueDeployment(ctx context.Context, ref fleet.ServiceRef, action fleet.Action) (fleet.Result, error) {
	skipped, err := a.waits(ctx, ref, action)
	if err != nil || skipped != "" {
		return fleet.Result{Status: fleet.Skipped, Text: skipped}, err
	}
	answer, text := ecstypes.DeploymentLifecycleHookActionContinue, "the deployment goes on"
	if action.RollBack {
		answer, text = ecstypes.DeploymentLifecycleHookActionRollback, "the deployment goes back"
	}
	_, err = a.ECS.ContinueServiceDeployment(ctx, &ecs.ContinueServiceDeploymentInput{
		ServiceDeploymentArn: aws.String(action.Rollout), HookId: aws.String(action.Hook), Action: answer,
	})
	if fault.IsConflict(err) {
		return fleet.Result{Status: fleet.Skipped, Text: "the hook was answered meanwhile"}, nil
	}
	if err != nil {
		return fleet.Result{}, fault.FromAWS("answering the hook of "+ref.String(), err)
	}
	return fleet.Result{Status: fleet.Done, Text: text}, nil
}

// waits says why there is nothing to answer; empty where the hook waits.
func (a *Actor) waits(ctx context.Context, ref fleet.ServiceRef, action fleet.Action) (skipped string, err error) {
	out, err := a.ECS.DescribeServiceDeployments(ctx, &ecs.DescribeServiceDeploymentsInput{ServiceDeploymentArns: []string{action.Rollout}})
	if err != nil {
		return "", fault.FromAWS("describing the deployment of "+ref.String(), err)
	}
	if len(out.ServiceDeployments) != 1 {
		return "the deployment is gone", nil
	}
	for _, h := range out.ServiceDeployments[0].LifecycleHookDetails {
		if aws.ToString(h.HookId) != action.Hook {
			continue
		}
		if h.Status != ecstypes.DeploymentLifecycleHookStatusAwaitingAction {
			return "the hook waits no more, it is " + string(h.Status), nil
		}
		return "", nil
	}
	return "the deployment does not wait at this hook any more", nil
}
