package ecssim

import (
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// eventful plays six hours with each feature and returns a hash of all events,
// all stats and one answer.
func eventful(t *testing.T, seed uint64) string {
	w := newWorld(t, Config{Seed: seed})
	hash := sha256.New()
	w.Events(func(e []byte) { hash.Write(e) })
	flaky := Behaviour{
		StartDelay: Delay{Median: 30 * time.Second, Sigma: 0.3},
		Exit:       Exit{Probability: 0.5, After: Delay{Median: 40 * time.Minute, Shape: ShapeExponential}, Code: 1},
		DependsOn:  []string{"database"},
	}
	w.create(ServiceSpec{
		TaskDefinition: w.image("1", flaky), Desired: 4, LoadBalanced: true, Breaker: &BreakerSpec{Rollback: true},
		Providers: []ProviderSpec{{Name: "FARGATE", Base: 1, Weight: 1}, {Name: "FARGATE_SPOT", Weight: 2}},
	})
	require.NoError(t, w.RegisterScalableTarget("shop", "web", 2, 9))
	require.NoError(t, w.PutTargetTracking("shop", "web", "cpu", 50))
	require.NoError(t, w.SetLoad("shop", "web", func(at time.Time) float64 { return float64(100 + 5*at.Minute()) }, time.Minute))
	w.run(time.Hour)
	w.InterruptSpot("shop", "web", 1)
	w.LoseHost("shop", "web", 1)
	w.SetThrottle("ecs", "ListTasks", 0.5)
	w.deploy(w.image("2", Behaviour{Health: Health{FailProbability: 0.7}}))
	w.run(time.Hour)
	w.SetOutage(Outage{Kind: "database", Until: w.Now().Add(10 * time.Minute)})
	w.run(4 * time.Hour)
	troubled(w)
	for range 20 {
		_, err := w.ecs.ListTasks(t.Context(), &ecs.ListTasksInput{Cluster: aws.String("shop")})
		fmt.Fprint(hash, err == nil)
	}
	fmt.Fprintf(hash, "%+v %+v", w.Stats("shop", "web"), w.Stats("shop", "api"))
	for _, m := range w.service().Events {
		fmt.Fprint(hash, *m.Id, *m.Message)
	}
	return fmt.Sprintf("%x", hash.Sum(nil))
}

// troubled plays the faults, on a service that shifts its traffic.
func troubled(w *world) {
	arn, err := w.RegisterTaskDefinition(TaskDefinitionSpec{Family: "api", Containers: []ContainerSpec{{
		Name: "app", Image: "web:3", LogGroup: "/ecs/api", Secrets: map[string]string{"DB": "shop-db"},
	}}})
	require.NoError(w.t, err)
	w.PushImage("web", "3", Behaviour{
		Defect: Defect{After: 30 * time.Minute, Probability: 0.5}, Exit: Exit{Code: 1}, Memory: Memory{MiB: 100, Growth: 150}, CapacityRPS: 50,
	})
	_, err = w.CreateService(ServiceSpec{
		Cluster: "shop", Name: "api", TaskDefinition: arn, Desired: 4, LoadBalanced: true,
		Shift: &ShiftSpec{Strategy: "CANARY", Percent: 20, StepBake: 10 * time.Minute, PauseAt: []string{stagePostScaleUp}, PauseFor: 5 * time.Minute, PauseThen: "CONTINUE"},
	})
	require.NoError(w.t, err)
	require.NoError(w.t, w.SetLoad("shop", "api", func(time.Time) float64 { return 100 }, 0))
	w.run(20 * time.Minute)
	w.LoseZone("a")
	w.BreakSecret(SecretTrouble{Secret: "shop-db", How: SecretWrong, Until: w.Now().Add(10 * time.Minute)})
	w.SetShortage("FARGATE_SPOT", w.Now().Add(20*time.Minute))
	w.run(20 * time.Minute)
	w.RestoreZone("a")
	_, err = w.ecs.UpdateService(w.t.Context(), &ecs.UpdateServiceInput{Cluster: aws.String("shop"), Service: aws.String("api"), ForceNewDeployment: true})
	require.NoError(w.t, err)
	w.run(2 * time.Hour)
}

func TestTheSameSeedIsTheSameRun(t *testing.T) {
	first := eventful(t, 1)
	assert.Equal(t, first, eventful(t, 1), "byte for byte")
	assert.NotEqual(t, first, eventful(t, 2))
}
