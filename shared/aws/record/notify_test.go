package record_test

import (
	"strings"
	"testing"

	"homeostat/shared/aws/record"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/ecssim/bus"
	"homeostat/shared/sim/simtest"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// published returns the notifications about episodes, as the topic received them.
func published(t *testing.T, episodes ...fleet.Episode) []bus.Notification {
	t.Helper()
	sim := ecssim.New(ecssim.Config{})
	b := bus.New(sim, 1)
	bus.Register(sim.Server(), b, bus.Identity{Account: fixture.Account, Region: fixture.Region, Partition: "aws"})
	n := record.Notifier{SNS: sns.NewFromConfig(simtest.ConfigOf(sim)), Topic: b.AddTopic("operators")}
	for _, e := range episodes {
		require.NoError(t, n.Notify(t.Context(), e))
	}
	return b.Published()
}

func TestANotificationClaimsOnlyTheResultOfItsAction(t *testing.T) {
	rollback := fleet.Decision{
		Kind: fleet.RollBack, Notify: "web:7: 3 of 3 tasks failed. Rollback to web:6.", Action: &fleet.Action{Kind: fleet.StopDeployment},
		Reasons: []fleet.Reason{{Name: "bad-revision", Text: "web:7: 3 of 3 tasks failed", Detail: "evidence 12364 : 1"}},
	}
	alert := fleet.Decision{Kind: fleet.Notify, Notify: rollback.Notify, Reasons: rollback.Reasons}
	for name, c := range map[string]struct {
		decision fleet.Decision
		outcome  fleet.Outcome
		result   fleet.Result
		line     string
	}{
		"an applied action":               {rollback, fleet.Act, fleet.Result{Status: fleet.Done}, "\nResult of rollback: done\n"},
		"an action that AWS refused":      {rollback, fleet.Act, fleet.Result{Status: fleet.Failed, Text: "access-denied"}, "\nResult of rollback: failed: access-denied\n"},
		"an action that was not needed":   {rollback, fleet.Act, fleet.Result{Status: fleet.Skipped, Text: "no deployment"}, "\nResult of rollback: skipped: no deployment\n"},
		"a proposed action":               {rollback, fleet.Propose, fleet.Result{}, "\nResult of rollback: proposed, not applied: an operator must approve it\n"},
		"an observed action":              {rollback, fleet.Observe, fleet.Result{}, "\nResult of rollback: not applied: the mode is observe\n"},
		"a suppressed action":             {rollback, fleet.Hold, fleet.Result{}, "\nResult of rollback: not applied: suppressed\n"},
		"an alert about no action at all": {alert, fleet.Idle, fleet.Result{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			sent := published(t, fleet.Episode{
				ID: "e-1", Ref: fixture.Web(), Decision: c.decision, Result: c.result,
				Verdict: fleet.Verdict{Outcome: c.outcome, Reasons: []fleet.Reason{{Name: "mode", Text: "as the tag says"}}},
			})
			require.Len(t, sent, 1)
			assert.Equal(t, "homeostat: shop/web "+string(c.decision.Kind), sent[0].Subject)
			assert.Equal(t, "web:7: 3 of 3 tasks failed. Rollback to web:6.\n"+c.line+
				"\n- bad-revision: web:7: 3 of 3 tasks failed; evidence 12364 : 1\n- mode: as the tag says\n\nepisode e-1", sent[0].Message)
		})
	}
}

func TestAnEpisodeWithoutAnAlertIsNotPublished(t *testing.T) {
	assert.Empty(t, published(t, fleet.Episode{Ref: fixture.Web(), Decision: fleet.Decision{Kind: fleet.ScaleOut}}))
}

func TestALongNameOfAServiceIsCutInTheSubject(t *testing.T) {
	sent := published(t, fleet.Episode{Ref: fixture.Ref(strings.Repeat("w", 120)), Decision: fleet.Decision{Kind: fleet.Notify, Notify: "web fails."}})
	require.Len(t, sent, 1)
	assert.Len(t, sent[0].Subject, 100, "the maximum of SNS")
}
