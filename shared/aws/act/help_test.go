package act_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/require"

	"homeostat/shared/aws/act"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/simtest"
	"homeostat/shared/sim/simtest/fixture"
	"homeostat/shared/sim/simtest/sdk"
)

// world is a simulated account with the service shop/web and an actor.
type world struct {
	act.Actor
	*simtest.World
	t testing.TB
}

func newWorld(t testing.TB) *world {
	w := &world{World: simtest.New(t, ecssim.Config{}), t: t}
	w.Actor = act.Actor{ECS: w.Client}
	w.Serve(w.define("v1", ecssim.Behaviour{}), "act")
	return w
}

// define is Define with an environment, a sidecar and a size. A copy of the
// revision must keep them.
func (w *world) define(tag string, b ecssim.Behaviour) string {
	return w.Define(tag, b, func(spec *ecssim.TaskDefinitionSpec) {
		spec.CPU, spec.Memory = 512, 1024
		spec.Containers[0].Extra = map[string]any{"environment": []map[string]any{{"name": "STAGE", "value": "live"}}}
		spec.Containers = append(spec.Containers, ecssim.ContainerSpec{Name: "proxy", Image: "public.ecr.aws/envoy:1", Sidecar: true})
	})
}

func (w *world) primary() string {
	for _, d := range w.Service().Deployments {
		if aws.ToString(d.Status) == "PRIMARY" {
			return aws.ToString(d.Id)
		}
	}
	return ""
}

func (w *world) update(in ecs.UpdateServiceInput) {
	in.Cluster, in.Service = aws.String("shop"), aws.String("web")
	_, err := w.Client.UpdateService(context.Background(), &in)
	require.NoError(w.t, err)
}

// rollout returns the ARN of the newest service deployment.
func (w *world) rollout() string {
	out, err := w.Client.ListServiceDeployments(context.Background(), &ecs.ListServiceDeploymentsInput{Cluster: aws.String("shop"), Service: aws.String("web")})
	require.NoError(w.t, err)
	return aws.ToString(out.ServiceDeployments[0].ServiceDeploymentArn)
}

// apply makes a change that must not fail.
func (w *world) apply(a fleet.Action) fleet.Result {
	got, err := w.Apply(context.Background(), fixture.Web(), a)
	require.NoError(w.t, err)
	return got
}

func (w *world) made(operation string) int { return w.Sim.Calls("ecs", operation).Made }

// image returns the image of a tag, named by its digest alone.
func (w *world) image(tag string) fleet.Image {
	image := w.Image(tag)
	image.Tag = ""
	return image
}

// definition returns a task definition of the family web with its tags.
func (w *world) definition(name string) *ecs.DescribeTaskDefinitionOutput {
	out, err := w.Client.DescribeTaskDefinition(context.Background(), &ecs.DescribeTaskDefinitionInput{
		TaskDefinition: &name, Include: []ecstypes.TaskDefinitionField{ecstypes.TaskDefinitionFieldTags},
	})
	require.NoError(w.t, err)
	return out
}

// other returns the specification of a service beside web.
func other() ecssim.ServiceSpec {
	return ecssim.ServiceSpec{Cluster: "shop", Name: "other", TaskDefinition: "web:1", Desired: 1}
}

// answer sets the bodies of the answers to some operations.
func (w *world) answer(bodies map[string]string) *sdk.Answers {
	a, cfg := sdk.NewAnswers(w.Config, bodies)
	w.ECS = ecs.NewFromConfig(cfg)
	return a
}

// requests returns the requests of an operation.
func requests(t testing.TB, a *sdk.Answers, operation string) (out []map[string]any) {
	for _, sent := range a.Sent[operation] {
		var in map[string]any
		require.NoError(t, json.Unmarshal([]byte(sent), &in))
		out = append(out, in)
	}
	return out
}
