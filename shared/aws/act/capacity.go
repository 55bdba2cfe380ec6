package act

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// setProviders replaces the capacity provider strategy. ECS refuses that without a
// forced deployment, so all tasks are replaced by tasks of the same revision.
func (a *Actor) setProviders(ctx context.Context, ref fleet.ServiceRef, service *ecstypes.Service, action fleet.Action) (fleet.Result, error) {
	if len(action.Providers) == 0 {
		return fleet.Result{}, fault.Terminalf("no-providers", "the action sets no capacity provider for %s", ref)
	}
	was := strategy(service.CapacityProviderStrategy)
	if slices.Equal(effective(was), effective(action.Providers)) {
		return fleet.Result{Status: fleet.Skipped, Text: "the capacity providers are " + providers(was) + " already"}, nil
	}
	_, err := a.ECS.UpdateService(ctx, &ecs.UpdateServiceInput{
		Cluster: aws.String(ref.Cluster), Service: aws.String(ref.Service), CapacityProviderStrategy: items(action.Providers), ForceNewDeployment: true,
	})
	if err != nil {
		return fleet.Result{}, fault.FromAWS("setting the capacity providers of "+ref.String(), err)
	}
	return fleet.Result{Status: fleet.Done, Text: "capacity providers " + providers(was) + " → " + providers(action.Providers) + ", with a forced deployment"}, nil
}

func strategy(in []ecstypes.CapacityProviderStrategyItem) []fleet.ProviderWeight {
	out := make([]fleet.ProviderWeight, 0, len(in))
	for _, i := range in {
		out = append(out, fleet.ProviderWeight{Provider: aws.ToString(i.CapacityProvider), Weight: int(i.Weight), Base: int(i.Base)})
	}
	return out
}

func items(in []fleet.ProviderWeight) []ecstypes.CapacityProviderStrategyItem {
	out := make([]ecstypes.CapacityProviderStrategyItem, 0, len(in))
	for _, p := range in {
		out = append(out, ecstypes.CapacityProviderStrategyItem{
			CapacityProvider: aws.String(p.Provider), Weight: int32(p.Weight), Base: int32(p.Base),
		})
	}
	return out
}

// effective returns the strategy in a fixed order, without providers that get no
// task. Two strategies with the same placement are then equal.
func effective(in []fleet.ProviderWeight) []fleet.ProviderWeight {
	out := slices.DeleteFunc(slices.Clone(in), func(p fleet.ProviderWeight) bool { return p.Weight == 0 && p.Base == 0 })
	sort.Slice(out, func(i, j int) bool { return out[i].Provider < out[j].Provider })
	return out
}

// providers returns a strategy as text: "FARGATE 1 (base 2), FARGATE_SPOT 4".
func providers(in []fleet.ProviderWeight) string {
	words := make([]string, 0, len(in))
	for _, p := range in {
		word := fmt.Sprintf("%s %d", p.Provider, p.Weight)
		if p.Base > 0 {
			word += fmt.Sprintf(" (base %d)", p.Base)
		}
		words = append(words, word)
	}
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, ", ")
}

// rebalance turns on Availability Zone rebalancing: ECS then moves tasks until the
// zones are even.
func (a *Actor) rebalance(ctx context.Context, ref fleet.ServiceRef, service *ecstypes.Service) (fleet.Result, error) {
	if service.AvailabilityZoneRebalancing == ecstypes.AvailabilityZoneRebalancingEnabled {
		return fleet.Result{Status: fleet.Skipped, Text: "Availability Zone rebalancing is on already"}, nil
	}
	_, err := a.ECS.UpdateService(ctx, &ecs.UpdateServiceInput{
		Cluster: aws.String(ref.Cluster), Service: aws.String(ref.Service),
		AvailabilityZoneRebalancing: ecstypes.AvailabilityZoneRebalancingEnabled,
	})
	if err != nil {
		return fleet.Result{}, fault.FromAWS("turning Availability Zone rebalancing of "+ref.String()+" on", err)
	}
	return fleet.Result{Status: fleet.Done, Text: "Availability Zone rebalancing is on: ECS moves tasks until the zones are even"}, nil
}
