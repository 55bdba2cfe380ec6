package ecssim

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
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

func TestADrainingServiceEndsWhenTheProtectionOfItsTasksEnds(t *testing.T) {
	for _, c := range []struct {
		name   string
		during func(w *world, protect func(minutes int32))
	}{
		{"the task is protected before the service is deleted", func(w *world, protect func(int32)) {
			protect(30)
			w.deleteWeb()
		}},
		{"the protection is renewed while the service drains", func(w *world, protect func(int32)) {
			protect(10)
			w.deleteWeb()
			w.run(5 * time.Minute)
			protect(25)
		}},
		{"a new deployment began before", func(w *world, protect func(int32)) {
			protect(30)
			w.update(ecs.UpdateServiceInput{ForceNewDeployment: true})
			w.run(5 * time.Minute)
			w.deleteWeb()
		}},
		{"a deployment that shifts traffic is under way", func(w *world, protect func(int32)) {
			protect(30)
			w.update(ecs.UpdateServiceInput{
				TaskDefinition:          aws.String(w.image("v2", Behaviour{})),
				DeploymentConfiguration: &ecstypes.DeploymentConfiguration{Strategy: ecstypes.DeploymentStrategyBlueGreen, BakeTimeInMinutes: aws.Int32(600)},
			})
			w.run(10 * time.Minute)
			w.deleteWeb()
		}},
		{"the deployment has failed", func(w *world, protect func(int32)) {
			protect(60)
			w.update(ecs.UpdateServiceInput{TaskDefinition: aws.String(w.image("bad", Behaviour{Exit: Exit{Probability: 1, Code: 1}}))})
			w.run(25 * time.Minute)
			w.deleteWeb()
		}},
		{"the service is scaled to zero first", func(w *world, protect func(int32)) {
			protect(30)
			w.update(ecs.UpdateServiceInput{DesiredCount: aws.Int32(0)})
			w.run(time.Minute)
			w.deleteWeb()
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			w.steady(ServiceSpec{TaskDefinition: w.image("v1", Behaviour{}), Desired: 2})
			task := *w.running()[0].TaskArn
			c.during(w, func(minutes int32) {
				out, err := w.ecs.UpdateTaskProtection(t.Context(), &ecs.UpdateTaskProtectionInput{
					Cluster: aws.String("shop"), Tasks: []string{task}, ProtectionEnabled: true, ExpiresInMinutes: &minutes,
				})
				require.NoError(t, err)
				require.Len(t, out.ProtectedTasks, 1)
			})
			w.run(10 * time.Minute)
			assert.Equal(t, "DRAINING", *w.service().Status)
			w.run(40 * time.Minute)
			assert.Equal(t, "INACTIVE", *w.service().Status)
		})
	}
}

// deleteWeb deletes the service by force.
func (w *world) deleteWeb() {
	w.t.Helper()
	_, err := w.ecs.DeleteService(w.t.Context(), &ecs.DeleteServiceInput{Cluster: aws.String("shop"), Service: aws.String("web"), Force: aws.Bool(true)})
	require.NoError(w.t, err)
}
