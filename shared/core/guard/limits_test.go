package guard_test

import (
	"testing"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/guard"
	"homeostat/shared/core/policy"
	"homeostat/shared/core/reason"
	"homeostat/shared/sim/simtest/fixture"
)

func registered(low, high int) change {
	return func(in *guard.Input) { in.Snapshot.Scaling = fleet.Scaling{Registered: true, Min: low, Max: high} }
}

func TestTheCountStaysWithinItsBoundsAndEveryClampHasAReason(t *testing.T) {
	clamped := func(r reviewed, name reason.Name, text string) reviewed {
		r.reasons = append(because(name, text), r.reasons...)
		return r
	}
	check(t, map[string]reviewed{
		"within the bounds nothing is cut": passes(5, deciding(scaling(fleet.ScaleOut, 2, 5))),
		"above the policy's maximum": clamped(passes(5, deciding(scaling(fleet.ScaleOut, 2, 9))),
			"clamped-to-max", "desired count 9 cut to 5: maximum of the policy"),
		"below the policy's minimum": clamped(passes(2, deciding(scaling(fleet.ScaleIn, 4, 1)), func(in *guard.Input) { in.Policy.Min = 2 }),
			"clamped-to-min", "desired count 1 raised to 2: minimum of the policy"),
		"above the maximum of AWS": clamped(passes(4, deciding(scaling(fleet.ScaleOut, 2, 9)), registered(0, 4)),
			"clamped-to-max", "desired count 9 cut to 4: maximum of Application Auto Scaling"),
		"below the minimum of AWS": clamped(passes(3, deciding(scaling(fleet.ScaleIn, 4, 1)), registered(3, 9)),
			"clamped-to-min", "desired count 1 raised to 3: minimum of Application Auto Scaling"),
		"wider bounds of AWS widen nothing": clamped(passes(5, deciding(scaling(fleet.ScaleOut, 2, 9)), registered(0, 100)),
			"clamped-to-max", "desired count 9 cut to 5: maximum of the policy"),
		"bounds that AWS does not hold are none": passes(5, deciding(scaling(fleet.ScaleOut, 2, 5)),
			func(in *guard.Input) { in.Snapshot.Scaling = fleet.Scaling{Min: 9, Max: 1} }),
		"bounds that exclude each other": held(3, "bounds-conflict", "minimum 8 of Application Auto Scaling is above maximum 5 of the policy", registered(8, 9)),
		"at the maximum already": clamped(held(5, "at-bound", "desired count is already at the bound of 5", deciding(scaling(fleet.ScaleOut, 5, 9))),
			"clamped-to-max", "desired count 9 cut to 5: maximum of the policy"),
		"at the minimum already": clamped(held(1, "at-bound", "desired count is already at the bound of 1", deciding(scaling(fleet.ScaleIn, 1, 0))),
			"clamped-to-min", "desired count 0 raised to 1: minimum of the policy"),
		"a person's count above the maximum is left alone": clamped(
			held(5, "outside-bounds", "desired count 7 was set outside of the bounds elsewhere and is not changed", deciding(scaling(fleet.ScaleOut, 7, 9))),
			"clamped-to-max", "desired count 9 cut to 5: maximum of the policy"),
		"a person's count below the minimum is left alone": clamped(
			held(3, "outside-bounds", "desired count 2 was set outside of the bounds elsewhere and is not changed",
				deciding(scaling(fleet.ScaleIn, 2, 1)), func(in *guard.Input) { in.Policy.Min = 3 }),
			"clamped-to-min", "desired count 1 raised to 3: minimum of the policy"),
		"a revision has no count": passes(0, deciding(running(fleet.Redeploy)), registered(8, 9)),
	})
}

func TestTheCountIsAtLeastTheProtectedTasks(t *testing.T) {
	protected := func(n float64) change {
		return func(in *guard.Input) { in.Snapshot.Protected = fleet.Known(n, fixture.Noon(), "GetTaskProtection") }
	}
	unread := func(in *guard.Input) { in.Snapshot.Protected = fleet.Unknown("denied") }
	in := deciding(scaling(fleet.ScaleIn, 5, 3))
	raised := passes(4, in, protected(4))
	raised.reasons = because("clamped-to-protected", "desired count 3 raised to 4: tasks protected against scale-in")
	check(t, map[string]reviewed{
		"some of them":              raised,
		"as many as are wanted":     passes(3, in, protected(3)),
		"none":                      passes(3, in, protected(0)),
		"all of them":               held(3, "tasks-protected", "5 tasks are protected against scale-in: desired count stays at 5", in, protected(5)),
		"more than there should be": held(3, "tasks-protected", "6 tasks are protected against scale-in: desired count stays at 5", in, protected(6)),
		"not known":                 held(3, "protection-unread", "number of protected tasks is unknown, no scale-in: denied", in, unread),
		"not asked yet":             passes(3, in),
		"a scale-out needs none":    passes(3, unread),
	})
}

func TestAChangeWaitsForTheCooldown(t *testing.T) {
	cooling := func(to int, text string, left time.Duration, given ...change) reviewed {
		r := held(to, "cooldown", text, given...)
		r.until = fixture.Noon().Add(left)
		return r
	}
	in := deciding(scaling(fleet.ScaleIn, 4, 2))
	check(t, map[string]reviewed{
		"out soon after out":                   cooling(3, "cooldown of 1m0s: 1s left after the last scale-out", time.Second, did(past(fleet.ScaleOut, 59*time.Second))),
		"out a minute after out":               passes(3, did(past(fleet.ScaleOut, time.Minute))),
		"out soon after in":                    passes(3, did(past(fleet.ScaleIn, time.Second))),
		"in soon after out":                    cooling(2, "cooldown of 5m0s: 4m0s left after the last scale-out", 4*time.Minute, in, did(past(fleet.ScaleOut, time.Minute))),
		"in soon after in":                     cooling(2, "cooldown of 5m0s: 4m0s left after the last scale-in", 4*time.Minute, in, did(past(fleet.ScaleIn, time.Minute))),
		"in soon after a redeploy":             cooling(2, "cooldown of 5m0s: 4m0s left after the last redeploy", 4*time.Minute, in, did(past(fleet.Redeploy, time.Minute))),
		"in soon after a rollback":             cooling(2, "cooldown of 5m0s: 4m0s left after the last rollback", 4*time.Minute, in, did(past(fleet.RollBack, time.Minute))),
		"in five minutes after out":            passes(2, in, did(past(fleet.ScaleOut, 5*time.Minute))),
		"what failed needs no pause":           passes(3, did(fleet.PastAction{Kind: fleet.ScaleOut, At: fixture.Noon(), Status: fleet.Failed})),
		"a rollback waits for nothing":         passes(0, deciding(running(fleet.RollBack)), did(past(fleet.ScaleOut, time.Second))),
		"no pause where the policy wants none": passes(3, did(past(fleet.ScaleOut, 0)), func(in *guard.Input) { in.Policy.CooldownOut = 0 }),
	})
}

func TestByDefaultNoChangeWaitsForTheLast(t *testing.T) {
	byDefault := func(in *guard.Input) {
		e := policy.Default().For(in.Snapshot.Ref, nil, "")
		in.Policy.CooldownOut, in.Policy.CooldownIn = e.CooldownOut, e.CooldownIn
	}
	check(t, map[string]reviewed{
		"out right after out": passes(3, byDefault, did(past(fleet.ScaleOut, time.Second))),
		"in right after out":  passes(2, byDefault, did(past(fleet.ScaleOut, time.Second)), deciding(scaling(fleet.ScaleIn, 4, 2))),
	})
}

func TestFlappingSuppressesScaleIns(t *testing.T) {
	turns := []fleet.PastAction{
		past(fleet.ScaleOut, 29*time.Minute), past(fleet.ScaleIn, 20*time.Minute), past(fleet.Redeploy, 18*time.Minute),
		past(fleet.ScaleOut, 15*time.Minute), past(fleet.ScaleIn, 6*time.Minute),
	}
	old := append([]fleet.PastAction{past(fleet.ScaleOut, 30*time.Minute)}, turns[1:]...)
	failed := append([]fleet.PastAction(nil), turns...)
	failed[3].Status = fleet.Failed
	in := deciding(scaling(fleet.ScaleIn, 4, 2))
	check(t, map[string]reviewed{
		"after three changes of direction in half an hour no scale-in": held(2, "flapping", "desired count changed direction 3 times in 30 min", in, did(turns...)),
		"a scale-out is never held for that":                           passes(3, did(turns...)),
		"turns of longer ago do not count":                             passes(2, in, did(old...)),
		"turns that failed do not count":                               passes(2, in, did(failed...)),
	})
}

func TestAnHourHasABudget(t *testing.T) {
	actionsUsed := []fleet.PastAction{past(fleet.Redeploy, 59*time.Minute), past(fleet.GrowMemory, 58*time.Minute), past(fleet.Redeploy, 57*time.Minute)}
	redeploying, three := deciding(running(fleet.Redeploy)), func(in *guard.Input) { in.Policy.ActionsPerHour = 3 }
	text := "3 of 3 actions of the last hour are used"
	check(t, map[string]reviewed{
		"a redeploy beyond it waits": held(0, "budget-spent", text, three, did(actionsUsed...), redeploying),
		"a rollback stands outside":  passes(0, three, did(actionsUsed...), deciding(running(fleet.RollBack))),
		"so does a scale-out":        passes(3, three, did(actionsUsed...)),
		"and a scale-in":             passes(2, three, did(actionsUsed...), deciding(scaling(fleet.ScaleIn, 4, 2))),
		"rollbacks do not spend it":  passes(0, three, did(append(actionsUsed[1:], past(fleet.RollBack, 56*time.Minute))...), redeploying),
		"nor does scaling":           passes(0, three, did(append(actionsUsed[1:], past(fleet.ScaleOut, 56*time.Minute), past(fleet.ScaleIn, 50*time.Minute))...), redeploying),
		"an hour later it is whole":  passes(0, three, did(append([]fleet.PastAction{past(fleet.Redeploy, time.Hour)}, actionsUsed[1:]...)...), redeploying),
		"what failed does not spend it": passes(0, three, did(append(append([]fleet.PastAction(nil), actionsUsed[1:]...),
			fleet.PastAction{Kind: fleet.Redeploy, At: ago(30 * time.Minute), Status: fleet.Failed})...), redeploying),
		"a budget of none allows none": held(0, "budget-spent", "0 of 0 actions of the last hour are used", func(in *guard.Input) { in.Policy.ActionsPerHour = 0 }, redeploying),
	})
}

func TestTheBudgetOfChangesNeverSuppressesAScaleOut(t *testing.T) {
	actionsUsed := []fleet.PastAction{past(fleet.ScaleOut, 59*time.Minute), past(fleet.ScaleOut, 58*time.Minute), past(fleet.ScaleIn, 57*time.Minute)}
	in, three := deciding(scaling(fleet.ScaleIn, 4, 2)), func(in *guard.Input) { in.Policy.ChangesPerHour = 3 }
	text := "3 of 3 changes of the desired count in the last hour are used"
	check(t, map[string]reviewed{
		"a scale-in beyond it waits":    held(2, "budget-spent", text, three, did(actionsUsed...), in),
		"a scale-out goes on":           passes(3, three, did(actionsUsed...)),
		"a redeploy too":                passes(0, three, did(actionsUsed...), deciding(running(fleet.Redeploy))),
		"what else is done spends none": passes(2, three, did(append(actionsUsed[1:], past(fleet.Redeploy, 56*time.Minute), past(fleet.RollBack, 55*time.Minute))...), in),
		"an hour later it is whole":     passes(2, three, did(append([]fleet.PastAction{past(fleet.ScaleOut, time.Hour)}, actionsUsed[1:]...)...), in),
		"what failed does not spend it": passes(2, three, did(append(append([]fleet.PastAction(nil), actionsUsed[1:]...),
			fleet.PastAction{Kind: fleet.ScaleIn, At: ago(30 * time.Minute), Status: fleet.Failed})...), in),
		"a budget of none allows no scale-in": held(2, "budget-spent", "0 of 0 changes of the desired count in the last hour are used",
			func(in *guard.Input) { in.Policy.ChangesPerHour = 0 }, in),
		"and lets out": passes(3, func(in *guard.Input) { in.Policy.ChangesPerHour = 0 }),
	})
}

func TestTheFirstSuppressingRuleGivesTheReason(t *testing.T) {
	frozen := func(in *guard.Input) { in.Freezes = []fleet.Freeze{{Scope: "account", Frozen: true}} }
	broke := func(in *guard.Input) { in.Policy.ChangesPerHour = 0 }
	in, hot := deciding(scaling(fleet.ScaleIn, 4, 2)), did(past(fleet.ScaleOut, time.Second))
	cooling := held(2, "cooldown", "cooldown of 5m0s: 4m59s left after the last scale-out", in, broke, hot)
	cooling.until = fixture.Noon().Add(5*time.Minute - time.Second)
	check(t, map[string]reviewed{
		"the mode comes before a freeze":   held(3, "mode-off", "the service is off (tag homeostat:mode)", tagged("off", ""), frozen, broke),
		"a freeze comes before a pause":    held(3, "frozen", "account is frozen", frozen, hot, broke),
		"a pause comes before the budget":  cooling,
		"without it the budget suppresses": held(2, "budget-spent", "0 of 0 changes of the desired count in the last hour are used", in, broke),
		"the rules come before the mode":   held(3, "frozen", "account is frozen", frozen, tagged("observe", "")),
	})
}
