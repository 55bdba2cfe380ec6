package ecssim

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAProtectedTaskIsNotStoppedByScaleIn(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("v1", Behaviour{}), Desired: 3})
	var all []string
	for _, task := range w.running() {
		all = append(all, *task.TaskArn)
	}
	cluster, keep := aws.String("shop"), all[:2]
	_, err := w.ecs.UpdateTaskProtection(t.Context(), &ecs.UpdateTaskProtectionInput{
		Cluster: cluster, Tasks: keep, ProtectionEnabled: true, ExpiresInMinutes: aws.Int32(30),
	})
	require.NoError(t, err)
	w.update(ecs.UpdateServiceInput{DesiredCount: aws.Int32(1)})
	w.run(5 * time.Minute)

	var left []string
	for _, task := range w.running() {
		left = append(left, *task.TaskArn)
	}
	assert.ElementsMatch(t, keep, left)
	out, err := w.ecs.GetTaskProtection(t.Context(), &ecs.GetTaskProtectionInput{Cluster: cluster, Tasks: append(keep, "no-such-task")})
	require.NoError(t, err)
	assert.Len(t, out.Failures, 1)
	require.Len(t, out.ProtectedTasks, 2)
	assert.True(t, out.ProtectedTasks[0].ProtectionEnabled)
	assert.WithinDuration(t, w.Now().Add(25*time.Minute), *out.ProtectedTasks[0].ExpirationDate, time.Minute)

	w.run(40 * time.Minute)
	out, err = w.ecs.GetTaskProtection(t.Context(), &ecs.GetTaskProtectionInput{Cluster: cluster, Tasks: keep})
	require.NoError(t, err)
	assert.False(t, out.ProtectedTasks[0].ProtectionEnabled, "the protection has ended")
	assert.Nil(t, out.ProtectedTasks[0].ExpirationDate)
}
