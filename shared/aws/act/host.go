package act

import (
	"context"
	"fmt"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// drainHost drains a container instance. ECS moves the tasks of all services on it,
// not only those of this service.
func (a *Actor) drainHost(ctx context.Context, ref fleet.ServiceRef, action fleet.Action) (fleet.Result, error) {
	host, skipped, err := a.host(ctx, ref, action.Host)
	if err != nil || skipped != "" {
		return fleet.Result{Status: fleet.Skipped, Text: skipped}, err
	}
	out, err := a.ECS.UpdateContainerInstancesState(ctx, &ecs.UpdateContainerInstancesStateInput{
		Cluster: aws.String(ref.Cluster), ContainerInstances: []string{action.Host}, Status: ecstypes.ContainerInstanceStatusDraining,
	})
	if err != nil {
		return fleet.Result{}, fault.FromAWS("draining the host "+action.Host, err)
	}
	for _, f := range out.Failures {
		return fleet.Result{}, fault.Terminalf("drain-refused", "draining the host %s: ECS refused: %s", action.Host, aws.ToString(f.Reason))
	}
	return fleet.Result{
		Status: fleet.Done, Text: fmt.Sprintf("the host %s drains, ECS moves its %d tasks", action.Host, host.RunningTasksCount),
	}, nil
}

// host reads the container instance. skipped is the reason why there is nothing to
// drain; empty if there is.
func (a *Actor) host(ctx context.Context, ref fleet.ServiceRef, id string) (host *ecstypes.ContainerInstance, skipped string, err error) {
	out, err := a.ECS.DescribeContainerInstances(ctx, &ecs.DescribeContainerInstancesInput{
		Cluster: aws.String(ref.Cluster), ContainerInstances: []string{id},
	})
	if err != nil {
		return nil, "", fault.FromAWS("describing the host "+id, err)
	}
	if len(out.ContainerInstances) != 1 {
		return nil, "the host " + id + " is gone", nil
	}
	host = &out.ContainerInstances[0]
	switch status := aws.ToString(host.Status); status {
	case string(ecstypes.ContainerInstanceStatusActive):
		return host, "", nil
	case string(ecstypes.ContainerInstanceStatusDraining):
		return nil, "the host " + id + " drains already", nil
	default:
		return nil, "the host " + id + " is " + status, nil
	}
}
