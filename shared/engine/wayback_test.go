package engine_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/aws/observe"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
)

// unreadable is ECS that throttles the read of one task definition.
type unreadable struct {
	observe.ECS
	name string
}

func (u unreadable) DescribeTaskDefinition(ctx context.Context, in *ecs.DescribeTaskDefinitionInput, o ...func(*ecs.Options)) (*ecs.DescribeTaskDefinitionOutput, error) {
	if strings.HasSuffix(aws.ToString(in.TaskDefinition), u.name) {
		return nil, fault.Retryf("throttled", "too many requests")
	}
	return u.ECS.DescribeTaskDefinition(ctx, in, o...)
}

// release deploys a new image of shop/web, and waits until its rollout is complete.
func (w *world) release(tag string, b ecssim.Behaviour) (definition string) {
	definition = w.Define(tag, b)
	_, err := w.Client.UpdateService(w.t.Context(), &ecs.UpdateServiceInput{Cluster: aws.String("shop"), Service: aws.String("web"), TaskDefinition: &definition})
	require.NoError(w.t, err)
	w.run(12 * time.Minute)
	return definition
}

// image returns the image of the main container that shop/web runs, by digest.
func (w *world) runningImage() string {
	out, err := w.Client.DescribeTaskDefinition(w.t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: w.Service().TaskDefinition})
	require.NoError(w.t, err)
	return aws.ToString(out.TaskDefinition.ContainerDefinitions[0].Image)
}

func late() ecssim.Behaviour {
	return ecssim.Behaviour{Exit: ecssim.Exit{Probability: 1, After: ecssim.Fixed(14 * time.Minute), Code: 1}}
}

func TestARollbackNeedsNoDescribableImage(t *testing.T) {
	w := newWorld(t, "act")
	w.Sim.SetDenied("ecr", "DescribeImages", true)
	w.release("worse", late())
	w.run(10 * time.Minute)
	assert.Contains(t, w.runningImage(), w.Digests["live"], "it goes back although the registry denies the read")
	assert.NotEmpty(t, w.notifications.episodes)
}

func TestAnUnreadableCandidateDoesNotHideTheNextOne(t *testing.T) {
	w := newWorld(t, "act")
	w.release("better", ecssim.Behaviour{})
	seen := w.observer.Observer.(*observe.Observer)
	seen.ECS = unreadable{seen.ECS, "web:2"}
	w.release("worse", late())
	w.run(10 * time.Minute)
	assert.Contains(t, w.runningImage(), w.Digests["live"], "web:2 could not be read, so it goes back to web:1")
}

func TestABadRevisionWithoutAWayBackRaisesAnAlert(t *testing.T) {
	w := newWorld(t, "act")
	seen := w.observer.Observer.(*observe.Observer)
	seen.ECS = unreadable{seen.ECS, "web:1"}
	w.release("worse", late())
	w.run(10 * time.Minute)
	assert.Empty(t, w.actor.applied)
	var alerts []fleet.Episode
	for _, e := range w.notifications.episodes {
		if e.Decision.Main().Name == "no-rollback-target" {
			alerts = append(alerts, e)
		}
	}
	require.NotEmpty(t, alerts)
	assert.Contains(t, alerts[0].Decision.Notify, "web:1 could not be read: ")
}

func TestADeletedDefinitionIsDeployedFromItsCopy(t *testing.T) {
	w := newWorld(t, "act")
	w.release("better", ecssim.Behaviour{})
	w.release("worse", late())
	for _, name := range []string{"web:1", "web:2"} {
		_, err := w.Client.DeregisterTaskDefinition(t.Context(), &ecs.DeregisterTaskDefinitionInput{TaskDefinition: aws.String(name)})
		require.NoError(t, err)
	}
	_, err := w.Client.DeleteTaskDefinitions(t.Context(), &ecs.DeleteTaskDefinitionsInput{TaskDefinitions: []string{"web:1", "web:2"}})
	require.NoError(t, err)
	w.run(12 * time.Minute)
	assert.Contains(t, w.runningImage(), w.Digests["better"], "its stored copy is registered again")
}
