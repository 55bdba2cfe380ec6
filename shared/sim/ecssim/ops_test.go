package ecssim

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"homeostat/shared/sim/ecssim/wire"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestModelledErrors(t *testing.T) {
	for _, c := range []struct {
		name string
		call func(w *world) error
		code string
	}{
		{"a cluster that there is not", func(w *world) error {
			_, err := w.ecs.DescribeServices(w.t.Context(), &ecs.DescribeServicesInput{Cluster: aws.String("no"), Services: []string{"web"}})
			return err
		}, "ClusterNotFoundException"},
		{"a service that there is not", func(w *world) error {
			_, err := w.ecs.UpdateService(w.t.Context(), &ecs.UpdateServiceInput{Cluster: aws.String("shop"), Service: aws.String("no")})
			return err
		}, "ServiceNotFoundException"},
		{"a service that is being deleted", func(w *world) error {
			in := &ecs.DeleteServiceInput{Cluster: aws.String("shop"), Service: aws.String("web"), Force: aws.Bool(true)}
			_, err := w.ecs.DeleteService(w.t.Context(), in)
			require.NoError(w.t, err)
			_, err = w.ecs.UpdateService(w.t.Context(), &ecs.UpdateServiceInput{Cluster: aws.String("shop"), Service: aws.String("web")})
			return err
		}, "ServiceNotActiveException"},
		{"a delete while it is scaled above 0", func(w *world) error {
			_, err := w.ecs.DeleteService(w.t.Context(), &ecs.DeleteServiceInput{Cluster: aws.String("shop"), Service: aws.String("web")})
			return err
		}, "InvalidParameterException"},
		{"a service that there is already", func(w *world) error {
			_, err := w.CreateService(ServiceSpec{Cluster: "shop", Name: "web", TaskDefinition: "web"})
			return err
		}, "InvalidParameterException"},
		{"eleven services in one call", func(w *world) error {
			_, err := w.ecs.DescribeServices(w.t.Context(), &ecs.DescribeServicesInput{Cluster: aws.String("shop"), Services: make([]string, 11)})
			return err
		}, "InvalidParameterException"},
		{"a hundred and one tasks in one call", func(w *world) error {
			_, err := w.ecs.DescribeTasks(w.t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String("shop"), Tasks: make([]string, 101)})
			return err
		}, "InvalidParameterException"},
		{"a task definition that there is not", func(w *world) error {
			_, err := w.ecs.DescribeTaskDefinition(w.t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String("no:1")})
			return err
		}, "ClientException"},
		{"an inactive task definition", func(w *world) error {
			arn := w.define("web:1")
			_, err := w.ecs.DeregisterTaskDefinition(w.t.Context(), &ecs.DeregisterTaskDefinitionInput{TaskDefinition: &arn})
			require.NoError(w.t, err)
			_, err = w.ecs.UpdateService(w.t.Context(), &ecs.UpdateServiceInput{
				Cluster: aws.String("shop"), Service: aws.String("web"), TaskDefinition: &arn,
			})
			return err
		}, "ClientException"},
		{"task sets", func(w *world) error {
			_, err := w.ecs.UpdateServicePrimaryTaskSet(w.t.Context(), &ecs.UpdateServicePrimaryTaskSetInput{
				Cluster: aws.String("shop"), Service: aws.String("web"), PrimaryTaskSet: aws.String("x"),
			})
			return err
		}, "UnknownOperationException"},
		{"a deployment that there is not", func(w *world) error {
			_, err := w.ecs.ContinueServiceDeployment(w.t.Context(), &ecs.ContinueServiceDeploymentInput{
				ServiceDeploymentArn: aws.String("x"), HookId: aws.String("y"),
			})
			return err
		}, "ServiceDeploymentNotFoundException"},
		{"a threshold of nought", func(w *world) error {
			_, err := w.ecs.UpdateService(w.t.Context(), &ecs.UpdateServiceInput{
				Cluster: aws.String("shop"), Service: aws.String("web"),
				DeploymentConfiguration: &ecstypes.DeploymentConfiguration{DeploymentCircuitBreaker: &ecstypes.DeploymentCircuitBreaker{
					Enable: true, ThresholdConfiguration: &ecstypes.ThresholdConfiguration{Type: ecstypes.ThresholdTypeCount, Value: 0},
				}},
			})
			return err
		}, "InvalidParameterException"},
		{"throttling", func(w *world) error {
			w.SetThrottle("ecs", "ListClusters", 1)
			_, err := w.ecs.ListClusters(w.t.Context(), &ecs.ListClustersInput{})
			return err
		}, "ThrottlingException"},
		{"a shift of traffic without a load balancer", func(w *world) error {
			_, err := w.ecs.UpdateService(w.t.Context(), &ecs.UpdateServiceInput{
				Cluster: aws.String("shop"), Service: aws.String("web"),
				DeploymentConfiguration: &ecstypes.DeploymentConfiguration{Strategy: ecstypes.DeploymentStrategyCanary},
			})
			return err
		}, "InvalidParameterException"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 1})
			err := c.call(w)
			require.Error(t, err)
			if own, ok := errors.AsType[*wire.Error](err); ok { // from the Go methods
				assert.Equal(t, c.code, own.Code)
				return
			}
			var api smithy.APIError
			require.ErrorAs(t, err, &api)
			assert.Equal(t, c.code, api.ErrorCode())
		})
	}
}

func TestThrottlingEnds(t *testing.T) {
	w := newWorld(t, Config{})
	w.SetThrottle("ecs", "", 1)
	_, err := w.ecs.ListClusters(t.Context(), &ecs.ListClustersInput{})
	require.Error(t, err)
	w.SetThrottle("ecs", "", 0)
	_, err = w.ecs.ListClusters(t.Context(), &ecs.ListClustersInput{})
	require.NoError(t, err)
}

func TestMissingThingsAreFailuresNotErrors(t *testing.T) {
	w := newWorld(t, Config{})
	out, err := w.ecs.DescribeServices(t.Context(), &ecs.DescribeServicesInput{Cluster: aws.String("shop"), Services: []string{"no"}})
	require.NoError(t, err)
	assert.Equal(t, "arn:aws:ecs:eu-central-1:123456789012:service/shop/no", *out.Failures[0].Arn)
	assert.Equal(t, "MISSING", *out.Failures[0].Reason)
	clusters, err := w.ecs.DescribeClusters(t.Context(), &ecs.DescribeClustersInput{Clusters: []string{"no", "shop"}})
	require.NoError(t, err)
	assert.Len(t, clusters.Clusters, 1)
	assert.Len(t, clusters.Failures, 1)
}

func TestListsComeInPages(t *testing.T) {
	w := newWorld(t, Config{})
	definition := w.image("1", Behaviour{})
	for i := range 25 {
		_, err := w.CreateService(ServiceSpec{Cluster: "shop", Name: fmt.Sprint("web-", i), TaskDefinition: definition})
		require.NoError(t, err)
	}
	var pages []int
	seen := map[string]bool{}
	pager := ecs.NewListServicesPaginator(w.ecs, &ecs.ListServicesInput{Cluster: aws.String("shop")})
	for pager.HasMorePages() {
		out, err := pager.NextPage(t.Context())
		require.NoError(t, err)
		pages = append(pages, len(out.ServiceArns))
		for _, arn := range out.ServiceArns {
			seen[arn] = true
		}
	}
	assert.Equal(t, []int{10, 10, 5}, pages)
	assert.Len(t, seen, 25)
}

func TestTags(t *testing.T) {
	w := newWorld(t, Config{})
	w.create(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Tags: map[string]string{"homeostat:mode": "act", "a": "b"}})
	arn := w.service().ServiceArn
	_, err := w.ecs.TagResource(t.Context(), &ecs.TagResourceInput{ResourceArn: arn, Tags: []ecstypes.Tag{
		{Key: aws.String("homeostat:mode"), Value: aws.String("off")}, {Key: aws.String("c"), Value: aws.String("d")},
	}})
	require.NoError(t, err)
	_, err = w.ecs.UntagResource(t.Context(), &ecs.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"a"}})
	require.NoError(t, err)
	out, err := w.ecs.ListTagsForResource(t.Context(), &ecs.ListTagsForResourceInput{ResourceArn: arn})
	require.NoError(t, err)
	assert.Equal(t, w.service().Tags, out.Tags)
	require.Len(t, out.Tags, 2)
	assert.Equal(t, "off", *out.Tags[0].Value)
	_, err = w.ecs.TagResource(t.Context(), &ecs.TagResourceInput{ResourceArn: aws.String("arn:aws:ecs:eu-central-1:1:service/no/no"), Tags: out.Tags})
	var unknown *ecstypes.ResourceNotFoundException
	assert.ErrorAs(t, err, &unknown)
}

func TestTaskDefinitions(t *testing.T) {
	w := newWorld(t, Config{})
	first, second := w.define("nginx"), w.define("nginx")
	assert.Equal(t, "arn:aws:ecs:eu-central-1:123456789012:task-definition/web:1", first)
	newest, err := w.ecs.DescribeTaskDefinition(t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String("web")})
	require.NoError(t, err)
	assert.Equal(t, second, *newest.TaskDefinition.TaskDefinitionArn)
	_, err = w.ecs.DeregisterTaskDefinition(t.Context(), &ecs.DeregisterTaskDefinitionInput{TaskDefinition: &second})
	require.NoError(t, err)
	newest, err = w.ecs.DescribeTaskDefinition(t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String("web")})
	require.NoError(t, err)
	assert.Equal(t, first, *newest.TaskDefinition.TaskDefinitionArn, "the newest ACTIVE one")
	active, err := w.ecs.ListTaskDefinitions(t.Context(), &ecs.ListTaskDefinitionsInput{FamilyPrefix: aws.String("web")})
	require.NoError(t, err)
	assert.Equal(t, []string{first}, active.TaskDefinitionArns)
	families, err := w.ecs.ListTaskDefinitionFamilies(t.Context(), &ecs.ListTaskDefinitionFamiliesInput{})
	require.NoError(t, err)
	assert.Equal(t, []string{"web"}, families.Families)
	copied, err := w.ecs.RegisterTaskDefinition(t.Context(), &ecs.RegisterTaskDefinitionInput{
		Family: aws.String("web"), ContainerDefinitions: newest.TaskDefinition.ContainerDefinitions,
		Cpu: newest.TaskDefinition.Cpu, Memory: newest.TaskDefinition.Memory,
	})
	require.NoError(t, err)
	assert.EqualValues(t, 3, copied.TaskDefinition.Revision)
	assert.Equal(t, newest.TaskDefinition.ContainerDefinitions, copied.TaskDefinition.ContainerDefinitions, "what is read can be registered again")
}

func TestTeardown(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 2, LoadBalanced: true})
	remove := func() error {
		_, err := w.ecs.DeleteCluster(t.Context(), &ecs.DeleteClusterInput{Cluster: aws.String("shop")})
		return err
	}
	var contains *ecstypes.ClusterContainsServicesException
	require.ErrorAs(t, remove(), &contains)
	w.update(ecs.UpdateServiceInput{DesiredCount: aws.Int32(0)})
	_, err := w.ecs.DeleteService(t.Context(), &ecs.DeleteServiceInput{Cluster: aws.String("shop"), Service: aws.String("web")})
	require.NoError(t, err)
	assert.Equal(t, "DRAINING", *w.service().Status)
	w.run(2 * time.Minute)
	assert.Equal(t, "INACTIVE", *w.service().Status)
	require.NoError(t, remove())
	list, err := w.ecs.ListClusters(t.Context(), &ecs.ListClustersInput{})
	require.NoError(t, err)
	assert.Empty(t, list.ClusterArns)
}

func TestOtherControllersAreRepresented(t *testing.T) {
	for _, controller := range []string{"CODE_DEPLOY", "EXTERNAL"} {
		t.Run(controller, func(t *testing.T) {
			w := newWorld(t, Config{})
			w.create(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 1, Controller: controller})
			w.run(5 * time.Minute)
			svc := w.service()
			assert.EqualValues(t, controller, svc.DeploymentController.Type)
			assert.EqualValues(t, map[string]int{"CODE_DEPLOY": 1}[controller], svc.RunningCount)
			_, err := w.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{
				Cluster: aws.String("shop"), Service: aws.String("web"), ForceNewDeployment: true,
			})
			var invalid *ecstypes.InvalidParameterException
			assert.ErrorAs(t, err, &invalid)
		})
	}
}

func TestTheGoMethodsReportWhatIsNotThere(t *testing.T) {
	w := newWorld(t, Config{})
	demand := func(time.Time) float64 { return 1 }
	assert.Error(t, w.SetLoad("shop", "no", demand, time.Minute))
	assert.Error(t, w.SetLoad("no", "web", demand, time.Minute))
	assert.Error(t, w.RegisterScalableTarget("shop", "no", 1, 2))
	assert.Error(t, w.PutTargetTracking("shop", "no", "cpu", 50))
	assert.Error(t, w.PutAlarm(wire.Object{"AlarmName": "empty"}))
	assert.Zero(t, w.LoseHost("shop", "no", 1))
	assert.Zero(t, w.InterruptSpot("shop", "no", 1))
	assert.False(t, w.DeleteImage("no", "sha256:0"))
	_, err := w.RegisterTaskDefinition(TaskDefinitionSpec{Family: "empty"})
	assert.Error(t, err)
	_, err = w.CreateService(ServiceSpec{Cluster: "shop", Name: "web", TaskDefinition: "no"})
	assert.Error(t, err)
}
