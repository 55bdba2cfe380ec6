package guard_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/guard"
	"homeostat/shared/core/policy"
	"homeostat/shared/sim/simtest/fixture"
)

func anyDecision(t *rapid.T) fleet.Decision {
	kind := rapid.SampledFrom([]fleet.DecisionKind{fleet.ScaleOut, fleet.ScaleIn, fleet.RollBack, fleet.Redeploy}).Draw(t, "kind")
	if kind == fleet.RollBack || kind == fleet.Redeploy {
		return running(kind)
	}
	d := scaling(kind, rapid.IntRange(0, 12).Draw(t, "from"), rapid.IntRange(-1, 20).Draw(t, "to"))
	if rapid.Bool().Draw(t, "nothing") {
		d.Action = nil
	}
	return d
}

func anyInput(t *rapid.T) guard.Input {
	in := input()
	in.Decision = anyDecision(t)
	in.Trigger.Kind = rapid.SampledFrom([]fleet.TriggerKind{fleet.AlarmChanged, fleet.ServiceAction, fleet.DeploymentStarted, fleet.Tick}).Draw(t, "trigger")
	in.Policy = policy.Effective{
		Enrolled: rapid.IntRange(0, 4).Draw(t, "enrolled") > 0,
		Mode:     rapid.SampledFrom([]policy.Mode{policy.Act, policy.Act, policy.Act, policy.Propose, policy.Observe, policy.Off, ""}).Draw(t, "mode"),
		Min:      rapid.IntRange(1, 5).Draw(t, "min"), Max: rapid.IntRange(1, 9).Draw(t, "max"),
		CooldownOut: time.Minute, CooldownIn: 5 * time.Minute, ActionsPerHour: rapid.IntRange(0, 12).Draw(t, "budget"),
		Scaling: policy.Scaling{ChangesPerHour: rapid.IntRange(0, 60).Draw(t, "changes")},
	}
	if rapid.Bool().Draw(t, "registered") {
		registered(rapid.IntRange(0, 5).Draw(t, "low"), rapid.IntRange(0, 9).Draw(t, "high"))(&in)
	}
	for range rapid.IntRange(0, 2).Draw(t, "switches") {
		in.Freezes = append(in.Freezes, fleet.Freeze{
			Scope: "account", Frozen: rapid.Bool().Draw(t, "frozen"),
			Until: rapid.SampledFrom([]time.Time{{}, ago(time.Second), fixture.Noon(), fixture.Noon().Add(time.Second)}).Draw(t, "until"),
		})
	}
	for range rapid.IntRange(0, 5).Draw(t, "past") {
		in.Memory.Actions = append(in.Memory.Actions, fleet.PastAction{
			Kind:   rapid.SampledFrom([]fleet.DecisionKind{fleet.ScaleOut, fleet.ScaleIn, fleet.RollBack, fleet.Redeploy}).Draw(t, "past kind"),
			Intent: rapid.SampledFrom([]string{"scale-out 1", "rollback 1", "other"}).Draw(t, "intent"),
			At:     ago(time.Duration(rapid.IntRange(0, 7200).Draw(t, "age")) * time.Second),
			Status: rapid.SampledFrom([]string{fleet.Done, fleet.Done, fleet.Skipped, fleet.Failed}).Draw(t, "status"),
		})
	}
	return in
}

func TestWhatMayBeDoneIsWithinBoundsEnrolledAndNotFrozen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput(t)
		verdict := guard.Review(in)
		assert.Equal(t, verdict.Outcome == fleet.Idle, in.Decision.Action == nil)
		if verdict.Outcome == fleet.Hold {
			assert.NotEmpty(t, verdict.Reasons, "a hold has a reason")
		}
		if verdict.Outcome != fleet.Act {
			return
		}
		assert.Equal(t, policy.Act, in.Policy.Mode)
		assert.True(t, in.Policy.Enrolled)
		for _, s := range in.Freezes {
			assert.False(t, s.Active(in.Now))
		}
		if a := verdict.Action; a.Kind == fleet.SetDesired {
			low, high := in.Policy.Min, in.Policy.Max
			if s := in.Snapshot.Scaling; s.Registered {
				low, high = max(low, s.Min), min(high, s.Max)
			}
			assert.GreaterOrEqual(t, a.To, low)
			assert.LessOrEqual(t, a.To, high)
			assert.Equal(t, in.Decision.Kind == fleet.ScaleOut, a.To > a.From, "the direction is the decision's")
			assert.NotEqual(t, a.From, a.To)
		}
	})
}

func TestReviewChangesNothingOfItsInput(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput(t)
		before, err := json.Marshal(in)
		require.NoError(t, err)
		first := guard.Review(in)
		after, err := json.Marshal(in)
		require.NoError(t, err)
		assert.JSONEq(t, string(before), string(after))
		assert.Equal(t, first, guard.Review(in), "the same input gives the same verdict")
		if first.Action != nil {
			assert.NotSame(t, in.Decision.Action, first.Action)
		}
	})
}
