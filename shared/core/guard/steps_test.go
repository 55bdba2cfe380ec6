package guard_test

import (
	"testing"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/guard"
	"homeostat/shared/core/policy"

	"github.com/stretchr/testify/assert"
)

func TestAChangeIsMadeInStepsThatThePolicyPermits(t *testing.T) {
	for name, c := range map[string]struct {
		from, wanted, to int
		policy           policy.Scaling
		min, max         int
		reasons          []string
	}{
		"without limits at once":               {10, 2, 2, policy.Scaling{RateIn: 1}, 1, 20, nil},
		"a share of the tasks":                 {10, 2, 5, policy.Scaling{RateIn: 0.5}, 1, 20, []string{"clamped-to-rate"}},
		"of few tasks one at least":            {2, 1, 1, policy.Scaling{RateIn: 0.1}, 1, 20, nil},
		"so many out":                          {2, 12, 6, policy.Scaling{StepOut: 4}, 1, 20, []string{"clamped-to-step"}},
		"so many in":                           {12, 2, 9, policy.Scaling{StepIn: 3}, 1, 20, []string{"clamped-to-step"}},
		"the smaller of step and share":        {12, 2, 9, policy.Scaling{StepIn: 3, RateIn: 0.5}, 1, 20, []string{"clamped-to-step"}},
		"a maximum that was lowered at once":   {12, 2, 4, policy.Scaling{RateIn: 0.5}, 1, 4, []string{"clamped-to-rate"}},
		"a minimum that was raised at once":    {2, 9, 8, policy.Scaling{StepOut: 1}, 8, 20, []string{"clamped-to-step"}},
		"nothing to do needs no tasks at once": {10, 0, 0, policy.Scaling{RateIn: 0.5, StepIn: 2, ToZero: 1}, 0, 20, nil},
	} {
		t.Run(name, func(t *testing.T) {
			kind := fleet.ScaleOut
			if c.wanted < c.from {
				kind = fleet.ScaleIn
			}
			verdict := guard.Review(guard.Input{
				Decision: fleet.Decision{Kind: kind, Action: &fleet.Action{Kind: fleet.SetDesired, Intent: "test", From: c.from, To: c.wanted}},
				Policy: policy.Effective{
					Enrolled: true, Mode: policy.Act, Min: c.min, Max: c.max, ActionsPerHour: 9,
					Scaling: withBudget(c.policy),
				},
				Snapshot: fleet.Snapshot{Found: true, Desired: c.from},
			})
			assert.Equal(t, fleet.Act, verdict.Outcome)
			assert.Equal(t, c.to, verdict.Action.To)
			var optional []string
			for _, r := range verdict.Reasons {
				optional = append(optional, string(r.Name))
			}
			assert.Equal(t, c.reasons, optional)
		})
	}
}

func withBudget(s policy.Scaling) policy.Scaling {
	s.ChangesPerHour = 60
	return s
}
