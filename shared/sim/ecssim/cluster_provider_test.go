package ecssim

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAServiceWithoutALaunchTypeTakesTheStrategyOfItsCluster(t *testing.T) {
	w := newWorld(t, Config{})
	created := w.ask("CreateCluster", `{"clusterName":"spot","capacityProviders":["FARGATE","FARGATE_SPOT"],
		"defaultCapacityProviderStrategy":[{"capacityProvider":"FARGATE_SPOT","weight":1}],"settings":[{"name":"containerInsights","value":"enhanced"}]}`)
	assert.Len(t, created.Object("cluster").Objects("defaultCapacityProviderStrategy"), 1)
	w.ask("RegisterTaskDefinition", `{"family":"web",`+onFargate+oneApp+`}`)
	service := w.ask("CreateService", `{"cluster":"spot","serviceName":"web","taskDefinition":"web",`+inSubnets+`"desiredCount":2}`).Object("service")
	assert.Equal(t, "FARGATE_SPOT", service.Objects("capacityProviderStrategy")[0].String("capacityProvider"))
	assert.Empty(t, service.String("launchType"))
	task := w.ask("RunTask", `{"cluster":"spot",`+inSubnets+`"taskDefinition":"web"}`).Objects("tasks")[0]
	assert.Equal(t, "FARGATE_SPOT", task.String("capacityProviderName"))
	described := w.ask("DescribeClusters", `{"clusters":["spot"],"include":["SETTINGS","STATISTICS"]}`).Objects("clusters")[0]
	assert.Equal(t, "enhanced", described.Objects("settings")[0].String("value"))
	assert.Len(t, described.Objects("statistics"), 8)
}

func TestCapacityProvidersAreManaged(t *testing.T) {
	w := newWorld(t, Config{})
	w.ask("CreateCapacityProvider", `{"name":"asg","autoScalingGroupProvider":{"autoScalingGroupArn":"arn:aws:autoscaling:eu-central-1:123456789012:autoScalingGroup:x:autoScalingGroupName/a"}}`)
	_, err := w.asked("CreateCapacityProvider", `{"name":"asg","autoScalingGroupProvider":{"autoScalingGroupArn":"a"}}`)
	require.ErrorContains(t, err, "already exists")
	all := w.ask("DescribeCapacityProviders", `{}`).Objects("capacityProviders")
	assert.Len(t, all, 3)
	failures := w.ask("DescribeCapacityProviders", `{"capacityProviders":["none"]}`).Objects("failures")
	assert.Equal(t, "MISSING", failures[0].String("reason"))
	w.ask("PutClusterCapacityProviders", `{"cluster":"shop","capacityProviders":["asg"],"defaultCapacityProviderStrategy":[{"capacityProvider":"asg","weight":1}]}`)
	_, err = w.asked("PutClusterCapacityProviders", `{"cluster":"shop","capacityProviders":["none"],"defaultCapacityProviderStrategy":[]}`)
	require.ErrorContains(t, err, "none does not exist")
	_, err = w.asked("DeleteCapacityProvider", `{"capacityProvider":"asg"}`)
	require.ErrorContains(t, err, "in use")
	w.ask("PutClusterCapacityProviders", `{"cluster":"shop","capacityProviders":[],"defaultCapacityProviderStrategy":[]}`)
	w.ask("DeleteCapacityProvider", `{"capacityProvider":"asg"}`)
	assert.NotEmpty(t, w.ask("DescribeCapacityProviders", `{"capacityProviders":["asg"]}`).Objects("failures"))
}

func TestAccountSettingsAreKept(t *testing.T) {
	w := newWorld(t, Config{})
	assert.Empty(t, w.ask("ListAccountSettings", `{}`).Objects("settings"), "only changed ones")
	w.ask("PutAccountSetting", `{"name":"containerInsights","value":"enabled"}`)
	effective := w.ask("ListAccountSettings", `{"effectiveSettings":true,"name":"containerInsights"}`).Objects("settings")
	require.Len(t, effective, 1)
	assert.Equal(t, "enabled", effective[0].String("value"))
	w.ask("DeleteAccountSetting", `{"name":"containerInsights"}`)
	assert.Empty(t, w.ask("ListAccountSettings", `{}`).Objects("settings"))
}

func TestAClusterOfTheAPIHasNoInstances(t *testing.T) {
	w := newWorld(t, Config{})
	w.ask("CreateCluster", `{"clusterName":"empty"}`)
	w.ask("RegisterTaskDefinition", `{"family":"old",`+oneApp+`}`)
	_, err := w.asked("RunTask", `{"cluster":"empty","taskDefinition":"old","launchType":"EC2"}`)
	require.ErrorContains(t, err, "No Container Instances were found in your cluster.")
	w.AddInstances("empty", InstancesSpec{Count: 1})
	assert.Len(t, w.ask("RunTask", `{"cluster":"empty","taskDefinition":"old","launchType":"EC2"}`).Objects("tasks"), 1)
}

func TestPlacementFollowsConstraintsAndStrategies(t *testing.T) {
	for _, c := range []struct {
		name, placement string
		hosts           []int // tasks on the first, second, third instance
	}{
		{"the zones are spread by default", ``, []int{1, 1, 1}},
		{"binpack fills an instance", `"placementStrategy":[{"type":"binpack","field":"memory"}],`, []int{3, 0, 0}},
		{"a constraint permits one instance", `"placementConstraints":[{"type":"memberOf","expression":"attribute:stack == prod"}],`, []int{0, 0, 3}},
		{"distinct instances", `"placementConstraints":[{"type":"distinctInstance"}],"placementStrategy":[{"type":"binpack","field":"memory"}],`, []int{1, 1, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			w.AddInstances("shop", InstancesSpec{Count: 3})
			instances := w.ask("ListContainerInstances", `{"cluster":"shop"}`).Strings("containerInstanceArns")
			w.ask("PutAttributes", `{"cluster":"shop","attributes":[{"name":"stack","value":"prod","targetId":"`+instances[2]+`"}]}`)
			w.ask("RegisterTaskDefinition", `{"family":"old",`+oneApp+`}`)
			w.ask("CreateService", `{"cluster":"shop","serviceName":"web","taskDefinition":"old","launchType":"EC2",`+c.placement+`"desiredCount":3}`)
			w.run(5 * time.Minute)
			on := map[string]int{}
			for _, task := range w.running() {
				on[*task.ContainerInstanceArn]++
			}
			got := make([]int, len(instances))
			for i, arn := range instances {
				got[i] = on[arn]
			}
			assert.Equal(t, c.hosts, got)
			assert.Len(t, w.ask("ListAttributes", `{"cluster":"shop","targetType":"container-instance","attributeName":"stack"}`).Objects("attributes"), 1)
		})
	}
}

func TestALargeTaskNeedsALargeInstance(t *testing.T) {
	w := newWorld(t, Config{})
	w.AddInstances("shop", InstancesSpec{Count: 1, Slots: 4})
	register := func(family string, memory int) {
		w.ask("RegisterTaskDefinition", fmt.Sprintf(`{"family":%q,"containerDefinitions":[{"name":"app","image":"web:1","memory":%d}]}`, family, memory))
	}
	register("fits", 1500)
	register("large", 2000)
	assert.Len(t, w.ask("RunTask", `{"cluster":"shop","taskDefinition":"fits","launchType":"EC2"}`).Objects("tasks"), 1)
	failures := w.ask("RunTask", `{"cluster":"shop","taskDefinition":"large","launchType":"EC2"}`).Objects("failures")
	require.Len(t, failures, 1)
	assert.Equal(t, "RESOURCE:MEMORY", failures[0].String("reason"))
	left := w.ask("DescribeContainerInstances", `{"cluster":"shop","containerInstances":`+quoted(w.ask("ListContainerInstances", `{"cluster":"shop"}`).Strings("containerInstanceArns"))+`}`)
	memory, _ := left.Objects("containerInstances")[0].Objects("remainingResources")[1].Int("integerValue")
	assert.Equal(t, 4*leastMemory-1500, memory)
}

func quoted(list []string) string {
	out := "["
	for i, text := range list {
		if i > 0 {
			out += ","
		}
		out += fmt.Sprintf("%q", text)
	}
	return out + "]"
}

func TestADaemonRunsOnEachInstance(t *testing.T) {
	w := newWorld(t, Config{})
	w.AddInstances("shop", InstancesSpec{Count: 3, Replace: 5 * time.Minute})
	w.ask("RegisterTaskDefinition", `{"family":"web",`+oneApp+`}`)
	w.ask("CreateService", `{"cluster":"shop","serviceName":"web","taskDefinition":"web","launchType":"EC2","schedulingStrategy":"DAEMON"}`)
	w.run(3 * time.Minute)
	hosts := func() map[string]bool {
		out := map[string]bool{}
		for _, task := range w.running() {
			out[*task.ContainerInstanceArn] = true
		}
		return out
	}
	assert.Len(t, hosts(), 3)
	assert.EqualValues(t, 3, w.service().DesiredCount)
	w.Drain(w.HostOf("shop", "web"), true)
	w.run(3 * time.Minute)
	assert.Len(t, w.running(), 2, "a draining instance loses its task")
	w.AddInstances("shop", InstancesSpec{Count: 1})
	w.run(3 * time.Minute)
	assert.Len(t, hosts(), 3, "a new instance gets one")
	assert.Len(t, w.ask("ListServices", `{"cluster":"shop","schedulingStrategy":"DAEMON"}`).Strings("serviceArns"), 1)
	assert.Empty(t, w.ask("ListServices", `{"cluster":"shop","schedulingStrategy":"REPLICA"}`).Strings("serviceArns"))
}

func TestADeletedDefinitionCanBeDescribedAndNotUsed(t *testing.T) {
	w := newWorld(t, Config{})
	w.ask("RegisterTaskDefinition", `{"family":"web",`+onFargate+oneApp+`}`)
	failures := w.ask("DeleteTaskDefinitions", `{"taskDefinitions":["web:1","web"]}`).Objects("failures")
	require.Len(t, failures, 2, "an ACTIVE one, and one without a revision")
	w.ask("DeregisterTaskDefinition", `{"taskDefinition":"web:1"}`)
	deleted := w.ask("DeleteTaskDefinitions", `{"taskDefinitions":["web:1"]}`).Objects("taskDefinitions")
	assert.Equal(t, "DELETE_IN_PROGRESS", deleted[0].String("status"))
	assert.Equal(t, "DELETE_IN_PROGRESS", w.ask("DescribeTaskDefinition", `{"taskDefinition":"web:1"}`).Object("taskDefinition").String("status"))
	_, err := w.asked("RunTask", `{"cluster":"shop","taskDefinition":"web:1",`+inSubnets+`"launchType":"FARGATE"}`)
	require.ErrorContains(t, err, "inactive")
	w.run(2 * time.Minute)
	_, err = w.asked("DescribeTaskDefinition", `{"taskDefinition":"web:1"}`)
	require.ErrorContains(t, err, "Unable to describe task definition.", "no task and no service refers to it")
	next := w.ask("RegisterTaskDefinition", `{"family":"web",`+onFargate+oneApp+`}`).Object("taskDefinition")
	assert.EqualValues(t, 2, next["revision"], "the number of a deleted revision is not given again")
}

func TestADefinitionInUseIsDeletedAfterItsLastTask(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("v1", Behaviour{}), Desired: 1})
	w.ask("DeregisterTaskDefinition", `{"taskDefinition":"web:1"}`)
	w.ask("DeleteTaskDefinitions", `{"taskDefinitions":["web:1"]}`)
	w.run(5 * time.Minute)
	status := func() string {
		return w.ask("DescribeTaskDefinition", `{"taskDefinition":"web:1"}`).Object("taskDefinition").String("status")
	}
	assert.Equal(t, "DELETE_IN_PROGRESS", status(), "a service runs it")
	w.ask("UpdateService", `{"cluster":"shop","service":"web","desiredCount":2}`)
	w.run(5 * time.Minute)
	assert.Len(t, w.running(), 2, "and may still change its count")
	_, err := w.asked("UpdateService", `{"cluster":"shop","service":"web","taskDefinition":"web:1"}`)
	require.ErrorContains(t, err, "inactive", "no update leads to it")
}
