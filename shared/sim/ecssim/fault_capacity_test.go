package ecssim

import (
	"testing"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim/wire"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// zones returns the number of wanted tasks in each zone.
func (w *world) zones() map[string]int {
	out := map[string]int{}
	for _, task := range w.running() {
		out[*task.AvailabilityZone]++
	}
	return out
}

func (w *world) providers() map[string]int {
	out := map[string]int{}
	for _, task := range w.running() {
		out[aws.ToString(task.CapacityProviderName)]++
	}
	return out
}

func TestAZoneThatComesBackIsFilledAgain(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 6})
	w.LoseZone("b")
	w.run(10 * time.Minute)
	assert.Equal(t, map[string]int{"eu-central-1a": 3, "eu-central-1c": 3}, w.zones())
	w.events = nil
	w.RestoreZone("b")
	w.run(time.Hour)
	w.assertSteady(6)
	assert.Equal(t, map[string]int{"eu-central-1a": 2, "eu-central-1b": 2, "eu-central-1c": 2}, w.zones())
	require.Len(t, w.stops(), 2)
	for _, e := range w.stops() {
		assert.Regexp(t, `^Availability-zone rebalancing initiated by \(deployment ecs-svc/\d+\)$`, e.Detail.StoppedReason)
		assert.Equal(t, stopScheduler, e.Detail.StopCode)
	}
	assert.Len(t, w.named("SERVICE_REBALANCING_STARTED"), 1)
	assert.Len(t, w.named("SERVICE_REBALANCING_COMPLETED"), 1)
	assert.Zero(t, w.Stats("shop", "web").TasksFailed)
}

func TestRebalancingIsSwitchedByUpdateService(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 6})
	w.update(ecs.UpdateServiceInput{AvailabilityZoneRebalancing: ecstypes.AvailabilityZoneRebalancingDisabled})
	w.LoseZone("b")
	w.run(10 * time.Minute)
	w.RestoreZone("b")
	w.run(time.Hour)
	assert.Equal(t, map[string]int{"eu-central-1a": 3, "eu-central-1c": 3}, w.zones())
	w.update(ecs.UpdateServiceInput{AvailabilityZoneRebalancing: ecstypes.AvailabilityZoneRebalancingEnabled})
	w.run(time.Hour)
	assert.Equal(t, map[string]int{"eu-central-1a": 2, "eu-central-1b": 2, "eu-central-1c": 2}, w.zones())
}

func TestWithEveryZoneLostNothingIsPlaced(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 3})
	for _, zone := range []string{"a", "b", "c"} {
		w.LoseZone(zone)
	}
	w.run(10 * time.Minute)
	assert.Empty(t, w.running())
	assert.NotEmpty(t, w.named("SERVICE_TASK_PLACEMENT_FAILURE"))
	w.RestoreZone("c")
	w.run(5 * time.Minute)
	assert.Equal(t, map[string]int{"eu-central-1c": 3}, w.zones())
}

func TestASpotShortageHoldsTheOnDemandShareNotUp(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 4, Providers: []ProviderSpec{{Name: "FARGATE_SPOT", Weight: 1}}})
	w.SetShortage("FARGATE_SPOT", w.Now().Add(time.Hour))
	assert.Equal(t, 2, w.InterruptSpot("shop", "web", 2))
	w.run(10 * time.Minute)
	assert.Equal(t, map[string]int{"FARGATE_SPOT": 2}, w.providers(), "base and weight are no fallback")
	failures := w.named("SERVICE_TASK_PLACEMENT_FAILURE")
	require.NotEmpty(t, failures)
	assert.Equal(t, "RESOURCE:FARGATE", failures[0].Detail.Reason)
	w.update(ecs.UpdateServiceInput{ForceNewDeployment: true, CapacityProviderStrategy: []ecstypes.CapacityProviderStrategyItem{
		{CapacityProvider: aws.String("FARGATE"), Weight: 1}, {CapacityProvider: aws.String("FARGATE_SPOT"), Weight: 1},
	}})
	w.run(5 * time.Minute)
	assert.GreaterOrEqual(t, w.providers()["FARGATE"], 2, "the on-demand share is started")
	w.run(time.Hour)
	w.assertSteady(4)
}

func TestAStrategyIsChecked(t *testing.T) {
	item := func(name string, base, weight int32) ecstypes.CapacityProviderStrategyItem {
		return ecstypes.CapacityProviderStrategyItem{CapacityProvider: &name, Base: base, Weight: weight}
	}
	for name, strategy := range map[string][]ecstypes.CapacityProviderStrategyItem{
		"two bases":            {item("FARGATE", 1, 1), item("FARGATE_SPOT", 1, 1)},
		"no weight":            {item("FARGATE", 1, 0)},
		"Fargate and EC2":      {item("FARGATE", 0, 1), item("my-group", 0, 1)},
		"a weight beyond 1000": {item("FARGATE", 0, 1001)},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, Config{})
			w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 1})
			_, err := w.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{
				Cluster: aws.String("shop"), Service: aws.String("web"), CapacityProviderStrategy: strategy,
			})
			var invalid *ecstypes.InvalidParameterException
			assert.ErrorAs(t, err, &invalid)
		})
	}
}

func TestWithoutItsControlPlaneECSLaunchesNothing(t *testing.T) {
	w := newWorld(t, Config{})
	definition := w.image("1", Behaviour{})
	w.steady(ServiceSpec{TaskDefinition: definition, Desired: 3})
	w.LoseControlPlane(w.Now().Add(time.Hour))
	w.LoseHost("shop", "web", 1)
	w.run(50 * time.Minute)
	assert.EqualValues(t, 2, w.service().RunningCount, "what runs goes on, what failed is not replaced")
	_, err := w.ecs.RunTask(t.Context(), &ecs.RunTaskInput{Cluster: aws.String("shop"), TaskDefinition: &definition, NetworkConfiguration: network()})
	var server *ecstypes.ServerException
	require.ErrorAs(t, err, &server)
	w.run(15 * time.Minute)
	w.assertSteady(3)
}

// reads gives the container a secret.
func reads(c *ContainerSpec) {
	c.Extra = map[string]any{"secrets": []wire.Object{
		{"name": "DB_PASSWORD", "valueFrom": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop-db-AbCdEf:password::"},
	}}
}

func TestABrokenSecretFailsNewStartsOnly(t *testing.T) {
	for _, c := range []struct{ how, code, text string }{
		{SecretDeleted, stopFailedToStart, "Secrets Manager can't find the specified secret."},
		{SecretDenied, stopFailedToStart, "is not authorized to perform: secretsmanager:GetSecretValue"},
		{SecretKeyGone, stopFailedToStart, "retrieved secret from Secrets Manager did not contain json key DB_PASSWORD"},
		{SecretWrong, stopEssential, "Essential container in task exited"},
	} {
		t.Run(c.how, func(t *testing.T) {
			w := newWorld(t, Config{})
			w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}, reads), Desired: 2})
			w.BreakSecret(SecretTrouble{Secret: "shop-db", How: c.how, Until: w.Now().Add(30 * time.Minute)})
			w.run(10 * time.Minute)
			assert.Empty(t, w.stops(), "what runs has read it already")
			w.LoseHost("shop", "web", 1)
			w.run(10 * time.Minute)
			require.Greater(t, len(w.stops()), 1)
			stop := w.stops()[1].Detail
			assert.Equal(t, c.code, stop.StopCode)
			assert.Contains(t, stop.StoppedReason, c.text)
			if c.how == SecretWrong {
				assert.Equal(t, 1, *stop.Containers[0].ExitCode)
			}
			w.run(45 * time.Minute)
			w.assertSteady(2)
		})
	}
}

func TestWhoReadsASecret(t *testing.T) {
	for from, want := range map[string]bool{
		"shop-db": true,
		"arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop-db-AbCdEf":              true,
		"arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop-db-AbCdEf:password::":   true,
		"arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop-db":                     true,
		"arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop-db-replica-AbCdEf":      false,
		"arn:aws:secretsmanager:eu-central-1:123456789012:secret:other-AbCdEf":                false,
		"arn:aws:ssm:eu-central-1:123456789012:parameter/shop-db":                             true,
		"arn:aws:ssm:eu-central-1:123456789012:parameter/my-shop-db":                          false,
		"arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop-db-AbCdEfG:password::x": false,
	} {
		assert.Equal(t, want, namesSecret(from, "shop-db"), from)
	}
	for from, want := range map[string]bool{
		"/shop/db": true,
		"arn:aws:ssm:eu-central-1:123456789012:parameter/shop/db":                    true,
		"arn:aws:ssm:eu-central-1:123456789012:parameter/shop/db2":                   false,
		"arn:aws:secretsmanager:eu-central-1:123456789012:secret:/shop/db-AbCdEf":    true,
		"arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/db-AbCdEf:k::": false,
	} {
		assert.Equal(t, want, namesSecret(from, "/shop/db"), from)
	}
	assert.True(t, namesSecret("/shop/db", "arn:aws:ssm:eu-central-1:123456789012:parameter/shop/db"), "by the ARN of the parameter")
	assert.True(t, namesSecret("arn:aws:secretsmanager:x:1:secret:db-AbCdEf:k::", "arn:aws:secretsmanager:x:1:secret:db-AbCdEf"), "by the ARN of the secret")
}

func TestAnOutageCanBeOfOneZone(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{DependsOn: []string{"cache"}}), Desired: 6})
	w.SetOutage(Outage{Kind: "cache", Until: w.Now().Add(10 * time.Minute), Zone: "a"})
	w.run(5 * time.Minute)
	require.NotEmpty(t, w.stops())
	for _, e := range w.stops() {
		assert.Contains(t, string(e.raw), `"availabilityZone":"eu-central-1a"`)
	}
}

// ec2 creates a service on three instances of two tasks each.
func (w *world) ec2(desired int, minimum int) {
	w.AddInstances("shop", InstancesSpec{Count: 3, Slots: 2, Replace: 5 * time.Minute})
	w.steady(ServiceSpec{
		TaskDefinition: w.image("1", Behaviour{}), Desired: desired, LaunchType: "EC2", MinimumHealthyPercent: &minimum,
	})
}

func (w *world) instances() []ecstypes.ContainerInstance {
	list, err := w.ecs.ListContainerInstances(w.t.Context(), &ecs.ListContainerInstancesInput{Cluster: aws.String("shop")})
	require.NoError(w.t, err)
	out, err := w.ecs.DescribeContainerInstances(w.t.Context(), &ecs.DescribeContainerInstancesInput{
		Cluster: aws.String("shop"), ContainerInstances: list.ContainerInstanceArns,
	})
	require.NoError(w.t, err)
	return out.ContainerInstances
}

func TestAFullClusterPlacesNothing(t *testing.T) {
	w := newWorld(t, Config{})
	w.ec2(6, 100)
	w.update(ecs.UpdateServiceInput{DesiredCount: aws.Int32(7)})
	w.run(5 * time.Minute)
	assert.EqualValues(t, 6, w.service().RunningCount)
	assert.Equal(t, "RESOURCE:CPU", w.named("SERVICE_TASK_PLACEMENT_FAILURE")[0].Detail.Reason)
	for _, i := range w.instances() {
		assert.EqualValues(t, 2, i.RunningTasksCount)
		assert.EqualValues(t, 0, i.RemainingResources[0].IntegerValue)
	}
}

func TestALostInstanceIsMadeUpFor(t *testing.T) {
	w := newWorld(t, Config{})
	w.ec2(6, 100)
	assert.Equal(t, 2, w.LoseHost("shop", "web", 1))
	w.run(4 * time.Minute)
	assert.Len(t, w.instances(), 2)
	assert.EqualValues(t, 4, w.service().RunningCount)
	w.run(5 * time.Minute)
	assert.Len(t, w.instances(), 3)
	w.assertSteady(6)
	changes := 0
	for _, e := range w.events {
		changes += count(e.DetailType == "ECS Container Instance State Change")
	}
	assert.Equal(t, 2, changes, "one gone, one new")
}

func TestDrainingMovesTasksAway(t *testing.T) {
	for _, c := range []struct {
		name             string
		desired, minimum int
		least            int32
	}{
		{"replacements first where there is room", 4, 100, 4},
		{"as many at once as minimumHealthyPercent allows where there is none", 4, 50, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			w.ec2(c.desired, c.minimum)
			host := w.instances()[0]
			out, err := w.ecs.UpdateContainerInstancesState(t.Context(), &ecs.UpdateContainerInstancesStateInput{
				Cluster: aws.String("shop"), ContainerInstances: []string{*host.ContainerInstanceArn}, Status: ecstypes.ContainerInstanceStatusDraining,
			})
			require.NoError(t, err)
			assert.Equal(t, "DRAINING", *out.ContainerInstances[0].Status)
			for range 60 {
				w.run(5 * time.Second)
				assert.GreaterOrEqual(t, w.service().RunningCount, c.least)
			}
			w.assertSteady(c.desired)
			for _, task := range w.running() {
				assert.NotEqual(t, *host.ContainerInstanceArn, *task.ContainerInstanceArn)
			}
			require.Len(t, w.stops(), int(host.RunningTasksCount))
			for _, e := range w.stops() {
				assert.Equal(t, drainingReason, e.Detail.StoppedReason)
			}
			assert.Zero(t, w.Stats("shop", "web").TasksFailed)
		})
	}
}

func TestAnOutageCanBeOfOneHost(t *testing.T) {
	w := newWorld(t, Config{})
	w.ec2(3, 100)
	bad := w.HostOf("shop", "web")
	require.NotEmpty(t, bad)
	w.SetOutage(Outage{Kind: string(fleet.RuntimeTimeout), Until: w.Now().Add(time.Hour), Host: bad})
	w.update(ecs.UpdateServiceInput{DesiredCount: aws.Int32(6)})
	w.run(3 * time.Minute)
	require.NotEmpty(t, w.stops())
	hosts := map[string]bool{}
	for _, e := range w.stops() {
		task := w.describe(e.Detail.TaskArn)
		hosts[*task.ContainerInstanceArn] = true
		assert.Contains(t, e.Detail.StoppedReason, "ContainerRuntimeTimeoutError")
	}
	assert.Len(t, hosts, 1, "all on one host")
	require.True(t, w.Drain(bad, true))
	assert.False(t, w.Drain("i-0", true))
}

func TestLoadBalancersCanFailTheirHealthChecks(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 3, LoadBalanced: true})
	_, err := w.CreateService(ServiceSpec{Cluster: "shop", Name: "worker", TaskDefinition: w.image("2", Behaviour{}), Desired: 2})
	require.NoError(t, err)
	w.run(5 * time.Minute)
	w.SetOutage(Outage{Kind: string(fleet.ELBHealth), Until: w.Now().Add(20 * time.Minute)})
	w.run(20 * time.Minute)
	require.Greater(t, len(w.stops()), 3, "those that replace them fail too")
	for _, e := range w.stops() {
		assert.Contains(t, e.Detail.StoppedReason, "Task failed ELB health checks")
	}
	assert.Zero(t, w.Stats("shop", "worker").TasksFailed, "what is behind no load balancer is spared")
	w.run(15 * time.Minute)
	w.assertSteady(3)
}
