package observe

import (
	"context"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Enrolled lists the snapshots of all services of the account with the
// tag homeostat:mode, in the order of ECS. The snapshots hold the service only.
func (o *Observer) Enrolled(ctx context.Context, account fleet.Account) ([]fleet.Snapshot, error) {
	var found []fleet.Snapshot
	clusters := ecs.NewListClustersPaginator(o.ECS, &ecs.ListClustersInput{})
	for clusters.HasMorePages() {
		page, err := clusters.NextPage(ctx)
		if err != nil {
			return nil, fault.FromAWS("listing clusters", err)
		}
		for _, arn := range page.ClusterArns {
			if found, err = o.enrolledIn(ctx, account.Ref(fleet.NameOf(arn), ""), found); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

func (o *Observer) enrolledIn(ctx context.Context, ref fleet.ServiceRef, found []fleet.Snapshot) ([]fleet.Snapshot, error) {
	services := ecs.NewListServicesPaginator(o.ECS, &ecs.ListServicesInput{Cluster: aws.String(ref.Cluster), MaxResults: aws.Int32(describeLimit)})
	for services.HasMorePages() {
		page, err := services.NextPage(ctx)
		if err != nil {
			return nil, fault.FromAWS("listing services of "+ref.Cluster, err)
		}
		if len(page.ServiceArns) == 0 {
			continue
		}
		out, err := o.ECS.DescribeServices(ctx, &ecs.DescribeServicesInput{
			Cluster: aws.String(ref.Cluster), Services: page.ServiceArns, Include: []ecstypes.ServiceField{ecstypes.ServiceFieldTags},
		})
		if err != nil {
			return nil, fault.FromAWS("describing services of "+ref.Cluster, err)
		}
		for i := range out.Services {
			var s fleet.Snapshot
			describe(&s, &out.Services[i])
			if _, ok := s.Tags[contract.TagMode]; ok && s.Found {
				ref.Service = aws.ToString(out.Services[i].ServiceName)
				s.Ref = ref
				found = append(found, s)
			}
		}
	}
	return found, nil
}

// Images returns the container images of a task definition, as they are written
// there.
func (o *Observer) Images(ctx context.Context, definition string) ([]fleet.ContainerImage, error) {
	out, err := o.ECS.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String(definition)})
	if err != nil {
		return nil, fault.FromAWS("describing task definition "+definition, err)
	}
	var images []fleet.ContainerImage
	for _, c := range out.TaskDefinition.ContainerDefinitions {
		images = append(images, fleet.ContainerImage{Name: aws.ToString(c.Name), Image: fleet.ParseImage(aws.ToString(c.Image))})
	}
	return images, nil
}
