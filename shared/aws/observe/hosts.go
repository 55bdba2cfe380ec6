package observe

import (
	"context"
	"slices"
	"strings"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// servicePrefix begins the group of a task of a service.
const servicePrefix = "service:"

// ServiceOf returns the service of a task. It is empty for a standalone task, and for
// a task or cluster that ECS does not know.
func (o *Observer) ServiceOf(ctx context.Context, cluster, task string) (service string, err error) {
	services, err := o.servicesOf(ctx, cluster, []string{task})
	if fault.IsNotFound(err) {
		return "", nil
	}
	if err != nil || len(services) == 0 {
		return "", err
	}
	return services[0], nil
}

// Hosted returns the container instance of an EC2 instance in a cluster, and the
// services with tasks on it. host is empty if the cluster does not have the instance.
func (o *Observer) Hosted(ctx context.Context, cluster, instance string) (host string, services []string, err error) {
	if !isInstanceID(instance) {
		return "", nil, nil
	}
	out, err := o.ECS.ListContainerInstances(ctx, &ecs.ListContainerInstancesInput{
		Cluster: aws.String(cluster), Filter: aws.String("ec2InstanceId == " + instance),
	})
	if fault.IsNotFound(err) {
		return "", nil, nil // deleted since the inventory was read
	}
	if err != nil {
		return "", nil, fault.FromAWS("finding the instance "+instance+" in "+cluster, err)
	}
	if len(out.ContainerInstanceArns) != 1 {
		return "", nil, nil
	}
	host = fleet.NameOf(out.ContainerInstanceArns[0])
	pages := ecs.NewListTasksPaginator(o.ECS, &ecs.ListTasksInput{
		Cluster: aws.String(cluster), ContainerInstance: aws.String(host), DesiredStatus: ecstypes.DesiredStatusRunning,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return host, nil, fault.FromAWS("listing tasks of the host "+host, err)
		}
		for arns := range slices.Chunk(page.TaskArns, tasksLimit) {
			part, err := o.servicesOf(ctx, cluster, arns)
			if err != nil {
				return host, nil, err
			}
			services = append(services, part...)
		}
	}
	slices.Sort(services)
	return host, slices.Compact(services), nil
}

// servicesOf returns the services of tasks, without duplicates.
func (o *Observer) servicesOf(ctx context.Context, cluster string, tasks []string) (services []string, err error) {
	out, err := o.ECS.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: aws.String(cluster), Tasks: tasks})
	if err != nil {
		return nil, fault.FromAWS("describing tasks of the cluster "+cluster, err)
	}
	for _, t := range out.Tasks {
		if name, ok := strings.CutPrefix(aws.ToString(t.Group), servicePrefix); ok && !slices.Contains(services, name) {
			services = append(services, name)
		}
	}
	return services, nil
}

// isInstanceID reports whether a text is an id of an EC2 instance, so that it is safe
// in an expression of the cluster query language.
func isInstanceID(text string) bool {
	digits, ok := strings.CutPrefix(text, "i-")
	return ok && digits != "" && strings.Trim(digits, "0123456789abcdef") == ""
}
