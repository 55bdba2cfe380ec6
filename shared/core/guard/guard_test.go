package guard_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/guard"
	"homeostat/shared/core/policy"
	"homeostat/shared/core/reason"
	"homeostat/shared/sim/simtest/fixture"
)

func ago(d time.Duration) time.Time { return fixture.Noon().Add(-d) }

func scaling(kind fleet.DecisionKind, from, to int) fleet.Decision {
	return fleet.Decision{Kind: kind, Action: &fleet.Action{
		Kind: fleet.SetDesired, Intent: string(kind) + " 1", From: from, To: to, Expect: fleet.Expect{Desired: &from},
	}}
}

func running(kind fleet.DecisionKind) fleet.Decision {
	return fleet.Decision{Kind: kind, Action: &fleet.Action{Kind: fleet.RunRevision, Intent: string(kind) + " 1", TaskDefinition: "web:6"}}
}

// input returns a scale-out from two to three tasks of a service in mode act.
func input() guard.Input {
	ref := fixture.Web()
	rules := policy.Default().For(ref, map[string]string{contract.TagMode: "act"}, "")
	rules.CooldownOut, rules.CooldownIn = time.Minute, 5*time.Minute // set by a policy; by default there is none
	return guard.Input{
		Decision: scaling(fleet.ScaleOut, 2, 3), Trigger: fleet.Trigger{Kind: fleet.AlarmChanged}, Now: fixture.Noon(),
		Policy:   rules,
		Snapshot: fleet.Snapshot{Ref: ref, Found: true},
	}
}

func past(kind fleet.DecisionKind, age time.Duration) fleet.PastAction {
	return fleet.PastAction{Kind: kind, Intent: "past", At: ago(age), Status: fleet.Done}
}

type change = func(*guard.Input)

func deciding(d fleet.Decision) change { return func(in *guard.Input) { in.Decision = d } }

func did(actions ...fleet.PastAction) change {
	return func(in *guard.Input) { in.Memory.Actions = actions }
}

// reviewed is the whole verdict on input() after the changes. to is the final count
// of the action; 0 for an action without a count.
type reviewed struct {
	given   []change
	outcome fleet.Outcome
	reasons []fleet.Reason
	to      int
	until   time.Time
}

func because(name reason.Name, text string) []fleet.Reason {
	return []fleet.Reason{{Name: name, Text: text}}
}

func check(t *testing.T, cases map[string]reviewed) {
	t.Helper()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			in := input()
			for _, f := range c.given {
				f(&in)
			}
			want := *in.Decision.Action
			want.To = c.to
			assert.Equal(t, fleet.Verdict{Outcome: c.outcome, Reasons: c.reasons, Action: &want, Until: c.until}, guard.Review(in))
		})
	}
}

func held(to int, name reason.Name, text string, given ...change) reviewed {
	return reviewed{given: given, outcome: fleet.Hold, reasons: because(name, text), to: to}
}

func passes(to int, given ...change) reviewed {
	return reviewed{given: given, outcome: fleet.Act, to: to}
}

func TestADecisionWithoutAnActionIsIdle(t *testing.T) {
	in := input()
	in.Decision = fleet.Decision{Kind: fleet.Notify, Notify: "look"}
	assert.Equal(t, fleet.Verdict{Outcome: fleet.Idle}, guard.Review(in))
}

func tagged(mode string, limit policy.Mode) change {
	return func(in *guard.Input) {
		tags := map[string]string{contract.TagMode: mode}
		if mode == "none" {
			tags = nil
		}
		in.Policy = policy.Default().For(in.Snapshot.Ref, tags, limit)
	}
}

func TestTheModeLimitsTheOutcome(t *testing.T) {
	byMode := func(outcome fleet.Outcome, name reason.Name, text string, given ...change) reviewed {
		return reviewed{given: given, outcome: outcome, reasons: because(name, text), to: 3}
	}
	check(t, map[string]reviewed{
		"act acts":                  passes(3),
		"observe touches nothing":   byMode(fleet.Observe, "mode-observe", "mode observe (tag homeostat:mode): no change is made", tagged("observe", "")),
		"propose asks a person":     byMode(fleet.Propose, "mode-propose", "mode propose (tag homeostat:mode): no change is made", tagged("propose", "")),
		"the policy's mode holds":   byMode(fleet.Observe, "mode-observe", "mode observe (policy): no change is made", tagged("", "")),
		"a limit caps the tag":      byMode(fleet.Observe, "mode-observe", "mode observe (HOMEOSTAT_MODE): no change is made", tagged("act", policy.Observe)),
		"off is off":                held(3, "mode-off", "the service is off (tag homeostat:mode)", tagged("off", "")),
		"no tag is off":             held(3, "mode-off", "the service is off (no tag homeostat:mode)", tagged("none", "")),
		"an unknown word is off":    held(3, "mode-off", `the service is off (tag homeostat:mode has the unknown value "Act")`, tagged("Act", "")),
		"no policy is off":          held(3, "mode-off", "the service is off ()", func(in *guard.Input) { in.Policy = policy.Effective{} }),
		"act without a tag is off":  held(3, "mode-off", "the service is off (x)", func(in *guard.Input) { in.Policy.Enrolled, in.Policy.ModeOrigin = false, "x" }),
		"an unknown mode only sees": byMode(fleet.Observe, "mode-observe", "mode x (y): no change is made", func(in *guard.Input) { in.Policy.Mode, in.Policy.ModeOrigin = "x", "y" }),
	})
}

func TestAServiceOfAnotherControllerIsNotChanged(t *testing.T) {
	by := func(controller string) change { return func(in *guard.Input) { in.Snapshot.Controller = controller } }
	check(t, map[string]reviewed{
		"CodeDeploy's":             held(3, "unsupported-controller", "deployments belong to the controller CODE_DEPLOY, not to ECS", by("CODE_DEPLOY")),
		"an external one":          held(0, "unsupported-controller", "deployments belong to the controller EXTERNAL, not to ECS", by("EXTERNAL"), deciding(running(fleet.Redeploy))),
		"ECS's own is ours":        passes(3, by("ECS")),
		"none that is said is too": passes(3, by("")),
	})
}

func TestTheCountOfADaemonIsNotSet(t *testing.T) {
	daemon := func(in *guard.Input) { in.Snapshot.Daemon = true }
	check(t, map[string]reviewed{
		"a count":    held(3, "daemon-service", "ECS sets the count of a daemon service", daemon),
		"a redeploy": passes(0, daemon, deciding(running(fleet.Redeploy))),
	})
}

func TestAFreezeComesBeforeTheRules(t *testing.T) {
	switched := func(s ...fleet.Freeze) change { return func(in *guard.Input) { in.Freezes = s } }
	check(t, map[string]reviewed{
		"a frozen account": held(3, "frozen", "account is frozen", switched(fleet.Freeze{Scope: "account", Frozen: true})),
		"a frozen service, with its owner, end and cause": held(3, "frozen", "service:shop/web is frozen by ann until 2026-01-05T13:00:00Z: sale",
			switched(fleet.Freeze{Scope: "account"}, fleet.Freeze{Scope: "service:shop/web", Frozen: true, Who: "ann", Why: "sale", Until: fixture.Noon().Add(time.Hour)})),
		"a rollback is frozen too": held(0, "frozen", "cluster:shop is frozen", deciding(running(fleet.RollBack)),
			switched(fleet.Freeze{Scope: "cluster:shop", Frozen: true})),
		"a freeze that is over lets go": passes(3, switched(fleet.Freeze{Scope: "account", Frozen: true, Until: fixture.Noon()})),
		"a thawed switch lets go":       passes(3, switched(fleet.Freeze{Scope: "account", Why: "was frozen"})),
	})
}

func TestOneOccasionIsActedOnOnce(t *testing.T) {
	same := func(status string) fleet.PastAction {
		return fleet.PastAction{Kind: fleet.Redeploy, Intent: "redeploy 1", At: ago(3 * time.Hour), Status: status}
	}
	check(t, map[string]reviewed{
		"what was done is not done again": held(0, "already-done", "the same action was done at 2026-01-05T09:00:00Z", deciding(running(fleet.Redeploy)), did(same(fleet.Done))),
		"what failed may be tried again":  passes(0, deciding(running(fleet.Redeploy)), did(same(fleet.Failed))),
		"what was skipped may be tried":   passes(0, deciding(running(fleet.Redeploy)), did(same(fleet.Skipped))),
	})
}

func TestEventsOfOurOwnCallAreSuppressed(t *testing.T) {
	after := func(k fleet.TriggerKind) change { return func(in *guard.Input) { in.Trigger.Kind = k } }
	check(t, map[string]reviewed{
		"a deployment that starts after our redeploy": held(0, "self-triggered", "the event follows the redeploy by Homeostat 1m59s ago",
			deciding(running(fleet.RollBack)), after(fleet.DeploymentStarted), did(past(fleet.Redeploy, 119*time.Second))),
		"a service action after our scale-out": held(0, "self-triggered", "the event follows the scale-out by Homeostat 10s ago",
			deciding(running(fleet.RollBack)), after(fleet.ServiceAction), did(past(fleet.ScaleOut, 10*time.Second))),
		"two minutes later it is no echo":   passes(0, deciding(running(fleet.RollBack)), after(fleet.DeploymentStarted), did(past(fleet.Redeploy, 2*time.Minute))),
		"a task that stops is no echo":      passes(0, deciding(running(fleet.RollBack)), after(fleet.TaskStopped), did(past(fleet.Redeploy, time.Second))),
		"what we did not do has no echo":    passes(0, deciding(running(fleet.RollBack)), after(fleet.ServiceAction), did(fleet.PastAction{Kind: fleet.Redeploy, At: fixture.Noon(), Status: fleet.Failed})),
		"without an act of ours is no echo": passes(0, deciding(running(fleet.RollBack)), after(fleet.ServiceAction)),
	})
}
