package act_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/require"

	"homeostat/shared/aws/act"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
)

// world is a simulated account with the service shop/web, behind the real SDK.
type world struct {
	act.Actor
	t       testing.TB
	sim     *ecssim.Sim
	ecs     *ecs.Client
	digests map[string]string // by tag
}

func web() fleet.ServiceRef {
	return fleet.ServiceRef{Account: "123456789012", Region: "eu-central-1", Cluster: "shop", Service: "web"}
}

func newWorld(t testing.TB) *world {
	sim := ecssim.New(ecssim.Config{})
	client := ecs.NewFromConfig(aws.Config{
		Region: "eu-central-1", HTTPClient: sim.Client(), BaseEndpoint: aws.String("http://ecssim"),
		Credentials: aws.AnonymousCredentials{}, Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	})
	w := &world{Actor: act.Actor{ECS: client}, t: t, sim: sim, ecs: client, digests: map[string]string{}}
	sim.AddCluster("shop")
	_, err := sim.CreateService(ecssim.ServiceSpec{Cluster: "shop", Name: "web", TaskDefinition: w.define("v1", ecssim.Behaviour{}), Desired: 3})
	require.NoError(t, err)
	w.run(5 * time.Minute)
	return w
}

// define pushes an image under a tag and registers a revision of it. The revision
// has a sidecar and a secret that a copy must keep.
func (w *world) define(tag string, b ecssim.Behaviour) string {
	w.digests[tag] = w.sim.PushImage("web", tag, b)
	arn, err := w.sim.RegisterTaskDefinition(ecssim.TaskDefinitionSpec{
		Family: "web", CPU: 512, Memory: 1024,
		Containers: []ecssim.ContainerSpec{
			{Name: "app", Image: "web:" + tag, Extra: map[string]any{"environment": []map[string]any{{"name": "STAGE", "value": "live"}}}},
			{Name: "proxy", Image: "public.ecr.aws/envoy:1", Sidecar: true},
		},
	})
	require.NoError(w.t, err)
	return arn
}

func (w *world) run(d time.Duration) { w.sim.RunUntil(w.sim.Now().Add(d)) }

func (w *world) service() ecstypes.Service {
	out, err := w.ecs.DescribeServices(context.Background(), &ecs.DescribeServicesInput{Cluster: aws.String("shop"), Services: []string{"web"}})
	require.NoError(w.t, err)
	require.Len(w.t, out.Services, 1)
	return out.Services[0]
}

func (w *world) primary() string {
	for _, d := range w.service().Deployments {
		if aws.ToString(d.Status) == "PRIMARY" {
			return aws.ToString(d.Id)
		}
	}
	return ""
}

func (w *world) update(in ecs.UpdateServiceInput) {
	in.Cluster, in.Service = aws.String("shop"), aws.String("web")
	_, err := w.ecs.UpdateService(context.Background(), &in)
	require.NoError(w.t, err)
}

// rollout returns the ARN of the newest service deployment.
func (w *world) rollout() string {
	out, err := w.ecs.ListServiceDeployments(context.Background(), &ecs.ListServiceDeploymentsInput{Cluster: aws.String("shop"), Service: aws.String("web")})
	require.NoError(w.t, err)
	return aws.ToString(out.ServiceDeployments[0].ServiceDeploymentArn)
}

// apply makes a change that must not fail.
func (w *world) apply(a fleet.Action) fleet.Result {
	got, err := w.Apply(context.Background(), web(), a)
	require.NoError(w.t, err)
	return got
}

func (w *world) made(operation string) int { return w.sim.Calls("ecs", operation).Made }

func (w *world) image(tag string) fleet.Image {
	return fleet.Image{Registry: w.sim.RegistryHost(), Repository: "web", Digest: w.digests[tag]}
}

// definition returns a task definition of the family web with its tags.
func (w *world) definition(name string) *ecs.DescribeTaskDefinitionOutput {
	out, err := w.ecs.DescribeTaskDefinition(context.Background(), &ecs.DescribeTaskDefinitionInput{
		TaskDefinition: &name, Include: []ecstypes.TaskDefinitionField{ecstypes.TaskDefinitionFieldTags},
	})
	require.NoError(w.t, err)
	return out
}

// other returns the specification of a service beside web.
func other() ecssim.ServiceSpec {
	return ecssim.ServiceSpec{Cluster: "shop", Name: "other", TaskDefinition: "web:1", Desired: 1}
}
