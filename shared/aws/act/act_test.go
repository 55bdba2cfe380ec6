package act_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/simtest/fixture"
)

func TestTheCountIsSetOnce(t *testing.T) {
	w := newWorld(t)
	a := fleet.Action{Kind: fleet.SetDesired, From: 3, To: 5, Expect: fleet.Expect{Desired: new(3)}}
	assert.Equal(t, fleet.Result{Status: fleet.Done, Text: "desired 3 → 5"}, w.apply(a))
	assert.EqualValues(t, 5, w.Service().DesiredCount)
	assert.Equal(t, fleet.Result{Status: fleet.Skipped, Text: "the desired count was 3 at the decision, it is 5 now"}, w.apply(a))
	a.Expect.Desired = nil
	assert.Equal(t, fleet.Result{Status: fleet.Skipped, Text: "the desired count is 5 already"}, w.apply(a))
	assert.Equal(t, 1, w.made("UpdateService"))
}

func TestAnActionWithAFailedExpectationIsSkipped(t *testing.T) {
	w := newWorld(t)
	before := w.primary()
	w.update(ecs.UpdateServiceInput{ForceNewDeployment: true})
	now := w.primary()
	calls := w.made("UpdateService")
	gone := "the deployment was " + before + " at the decision, it is " + now + " now"
	for name, c := range map[string]struct {
		action fleet.Action
		text   string
	}{
		"a person changed the count": {
			fleet.Action{Kind: fleet.SetDesired, To: 5, Expect: fleet.Expect{Desired: new(2)}},
			"the desired count was 2 at the decision, it is 3 now",
		},
		"a newer deployment came, and a revision was to run": {fleet.Action{Kind: fleet.RunRevision, TaskDefinition: "web:1", Expect: fleet.Expect{Deployment: before}}, gone},
		"a newer deployment came, and one was to be stopped": {fleet.Action{Kind: fleet.StopDeployment, Rollout: w.rollout(), Expect: fleet.Expect{Deployment: before}}, gone},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, fleet.Result{Status: fleet.Skipped, Text: c.text}, w.apply(c.action))
		})
	}
	assert.Equal(t, calls, w.made("UpdateService"))
	assert.Zero(t, w.made("StopServiceDeployment"))
	assert.Zero(t, w.made("RegisterTaskDefinition"))
}

func TestAMissingServiceIsSkipped(t *testing.T) {
	w := newWorld(t)
	ref := fixture.Ref("other")
	got, err := w.Apply(t.Context(), ref, fleet.Action{Kind: fleet.SetDesired, To: 5})
	require.NoError(t, err)
	assert.Equal(t, fleet.Result{Status: fleet.Skipped, Text: "the service is deleted or inactive"}, got)
	_, err = w.Client.DeleteService(t.Context(), &ecs.DeleteServiceInput{Cluster: aws.String("shop"), Service: aws.String("web"), Force: aws.Bool(true)})
	require.NoError(t, err)
	assert.Equal(t, fleet.Result{Status: fleet.Skipped, Text: "the service is deleted or inactive"}, w.apply(fleet.Action{Kind: fleet.SetDesired, To: 5}))
	assert.Zero(t, w.made("UpdateService"))
}

func TestADeploymentIsStoppedOnce(t *testing.T) {
	w := newWorld(t)
	w.update(ecs.UpdateServiceInput{TaskDefinition: new(w.define("v2", ecssim.Behaviour{Exit: ecssim.Exit{Probability: 1}}))})
	w.Run(time.Minute)
	a := fleet.Action{Kind: fleet.StopDeployment, Rollout: w.rollout(), TaskDefinition: "web:1", Expect: fleet.Expect{Deployment: w.primary()}}
	assert.Equal(t, fleet.Result{
		Status: fleet.Done, Text: "deployment stopped, ECS rolls back to web:1", TaskDefinition: "web:1",
	}, w.apply(a))
	w.apply(a)
	w.Run(10 * time.Minute)
	assert.Equal(t, fleet.Skipped, w.apply(a).Status, "the deployment is another one now")
	rollouts, err := w.Client.ListServiceDeployments(t.Context(), &ecs.ListServiceDeploymentsInput{Cluster: aws.String("shop"), Service: aws.String("web")})
	require.NoError(t, err)
	assert.Len(t, rollouts.ServiceDeployments, 2, "stopped twice, rolled back once")
	assert.Contains(t, aws.ToString(w.Service().TaskDefinition), "web:1")
	assert.EqualValues(t, 3, w.Service().RunningCount)
}

func TestADeploymentThatEndedByItselfIsNotStopped(t *testing.T) {
	w := newWorld(t)
	rollout := w.rollout()
	got := w.apply(fleet.Action{Kind: fleet.StopDeployment, Rollout: rollout})
	assert.Equal(t, fleet.Result{Status: fleet.Skipped, Text: "ECS already ended the deployment"}, got)
	assert.Equal(t, 1, w.made("StopServiceDeployment"))
}

func TestCallsThatFailAreFaults(t *testing.T) {
	for name, c := range map[string]struct {
		operation string
		action    fleet.Action
	}{
		"while the service is read":      {"DescribeServices", fleet.Action{Kind: fleet.SetDesired, To: 5}},
		"while the count is set":         {"UpdateService", fleet.Action{Kind: fleet.SetDesired, To: 5}},
		"while a deployment is stopped":  {"StopServiceDeployment", fleet.Action{Kind: fleet.StopDeployment, Rollout: "x"}},
		"while a definition is read":     {"DescribeTaskDefinition", fleet.Action{Kind: fleet.RunRevision, TaskDefinition: "web:1"}},
		"while a revision is registered": {"RegisterTaskDefinition", fleet.Action{Kind: fleet.RunRevision, TaskDefinition: "web:1", Images: pin("app", "sha256:1")}},
		"while the service is updated":   {"UpdateService", fleet.Action{Kind: fleet.RunRevision, TaskDefinition: "web:1", Images: pin("app", "sha256:1")}},
		"while providers are set":        {"UpdateService", fleet.Action{Kind: fleet.SetProviders, Providers: []fleet.ProviderWeight{{Provider: "FARGATE", Weight: 1}}}},
		"while a host is read":           {"DescribeContainerInstances", fleet.Action{Kind: fleet.DrainHost, Host: "h1"}},
		"while a task is read":           {"DescribeTasks", fleet.Action{Kind: fleet.StopTask, Task: "t1"}},
		"while a probe is run":           {"RunTask", fleet.Action{Kind: fleet.RunProbe, TaskDefinition: "web:1"}},
		"while a probe is pinned":        {"RegisterTaskDefinition", fleet.Action{Kind: fleet.RunProbe, TaskDefinition: "web:1", Images: pin("app", "sha256:1")}},
		"while a deployment is read":     {"DescribeServiceDeployments", fleet.Action{Kind: fleet.ContinueDeployment, Rollout: "x", Hook: "h1"}},
	} {
		t.Run(name+" AWS throttles", func(t *testing.T) {
			w := newWorld(t)
			w.Sim.SetThrottle("ecs", c.operation, 1)
			_, err := w.Apply(t.Context(), fixture.Web(), c.action)
			require.Error(t, err)
			assert.Equal(t, fault.Retry, fault.ClassOf(err))
			assert.Equal(t, "throttled", fault.CodeOf(err))
		})
	}
	t.Run("an action that nobody knows is terminal", func(t *testing.T) {
		_, err := newWorld(t).Apply(t.Context(), fixture.Web(), fleet.Action{Kind: "dance"})
		require.EqualError(t, err, `the action "dance" is not known`)
		assert.Equal(t, fault.Terminal, fault.ClassOf(err))
	})
	t.Run("a revision that does not exist is terminal", func(t *testing.T) {
		_, err := newWorld(t).Apply(t.Context(), fixture.Web(), fleet.Action{Kind: fleet.RunRevision, TaskDefinition: "web:99"})
		assert.Equal(t, fault.Terminal, fault.ClassOf(err))
	})
	t.Run("a deployment that does not exist is terminal", func(t *testing.T) {
		_, err := newWorld(t).Apply(t.Context(), fixture.Web(), fleet.Action{
			Kind: fleet.StopDeployment, Rollout: "arn:aws:ecs:eu-central-1:123456789012:service-deployment/shop/web/none",
		})
		assert.Equal(t, fault.Terminal, fault.ClassOf(err))
	})
}

func pin(container, digest string) []fleet.ContainerImage {
	return []fleet.ContainerImage{{Name: container, Image: fleet.Image{Repository: "web", Digest: digest}}}
}
