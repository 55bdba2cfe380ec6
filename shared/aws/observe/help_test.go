package observe_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/require"

	"homeostat/shared/aws/observe"
	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
)

// world is a simulated account with the cluster shop, behind the real SDK.
type world struct {
	*observe.Observer
	t       testing.TB
	sim     *ecssim.Sim
	ecs     *ecs.Client
	digests map[string]string // by tag
}

func newWorld(t testing.TB) *world {
	sim := ecssim.New(ecssim.Config{})
	cfg := aws.Config{
		Region: "eu-central-1", HTTPClient: sim.Client(), BaseEndpoint: aws.String("http://ecssim"),
		Credentials: aws.AnonymousCredentials{}, Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	}
	w := &world{t: t, sim: sim, ecs: ecs.NewFromConfig(cfg), digests: map[string]string{}}
	w.Observer = &observe.Observer{
		ECS: w.ecs, ECR: ecr.NewFromConfig(cfg), CloudWatch: cloudwatch.NewFromConfig(cfg),
		Scaling: applicationautoscaling.NewFromConfig(cfg), Region: cfg.Region,
	}
	sim.AddCluster("shop")
	return w
}

func web() fleet.ServiceRef {
	return fleet.ServiceRef{Account: "123456789012", Region: "eu-central-1", Cluster: "shop", Service: "web"}
}

// define pushes an image under a tag and registers a revision of it.
func (w *world) define(tag string, b ecssim.Behaviour) string {
	w.digests[tag] = w.sim.PushImage("web", tag, b)
	arn, err := w.sim.RegisterTaskDefinition(ecssim.TaskDefinitionSpec{
		Family: "web", Containers: []ecssim.ContainerSpec{{Name: "app", Image: "web:" + tag}},
	})
	require.NoError(w.t, err)
	return arn
}

// steady makes shop/web with three tasks and waits until it is steady.
func (w *world) steady(change ...func(*ecssim.ServiceSpec)) {
	spec := ecssim.ServiceSpec{
		Cluster: "shop", Name: "web", TaskDefinition: w.define("v1", ecssim.Behaviour{}), Desired: 3,
		Tags: map[string]string{contract.TagMode: "act", "team": "shop"}, Breaker: &ecssim.BreakerSpec{Rollback: true},
	}
	for _, f := range change {
		f(&spec)
	}
	_, err := w.sim.CreateService(spec)
	require.NoError(w.t, err)
	w.run(5 * time.Minute)
}

func (w *world) run(d time.Duration) { w.sim.RunUntil(w.sim.Now().Add(d)) }

// deploy rolls a definition out and waits for a time.
func (w *world) deploy(definition string, wait time.Duration) {
	_, err := w.ecs.UpdateService(context.Background(), &ecs.UpdateServiceInput{
		Cluster: aws.String("shop"), Service: aws.String("web"), TaskDefinition: &definition,
	})
	require.NoError(w.t, err)
	w.run(wait)
}

// read returns a snapshot that must succeed.
func (w *world) read(needs fleet.Needs) fleet.Snapshot {
	s, err := w.Snapshot(context.Background(), web(), needs, w.sim.Now())
	require.NoError(w.t, err)
	return s
}

func (w *world) image(tag string) fleet.Image {
	return fleet.Image{Registry: w.sim.RegistryHost(), Repository: "web", Tag: tag, Digest: w.digests[tag]}
}

// network returns the network of a task without a service.
func (w *world) network() *ecstypes.NetworkConfiguration {
	return &ecstypes.NetworkConfiguration{AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{Subnets: []string{"subnet-0a"}}}
}

// stopped returns the ids of the stopped tasks of the cluster.
func (w *world) stopped() (ids []string) {
	out, err := w.ecs.ListTasks(w.t.Context(), &ecs.ListTasksInput{Cluster: aws.String("shop"), DesiredStatus: ecstypes.DesiredStatusStopped})
	require.NoError(w.t, err)
	for _, arn := range out.TaskArns {
		ids = append(ids, arn[len(taskARN("")):])
	}
	return ids
}
