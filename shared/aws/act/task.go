package act

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// stopTask stops one running task of the service, unless the task is protected.
func (a *Actor) stopTask(ctx context.Context, ref fleet.ServiceRef, action fleet.Action) (fleet.Result, error) {
	skipped, err := a.stoppable(ctx, ref, action.Task)
	if err != nil || skipped != "" {
		return fleet.Result{Status: fleet.Skipped, Text: skipped}, err
	}
	_, err = a.ECS.StopTask(ctx, &ecs.StopTaskInput{
		Cluster: aws.String(ref.Cluster), Task: aws.String(action.Task), Reason: aws.String(stopReason),
	})
	if err != nil {
		return fleet.Result{}, fault.FromAWS("stopping the task "+action.Task, err)
	}
	return fleet.Result{Status: fleet.Done, Text: "task " + action.Task + " stopped, ECS starts another"}, nil
}

// stoppable returns the reason why the task must not be stopped; empty if it may
// be.
func (a *Actor) stoppable(ctx context.Context, ref fleet.ServiceRef, id string) (skipped string, err error) {
	cluster, tasks := aws.String(ref.Cluster), []string{id}
	described, err := a.ECS.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: cluster, Tasks: tasks})
	if err != nil {
		return "", fault.FromAWS("describing the task "+id, err)
	}
	if len(described.Tasks) != 1 {
		return "the task " + id + " is gone", nil
	}
	t := described.Tasks[0]
	if group := aws.ToString(t.Group); group != "service:"+ref.Service {
		return "", fault.Terminalf("foreign-task", "the task %s is of %q and not of the service %s", id, group, ref)
	}
	running := string(ecstypes.DesiredStatusRunning)
	if aws.ToString(t.LastStatus) != running || aws.ToString(t.DesiredStatus) != running {
		return "the task " + id + " does not run any more", nil
	}
	protection, err := a.ECS.GetTaskProtection(ctx, &ecs.GetTaskProtectionInput{Cluster: cluster, Tasks: tasks})
	if err != nil {
		return "", fault.FromAWS("reading the protection of the task "+id, err)
	}
	// StopTask would stop a protected task as well.
	if p := protection.ProtectedTasks; len(p) != 1 || p[0].ProtectionEnabled {
		return "the task " + id + " is protected, or its protection is unknown", nil
	}
	return "", nil
}

// runProbe runs one task of the pinned revision beside the service, in the place of
// the service's own tasks but not behind its load balancer.
func (a *Actor) runProbe(ctx context.Context, ref fleet.ServiceRef, service *ecstypes.Service, action fleet.Action) (fleet.Result, error) {
	definition, err := a.pinnedDefinition(ctx, ref, action)
	if err != nil {
		return fleet.Result{}, err
	}
	name := fleet.NameOf(definition)
	in := &ecs.RunTaskInput{
		Cluster: aws.String(ref.Cluster), TaskDefinition: aws.String(definition), Count: aws.Int32(1),
		ClientToken: token(ref, action.Intent), StartedBy: aws.String(contract.ProbeStarter),
		CapacityProviderStrategy: service.CapacityProviderStrategy, NetworkConfiguration: service.NetworkConfiguration,
		PlacementConstraints: service.PlacementConstraints, PlacementStrategy: service.PlacementStrategy,
		PlatformVersion: service.PlatformVersion,
		Tags:            []ecstypes.Tag{{Key: aws.String(contract.TagProbe), Value: aws.String(ref.Service)}},
	}
	if len(in.CapacityProviderStrategy) == 0 {
		in.LaunchType = service.LaunchType
	}
	out, err := a.ECS.RunTask(ctx, in)
	if err != nil {
		return fleet.Result{}, fault.FromAWS("running a probe of "+name, err)
	}
	for _, f := range out.Failures {
		return fleet.Result{}, fault.Terminalf("probe-refused", "running a probe of %s: ECS could not place it: %s", name, aws.ToString(f.Reason))
	}
	if len(out.Tasks) != 1 {
		return fleet.Result{}, fault.Retryf("empty-answer", "running a probe of %s: ECS named neither a task nor a failure", name)
	}
	id := fleet.NameOf(aws.ToString(out.Tasks[0].TaskArn))
	return fleet.Result{Status: fleet.Done, Text: "probe " + id + " of " + name + " was started", TaskDefinition: name, Task: id}, nil
}

// token makes RunTask idempotent: the same intent gives the same task, also if the
// answer to the first call was lost.
func token(ref fleet.ServiceRef, intent string) *string {
	sum := sha256.Sum256([]byte(ref.Cluster + "\x00" + ref.Service + "\x00" + intent))
	return aws.String(hex.EncodeToString(sum[:]))
}
