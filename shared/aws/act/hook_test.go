package act_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/aws/act"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/simtest/fixture"
)

func hook(status string) string {
	return `{"serviceDeployments": [{"status": "IN_PROGRESS", "lifecycleHookDetails": [{"hookId": "old", "status": "SUCCEEDED"}, {"hookId": "h1", "status": "` + status + `"}]}]}`
}

// paused rolls out a revision that waits at a hook, and returns the names of both.
func (w *world) paused() (rollout, hook string) {
	_, err := w.Sim.CreateService(ecssim.ServiceSpec{
		Cluster: "shop", Name: "paused", TaskDefinition: "web:1", Desired: 2,
		Shift: &ecssim.ShiftSpec{Strategy: "BLUE_GREEN", PauseAt: []string{"POST_TEST_TRAFFIC_SHIFT"}}, LoadBalanced: true,
	})
	require.NoError(w.t, err)
	w.Run(10 * time.Minute)
	second := w.define("v2", ecssim.Behaviour{})
	_, err = w.Client.UpdateService(w.t.Context(), &ecs.UpdateServiceInput{
		Cluster: aws.String("shop"), Service: aws.String("paused"), TaskDefinition: &second,
	})
	require.NoError(w.t, err)
	w.Run(20 * time.Minute)
	d := w.shifting()
	require.Len(w.t, d.LifecycleHookDetails, 1)
	return aws.ToString(d.ServiceDeploymentArn), aws.ToString(d.LifecycleHookDetails[0].HookId)
}

// shifting returns the newest service deployment of the pausing service.
func (w *world) shifting() ecstypes.ServiceDeployment {
	list, err := w.Client.ListServiceDeployments(w.t.Context(), &ecs.ListServiceDeploymentsInput{Cluster: aws.String("shop"), Service: aws.String("paused")})
	require.NoError(w.t, err)
	require.NotEmpty(w.t, list.ServiceDeployments)
	out, err := w.Client.DescribeServiceDeployments(w.t.Context(), &ecs.DescribeServiceDeploymentsInput{
		ServiceDeploymentArns: []string{aws.ToString(list.ServiceDeployments[0].ServiceDeploymentArn)},
	})
	require.NoError(w.t, err)
	return out.ServiceDeployments[0]
}

func TestAHookIsAnsweredOnce(t *testing.T) {
	for name, c := range map[string]struct {
		back                bool
		text, hook, outcome string
	}{
		"on":   {false, "the deployment continues", "SUCCEEDED", "SUCCESSFUL"},
		"back": {true, "the deployment rolls back", "FAILED", "ROLLBACK_SUCCESSFUL"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			rollout, hook := w.paused()
			ref := fixture.Ref("paused")
			a := fleet.Action{Kind: fleet.ContinueDeployment, Rollout: rollout, Hook: hook, RollBack: c.back}
			got, err := w.Apply(t.Context(), ref, a)
			require.NoError(t, err)
			assert.Equal(t, fleet.Result{Status: fleet.Done, Text: c.text}, got)
			got, err = w.Apply(t.Context(), ref, a)
			require.NoError(t, err)
			assert.Equal(t, fleet.Skipped, got.Status, got.Text)
			assert.Equal(t, 1, w.made("ContinueServiceDeployment"))
			w.Run(30 * time.Minute)
			d := w.shifting()
			assert.EqualValues(t, c.outcome, d.Status)
			assert.EqualValues(t, c.hook, d.LifecycleHookDetails[0].Status)
		})
	}
}

func TestAHookThatDoesNotWaitIsNotAnswered(t *testing.T) {
	for name, c := range map[string]struct{ described, text string }{
		"somebody has answered":      {hook("SUCCEEDED"), "the hook no longer waits, its status is SUCCEEDED"},
		"its time is over":           {hook("TIMED_OUT"), "the hook no longer waits, its status is TIMED_OUT"},
		"the deployment has gone on": {`{"serviceDeployments": [{"status": "IN_PROGRESS"}]}`, "the deployment does not wait at this hook any more"},
		"somebody has stopped the deployment": {
			strings.Replace(hook("AWAITING_ACTION"), "IN_PROGRESS", "ROLLBACK_REQUESTED", 1), "the deployment no longer waits, its status is ROLLBACK_REQUESTED",
		},
		"the deployment is not there": {`{"failures": [{"reason": "MISSING"}]}`, "the deployment is gone"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			a := w.answer(map[string]string{"DescribeServiceDeployments": c.described})
			got := w.apply(fleet.Action{Kind: fleet.ContinueDeployment, Rollout: "arn:rollout", Hook: "h1"})
			assert.Equal(t, fleet.Result{Status: fleet.Skipped, Text: c.text}, got)
			assert.Empty(t, a.Sent["ContinueServiceDeployment"])
		})
	}
}

// answeredECS is a simulated ECS with a hook that another client answers just
// before.
type answeredECS struct{ act.ECS }

func (l answeredECS) ContinueServiceDeployment(ctx context.Context, in *ecs.ContinueServiceDeploymentInput, o ...func(*ecs.Options)) (*ecs.ContinueServiceDeploymentOutput, error) {
	if _, err := l.ECS.ContinueServiceDeployment(ctx, in, o...); err != nil {
		return nil, err
	}
	return l.ECS.ContinueServiceDeployment(ctx, in, o...)
}

func TestAHookAnsweredInTheMeantimeIsSkipped(t *testing.T) {
	w := newWorld(t)
	rollout, id := w.paused()
	ref := fixture.Ref("paused")
	w.ECS = answeredECS{w.Client}
	got, err := w.Apply(t.Context(), ref, fleet.Action{Kind: fleet.ContinueDeployment, Rollout: rollout, Hook: id})
	require.NoError(t, err)
	assert.Equal(t, fleet.Result{Status: fleet.Skipped, Text: "the hook no longer waits, its status is SUCCEEDED"}, got)
}

func TestAHookThatWeMayNotAnswerIsAFault(t *testing.T) {
	w := newWorld(t)
	w.answer(map[string]string{
		"DescribeServiceDeployments": hook("AWAITING_ACTION"), "ContinueServiceDeployment": `{"__type": "AccessDeniedException", "message": "no"}`,
	})
	_, err := w.Apply(t.Context(), fixture.Web(), fleet.Action{Kind: fleet.ContinueDeployment, Rollout: "arn:rollout", Hook: "h1"})
	require.Error(t, err)
	assert.Equal(t, fault.Denied, fault.CodeOf(err))
}
