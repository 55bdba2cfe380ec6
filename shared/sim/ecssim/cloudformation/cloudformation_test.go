package cloudformation_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/ecssim/cloudformation"
	"homeostat/shared/sim/ecssim/wire"
	"homeostat/shared/sim/simtest/sdk"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdkcloudformation "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func stack(resources int) cloudformation.Stack {
	out := cloudformation.Stack{
		Name: "homeostat", Description: "d",
		Parameters: []cloudformation.Pair{{Key: "Mode", Value: "act"}},
		Outputs:    []cloudformation.Pair{{Key: "Table", Value: "homeostat"}, {Key: "Bus", Value: "default"}},
		Tags:       []cloudformation.Pair{{Key: "team", Value: "shop"}},
	}
	for i := range resources {
		out.Resources = append(out.Resources, cloudformation.Resource{LogicalID: fmt.Sprintf("Queue%d", i), PhysicalID: fmt.Sprintf("queue-%d", i), Type: "AWS::SQS::Queue"})
	}
	return out
}

// newSim returns a Sim whose answers are checked against AWS's model, and a client.
func newSim(t *testing.T) (*ecssim.Sim, *sdkcloudformation.Client) {
	sim := ecssim.New(ecssim.Config{})
	sim.Server().Check(func(problem string) { t.Error(problem) })
	return sim, sdkcloudformation.NewFromConfig(sdk.InMemory(sim.Server()))
}

func TestADeclaredStackIsRead(t *testing.T) {
	sim, client := newSim(t)
	id := sim.DeclareStack(stack(2))
	assert.Regexp(t, `^arn:aws:cloudformation:eu-central-1:123456789012:stack/homeostat/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$`, id)
	for _, name := range []string{"homeostat", id} {
		out, err := client.DescribeStacks(t.Context(), &sdkcloudformation.DescribeStacksInput{StackName: &name})
		require.NoError(t, err)
		require.Len(t, out.Stacks, 1)
		got := out.Stacks[0]
		assert.Equal(t, "CREATE_COMPLETE", string(got.StackStatus))
		assert.Equal(t, "act", *got.Parameters[0].ParameterValue)
		assert.Equal(t, "Bus", *got.Outputs[1].OutputKey)
		assert.Equal(t, "shop", *got.Tags[0].Value)
		assert.Equal(t, sim.Now(), *got.CreationTime)
	}
	sim.RunUntil(sim.Now().Add(time.Hour))
	changed := stack(1)
	changed.Status = "UPDATE_COMPLETE"
	assert.Equal(t, id, sim.DeclareStack(changed), "an update keeps the id")
	all, err := client.DescribeStacks(t.Context(), &sdkcloudformation.DescribeStacksInput{})
	require.NoError(t, err)
	require.Len(t, all.Stacks, 1)
	assert.Equal(t, time.Hour, all.Stacks[0].LastUpdatedTime.Sub(*all.Stacks[0].CreationTime))
	found, err := client.DescribeStackResources(t.Context(), &sdkcloudformation.DescribeStackResourcesInput{PhysicalResourceId: aws.String("queue-0")})
	require.NoError(t, err)
	assert.Equal(t, "Queue0", *found.StackResources[0].LogicalResourceId)
	for filter, want := range map[string]int{"UPDATE_COMPLETE": 1, "DELETE_COMPLETE": 0} {
		out, err := sim.Server().Invoke("cloudformation", "ListStacks", wire.Object{"StackStatusFilter": []any{filter}})
		require.NoError(t, err)
		assert.Len(t, out.Objects("StackSummaries"), want)
	}
}

func TestTheResourcesOfAStackAreListedInPages(t *testing.T) {
	sim, client := newSim(t)
	sim.DeclareStack(stack(250))
	pages := sdkcloudformation.NewListStackResourcesPaginator(client, &sdkcloudformation.ListStackResourcesInput{StackName: aws.String("homeostat")})
	var sizes []int
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		sizes = append(sizes, len(page.StackResourceSummaries))
	}
	assert.Equal(t, []int{100, 100, 50}, sizes)
}

func TestAMissingStackAndAnUnmodelledOperationAreRefused(t *testing.T) {
	sim, client := newSim(t)
	_, err := client.DescribeStacks(t.Context(), &sdkcloudformation.DescribeStacksInput{StackName: aws.String("none")})
	require.ErrorContains(t, err, "ValidationError: Stack with id none does not exist")
	_, err = client.ListStackResources(t.Context(), &sdkcloudformation.ListStackResourcesInput{StackName: aws.String("none")})
	require.ErrorContains(t, err, "Stack with id none does not exist")
	form := url.Values{"Action": {"CreateStack"}, "Version": {"2010-05-15"}, "StackName": {"s"}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://ecssim.invalid/", strings.NewReader(form.Encode()))
	require.NoError(t, err)
	answer, err := sim.Client().Do(r)
	require.NoError(t, err)
	defer func() { _ = answer.Body.Close() }()
	assert.Equal(t, http.StatusBadRequest, answer.StatusCode)
}
