package observe_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/aws/observe"
	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
)

// The functions have an account and a region, but no partition. Each ARN that they
// build must be of the region's partition.
func TestARevisionIsReadByTheARNOfItsPartition(t *testing.T) {
	for region, partition := range map[string]string{"eu-central-1": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov"} {
		t.Run(partition, func(t *testing.T) {
			sim := ecssim.New(ecssim.Config{Region: region})
			cfg := aws.Config{
				Region: region, HTTPClient: sim.Client(), BaseEndpoint: aws.String("http://ecssim"),
				Credentials: aws.AnonymousCredentials{}, Retryer: func() aws.Retryer { return aws.NopRetryer{} },
			}
			o := &observe.Observer{
				ECS: ecs.NewFromConfig(cfg), ECR: ecr.NewFromConfig(cfg), CloudWatch: cloudwatch.NewFromConfig(cfg),
				Scaling: applicationautoscaling.NewFromConfig(cfg), Region: region,
			}
			sim.AddCluster("shop")
			sim.PushImage("web", "live", ecssim.Behaviour{})
			definition, err := sim.RegisterTaskDefinition(ecssim.TaskDefinitionSpec{Family: "web", Containers: []ecssim.ContainerSpec{{Name: "app", Image: "web:live"}}})
			require.NoError(t, err)
			_, err = sim.CreateService(ecssim.ServiceSpec{Cluster: "shop", Name: "web", TaskDefinition: definition, Desired: 1, Tags: map[string]string{contract.TagMode: "act"}})
			require.NoError(t, err)
			sim.RunUntil(sim.Now().Add(5 * time.Minute))

			account := fleet.ServiceRef{Account: "123456789012", Region: region}
			members, _, complete, err := o.Part(t.Context(), account, fleet.Place{}, 80)
			require.NoError(t, err)
			require.True(t, complete)
			require.Len(t, members, 1)
			fine, err := o.HighResolution(t.Context(), account, members)
			require.NoError(t, err)
			assert.Contains(t, fine, members[0].Revision, "ECS knows the revision by this ARN")

			s, err := o.Snapshot(t.Context(), members[0].Ref(account), fleet.Needs{Revisions: true, Tag: "live"}, sim.Now())
			require.NoError(t, err)
			assert.Empty(t, s.Unread)
			require.NotEmpty(t, s.History)
			assert.Contains(t, s.History[0].ARN, "arn:"+partition+":ecs:"+region+":")
			require.NotNil(t, s.Watched, "the image is found in the registry of the partition")
			assert.NotEmpty(t, s.Watched.Digest)
		})
	}
}
