// Package guard decides whether an action may be carried out now. It checks the
// mode, freezes, the budget, the cooldown, flapping, the bounds and the effects of
// Homeostat's own actions. It is pure, and it is the last check before a call.
package guard

import (
	"fmt"
	"slices"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/core/reason"
	"homeostat/shared/core/route"
)

// Input holds everything that the guard reads.
type Input struct {
	Decision fleet.Decision
	Trigger  fleet.Trigger
	// Also is the other fresh evidence of the evaluation.
	Also     []fleet.Evidence
	Policy   policy.Effective
	Snapshot fleet.Snapshot
	Memory   fleet.Memory
	// Freezes are the freezes of the account, the cluster and the service, and of
	// the zones and dependencies that cover it.
	Freezes []fleet.Freeze
	Now     time.Time
}

// check is one rule. It returns the reason to suppress the action; nil allows it.
// It may change the verdict's action (a clamp), and then adds a reason to the
// verdict.
type check func(in Input, verdict *fleet.Verdict) *fleet.Reason

// checks returns the rules in order: permission first, then novelty, then amount.
func checks() []check {
	return []check{
		enrolled,      // no other rule matters for a service that is not enrolled
		controlled,    // deployments of another controller
		countable,     // no count of a daemon service
		frozen,        // operator commands come before the rules
		suppressed,    // kinds of actions that an earlier evaluation suppressed
		alreadyDone,   // one action for each intent
		selfTriggered, // events of Homeostat's own calls
		withinBounds,  // minimum and maximum, also of Application Auto Scaling
		unprotected,   // tasks with scale-in protection
		cooledDown,    // wait for the effect of the last change
		notFlapping,   // no alternation of scale-out and scale-in
		withinBudget,  // at last, the number of actions
	}
}

// Review returns the verdict on a decision. The verdict's action is the decision's
// action after every clamp; the decision itself is not changed. A decision without
// an action gives the outcome Idle.
func Review(in Input) fleet.Verdict {
	if in.Decision.Action == nil {
		return fleet.Verdict{Outcome: fleet.Idle}
	}
	action := *in.Decision.Action
	verdict := fleet.Verdict{Action: &action}
	for _, rule := range checks() {
		if block := rule(in, &verdict); block != nil {
			verdict.Outcome = fleet.Hold
			verdict.Reasons = append(verdict.Reasons, *block)
			return verdict
		}
	}
	return byMode(in, verdict)
}

func byMode(in Input, verdict fleet.Verdict) fleet.Verdict {
	name := reason.ModeObserve
	switch in.Policy.Mode {
	case policy.Act:
		verdict.Outcome = fleet.Act
		return verdict
	case policy.Propose:
		verdict.Outcome, name = fleet.Propose, reason.ModePropose
	default:
		verdict.Outcome = fleet.Observe
	}
	verdict.Reasons = append(verdict.Reasons, fleet.Reason{
		Name: name,
		Text: fmt.Sprintf("mode %s (%s): no change is made", in.Policy.Mode, in.Policy.ModeOrigin),
	})
	return verdict
}

func reasonf(name reason.Name, format string, args ...any) *fleet.Reason {
	return &fleet.Reason{Name: name, Text: fmt.Sprintf(format, args...)}
}

func enrolled(in Input, _ *fleet.Verdict) *fleet.Reason {
	if !in.Policy.Enrolled || in.Policy.Mode == policy.Off {
		return reasonf(reason.ModeOff, "the service is off (%s)", in.Policy.ModeOrigin)
	}
	return nil
}

// controlled suppresses every action for a service that CodeDeploy or an external
// controller deploys: such a controller would undo the action or refuse it.
func controlled(in Input, _ *fleet.Verdict) *fleet.Reason {
	if c := in.Snapshot.Controller; c != "" && c != "ECS" {
		return reasonf(reason.UnsupportedController, "deployments belong to the controller %s, not to ECS", c)
	}
	return nil
}

// countable suppresses a count for a daemon service: ECS sets and refuses it.
func countable(in Input, verdict *fleet.Verdict) *fleet.Reason {
	if in.Snapshot.Daemon && verdict.Action.Kind == fleet.SetDesired {
		return reasonf(reason.DaemonService, "ECS sets the count of a daemon service")
	}
	return nil
}

func frozen(in Input, _ *fleet.Verdict) *fleet.Reason {
	for _, s := range in.Freezes {
		if s.Active(in.Now) {
			return reasonf(reason.Frozen, "%s is frozen%s%s%s", s.Scope, optional(" by ", s.Who), until(s), optional(": ", s.Why))
		}
	}
	return nil
}

func optional(before, text string) string {
	if text == "" {
		return ""
	}
	return before + text
}

func until(s fleet.Freeze) string {
	if s.Until.IsZero() {
		return ""
	}
	return " until " + s.Until.UTC().Format(time.RFC3339)
}

func alreadyDone(in Input, verdict *fleet.Verdict) *fleet.Reason {
	for _, past := range in.Memory.Actions {
		if past.Intent == verdict.Action.Intent && past.Status == fleet.Done {
			return reasonf(reason.AlreadyDone, "the same action was done at %s", past.At.UTC().Format(time.RFC3339))
		}
	}
	return nil
}

// suppressed suppresses the kinds of actions that an earlier evaluation found to
// make a trouble worse.
func suppressed(in Input, verdict *fleet.Verdict) *fleet.Reason {
	if in.Decision.CapsRestarts {
		return nil // a cap stops no running task
	}
	h, ok := in.Memory.ActiveBlock(in.Decision.Kind, in.Now)
	if !ok {
		return nil
	}
	verdict.Until = h.Until
	return reasonf(reason.Suppressed, "suppressed until %s: %s", h.Until.UTC().Format(time.RFC3339), h.Why)
}

func selfTriggered(in Input, _ *fleet.Verdict) *fleet.Reason {
	foreign := func(e fleet.Evidence) bool { return !route.Of(e.Trigger.Kind).MayBeSelfTriggered }
	if !route.Of(in.Trigger.Kind).MayBeSelfTriggered || slices.ContainsFunc(in.Also, foreign) {
		return nil
	}
	last, ok := in.Memory.Last(fleet.ScaleOut, fleet.ScaleIn, fleet.Redeploy, fleet.RollBack)
	if ok && in.Now.Sub(last.At) < selfTriggeredFor {
		return reasonf(reason.SelfTriggered, "the event follows the %s by Homeostat %s ago", last.Kind, in.Now.Sub(last.At).Round(time.Second))
	}
	return nil
}

func withinBounds(in Input, verdict *fleet.Verdict) *fleet.Reason {
	a := verdict.Action
	if a.Kind != fleet.SetDesired {
		return nil
	}
	bounds := in.Policy.BoundsAt(in.Now)
	low, high := bounds.Min, bounds.Max
	minOf, maxOf := bounds.MinOf, bounds.MaxOf
	if s := in.Snapshot.Scaling; s.Registered {
		if s.Min > low {
			low, minOf = s.Min, "Application Auto Scaling"
		}
		if s.Max < high {
			high, maxOf = s.Max, "Application Auto Scaling"
		}
	}
	if low > high {
		return reasonf(reason.BoundsConflict, "minimum %d of %s is above maximum %d of %s", low, minOf, high, maxOf)
	}
	wanted := a.To
	a.To = min(max(wanted, low), high)
	if a.To < wanted {
		verdict.Reasons = append(verdict.Reasons, *reasonf(reason.ClampedToMax, "desired count %d cut to %d: maximum of %s", wanted, a.To, maxOf))
	} else if a.To > wanted {
		verdict.Reasons = append(verdict.Reasons, *reasonf(reason.ClampedToMin, "desired count %d raised to %d: minimum of %s", wanted, a.To, minOf))
	}
	if block := sameDirection(in, a); block != nil {
		return block
	}
	inSteps(in, verdict, low, high)
	return nil
}

// inSteps limits a change to the step that one action may add or remove. It limits
// a scale-in to the share of the tasks that the policy allows as well, but to one
// task at least. A change to zero is not limited, because no demand is left. The
// bounds take precedence over a step.
func inSteps(in Input, verdict *fleet.Verdict, low, high int) {
	a, p, wanted := verdict.Action, in.Policy, verdict.Action.To
	if wanted == 0 {
		return
	}
	if most := p.StepOut; most > 0 && wanted > max(a.From+most, low) {
		a.To = max(a.From+most, low)
		verdict.Reasons = append(verdict.Reasons, *reasonf(reason.ClampedToStep, "desired count %d limited to %d: scale.step_out is %d", wanted, a.To, most))
	}
	if most := p.StepIn; most > 0 && wanted < min(a.From-most, high) {
		a.To = min(a.From-most, high)
		verdict.Reasons = append(verdict.Reasons, *reasonf(reason.ClampedToStep, "desired count %d limited to %d: scale.step_in is %d", wanted, a.To, most))
	}
	if share := p.RateIn; share > 0 && share < 1 {
		if least := min(a.From-max(1, int(share*float64(a.From))), high); a.To < least {
			a.To = least
			verdict.Reasons = append(verdict.Reasons, *reasonf(reason.ClampedToRate, "desired count %d limited to %d: scale.rate_in is %g of the tasks", wanted, a.To, share))
		}
	}
}

// sameDirection suppresses an action that a clamp emptied or reversed.
func sameDirection(in Input, a *fleet.Action) *fleet.Reason {
	if a.To == a.From {
		return reasonf(reason.AtBound, "desired count is already at the bound of %d", a.From)
	}
	if (in.Decision.Kind == fleet.ScaleOut) != (a.To > a.From) {
		return reasonf(reason.OutsideBounds, "desired count %d was set outside of the bounds elsewhere and is not changed", a.From)
	}
	return nil
}

// unprotected raises the desired count to the number of protected tasks. ECS would
// keep these tasks, and stop others once the protection ends. Before the protection
// is read the check passes: the pipeline reads it once all other rules allow a
// scale-in, and then calls Review again.
func unprotected(in Input, verdict *fleet.Verdict) *fleet.Reason {
	a, protected := verdict.Action, in.Snapshot.Protected
	if a.Kind != fleet.SetDesired || a.To >= a.From || protected == (fleet.Reading{}) {
		return nil
	}
	if !protected.Known {
		return reasonf(reason.ProtectionUnread, "number of protected tasks is unknown, no scale-in: %s", protected.Why)
	}
	least := int(protected.Value)
	if least <= a.To {
		return nil
	}
	if least >= a.From {
		return reasonf(reason.TasksProtected, "%d tasks are protected against scale-in: desired count stays at %d", least, a.From)
	}
	verdict.Reasons = append(verdict.Reasons, *reasonf(reason.ClampedToProtected, "desired count %d raised to %d: tasks protected against scale-in", a.To, least))
	a.To = least
	return nil
}

func cooledDown(in Input, verdict *fleet.Verdict) *fleet.Reason {
	switch in.Decision.Kind {
	case fleet.ScaleOut:
		return cooling(in, verdict, in.Policy.CooldownOut, fleet.ScaleOut)
	case fleet.ScaleIn:
		return cooling(in, verdict, in.Policy.CooldownIn, fleet.ScaleOut, fleet.ScaleIn, fleet.Redeploy, fleet.RollBack)
	}
	return nil
}

func cooling(in Input, verdict *fleet.Verdict, pause time.Duration, after ...fleet.DecisionKind) *fleet.Reason {
	last, ok := in.Memory.Last(after...)
	end := last.At.Add(pause)
	if !ok || !end.After(in.Now) {
		return nil
	}
	verdict.Until = end
	return reasonf(reason.Cooldown, "cooldown of %s: %s left after the last %s", pause, end.Sub(in.Now).Round(time.Second), last.Kind)
}

// notFlapping suppresses scale-ins once the desired count has changed direction
// often. It never suppresses a scale-out, because too few tasks are worse than too
// many.
func notFlapping(in Input, _ *fleet.Verdict) *fleet.Reason {
	if in.Decision.Kind != fleet.ScaleIn {
		return nil
	}
	turns, previous := 0, fleet.DecisionKind("")
	for _, a := range in.Memory.Actions {
		if a.Status != fleet.Done || !a.At.After(in.Now.Add(-flapWindow)) || (a.Kind != fleet.ScaleOut && a.Kind != fleet.ScaleIn) {
			continue
		}
		if previous != "" && previous != a.Kind {
			turns++
		}
		previous = a.Kind
	}
	if turns >= maxTurns {
		return reasonf(reason.Flapping, "desired count changed direction %d times in %d min", turns, flapWindow/time.Minute)
	}
	return nil
}

// withinBudget limits the actions of one hour. Rollbacks, and the probes before
// them, are exempt: they happen once for each pair of revisions and must not wait
// for scaling. The answer to a hook and the restoration of an image are exempt too.
// Changes of the desired count have a budget of their own. It suppresses only
// scale-ins, because too few tasks are worse than one change too many.
func withinBudget(in Input, _ *fleet.Verdict) *fleet.Reason {
	switch in.Decision.Kind {
	case fleet.RollBack, fleet.Probe, fleet.Proceed, fleet.Restore, fleet.ScaleOut:
		return nil
	case fleet.ScaleIn:
		if n := in.Memory.Since(in.Now.Add(-budgetWindow), fleet.ScaleOut, fleet.ScaleIn); n >= in.Policy.ChangesPerHour {
			return reasonf(reason.BudgetSpent, "%d of %d changes of the desired count in the last hour are used", n, in.Policy.ChangesPerHour)
		}
		return nil
	}
	if BudgetLeft(in.Memory, in.Policy, in.Now) == 0 {
		return reasonf(reason.BudgetSpent, "%d of %d actions of the last hour are used", actionsUsed(in.Memory, in.Now), in.Policy.ActionsPerHour)
	}
	return nil
}

// BudgetLeft returns the number of actions that the service may still take within
// the hour. Changes of the desired count are not counted.
func BudgetLeft(m fleet.Memory, p policy.Effective, now time.Time) int {
	return max(p.ActionsPerHour-actionsUsed(m, now), 0)
}

func actionsUsed(m fleet.Memory, now time.Time) int {
	return m.Since(now.Add(-budgetWindow), fleet.Redeploy,
		fleet.FallBack, fleet.ReturnToSpot, fleet.GrowMemory, fleet.Move, fleet.Recycle)
}
