package observe

import (
	"context"
	"slices"
	"strings"
	"time"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// tasks returns the running tasks of the service. The list is empty, not nil, if
// none runs.
func (o *Observer) tasks(ctx context.Context, ref fleet.ServiceRef) ([]fleet.RunningTask, error) {
	running := []fleet.RunningTask{}
	pages := o.taskPages(ref)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fault.FromAWS("listing tasks of "+ref.String(), err)
		}
		for arns := range slices.Chunk(page.TaskArns, tasksLimit) {
			part, err := o.running(ctx, ref, arns)
			if err != nil {
				return nil, err
			}
			running = append(running, part...)
		}
	}
	return running, nil
}

// taskPages lists the running tasks of the service, page by page.
func (o *Observer) taskPages(ref fleet.ServiceRef) *ecs.ListTasksPaginator {
	return ecs.NewListTasksPaginator(o.ECS, &ecs.ListTasksInput{
		Cluster: aws.String(ref.Cluster), ServiceName: aws.String(ref.Service),
		DesiredStatus: ecstypes.DesiredStatusRunning, MaxResults: aws.Int32(tasksLimit),
	})
}

// Protected returns the number of tasks of the service with scale-in protection, at
// now. A task without an answer of ECS counts as protected.
func (o *Observer) Protected(ctx context.Context, ref fleet.ServiceRef, now time.Time) fleet.Reading {
	protected := 0
	pages := o.taskPages(ref)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fleet.Unknown(fault.FromAWS("listing tasks of "+ref.String(), err).Error())
		}
		if len(page.TaskArns) == 0 {
			continue
		}
		free, err := o.unprotected(ctx, ref, page.TaskArns)
		if err != nil {
			return fleet.Unknown(err.Error())
		}
		for _, arn := range page.TaskArns {
			if !free[fleet.NameOf(arn)] {
				protected++
			}
		}
	}
	return fleet.Known(float64(protected), now, "GetTaskProtection")
}

// running returns the tasks that run. It leaves out tasks that ended since they
// were listed.
func (o *Observer) running(ctx context.Context, ref fleet.ServiceRef, arns []string) ([]fleet.RunningTask, error) {
	out, err := o.ECS.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: aws.String(ref.Cluster), Tasks: arns})
	if err != nil {
		return nil, fault.FromAWS("describing tasks of "+ref.String(), err)
	}
	free, err := o.unprotected(ctx, ref, arns)
	if err != nil {
		return nil, err
	}
	var running []fleet.RunningTask
	for _, t := range out.Tasks {
		if aws.ToString(t.LastStatus) != string(ecstypes.DesiredStatusRunning) {
			continue
		}
		id := fleet.NameOf(aws.ToString(t.TaskArn))
		running = append(running, fleet.RunningTask{
			ID: id, StartedAt: aws.ToTime(t.StartedAt), Deployment: aws.ToString(t.StartedBy), Protected: !free[id],
		})
	}
	return running, nil
}

// unprotected returns the tasks that ECS reports as not protected.
func (o *Observer) unprotected(ctx context.Context, ref fleet.ServiceRef, arns []string) (map[string]bool, error) {
	out, err := o.ECS.GetTaskProtection(ctx, &ecs.GetTaskProtectionInput{Cluster: aws.String(ref.Cluster), Tasks: arns})
	if err != nil {
		return nil, fault.FromAWS("reading the task protection of "+ref.String(), err)
	}
	free := map[string]bool{}
	for _, t := range out.ProtectedTasks {
		free[fleet.NameOf(aws.ToString(t.TaskArn))] = !t.ProtectionEnabled
	}
	return free, nil
}

// probe returns the state of the task with this id. It returns nil if ECS no longer
// has the task, about an hour after its end.
func (o *Observer) probe(ctx context.Context, ref fleet.ServiceRef, id string) (*fleet.Stop, error) {
	found, err := o.Described(ctx, ref, []string{id})
	if err != nil || found[id] == nil {
		return nil, err
	}
	return &found[id].Stop, nil
}

// Described returns the tasks with these ids. A task that ECS reports as missing is
// absent: one that never was, or that ended more than an hour ago.
func (o *Observer) Described(ctx context.Context, ref fleet.ServiceRef, tasks []string) (map[string]*fleet.DescribedTask, error) {
	found := map[string]*fleet.DescribedTask{}
	for ids := range slices.Chunk(tasks, tasksLimit) {
		out, err := o.ECS.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: aws.String(ref.Cluster), Tasks: ids})
		if err != nil {
			return nil, fault.FromAWS("describing tasks of "+ref.String(), err)
		}
		if len(out.Tasks)+len(out.Failures) < len(ids) {
			return nil, fault.Retryf("empty-answer", "describing %d tasks of %s: for one of them ECS named neither the task nor a failure", len(ids), ref)
		}
		for _, t := range out.Tasks {
			d := &fleet.DescribedTask{Stop: *stop(t), TaskDefinition: fleet.NameOf(aws.ToString(t.TaskDefinitionArn))}
			if by := aws.ToString(t.StartedBy); strings.HasPrefix(by, serviceTask) {
				d.Deployment = by
			}
			found[fleet.NameOf(aws.ToString(t.TaskArn))] = d
		}
	}
	return found, nil
}

func stop(t ecstypes.Task) *fleet.Stop {
	out := &fleet.Stop{
		Code: string(t.StopCode), Reason: aws.ToString(t.StoppedReason), Group: aws.ToString(t.Group),
		LastStatus: aws.ToString(t.LastStatus), DesiredStatus: aws.ToString(t.DesiredStatus),
		CreatedAt: aws.ToTime(t.CreatedAt), StartedAt: aws.ToTime(t.StartedAt),
		ExecutionStoppedAt: aws.ToTime(t.ExecutionStoppedAt),
		StoppingAt:         aws.ToTime(t.StoppingAt), StoppedAt: aws.ToTime(t.StoppedAt),
		AvailabilityZone: aws.ToString(t.AvailabilityZone), CapacityProvider: aws.ToString(t.CapacityProviderName),
		LaunchType: string(t.LaunchType), Host: fleet.NameOf(aws.ToString(t.ContainerInstanceArn)),
	}
	for _, c := range t.Containers {
		exit := fleet.ContainerExit{
			Name: aws.ToString(c.Name), Image: aws.ToString(c.Image), Digest: aws.ToString(c.ImageDigest), Reason: aws.ToString(c.Reason),
		}
		if c.HealthStatus != ecstypes.HealthStatusUnknown {
			exit.Health = string(c.HealthStatus)
		}
		if c.ExitCode != nil {
			exit.ExitCode = new(int(*c.ExitCode))
		}
		out.Containers = append(out.Containers, exit)
	}
	return out
}
