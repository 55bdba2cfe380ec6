package observe_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/require"

	"homeostat/shared/aws/observe"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/simtest"
	"homeostat/shared/sim/simtest/fixture"
	"homeostat/shared/sim/simtest/sdk"
)

// world is a simulated account with an observer.
type world struct {
	*observe.Observer
	*simtest.World
	t testing.TB
}

func newWorld(t testing.TB) *world {
	w := simtest.New(t, ecssim.Config{})
	return &world{Observer: w.Observer(), World: w, t: t}
}

// steady makes shop/web with three tasks and waits until it is steady.
func (w *world) steady(change ...func(*ecssim.ServiceSpec)) {
	team := func(spec *ecssim.ServiceSpec) {
		spec.Tags["team"], spec.Breaker = "shop", &ecssim.BreakerSpec{Rollback: true}
	}
	w.Serve(w.Define("v1", ecssim.Behaviour{}), "act", append([]func(*ecssim.ServiceSpec){team}, change...)...)
}

// deploy rolls a definition out and waits for a time.
func (w *world) deploy(definition string, wait time.Duration) {
	_, err := w.Client.UpdateService(context.Background(), &ecs.UpdateServiceInput{
		Cluster: aws.String("shop"), Service: aws.String("web"), TaskDefinition: &definition,
	})
	require.NoError(w.t, err)
	w.Run(wait)
}

// read returns a snapshot that must succeed.
func (w *world) read(needs fleet.Needs) fleet.Snapshot {
	s, err := w.Snapshot(context.Background(), fixture.Web(), needs, w.Sim.Now())
	require.NoError(w.t, err)
	return s
}

// network returns the network of a task without a service.
func (w *world) network() *ecstypes.NetworkConfiguration {
	return &ecstypes.NetworkConfiguration{AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{Subnets: []string{"subnet-0a"}}}
}

// stopped returns the ids of the stopped tasks of the cluster.
func (w *world) stopped() (ids []string) {
	out, err := w.Client.ListTasks(w.t.Context(), &ecs.ListTasksInput{Cluster: aws.String("shop"), DesiredStatus: ecstypes.DesiredStatusStopped})
	require.NoError(w.t, err)
	for _, arn := range out.TaskArns {
		ids = append(ids, arn[len(taskARN("")):])
	}
	return ids
}

// answer sets the bodies of the answers to some operations.
func (w *world) answer(bodies map[string]string) *sdk.Answers {
	a, cfg := sdk.NewAnswers(w.Config, bodies)
	w.ECS = ecs.NewFromConfig(cfg)
	return a
}
