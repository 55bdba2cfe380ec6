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
		subject  string
		line     string
	}{
		"an applied action":               {rollback, fleet.Act, fleet.Result{Status: fleet.Done}, "rolled back", "\nResult of rollback: done\n"},
		"an action that AWS refused":      {rollback, fleet.Act, fleet.Result{Status: fleet.Failed, Text: "access-denied"}, "NOT rolled back", "\nResult of rollback: failed: access-denied\n"},
		"an action that was not needed":   {rollback, fleet.Act, fleet.Result{Status: fleet.Skipped, Text: "no deployment"}, "skipped: roll back", "\nResult of rollback: skipped: no deployment\n"},
		"a proposed action":               {rollback, fleet.Propose, fleet.Result{}, "approval needed: roll back", "\nResult of rollback: proposed, not applied: an operator must approve it\n"},
		"an observed action":              {rollback, fleet.Observe, fleet.Result{}, "would roll back", "\nResult of rollback: not applied: the mode is observe\n"},
		"a suppressed action":             {rollback, fleet.Hold, fleet.Result{}, "suppressed: roll back", "\nResult of rollback: not applied: suppressed\n"},
		"an alert about no action at all": {alert, fleet.Idle, fleet.Result{}, "alert", ""},
	} {
		t.Run(name, func(t *testing.T) {
			sent := published(t, fleet.Episode{
				ID: "e-1", Ref: fixture.Web(), Decision: c.decision, Result: c.result,
				Verdict: fleet.Verdict{Outcome: c.outcome, Reasons: []fleet.Reason{{Name: "mode", Text: "as the tag says"}}},
			})
			require.Len(t, sent, 1)
			assert.Equal(t, "homeostat: shop/web: "+c.subject, sent[0].Subject)
			assert.Equal(t, "web:7: 3 of 3 tasks failed. Rollback to web:6.\n"+c.line+
				"\n- bad-revision: web:7: 3 of 3 tasks failed; evidence 12364 : 1\n- mode: as the tag says\n\nepisode e-1", sent[0].Message)
		})
	}
}

// No subject claims an action that is not done, of any kind, outcome and result.
func TestNoSubjectClaimsWhatDidNotHappen(t *testing.T) {
	for _, kind := range fleet.DecisionKinds() {
		episode := func(outcome fleet.Outcome, status string) fleet.Episode {
			return fleet.Episode{
				Ref: fixture.Web(), Decision: fleet.Decision{Kind: kind, Notify: "text", Action: &fleet.Action{Kind: fleet.SetDesired}},
				Verdict: fleet.Verdict{Outcome: outcome}, Result: fleet.Result{Status: status},
			}
		}
		done := published(t, episode(fleet.Act, fleet.Done))[0].Subject
		for _, outcome := range fleet.Outcomes() {
			for _, status := range append(fleet.Statuses(), "") {
				if status == fleet.Done {
					continue
				}
				got := published(t, episode(outcome, status))[0].Subject
				assert.NotEqual(t, done, got, "%s, %s, %q", kind, outcome, status)
				assert.NotContains(t, strings.ReplaceAll(got, "NOT ", "NOT-"), " "+strings.TrimPrefix(done, "homeostat: shop/web: "), "%s, %s, %q", kind, outcome, status)
			}
		}
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
