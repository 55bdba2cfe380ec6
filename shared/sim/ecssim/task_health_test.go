package ecssim

import (
	"testing"
	"time"

	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestHealth(t *testing.T) {
	slow := Behaviour{StartDelay: Fixed(20 * time.Second), Health: Health{Delay: Fixed(3 * time.Minute)}}
	startPeriod := func(c *ContainerSpec) { c.HealthCheck, c.StartPeriod = true, 4*time.Minute }
	for _, c := range []struct {
		name  string
		image Behaviour
		spec  ServiceSpec
		check func(*ContainerSpec)
		kills bool
	}{
		{"a slow application without grace is killed before it was ever healthy", slow, ServiceSpec{LoadBalanced: true}, nil, true},
		{"the grace period spares it until five probes have passed", slow, ServiceSpec{LoadBalanced: true, GracePeriod: 6 * time.Minute}, nil, false},
		{"a grace period that ends before them does not", slow, ServiceSpec{LoadBalanced: true, GracePeriod: 4 * time.Minute}, nil, true},
		{"a start period spares it from the load balancer's check no more", slow, ServiceSpec{LoadBalanced: true}, startPeriod, true},
		{"a start period spares it", slow, ServiceSpec{}, startPeriod, false},
		{"without a check it has all the time", slow, ServiceSpec{}, nil, false},
		{
			"an application that becomes unhealthy is replaced",
			Behaviour{Health: Health{FailProbability: 1, FailAfter: Fixed(5 * time.Minute)}},
			ServiceSpec{LoadBalanced: true},
			nil, true,
		},
		{
			"without a check it is not noticed",
			Behaviour{Health: Health{FailProbability: 1, FailAfter: Fixed(5 * time.Minute)}},
			ServiceSpec{},
			nil, false,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			var change []func(*ContainerSpec)
			if c.check != nil {
				change = append(change, c.check)
			}
			c.spec.TaskDefinition, c.spec.Desired = w.image("1", c.image, change...), 1
			w.create(c.spec)
			w.run(15 * time.Minute)
			assert.Equal(t, c.kills, len(w.stops()) > 0)
			if !c.kills {
				w.assertSteady(1)
			}
		})
	}
}

func TestAnUnhealthyTaskIsReplacedBeforeItIsStopped(t *testing.T) {
	w := newWorld(t, Config{})
	failing := Behaviour{Health: Health{FailProbability: 1, FailAfter: Fixed(10 * time.Minute)}, StartDelay: Fixed(30 * time.Second)}
	w.steady(ServiceSpec{TaskDefinition: w.image("1", failing), Desired: 2, LoadBalanced: true})
	w.SetBehaviour(w.RegistryHost()+"/web:1", Behaviour{})
	most := 0
	for range 600 {
		w.run(2 * time.Second)
		most = max(most, len(w.running()))
	}
	assert.Equal(t, 4, most, "both replacements start beside them")
	require.Len(t, w.stops(), 2)
	w.assertSteady(2)
}

func TestWithoutRoomUnhealthyTasksAreReplacedOneAtATime(t *testing.T) {
	w := newWorld(t, Config{})
	failing := Behaviour{Health: Health{FailProbability: 1, FailAfter: Fixed(10 * time.Minute)}, StartDelay: Fixed(30 * time.Second)}
	w.steady(ServiceSpec{
		TaskDefinition: w.image("1", failing), Desired: 3, LoadBalanced: true,
		MinimumHealthyPercent: new(0), MaximumPercent: new(100),
	})
	w.SetBehaviour(w.RegistryHost()+"/web:1", Behaviour{})
	fewest := 3
	for range 600 {
		w.run(2 * time.Second)
		running, _ := w.findCluster("shop").services[0].counts(nil)
		fewest = min(fewest, running)
	}
	assert.Equal(t, 2, fewest)
	w.assertSteady(3)
}

func TestAnUnhealthyReplacementIsOfTheSameRevision(t *testing.T) {
	w := newWorld(t, Config{})
	definition := w.image("1", Behaviour{Health: Health{FailProbability: 0.5, FailAfter: Fixed(5 * time.Minute)}})
	w.steady(ServiceSpec{TaskDefinition: definition, Desired: 4, LoadBalanced: true})
	w.run(time.Hour)
	assert.NotEmpty(t, w.stops())
	assert.Empty(t, w.named("SERVICE_DEPLOYMENT_IN_PROGRESS"))
	assert.Equal(t, definition, *w.service().TaskDefinition)
	assert.Equal(t, ecstypes.DeploymentRolloutStateCompleted, w.service().Deployments[0].RolloutState)
}

func TestOverloadKillsTasks(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{
		TaskDefinition: w.image("1", Behaviour{CapacityRPS: 10, Health: Health{OverloadAfter: 2 * time.Minute}}), Desired: 3, LoadBalanced: true,
	})
	require.NoError(t, w.SetLoad("shop", "web", func(time.Time) float64 { return 29 }, 0))
	w.run(30 * time.Minute)
	assert.Empty(t, w.stops(), "a full load is no overload")
	require.NoError(t, w.SetLoad("shop", "web", func(time.Time) float64 { return 60 }, 0))
	w.run(30 * time.Minute)
	require.NotEmpty(t, w.stops())
	assert.Contains(t, w.stops()[0].Detail.StoppedReason, "Task failed ELB health checks")
}
