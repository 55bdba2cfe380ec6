package ecssim

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/fault"
)

// registered makes a cluster with one registered instance.
func (w *world) registered(resources ...ecstypes.Resource) ecstypes.ContainerInstance {
	w.t.Helper()
	_, err := w.ecs.CreateCluster(w.t.Context(), &ecs.CreateClusterInput{ClusterName: aws.String("own")})
	require.NoError(w.t, err)
	out, err := w.ecs.RegisterContainerInstance(w.t.Context(), &ecs.RegisterContainerInstanceInput{
		Cluster: aws.String("own"), InstanceIdentityDocument: aws.String(`{"instanceId":"i-1","availabilityZone":"eu-central-1b","instanceType":"m7i.large","imageId":"ami-1"}`),
		TotalResources: resources, Attributes: []ecstypes.Attribute{{Name: aws.String("stack"), Value: aws.String("blue")}},
		VersionInfo: &ecstypes.VersionInfo{AgentVersion: aws.String("1.90.0")}, Tags: []ecstypes.Tag{{Key: aws.String("team"), Value: aws.String("a")}},
	})
	require.NoError(w.t, err)
	return *out.ContainerInstance
}

func resource(name string, n int32) ecstypes.Resource {
	return ecstypes.Resource{Name: &name, Type: aws.String("INTEGER"), IntegerValue: n}
}

func (w *world) onHost(family string, cpu, memory, port int32) {
	w.t.Helper()
	_, err := w.ecs.RegisterTaskDefinition(w.t.Context(), &ecs.RegisterTaskDefinitionInput{
		Family: &family, ContainerDefinitions: []ecstypes.ContainerDefinition{{
			Name: aws.String("app"), Image: aws.String("web"), Cpu: cpu, Memory: &memory,
			PortMappings: []ecstypes.PortMapping{{ContainerPort: aws.Int32(80), HostPort: &port}},
		}},
	})
	require.NoError(w.t, err)
}

func TestARegisteredInstanceIsDescribedAsItRegistered(t *testing.T) {
	w := newWorld(t, Config{})
	host := w.registered(resource("CPU", 2048), resource("MEMORY", 4000))
	assert.Equal(t, "i-1", *host.Ec2InstanceId)
	assert.Equal(t, "ACTIVE", *host.Status)
	assert.Equal(t, "1.90.0", *host.VersionInfo.AgentVersion)
	assert.Equal(t, "team", *host.Tags[0].Key)
	got := map[string]string{}
	for _, a := range host.Attributes {
		got[*a.Name] = aws.ToString(a.Value)
	}
	assert.Equal(t, map[string]string{
		"ecs.availability-zone": "eu-central-1b", "ecs.instance-type": "m7i.large", "ecs.ami-id": "ami-1", "ecs.os-type": "linux", "stack": "blue",
	}, got)
	assert.Equal(t, int32(2048), host.RegisteredResources[0].IntegerValue)
	assert.Equal(t, int32(4000), host.RemainingResources[1].IntegerValue)
	assert.Contains(t, host.RegisteredResources[2].StringSetValue, "22")

	again, err := w.ecs.RegisterContainerInstance(t.Context(), &ecs.RegisterContainerInstanceInput{
		Cluster: aws.String("own"), ContainerInstanceArn: host.ContainerInstanceArn, TotalResources: []ecstypes.Resource{resource("CPU", 1024)},
	})
	require.NoError(t, err)
	assert.Equal(t, host.ContainerInstanceArn, again.ContainerInstance.ContainerInstanceArn, "the instance is renewed")
	assert.Equal(t, int32(1024), again.ContainerInstance.RegisteredResources[0].IntegerValue)
	assert.Equal(t, int32(4000), again.ContainerInstance.RegisteredResources[1].IntegerValue)
	_, err = w.ecs.RegisterContainerInstance(t.Context(), &ecs.RegisterContainerInstanceInput{Cluster: aws.String("own"), InstanceIdentityDocument: aws.String("{}")})
	assert.Equal(t, "ClientException", fault.AWSCode(err))
}

func TestATaskStartsOnAnInstanceThatHasRoom(t *testing.T) {
	for _, c := range []struct {
		name              string
		cpu, memory, port int32
		want              string // the reason of the failure, or ""
	}{
		{"the task fits", 512, 1000, 80, ""},
		{"the CPU units are too few", 4096, 1000, 80, "RESOURCE:CPU"},
		{"the memory is too small", 512, 4001, 80, "RESOURCE:MEMORY"},
		{"the port belongs to the agent", 512, 1000, 51678, "RESOURCE:PORTS"},
		{"the port has a task", 512, 1000, 8080, "RESOURCE:PORTS"},
		{"the port is any free one", 512, 1000, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			host := w.registered(resource("CPU", 2048), resource("MEMORY", 4000))
			w.onHost("before", 64, 64, 8080)
			w.onHost("next", c.cpu, c.memory, c.port)
			start := func(family string) *ecs.StartTaskOutput {
				out, err := w.ecs.StartTask(t.Context(), &ecs.StartTaskInput{
					Cluster: aws.String("own"), TaskDefinition: &family, ContainerInstances: []string{*host.ContainerInstanceArn},
				})
				require.NoError(t, err)
				return out
			}
			require.Len(t, start("before").Tasks, 1)
			out := start("next")
			ran, err := w.ecs.RunTask(t.Context(), &ecs.RunTaskInput{Cluster: aws.String("own"), TaskDefinition: aws.String("next"), LaunchType: ecstypes.LaunchTypeEc2})
			require.NoError(t, err)
			if c.want != "" {
				require.Len(t, out.Failures, 1)
				assert.Equal(t, c.want, *out.Failures[0].Reason)
				require.Len(t, ran.Failures, 1)
				assert.Equal(t, c.want, *ran.Failures[0].Reason)
				return
			}
			require.Len(t, out.Tasks, 1)
			assert.Equal(t, *host.ContainerInstanceArn, *out.Tasks[0].ContainerInstanceArn)
			assert.Equal(t, ecstypes.LaunchTypeEc2, out.Tasks[0].LaunchType)
		})
	}
}

func TestAnInstanceLeavesItsCluster(t *testing.T) {
	w := newWorld(t, Config{})
	host := w.registered()
	w.onHost("app", 64, 64, 0)
	out, err := w.ecs.StartTask(t.Context(), &ecs.StartTaskInput{Cluster: aws.String("own"), TaskDefinition: aws.String("app"), ContainerInstances: []string{*host.ContainerInstanceArn, "gone"}})
	require.NoError(t, err)
	require.Len(t, out.Failures, 1)
	assert.Equal(t, "MISSING", *out.Failures[0].Reason)
	w.run(2 * time.Minute)

	remove := &ecs.DeregisterContainerInstanceInput{Cluster: aws.String("own"), ContainerInstance: host.ContainerInstanceArn}
	_, err = w.ecs.DeregisterContainerInstance(t.Context(), remove)
	require.ErrorContains(t, err, "Found running tasks on the instance.")
	remove.Force = aws.Bool(true)
	gone, err := w.ecs.DeregisterContainerInstance(t.Context(), remove)
	require.NoError(t, err)
	assert.Equal(t, "INACTIVE", *gone.ContainerInstance.Status)
	left, err := w.ecs.DescribeTasks(t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String("own"), Tasks: []string{*out.Tasks[0].TaskArn}})
	require.NoError(t, err)
	assert.Equal(t, "STOPPED", *left.Tasks[0].LastStatus)
	_, err = w.ecs.DeregisterContainerInstance(t.Context(), remove)
	assert.Equal(t, "InvalidParameterException", fault.AWSCode(err))
}

func TestTheAgentOfAnInstanceIsUpdatedOnce(t *testing.T) {
	w := newWorld(t, Config{})
	host := w.registered()
	update := &ecs.UpdateContainerAgentInput{Cluster: aws.String("own"), ContainerInstance: host.ContainerInstanceArn}
	out, err := w.ecs.UpdateContainerAgent(t.Context(), update)
	require.NoError(t, err)
	assert.Equal(t, ecstypes.AgentUpdateStatusPending, out.ContainerInstance.AgentUpdateStatus)
	_, err = w.ecs.UpdateContainerAgent(t.Context(), update)
	assert.Equal(t, "UpdateInProgressException", fault.AWSCode(err))
	w.run(2 * time.Minute)
	_, err = w.ecs.UpdateContainerAgent(t.Context(), update)
	assert.Equal(t, "NoUpdateAvailableException", fault.AWSCode(err))
}

func TestAPlacementConstraintIsTheReasonOfAFailure(t *testing.T) {
	w := newWorld(t, Config{})
	w.registered()
	w.onHost("app", 64, 64, 0)
	for _, c := range []struct {
		name       string
		constraint ecstypes.PlacementConstraint
		want       []string // the reasons of the failures of two tasks
	}{
		{"no instance has the attribute", ecstypes.PlacementConstraint{Type: "memberOf", Expression: aws.String("attribute:stack == green")}, []string{
			"MemberOf placement constraint unsatisfied.", "MemberOf placement constraint unsatisfied.",
		}},
		{"the instance has a task of the group", ecstypes.PlacementConstraint{Type: "distinctInstance"}, []string{"DistinctInstance placement constraint unsatisfied."}},
		{"the instance has the attribute", ecstypes.PlacementConstraint{Type: "memberOf", Expression: aws.String("attribute:stack == blue")}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := w.ecs.RunTask(t.Context(), &ecs.RunTaskInput{
				Cluster: aws.String("own"), TaskDefinition: aws.String("app"), LaunchType: ecstypes.LaunchTypeEc2, Count: aws.Int32(2),
				PlacementConstraints: []ecstypes.PlacementConstraint{c.constraint},
			})
			require.NoError(t, err)
			var reasons []string
			for _, f := range out.Failures {
				reasons = append(reasons, *f.Reason)
			}
			assert.Equal(t, c.want, reasons)
		})
	}
}
