package act_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"
)

func TestProvidersAreSetOnceWithAForcedDeployment(t *testing.T) {
	w := newWorld(t)
	onSpot := []ecstypes.CapacityProviderStrategyItem{{CapacityProvider: aws.String("FARGATE_SPOT"), Weight: 4}}
	w.update(ecs.UpdateServiceInput{CapacityProviderStrategy: onSpot, ForceNewDeployment: true})
	deployment := w.primary()
	a := fleet.Action{Kind: fleet.SetProviders, Providers: []fleet.ProviderWeight{{Provider: "FARGATE", Weight: 4, Base: 1}, {Provider: "FARGATE_SPOT"}}}
	assert.Equal(t, fleet.Result{
		Status: fleet.Done, Text: "capacity providers FARGATE_SPOT 4 → FARGATE 4 (base 1), FARGATE_SPOT 0, with a forced deployment",
	}, w.apply(a))
	got := w.Service().CapacityProviderStrategy
	require.NotEmpty(t, got)
	assert.Equal(t, ecstypes.CapacityProviderStrategyItem{CapacityProvider: aws.String("FARGATE"), Weight: 4, Base: 1}, got[0])
	assert.NotEqual(t, deployment, w.primary(), "ECS refuses a strategy without a forced deployment")
	deployment = w.primary()

	calls := w.made("UpdateService")
	assert.Equal(t, fleet.Result{
		Status: fleet.Skipped, Text: "the capacity providers are FARGATE 4 (base 1), FARGATE_SPOT 0 already",
	}, w.apply(a))
	a.Providers = []fleet.ProviderWeight{{Provider: "FARGATE", Weight: 4, Base: 1}}
	assert.Equal(t, fleet.Skipped, w.apply(a).Status, "a provider that gets no task makes no difference")
	assert.Equal(t, calls, w.made("UpdateService"))
	a.Providers = []fleet.ProviderWeight{{Provider: "FARGATE_SPOT", Weight: 4}}
	assert.Equal(t, fleet.Done, w.apply(a).Status, "and back")
	assert.NotEqual(t, deployment, w.primary())
}

func TestAServiceWithALaunchTypeGetsProviders(t *testing.T) {
	w := newWorld(t)
	got := w.apply(fleet.Action{Kind: fleet.SetProviders, Providers: []fleet.ProviderWeight{{Provider: "FARGATE", Weight: 1}}})
	assert.Equal(t, fleet.Result{Status: fleet.Done, Text: "capacity providers none → FARGATE 1, with a forced deployment"}, got)
}

func TestAStrategyOfNothingIsTerminal(t *testing.T) {
	w := newWorld(t)
	_, err := w.Apply(t.Context(), fixture.Web(), fleet.Action{Kind: fleet.SetProviders})
	require.EqualError(t, err, "the action sets no capacity provider for shop/web")
	assert.Equal(t, fault.Terminal, fault.ClassOf(err))
	assert.Zero(t, w.made("UpdateService"))
}

func TestRebalancingIsTurnedOnOnce(t *testing.T) {
	w := newWorld(t)
	a := fleet.Action{Kind: fleet.Rebalance}
	assert.Equal(t, fleet.Result{Status: fleet.Skipped, Text: "Availability Zone rebalancing is on already"}, w.apply(a))
	w.update(ecs.UpdateServiceInput{AvailabilityZoneRebalancing: ecstypes.AvailabilityZoneRebalancingDisabled})
	deployment := w.primary()
	assert.Equal(t, fleet.Done, w.apply(a).Status)
	assert.Equal(t, ecstypes.AvailabilityZoneRebalancingEnabled, w.Service().AvailabilityZoneRebalancing)
	assert.Equal(t, deployment, w.primary())
	assert.Equal(t, fleet.Skipped, w.apply(a).Status)
	assert.Equal(t, 2, w.made("UpdateService"), "one of them is the test's")
}

func TestRebalancingThatTheServiceDoesNotAllowIsTerminal(t *testing.T) {
	w := newWorld(t)
	w.update(ecs.UpdateServiceInput{
		AvailabilityZoneRebalancing: ecstypes.AvailabilityZoneRebalancingDisabled,
		DeploymentConfiguration:     &ecstypes.DeploymentConfiguration{MaximumPercent: aws.Int32(100), MinimumHealthyPercent: aws.Int32(50)},
	})
	_, err := w.Apply(t.Context(), fixture.Web(), fleet.Action{Kind: fleet.Rebalance})
	assert.Equal(t, fault.Terminal, fault.ClassOf(err))
	assert.ErrorContains(t, err, "turning Availability Zone rebalancing of shop/web on")
}
