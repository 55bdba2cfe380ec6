package act_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/fault"
	"homeostat/shared/fleet"
)

func hook(status string) string {
	return `{"serviceDeployments": [{"lifecycleHookDetails": [{"hookId": "old", "status": "SUCCEEDED"}, {"hookId": "h1", "status": "` + status + `"}]}]}`
}

func TestAHookIsAnswered(t *testing.T) {
	for name, c := range map[string]struct {
		back   bool
		answer string
		text   string
	}{
		"on":   {false, "CONTINUE", "the deployment goes on"},
		"back": {true, "ROLLBACK", "the deployment goes back"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			a := w.answer(map[string]string{"DescribeServiceDeployments": hook("AWAITING_ACTION"), "ContinueServiceDeployment": `{}`})
			got := w.apply(fleet.Action{Kind: fleet.ContinueDeployment, Rollout: "arn:rollout", Hook: "h1", RollBack: c.back})
			assert.Equal(t, fleet.Result{Status: fleet.Done, Text: c.text}, got)
			assert.Equal(t, []map[string]any{{"serviceDeploymentArn": "arn:rollout", "hookId": "h1", "action": c.answer}}, a.asked["ContinueServiceDeployment"])
		})
	}
}

func TestAHookThatDoesNotWaitIsNotAnswered(t *testing.T) {
	for name, c := range map[string]struct{ described, text string }{
		"somebody has answered":       {hook("SUCCEEDED"), "the hook waits no more, it is SUCCEEDED"},
		"its time is over":            {hook("TIMED_OUT"), "the hook waits no more, it is TIMED_OUT"},
		"the deployment has gone on":  {`{"serviceDeployments": [{}]}`, "the deployment does not wait at this hook any more"},
		"the deployment is not there": {`{"failures": [{"reason": "MISSING"}]}`, "the deployment is gone"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			a := w.answer(map[string]string{"DescribeServiceDeployments": c.described})
			got := w.apply(fleet.Action{Kind: fleet.ContinueDeployment, Rollout: "arn:rollout", Hook: "h1"})
			assert.Equal(t, fleet.Result{Status: fleet.Skipped, Text: c.text}, got)
			assert.Empty(t, a.asked["ContinueServiceDeployment"])
		})
	}
}

func TestAHookThatIsAnsweredMeanwhileIsSkipped(t *testing.T) {
	w := newWorld(t)
	a := fleet.Action{Kind: fleet.ContinueDeployment, Rollout: "arn:rollout", Hook: "h1"}
	w.answer(map[string]string{
		"DescribeServiceDeployments": hook("AWAITING_ACTION"), "ContinueServiceDeployment": `{"__type": "ConflictException", "message": "no"}`,
	})
	assert.Equal(t, fleet.Result{Status: fleet.Skipped, Text: "the hook was answered meanwhile"}, w.apply(a))
	w.answer(map[string]string{
		"DescribeServiceDeployments": hook("AWAITING_ACTION"), "ContinueServiceDeployment": `{"__type": "AccessDeniedException", "message": "no"}`,
	})
	_, err := w.Apply(t.Context(), web(), a)
	require.Error(t, err)
	assert.Equal(t, fault.Denied, fault.CodeOf(err))
}
