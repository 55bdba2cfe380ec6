// Package act makes one allowed change of one service. It reads the service again
// just before the call, and does nothing if the expectation of the decision no
// longer holds. Every action is idempotent.
package act

import (
	"context"
	"fmt"
	"strings"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// ECS is the part of Amazon ECS that actions need.
type ECS interface {
	DescribeServices(context.Context, *ecs.DescribeServicesInput, ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error)
	UpdateService(context.Context, *ecs.UpdateServiceInput, ...func(*ecs.Options)) (*ecs.UpdateServiceOutput, error)
	StopServiceDeployment(context.Context, *ecs.StopServiceDeploymentInput, ...func(*ecs.Options)) (*ecs.StopServiceDeploymentOutput, error)
	DescribeTaskDefinition(context.Context, *ecs.DescribeTaskDefinitionInput, ...func(*ecs.Options)) (*ecs.DescribeTaskDefinitionOutput, error)
	RegisterTaskDefinition(context.Context, *ecs.RegisterTaskDefinitionInput, ...func(*ecs.Options)) (*ecs.RegisterTaskDefinitionOutput, error)
	Hooks
	Hosts
	Tasks
}

// Hooks is the part that answers a waiting deployment.
type Hooks interface {
	DescribeServiceDeployments(context.Context, *ecs.DescribeServiceDeploymentsInput, ...func(*ecs.Options)) (*ecs.DescribeServiceDeploymentsOutput, error)
	ContinueServiceDeployment(context.Context, *ecs.ContinueServiceDeploymentInput, ...func(*ecs.Options)) (*ecs.ContinueServiceDeploymentOutput, error)
}

// Hosts is the part that drains a container instance.
type Hosts interface {
	DescribeContainerInstances(context.Context, *ecs.DescribeContainerInstancesInput, ...func(*ecs.Options)) (*ecs.DescribeContainerInstancesOutput, error)
	UpdateContainerInstancesState(context.Context, *ecs.UpdateContainerInstancesStateInput, ...func(*ecs.Options)) (*ecs.UpdateContainerInstancesStateOutput, error)
}

// Tasks is the part that stops a task or runs a probe.
type Tasks interface {
	DescribeTasks(context.Context, *ecs.DescribeTasksInput, ...func(*ecs.Options)) (*ecs.DescribeTasksOutput, error)
	GetTaskProtection(context.Context, *ecs.GetTaskProtectionInput, ...func(*ecs.Options)) (*ecs.GetTaskProtectionOutput, error)
	StopTask(context.Context, *ecs.StopTaskInput, ...func(*ecs.Options)) (*ecs.StopTaskOutput, error)
	RunTask(context.Context, *ecs.RunTaskInput, ...func(*ecs.Options)) (*ecs.RunTaskOutput, error)
}

// Actor makes changes.
type Actor struct {
	ECS     ECS
	Scaling Scaling
	ECR     ECR
	// Kept holds the stored task definitions; nil without them.
	Kept *Keeper
}

// Apply makes the change. It returns Skipped with the reason and no error if a
// precondition no longer holds, or if the service already is in the wanted state.
// An error is a fault: Retry if the same call may succeed later, else Terminal.
func (a *Actor) Apply(ctx context.Context, ref fleet.ServiceRef, action fleet.Action) (fleet.Result, error) {
	service, skipped, err := a.checkExpected(ctx, ref, action)
	if err != nil || skipped != "" {
		return fleet.Result{Status: fleet.Skipped, Text: skipped}, err
	}
	switch action.Kind {
	case fleet.SetDesired:
		return a.setDesired(ctx, ref, service, action)
	case fleet.StopDeployment:
		return a.stopDeployment(ctx, ref, action)
	case fleet.RunRevision:
		return a.runRevision(ctx, ref, service, action)
	case fleet.SetProviders:
		return a.setProviders(ctx, ref, service, action)
	case fleet.DrainHost:
		return a.drainHost(ctx, ref, action)
	case fleet.Rebalance:
		return a.rebalance(ctx, ref, service)
	case fleet.StopTask:
		return a.stopTask(ctx, ref, action)
	case fleet.RunProbe:
		return a.runProbe(ctx, ref, service, action)
	case fleet.ContinueDeployment:
		return a.continueDeployment(ctx, ref, action)
	case fleet.RestoreImage:
		return a.restoreImage(ctx, action)
	case fleet.SuspendScaling:
		return a.suspendScaling(ctx, ref)
	}
	return fleet.Result{}, fault.Terminalf("unknown-action", "the action %q is not known", action.Kind)
}

// checkExpected reads the service again. skipped is the reason if the expectation
// of the action does not hold; empty if it does.
func (a *Actor) checkExpected(ctx context.Context, ref fleet.ServiceRef, action fleet.Action) (service *ecstypes.Service, skipped string, err error) {
	out, err := a.ECS.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: aws.String(ref.Cluster), Services: []string{ref.Service}})
	if err != nil {
		return nil, "", fault.FromAWS("describing service "+ref.String(), err)
	}
	if len(out.Services) != 1 || aws.ToString(out.Services[0].Status) != "ACTIVE" {
		return nil, "the service is deleted or inactive", nil
	}
	service = &out.Services[0]
	if want := action.Expect.Deployment; want != "" && want != primary(service) {
		return nil, fmt.Sprintf("the deployment was %s at the decision, it is %s now", want, primary(service)), nil
	}
	if want := action.Expect.Desired; want != nil && int32(*want) != service.DesiredCount {
		return nil, fmt.Sprintf("the desired count was %d at the decision, it is %d now", *want, service.DesiredCount), nil
	}
	return service, "", nil
}

func primary(s *ecstypes.Service) string {
	for _, d := range s.Deployments {
		if aws.ToString(d.Status) == "PRIMARY" {
			return aws.ToString(d.Id)
		}
	}
	return "none"
}

func (a *Actor) setDesired(ctx context.Context, ref fleet.ServiceRef, service *ecstypes.Service, action fleet.Action) (fleet.Result, error) {
	if int(service.DesiredCount) == action.To {
		return fleet.Result{Status: fleet.Skipped, Text: fmt.Sprintf("the desired count is %d already", action.To)}, nil
	}
	_, err := a.ECS.UpdateService(ctx, &ecs.UpdateServiceInput{
		Cluster: aws.String(ref.Cluster), Service: aws.String(ref.Service), DesiredCount: aws.Int32(int32(action.To)),
	})
	if err != nil {
		return fleet.Result{}, fault.FromAWS("setting the desired count of "+ref.String(), err)
	}
	return fleet.Result{Status: fleet.Done, Text: fmt.Sprintf("desired %d → %d", service.DesiredCount, action.To)}, nil
}

func (a *Actor) stopDeployment(ctx context.Context, ref fleet.ServiceRef, action fleet.Action) (fleet.Result, error) {
	_, err := a.ECS.StopServiceDeployment(ctx, &ecs.StopServiceDeploymentInput{
		ServiceDeploymentArn: aws.String(action.Rollout), StopType: ecstypes.StopServiceDeploymentStopTypeRollback,
	})
	if fault.IsConflict(err) {
		return fleet.Result{Status: fleet.Skipped, Text: "ECS already ended the deployment"}, nil
	}
	if err != nil {
		return fleet.Result{}, fault.FromAWS("stopping the deployment of "+ref.String(), err)
	}
	return fleet.Result{
		Status: fleet.Done, TaskDefinition: action.TaskDefinition,
		Text: "deployment stopped, ECS rolls back to " + action.TaskDefinition,
	}, nil
}

func (a *Actor) runRevision(ctx context.Context, ref fleet.ServiceRef, service *ecstypes.Service, action fleet.Action) (fleet.Result, error) {
	definition, err := a.pinnedDefinition(ctx, ref, action)
	if err != nil {
		return fleet.Result{}, err
	}
	name := fleet.NameOf(definition)
	if definition == aws.ToString(service.TaskDefinition) && action.Network == nil {
		return fleet.Result{Status: fleet.Skipped, Text: "the service runs " + name + " already", TaskDefinition: name}, nil
	}
	_, err = a.ECS.UpdateService(ctx, &ecs.UpdateServiceInput{
		Cluster: aws.String(ref.Cluster), Service: aws.String(ref.Service), TaskDefinition: aws.String(definition),
		NetworkConfiguration: networkOf(action.Network),
	})
	if err != nil {
		return fleet.Result{}, fault.FromAWS("updating "+ref.String()+" to "+name, err)
	}
	return fleet.Result{Status: fleet.Done, Text: "runs " + name + changeText(action), TaskDefinition: name}, nil
}

// networkOf returns a network in the form of ECS; nil for none.
func networkOf(n *fleet.Network) *ecstypes.NetworkConfiguration {
	if n == nil {
		return nil
	}
	return &ecstypes.NetworkConfiguration{AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{
		Subnets: n.Subnets, SecurityGroups: n.SecurityGroups, AssignPublicIp: ecstypes.AssignPublicIp(n.PublicIP),
	}}
}

// changeText returns the changes of the revision as text.
func changeText(action fleet.Action) string {
	names := make([]string, 0, len(action.Images)+1)
	for _, p := range action.Images {
		_, hex, _ := strings.Cut(p.Image.Digest, ":")
		names = append(names, p.Image.Repository+"@"+hex[:min(digestLetters, len(hex))])
	}
	if size := sizeText(action); size != "" {
		names = append(names, size)
	}
	if action.Network != nil {
		names = append(names, "its earlier network")
	}
	if len(names) == 0 {
		return ""
	}
	return " with " + strings.Join(names, ", ")
}
