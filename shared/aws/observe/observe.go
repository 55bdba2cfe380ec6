// Package observe reads the current state of a service. In the pipeline it is the
// only reader of ECS, Application Auto Scaling, CloudWatch and ECR.
//
// An unreadable part is Unknown and has its reason in Snapshot.Unread. An empty or
// failed read is never a zero. A throttle or a lost connection while the service
// itself is read is an error, so that the event is delivered again.
package observe

import (
	"context"
	"time"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// ECS is the part of Amazon ECS that is read.
type ECS interface {
	DescribeServices(context.Context, *ecs.DescribeServicesInput, ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error)
	ListServiceDeployments(context.Context, *ecs.ListServiceDeploymentsInput, ...func(*ecs.Options)) (*ecs.ListServiceDeploymentsOutput, error)
	DescribeServiceDeployments(context.Context, *ecs.DescribeServiceDeploymentsInput, ...func(*ecs.Options)) (*ecs.DescribeServiceDeploymentsOutput, error)
	DescribeServiceRevisions(context.Context, *ecs.DescribeServiceRevisionsInput, ...func(*ecs.Options)) (*ecs.DescribeServiceRevisionsOutput, error)
	DescribeTaskDefinition(context.Context, *ecs.DescribeTaskDefinitionInput, ...func(*ecs.Options)) (*ecs.DescribeTaskDefinitionOutput, error)
	ListClusters(context.Context, *ecs.ListClustersInput, ...func(*ecs.Options)) (*ecs.ListClustersOutput, error)
	ListServices(context.Context, *ecs.ListServicesInput, ...func(*ecs.Options)) (*ecs.ListServicesOutput, error)
	ListTasks(context.Context, *ecs.ListTasksInput, ...func(*ecs.Options)) (*ecs.ListTasksOutput, error)
	ListContainerInstances(context.Context, *ecs.ListContainerInstancesInput, ...func(*ecs.Options)) (*ecs.ListContainerInstancesOutput, error)
	DescribeTasks(context.Context, *ecs.DescribeTasksInput, ...func(*ecs.Options)) (*ecs.DescribeTasksOutput, error)
	GetTaskProtection(context.Context, *ecs.GetTaskProtectionInput, ...func(*ecs.Options)) (*ecs.GetTaskProtectionOutput, error)
}

// ECR is the part of Amazon ECR that is read.
type ECR interface {
	DescribeImages(context.Context, *ecr.DescribeImagesInput, ...func(*ecr.Options)) (*ecr.DescribeImagesOutput, error)
}

// CloudWatch is the part of CloudWatch that is read.
type CloudWatch interface {
	GetMetricData(context.Context, *cloudwatch.GetMetricDataInput, ...func(*cloudwatch.Options)) (*cloudwatch.GetMetricDataOutput, error)
	DescribeAlarms(context.Context, *cloudwatch.DescribeAlarmsInput, ...func(*cloudwatch.Options)) (*cloudwatch.DescribeAlarmsOutput, error)
}

// Scaling is the part of Application Auto Scaling that is read.
type Scaling interface {
	DescribeScalableTargets(context.Context, *applicationautoscaling.DescribeScalableTargetsInput, ...func(*applicationautoscaling.Options)) (*applicationautoscaling.DescribeScalableTargetsOutput, error)
	DescribeScalingPolicies(context.Context, *applicationautoscaling.DescribeScalingPoliciesInput, ...func(*applicationautoscaling.Options)) (*applicationautoscaling.DescribeScalingPoliciesOutput, error)
}

// Observer reads snapshots.
type Observer struct {
	ECS        ECS
	ECR        ECR
	CloudWatch CloudWatch
	Scaling    Scaling
	// Sources reads the last changes of parameters and secrets; nil reads none.
	Sources SourceReader
	// Region is the region of the clients. Images of other regions are not looked
	// up.
	Region string
}

// Snapshot reads the service and the needed parts around it. The snapshot of an
// unknown or inactive service has Found false. An error is a fault.
func (o *Observer) Snapshot(ctx context.Context, ref fleet.ServiceRef, needs fleet.Needs, now time.Time) (fleet.Snapshot, error) {
	s := fleet.Snapshot{Ref: ref, At: now}
	service, err := o.service(ctx, ref)
	if err != nil || service == nil {
		return s, err
	}
	describe(&s, service)
	if !s.Found {
		return s, nil
	}
	o.rollouts(ctx, &s, needs)
	s.Groups = needs.Groups
	if current, ok := s.Current(); ok {
		s.Groups = current.Groups
	}
	if len(needs.Load.Groups) == 0 {
		needs.Load.Groups = s.Groups
	}
	needs.Load.Search = needs.Load.Search || needs.Before
	o.load(ctx, &s, needs)
	o.past(ctx, &s, needs)
	if needs.Tag != "" {
		markUnread(&s, "watched", o.watched(ctx, &s, needs))
	}
	if len(needs.Alarms) > 0 || needs.DeploymentAlarms {
		s.Alarms, err = o.alarms(ctx, needs.Alarms, deploymentAlarms(service), now)
		markUnread(&s, "alarms", err)
	}
	if needs.Tasks {
		s.Tasks, err = o.tasks(ctx, ref)
		markUnread(&s, "tasks", err)
	}
	if needs.Probe != "" {
		s.Probe, err = o.probe(ctx, ref, needs.Probe)
		markUnread(&s, "probe", err)
	}
	return s, nil
}

// rollouts reads the rollouts, and the needed parts of their revisions.
func (o *Observer) rollouts(ctx context.Context, s *fleet.Snapshot, needs fleet.Needs) {
	if !needs.Revisions && (!needs.WhileDeploying || !s.Deploying()) {
		return
	}
	var err error
	s.History, err = o.history(ctx, s.Ref, needs)
	markUnread(s, "revisions", err)
	if needs.CurrentImages {
		o.currentImages(ctx, s)
	}
	if needs.Definitions {
		markUnread(s, "definitions", o.definitions(ctx, s))
		o.sourceChanges(ctx, s)
	}
	shareReadings(s.History)
}

func markUnread(s *fleet.Snapshot, part string, err error) {
	if err == nil {
		return
	}
	if s.Unread == nil {
		s.Unread = map[string]string{}
	}
	s.Unread[part] = err.Error()
}

// Tags returns the tags of the service; found is false if ECS has no such service.
func (o *Observer) Tags(ctx context.Context, ref fleet.ServiceRef) (tags map[string]string, found bool, err error) {
	service, err := o.service(ctx, ref)
	if err != nil || service == nil {
		return nil, false, err
	}
	return tagsOf(service.Tags), true, nil
}

// service returns nil if ECS has no such service.
func (o *Observer) service(ctx context.Context, ref fleet.ServiceRef) (*ecstypes.Service, error) {
	out, err := o.ECS.DescribeServices(ctx, &ecs.DescribeServicesInput{
		Cluster:  aws.String(ref.Cluster),
		Services: []string{ref.Service},
		Include:  []ecstypes.ServiceField{ecstypes.ServiceFieldTags},
	})
	if fault.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.FromAWS("describing service "+ref.String(), err)
	}
	if len(out.Services) == 1 {
		return &out.Services[0], nil
	}
	for _, f := range out.Failures {
		if aws.ToString(f.Reason) == "MISSING" {
			return nil, nil
		}
	}
	return nil, fault.Retryf("empty-answer", "describing service %s: ECS named neither the service nor a failure", ref)
}

func describe(s *fleet.Snapshot, in *ecstypes.Service) {
	s.Status = aws.ToString(in.Status)
	s.Found = s.Status == "ACTIVE"
	s.CreatedAt = aws.ToTime(in.CreatedAt)
	s.Tags = tagsOf(in.Tags)
	s.Desired, s.Running, s.Pending = int(in.DesiredCount), int(in.RunningCount), int(in.PendingCount)
	s.TaskDefinition = fleet.NameOf(aws.ToString(in.TaskDefinition))
	s.Rebalancing = string(in.AvailabilityZoneRebalancing)
	for _, p := range in.CapacityProviderStrategy {
		s.Providers = append(s.Providers, fleet.ProviderWeight{
			Provider: aws.ToString(p.CapacityProvider), Weight: int(p.Weight), Base: int(p.Base),
		})
	}
	s.Daemon = in.SchedulingStrategy == ecstypes.SchedulingStrategyDaemon
	s.Controller = "ECS"
	if in.DeploymentController != nil {
		s.Controller = string(in.DeploymentController.Type)
	}
	if c := in.DeploymentConfiguration; c != nil {
		s.Strategy = string(c.Strategy)
		if b := c.DeploymentCircuitBreaker; b != nil {
			s.Breaker = fleet.Breaker{Enabled: b.Enable, Rollback: b.Rollback}
		}
	}
	for _, d := range in.Deployments {
		s.Deployments = append(s.Deployments, deployment(d))
	}
	// The names only. The states are read if they are needed.
	for _, name := range deploymentAlarms(in) {
		s.Alarms = append(s.Alarms, fleet.WatchedAlarm{Name: name, OfDeployment: true})
	}
}

func deployment(d ecstypes.Deployment) fleet.Deployment {
	return fleet.Deployment{
		ID:             aws.ToString(d.Id),
		Status:         aws.ToString(d.Status),
		TaskDefinition: fleet.NameOf(aws.ToString(d.TaskDefinition)),
		RolloutState:   string(d.RolloutState),
		RolloutReason:  aws.ToString(d.RolloutStateReason),
		Desired:        int(d.DesiredCount),
		Running:        int(d.RunningCount),
		Pending:        int(d.PendingCount),
		Failed:         int(d.FailedTasks),
		CreatedAt:      aws.ToTime(d.CreatedAt),
	}
}

func tagsOf(tags []ecstypes.Tag) map[string]string {
	out := make(map[string]string, len(tags))
	for _, t := range tags {
		out[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return out
}
