// Package guard says whether a decision may happen now: mode, switches,
// budget, cooldown, flapping, bounds and our own echo. It is pure, and it is
// the last word before a call.
package guard

import (
	"fmt"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/core/reason"
	"homeostat/shared/core/route"
)

// Input is all that the guard looks at.
type Input struct {
	Decision fleet.Decision
	Trigger  fleet.Trigger
	Policy   policy.Effective
	Snapshot fleet.Snapshot
	Memory   fleet.Memory
	// Freezes are those of the account, the cluster and the service.
	Freezes []fleet.Freeze
	Now     time.Time
}

// check is one rule. It returns a reason to hold the action back, or none; it
// may change the verdict's action (a clamp), and says so among its reasons.
type check func(in Input, v *fleet.Verdict) *fleet.Reason

// checks in order: first who may, then whether it is new, then how much.
func checks() []check {
	return []check{
		enrolled,      // nothing else matters for a service that is not ours
		controlled,    // whose deployments they are
		frozen,        // a person's hand stands above every rule
		suppressed,    // what a trouble forbids for a while
		alreadyDone,   // the same occasion is acted on once
		selfTriggered, // our own call's events ask for nothing
		withinBounds,  // min and max, also those of Application Auto Scaling
		unprotected,   // what tasks ask not to be interrupted in
		cooledDown,    // let the last change show first
		notFlapping,   // out and in and out again helps nobody
		withinBudget,  // at last, how often
	}
}

// Review answers a decision. The verdict's action is the decision's after
// every clamp; the decision itself is not changed.
func Review(in Input) fleet.Verdict {
	if in.Decision.Action == nil {
		return fleet.Verdict{Outcome: fleet.Idle}
	}
	action := *in.Decision.Action
	verdict := fleet.Verdict{Action: &action}
	for _, rule := range checks() {
		if hold := rule(in, &verdict); hold != nil {
			verdict.Outcome = fleet.Hold
			verdict.Reasons = append(verdict.Reasons, *hold)
			return verdict
		}
	}
	return byMode(in, verdict)
}

func byMode(in Input, v fleet.Verdict) fleet.Verdict {
	name := reason.ModeObserve
	switch in.Policy.Mode {
	case policy.Act:
		v.Outcome = fleet.Act
		return v
	case policy.Propose:
		v.Outcome, name = fleet.Propose, reason.ModePropose
	default:
		v.Outcome = fleet.Observe
	}
	v.Reasons = append(v.Reasons, fleet.Reason{
		Name: name,
		Text: fmt.Sprintf("the mode is %s (%s), so nothing is touched", in.Policy.Mode, in.Policy.ModeOrigin),
	})
	return v
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

// controlled holds everything back where CodeDeploy or somebody's own controller
// deploys the service: it would fight us, or refuse.
func controlled(in Input, _ *fleet.Verdict) *fleet.Reason {
	if c := in.Snapshot.Controller; c != "" && c != "ECS" {
		return reasonf(reason.UnsupportedController, "the service belongs to the deployment controller %s", c)
	}
	return nil
}

func frozen(in Input, _ *fleet.Verdict) *fleet.Reason {
	for _, s := range in.Freezes {
		if s.Active(in.Now) {
			return reasonf(reason.Frozen, "%s is frozen%s%s%s", s.Scope, said(" by ", s.Who), said(": ", s.Why), until(s))
		}
	}
	return nil
}

func said(before, text string) string {
	if text == "" {
		return ""
	}
	return before + text
}

func until(s fleet.Freeze) string {
	if s.Until.IsZero() {
		return ""
	}
	return " (until " + s.Until.UTC().Format(time.RFC3339) + ")"
}

func alreadyDone(in Input, v *fleet.Verdict) *fleet.Reason {
	for _, past := range in.Memory.Actions {
		if past.Intent == v.Action.Intent && past.Status == fleet.Done {
			return reasonf(reason.AlreadyDone, "this was done at %s", past.At.UTC().Format(time.RFC3339))
		}
	}
	return nil
}

// suppressed holds back what an earlier look found to make a trouble worse.
func suppressed(in Input, v *fleet.Verdict) *fleet.Reason {
	h, ok := in.Memory.ActiveBlock(in.Decision.Kind, in.Now)
	if !ok {
		return nil
	}
	v.Until = h.Until
	return reasonf(reason.Suppressed, "%s until %s", h.Why, h.Until.UTC().Format(time.RFC3339))
}

// selfTriggeredFor is how long ECS's events of our own call are taken as its echo.
const selfTriggeredFor = 2 * time.Minute

func selfTriggered(in Input, _ *fleet.Verdict) *fleet.Reason {
	if !route.Of(in.Trigger.Kind).MayBeSelfTriggered {
		return nil
	}
	last, ok := in.Memory.Last(fleet.ScaleOut, fleet.ScaleIn, fleet.Redeploy, fleet.RollBack)
	if ok && in.Now.Sub(last.At) < selfTriggeredFor {
		return reasonf(reason.SelfTriggered, "the event follows our own %s of %s ago", last.Kind, in.Now.Sub(last.At).Round(time.Second))
	}
	return nil
}

func withinBounds(in Input, v *fleet.Verdict) *fleet.Reason {
	a := v.Action
	if a.Kind != fleet.SetDesired {
		return nil
	}
	bounds := in.Policy.BoundsAt(in.Now)
	low, high := bounds.Min, bounds.Max
	whoseMin, whoseMax := bounds.MinOf, bounds.MaxOf
	if s := in.Snapshot.Scaling; s.Registered {
		if s.Min > low {
			low, whoseMin = s.Min, "Application Auto Scaling"
		}
		if s.Max < high {
			high, whoseMax = s.Max, "Application Auto Scaling"
		}
	}
	if low > high {
		return reasonf(reason.BoundsConflict, "the minimum %d of %s is above the maximum %d of %s", low, whoseMin, high, whoseMax)
	}
	wanted := a.To
	a.To = min(max(wanted, low), high)
	if a.To < wanted {
		v.Reasons = append(v.Reasons, *reasonf(reason.ClampedToMax, "wanted %d, cut to the maximum %d of %s", wanted, a.To, whoseMax))
	} else if a.To > wanted {
		v.Reasons = append(v.Reasons, *reasonf(reason.ClampedToMin, "wanted %d, raised to the minimum %d of %s", wanted, a.To, whoseMin))
	}
	if hold := sameDirection(in, a); hold != nil {
		return hold
	}
	inSteps(in, v, low, high)
	return nil
}

// inSteps cuts a change to what one action may add or take away, and a scale-in
// to its share of the tasks besides, which is one task at least. What goes to
// zero goes at once: there is no work that fewer tasks would have to carry. The
// bounds win over a step.
func inSteps(in Input, v *fleet.Verdict, low, high int) {
	a, p, wanted := v.Action, in.Policy, v.Action.To
	if wanted == 0 {
		return
	}
	if most := p.StepOut; most > 0 && wanted > max(a.From+most, low) {
		a.To = max(a.From+most, low)
		v.Reasons = append(v.Reasons, *reasonf(reason.ClampedToStep, "wanted %d, cut to %d: scale.step_out is %d", wanted, a.To, most))
	}
	if most := p.StepIn; most > 0 && wanted < min(a.From-most, high) {
		a.To = min(a.From-most, high)
		v.Reasons = append(v.Reasons, *reasonf(reason.ClampedToStep, "wanted %d, cut to %d: scale.step_in is %d", wanted, a.To, most))
	}
	if share := p.RateIn; share > 0 && share < 1 {
		if least := min(a.From-max(1, int(share*float64(a.From))), high); a.To < least {
			a.To = least
			v.Reasons = append(v.Reasons, *reasonf(reason.ClampedToRate, "wanted %d, cut to %d: scale.rate_in is %g of the tasks", wanted, a.To, share))
		}
	}
}

// sameDirection holds an action back that a clamp made empty or turned round.
func sameDirection(in Input, a *fleet.Action) *fleet.Reason {
	if a.To == a.From {
		return reasonf(reason.AtBound, "the desired count is %d already", a.From)
	}
	if (in.Decision.Kind == fleet.ScaleOut) != (a.To > a.From) {
		return reasonf(reason.OutsideBounds, "the desired count %d is outside the bounds by a person's hand; it is left alone", a.From)
	}
	return nil
}

// unprotected never asks for fewer tasks than ask not to be stopped: ECS would
// keep them, and take others away as soon as they are done. Where it was not
// asked yet how many those are, nothing is held back: the pipeline asks once all
// else permits a scale-in, and reviews it again.
func unprotected(in Input, v *fleet.Verdict) *fleet.Reason {
	a, protected := v.Action, in.Snapshot.Protected
	if a.Kind != fleet.SetDesired || a.To >= a.From || protected == (fleet.Reading{}) {
		return nil
	}
	if !protected.Known {
		return reasonf(reason.ProtectionUnread, "how many tasks are protected is not known, so none is given back: %s", protected.Why)
	}
	least := int(protected.Value)
	if least <= a.To {
		return nil
	}
	if least >= a.From {
		return reasonf(reason.TasksProtected, "%d tasks are protected against scale-in, so the desired count stays at %d", least, a.From)
	}
	v.Reasons = append(v.Reasons, *reasonf(reason.ClampedToProtected, "wanted %d, raised to the %d tasks that are protected against scale-in", a.To, least))
	a.To = least
	return nil
}

func cooledDown(in Input, v *fleet.Verdict) *fleet.Reason {
	switch in.Decision.Kind {
	case fleet.ScaleOut:
		return cooling(in, v, in.Policy.CooldownOut, fleet.ScaleOut)
	case fleet.ScaleIn:
		return cooling(in, v, in.Policy.CooldownIn, fleet.ScaleOut, fleet.ScaleIn, fleet.Redeploy, fleet.RollBack)
	}
	return nil
}

func cooling(in Input, v *fleet.Verdict, pause time.Duration, after ...fleet.DecisionKind) *fleet.Reason {
	last, ok := in.Memory.Last(after...)
	end := last.At.Add(pause)
	if !ok || !end.After(in.Now) {
		return nil
	}
	v.Until = end
	return reasonf(reason.Cooldown, "%s more after the last %s", end.Sub(in.Now).Round(time.Second), last.Kind)
}

const (
	flapWindow = 30 * time.Minute
	flapTurns  = 3
)

// notFlapping holds scale-ins back once the count has turned round often; a
// scale-out is never held for that, because too few tasks hurt more.
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
	if turns >= flapTurns {
		return reasonf(reason.Flapping, "the desired count turned round %d times in %s", turns, flapWindow)
	}
	return nil
}

// withinBudget bounds the actions of one hour. Rollbacks stand outside, with
// the probes before them: they happen once for each pair of revisions anyway,
// and must not wait for scaling. So does the answer to a hook: once for each.
// Changes of the desired count have a budget of their own, which holds only
// those to less: too few tasks hurt more than one change too many.
func withinBudget(in Input, _ *fleet.Verdict) *fleet.Reason {
	switch in.Decision.Kind {
	case fleet.RollBack, fleet.Probe, fleet.Proceed, fleet.ScaleOut:
		return nil
	case fleet.ScaleIn:
		if n := in.Memory.Since(in.Now.Add(-time.Hour), fleet.ScaleOut, fleet.ScaleIn); n >= in.Policy.ChangesPerHour {
			return reasonf(reason.BudgetSpent, "%d of %d changes of the desired count in the last hour are spent", n, in.Policy.ChangesPerHour)
		}
		return nil
	}
	if BudgetLeft(in.Memory, in.Policy, in.Now) == 0 {
		return reasonf(reason.BudgetSpent, "%d of %d actions of the last hour are spent", spent(in.Memory, in.Now), in.Policy.ActionsPerHour)
	}
	return nil
}

// BudgetLeft is how many actions, but changes of the desired count, the service
// may still take within the hour.
func BudgetLeft(m fleet.Memory, p policy.Effective, now time.Time) int {
	return max(p.ActionsPerHour-spent(m, now), 0)
}

func spent(m fleet.Memory, now time.Time) int {
	return m.Since(now.Add(-time.Hour), fleet.Redeploy,
		fleet.FallBack, fleet.ReturnToSpot, fleet.GrowMemory, fleet.Move, fleet.Recycle)
}
