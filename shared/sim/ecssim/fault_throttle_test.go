package ecssim

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestQuotas(t *testing.T) {
	w := newWorld(t, Config{Quotas: true})
	w.create(ServiceSpec{TaskDefinition: w.image("1", Behaviour{})})
	update := func() bool {
		_, err := w.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: aws.String("shop"), Service: aws.String("web")})
		return err == nil
	}
	served := 0
	for range 80 {
		served += count(update())
	}
	assert.Equal(t, 50, served, "the burst, and making the world costs nothing")
	w.run(time.Second)
	served = 0
	for range 80 {
		served += count(update())
	}
	assert.Equal(t, 5, served, "then five a second")
	assert.Equal(t, Calls{Made: 160, Throttled: 105}, w.Calls("ecs", "UpdateService"))
	assert.Zero(t, w.Calls("ecs", "RunTask"))
}

func TestThrottlingByChance(t *testing.T) {
	w := newWorld(t, Config{})
	w.SetThrottle("ecs", "", 0.5)
	for range 200 {
		_, _ = w.ecs.ListClusters(t.Context(), &ecs.ListClustersInput{})
	}
	assert.InDelta(t, 100, w.Calls("ecs", "ListClusters").Throttled, 30)
	w.SetThrottle("ecs", "", 0)
	_, err := w.ecs.ListClusters(t.Context(), &ecs.ListClustersInput{})
	require.NoError(t, err)
}

func TestADeniedOperationIsRefusedUntilItIsPermitted(t *testing.T) {
	w := newWorld(t, Config{})
	denied := func() error {
		_, err := w.asked("RegisterTaskDefinition", `{"family":"web",`+onFargate+oneApp+`}`)
		return err
	}
	w.SetDenied("ecs", "RegisterTaskDefinition", true)
	assert.ErrorContains(t, denied(), "is not authorized to perform: ecs:RegisterTaskDefinition")
	w.SetDenied("ecs", "RegisterTaskDefinition", false)
	assert.NoError(t, denied())
}

func TestATaskCannotPullAnArchivedImage(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("v1", Behaviour{}), Desired: 1})
	require.True(t, w.ArchiveImage("web", w.Digest("web:v1")))
	w.update(ecs.UpdateServiceInput{DesiredCount: aws.Int32(2)})
	w.run(3 * time.Minute)
	assert.Len(t, w.running(), 1, "the task from before runs on")
	assert.Contains(t, w.stops()[0].Detail.StoppedReason, "CannotPullContainerError")
}
