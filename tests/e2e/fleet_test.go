//go:build e2e

package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	aastypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/require"
)

const cluster = "shop"

const registry = account + ".dkr.ecr." + region + ".amazonaws.com"

func ref(service string) fleet.ServiceRef {
	return fleet.ServiceRef{Account: account, Region: region, Cluster: cluster, Service: service}
}

// makeService makes a service of two tasks that runs the image, and its cluster
// if necessary. An empty mode leaves it without our tag.
func (c *cloud) makeService(t *testing.T, name, mode, image string) {
	t.Helper()
	c.register(t, name, mode, image)
	require.EqualValues(t, 2, c.service(t, name).RunningCount)
}

func (c *cloud) register(t *testing.T, name, mode, image string) {
	t.Helper()
	_, err := c.ecs.CreateCluster(t.Context(), &ecs.CreateClusterInput{ClusterName: aws.String(cluster)})
	require.NoError(t, err)
	var tags []ecstypes.Tag
	if mode != "" {
		tags = append(tags, ecstypes.Tag{Key: aws.String(contract.TagMode), Value: aws.String(mode)})
	}
	_, err = c.ecs.CreateService(t.Context(), &ecs.CreateServiceInput{
		Cluster: aws.String(cluster), ServiceName: aws.String(name), TaskDefinition: aws.String(c.define(t, name, image)),
		DesiredCount: aws.Int32(2), LaunchType: ecstypes.LaunchTypeFargate, Tags: tags,
	})
	require.NoError(t, err)
}

// define registers a task definition and returns its ARN.
func (c *cloud) define(t *testing.T, family, image string) string {
	t.Helper()
	out, err := c.ecs.RegisterTaskDefinition(t.Context(), &ecs.RegisterTaskDefinitionInput{
		Family: aws.String(family), Cpu: aws.String("256"), Memory: aws.String("512"),
		RequiresCompatibilities: []ecstypes.Compatibility{ecstypes.CompatibilityFargate}, NetworkMode: ecstypes.NetworkModeAwsvpc,
		ContainerDefinitions: []ecstypes.ContainerDefinition{{
			Name: aws.String("app"), Image: aws.String(image), Essential: aws.Bool(true), Cpu: 256,
		}},
	})
	require.NoError(t, err)
	return aws.ToString(out.TaskDefinition.TaskDefinitionArn)
}

// rollOut deploys a new task definition with the image, as an operator does.
func (c *cloud) rollOut(t *testing.T, name, image string) {
	t.Helper()
	_, err := c.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{
		Cluster: aws.String(cluster), Service: aws.String(name), TaskDefinition: aws.String(c.define(t, name, image)),
	})
	require.NoError(t, err)
}

// service returns the service as ECS has it now.
func (c *cloud) service(t *testing.T, name string) ecstypes.Service {
	t.Helper()
	out, err := c.ecs.DescribeServices(t.Context(), &ecs.DescribeServicesInput{Cluster: aws.String(cluster), Services: []string{name}})
	require.NoError(t, err)
	require.Len(t, out.Services, 1, name)
	return out.Services[0]
}

// image returns the current image of the service's containers, from its task
// definition.
func (c *cloud) image(t *testing.T, name string) string {
	t.Helper()
	out, err := c.ecs.DescribeTaskDefinition(t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: c.service(t, name).TaskDefinition})
	require.NoError(t, err)
	return aws.ToString(out.TaskDefinition.ContainerDefinitions[0].Image)
}

// primary returns the deployment of new tasks of the service.
func (c *cloud) primary(t *testing.T, name string) ecstypes.Deployment {
	t.Helper()
	for _, d := range c.service(t, name).Deployments {
		if aws.ToString(d.Status) == "PRIMARY" {
			return d
		}
	}
	require.Fail(t, "no primary deployment", name)
	return ecstypes.Deployment{}
}

// push puts an image under a tag into the registry and returns its reference,
// pinned by digest. Its layers do not matter here.
func (c *cloud) push(t *testing.T, repository, tag string) string {
	t.Helper()
	_, _ = c.images.CreateRepository(t.Context(), &ecr.CreateRepositoryInput{RepositoryName: aws.String(repository)})
	manifest := `{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json",` +
		`"config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":2,"digest":"` + digest(repository+time.Now().String()) + `"},"layers":[]}`
	out, err := c.images.PutImage(t.Context(), &ecr.PutImageInput{
		RepositoryName: aws.String(repository), ImageManifest: aws.String(manifest), ImageTag: aws.String(tag),
	})
	require.NoError(t, err)
	return registry + "/" + repository + "@" + aws.ToString(out.Image.ImageId.ImageDigest)
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// measure reports the service's average CPU of the last two minutes, and returns
// their end.
func (c *cloud) measure(t *testing.T, name string, percent float64) time.Time {
	t.Helper()
	minute := time.Now().UTC().Truncate(time.Minute)
	var data []cwtypes.MetricDatum
	for _, at := range []time.Time{minute.Add(-2 * time.Minute), minute.Add(-time.Minute)} {
		data = append(data, cwtypes.MetricDatum{
			MetricName: aws.String("CPUUtilization"), Timestamp: aws.Time(at), Value: aws.Float64(percent), Unit: cwtypes.StandardUnitPercent,
			Dimensions: []cwtypes.Dimension{
				{Name: aws.String("ClusterName"), Value: aws.String(cluster)}, {Name: aws.String("ServiceName"), Value: aws.String(name)},
			},
		})
	}
	_, err := c.metrics.PutMetricData(t.Context(), &cloudwatch.PutMetricDataInput{Namespace: aws.String("AWS/ECS"), MetricData: data})
	require.NoError(t, err)
	return minute
}

// minuteOver waits until the metric can be read. ministack ignores the time of a
// metric in CBOR and puts it into the current minute.
func minuteOver() {
	time.Sleep(time.Until(time.Now().Truncate(time.Minute).Add(time.Minute + time.Second)))
}

// bound registers the service with Application Auto Scaling. moto needs the
// service too.
func (c *cloud) bound(t *testing.T, name string, low, high int32) {
	t.Helper()
	beside := &cloud{ecs: ecs.New(c.ecs.Options(), func(o *ecs.Options) { o.BaseEndpoint = aws.String(c.scaling) })}
	beside.register(t, name, "", registry+"/shop/"+name)
	_, err := c.bounds.RegisterScalableTarget(t.Context(), &applicationautoscaling.RegisterScalableTargetInput{
		ServiceNamespace: aastypes.ServiceNamespaceEcs, ScalableDimension: aastypes.ScalableDimensionECSServiceDesiredCount,
		ResourceId: aws.String("service/" + cluster + "/" + name), MinCapacity: aws.Int32(low), MaxCapacity: aws.Int32(high),
	})
	require.NoError(t, err)
}
