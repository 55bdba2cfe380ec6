package ecssim

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hookEvents returns the details of the events of hooks, in order.
func (w *world) hookEvents() []hookDetail {
	var out []hookDetail
	for _, e := range w.events {
		if e.DetailType != "ECS Hook State Change" {
			continue
		}
		var body struct{ Detail hookDetail }
		require.NoError(w.t, json.Unmarshal(e.raw, &body))
		assert.Equal(w.t, []string{body.Detail.ServiceDeploymentArn}, e.Resources)
		out = append(out, body.Detail)
	}
	return out
}

func (w *world) proceed(arn, hook string, action ecstypes.DeploymentLifecycleHookAction) error {
	_, err := w.ecs.ContinueServiceDeployment(w.t.Context(), &ecs.ContinueServiceDeploymentInput{
		ServiceDeploymentArn: &arn, HookId: &hook, Action: action,
	})
	return err
}

func TestAPauseHook(t *testing.T) {
	for _, c := range []struct {
		name     string
		strategy string
		stage    string
		act      func(w *world, arn, hook string)
		status   ecstypes.ServiceDeploymentStatus
		hook     ecstypes.DeploymentLifecycleHookStatus
		event    string
		running  int32 // during the wait
	}{
		{
			"goes on after CONTINUE", "CANARY", stagePreProduction,
			func(w *world, arn, hook string) { require.NoError(w.t, w.proceed(arn, hook, "CONTINUE")) },
			ecstypes.ServiceDeploymentStatusSuccessful, ecstypes.DeploymentLifecycleHookStatusSucceeded, "HOOK_SUCCEEDED", 4,
		},
		{
			"goes back after ROLLBACK", "BLUE_GREEN", stagePostTestShift,
			func(w *world, arn, hook string) { require.NoError(w.t, w.proceed(arn, hook, "ROLLBACK")) },
			ecstypes.ServiceDeploymentStatusRollbackSuccessful, ecstypes.DeploymentLifecycleHookStatusFailed, "HOOK_FAILED", 4,
		},
		{
			"goes back without an answer", "BLUE_GREEN", stagePostProduction,
			func(w *world, _, _ string) { w.run(2 * time.Hour) },
			ecstypes.ServiceDeploymentStatusRollbackSuccessful, ecstypes.DeploymentLifecycleHookStatusTimedOut, "HOOK_TIMED_OUT", 4,
		},
		{
			"a rolling deployment pauses before it begins", "ROLLING", stagePreScaleUp,
			func(w *world, arn, hook string) { require.NoError(w.t, w.proceed(arn, hook, "")) },
			ecstypes.ServiceDeploymentStatusSuccessful, ecstypes.DeploymentLifecycleHookStatusSucceeded, "HOOK_SUCCEEDED", 2,
		},
		{
			"a rolling deployment is stopped by an operator while it waits", "ROLLING", stagePostScaleUp,
			func(w *world, arn, _ string) {
				_, err := w.ecs.StopServiceDeployment(w.t.Context(), &ecs.StopServiceDeploymentInput{ServiceDeploymentArn: &arn})
				require.NoError(w.t, err)
			},
			ecstypes.ServiceDeploymentStatusRollbackSuccessful, ecstypes.DeploymentLifecycleHookStatusAwaitingAction, "HOOK_AWAITING_ACTION", 2,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			_, second := w.shifts(ShiftSpec{Strategy: c.strategy, PauseAt: []string{c.stage}, PauseFor: 2 * time.Hour}, Behaviour{})
			w.events = nil
			w.deploy(second)
			w.run(20 * time.Minute)
			r := w.record()
			require.Equal(t, ecstypes.ServiceDeploymentStatusInProgress, r.Status, "it waits")
			require.Len(t, r.LifecycleHookDetails, 1)
			waiting := r.LifecycleHookDetails[0]
			assert.Equal(t, ecstypes.DeploymentLifecycleHookStatusAwaitingAction, waiting.Status)
			assert.Equal(t, ecstypes.DeploymentLifecycleHookActionRollback, waiting.TimeoutAction)
			assert.Equal(t, c.running, w.service().RunningCount)
			told := w.hookEvents()
			require.Len(t, told, 1)
			assert.Equal(t, []string{"HOOK_AWAITING_ACTION", *waiting.HookId, c.stage, "PAUSE", *r.ServiceDeploymentArn}, []string{
				told[0].EventName, told[0].HookID, told[0].LifecycleStage, told[0].HookType, told[0].ServiceDeploymentArn,
			})
			c.act(w, *r.ServiceDeploymentArn, *waiting.HookId)
			for range 3 { // a canary pauses again before its second step
				w.run(20 * time.Minute)
				if d := w.record().LifecycleHookDetails; d[len(d)-1].Status == ecstypes.DeploymentLifecycleHookStatusAwaitingAction && c.hook == ecstypes.DeploymentLifecycleHookStatusSucceeded {
					require.NoError(t, w.proceed(*r.ServiceDeploymentArn, *d[len(d)-1].HookId, "CONTINUE"))
				}
			}
			assert.Equal(t, c.status, w.record().Status)
			assert.Equal(t, c.hook, w.record().LifecycleHookDetails[0].Status)
			events := w.hookEvents()
			assert.Equal(t, c.event, events[len(events)-1].EventName)
			w.assertSteady(2)
		})
	}
}

func TestAnAnswerIsGivenOnce(t *testing.T) {
	w := newWorld(t, Config{})
	_, second := w.shifts(ShiftSpec{Strategy: "BLUE_GREEN", PauseAt: []string{stagePostScaleUp}}, Behaviour{})
	w.deploy(second)
	w.run(5 * time.Minute)
	r := w.record()
	arn, hook := *r.ServiceDeploymentArn, *r.LifecycleHookDetails[0].HookId
	var invalid *ecstypes.InvalidParameterException
	require.ErrorAs(t, w.proceed(arn, "ecs-pause-other", "CONTINUE"), &invalid)
	require.NoError(t, w.proceed(arn, hook, "CONTINUE"))
	require.ErrorAs(t, w.proceed(arn, hook, "CONTINUE"), &invalid)
}

func TestTasksAreKeptWhileARollingDeploymentWaits(t *testing.T) {
	w := newWorld(t, Config{})
	first, second := w.shifts(ShiftSpec{Strategy: "ROLLING", PauseAt: []string{stagePreScaleUp}}, Behaviour{})
	w.deploy(second)
	w.run(5 * time.Minute)
	w.LoseHost("shop", "web", 1)
	w.run(3 * time.Minute)
	assert.EqualValues(t, 2, w.service().RunningCount, "the lost one is replaced")
	for _, task := range w.running() {
		assert.Equal(t, first, *task.TaskDefinitionArn)
	}
}

func TestWhatOtherControllersRefuse(t *testing.T) {
	spot := []ecstypes.CapacityProviderStrategyItem{{CapacityProvider: aws.String("FARGATE_SPOT"), Weight: 1}}
	breaker := &ecstypes.DeploymentConfiguration{DeploymentCircuitBreaker: &ecstypes.DeploymentCircuitBreaker{Enable: true, Rollback: true}}
	for name, c := range map[string]struct {
		in                   ecs.UpdateServiceInput
		codeDeploy, external bool // refused
	}{
		"a desired count":        {ecs.UpdateServiceInput{DesiredCount: aws.Int32(2)}, false, false},
		"a grace period":         {ecs.UpdateServiceInput{HealthCheckGracePeriodSeconds: aws.Int32(30)}, false, false},
		"healthy percents":       {ecs.UpdateServiceInput{DeploymentConfiguration: &ecstypes.DeploymentConfiguration{MinimumHealthyPercent: aws.Int32(50)}}, false, true},
		"a placement strategy":   {ecs.UpdateServiceInput{PlacementStrategy: []ecstypes.PlacementStrategy{{Type: "random"}}}, true, false},
		"a task definition":      {ecs.UpdateServiceInput{TaskDefinition: aws.String("web:1")}, true, true},
		"a forced deployment":    {ecs.UpdateServiceInput{ForceNewDeployment: true}, true, true},
		"a network":              {ecs.UpdateServiceInput{NetworkConfiguration: network()}, true, true},
		"capacity providers":     {ecs.UpdateServiceInput{CapacityProviderStrategy: spot, ForceNewDeployment: true}, true, true},
		"a circuit breaker":      {ecs.UpdateServiceInput{DeploymentConfiguration: breaker}, true, true},
		"a platform version":     {ecs.UpdateServiceInput{PlatformVersion: aws.String("1.4.0")}, true, true},
		"execution of a command": {ecs.UpdateServiceInput{EnableExecuteCommand: aws.Bool(true)}, true, true},
	} {
		for controller, refused := range map[string]bool{"CODE_DEPLOY": c.codeDeploy, "EXTERNAL": c.external, "ECS": false} {
			t.Run(name+", "+controller, func(t *testing.T) {
				w := newWorld(t, Config{})
				w.create(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 1, Controller: controller})
				in := c.in
				in.Cluster, in.Service = aws.String("shop"), aws.String("web")
				_, err := w.ecs.UpdateService(t.Context(), &in)
				var invalid *ecstypes.InvalidParameterException
				if refused {
					require.ErrorAs(t, err, &invalid)
				} else {
					require.NoError(t, err)
				}
			})
		}
	}
}
