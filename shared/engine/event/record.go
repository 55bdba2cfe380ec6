package event

import (
	"context"

	"homeostat/shared/aws/record"
	"homeostat/shared/core/contract"
	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/guard"
	"homeostat/shared/core/policy"
	"homeostat/shared/core/route"
	"homeostat/shared/core/state"
)

// news is the part of the memory that is not stored yet: fresh evidence, and whether
// the snapshot changed the memory.
type news struct {
	fresh   []fleet.Evidence
	changed bool
}

// record writes the episode, then the memory, and marks the evidence last. A crash
// in between repeats the same evaluation with the same evidence.
func (p *Pipeline) record(ctx context.Context, lease *record.Lease, in decide.Input, n news, e fleet.Episode) error {
	notify := state.ShouldNotify(in.Memory, e)
	outcome := state.RollbackOutcome(in.Memory, e)
	keep := worthKeeping(in.Memory, e)
	stored := p.keepDefinition(ctx, &in)
	memory := in.Memory
	if keep {
		if err := p.Store.Journal(ctx, e); err != nil {
			return err
		}
	}
	if keep || notify || outcome != "" || len(n.fresh) > 0 || n.changed || stored {
		memory = state.Apply(in.Memory, e, in.Policy.Tag)
		if err := p.Store.SaveMemory(ctx, *lease, memory); err != nil {
			return err
		}
		if err := p.Store.Folded(ctx, lease.Ref, n.fresh, in.Now); err != nil {
			return err
		}
	}
	if err := p.requeue(ctx, lease, e); err != nil {
		return err
	}
	p.count(ctx, e, keep)
	p.gauge(e, in, memory, outcome)
	if keep {
		p.Recorded(e)
	}
	if notify {
		return p.Notifier.Notify(ctx, e)
	}
	return nil
}

// keepDefinition stores the running task definition, so that it can be registered again
// after its deletion. It reports whether the memory names a new one. A failure is left
// to the next evaluation. Without the permission to register one, nothing is stored.
func (p *Pipeline) keepDefinition(ctx context.Context, in *decide.Input) bool {
	name, dropped := state.DefinitionToKeep(in.Memory, in.Snapshot)
	if name == "" || p.NoRegistration != "" || in.Policy.Mode == policy.Off {
		return false
	}
	if err := p.Keeper.Keep(ctx, in.Snapshot.Ref, name, dropped); err != nil {
		p.Log.WarnContext(ctx, "a task definition is not stored, the next evaluation tries again", "definition", name, "error", err)
		return false
	}
	in.Memory = state.KeepDefinition(in.Memory, name, dropped)
	return true
}

// requeue sets the timer of the next evaluation, unless an earlier one is set.
func (p *Pipeline) requeue(ctx context.Context, lease *record.Lease, e fleet.Episode) error {
	at := state.RequeueAt(e, lease.RequeueAt)
	if at.IsZero() {
		return nil
	}
	lease.RequeueAt = at
	why := string(e.Decision.Kind)
	if e.Trigger.Timer == contract.TimerNew && e.Snapshot.Deploying() {
		why = contract.TimerNew // compare its image once the first deployment has ended
	}
	return p.Timers.After(ctx, lease.Ref, at.Sub(e.At), why, e.ID, e.At)
}

// worthKeeping reports whether an episode is recorded. A scheduled evaluation
// without an action that repeats the last decision is not: there are thousands of
// them.
func worthKeeping(m fleet.Memory, e fleet.Episode) bool {
	return !route.Of(e.Trigger.Kind).Scheduled || e.Result.Status != "" || m.LastDecisionKey != e.DecisionKey()
}

// count sends the metrics of an evaluation. It counts reasons of recorded
// evaluations only: a repeated decision adds nothing.
func (p *Pipeline) count(ctx context.Context, e fleet.Episode, recorded bool) {
	detail := map[string]string{"Service": e.Ref.String(), "Episode": e.ID}
	p.Metrics.Count(contract.MetricDecisions, string(e.Decision.Kind), detail, e.At)
	if recorded {
		p.Metrics.Count(contract.MetricReasons, string(e.Decision.Main().Name), detail, e.At)
	}
	if e.Decision.Action != nil {
		p.Metrics.Count(contract.MetricActions, string(e.Verdict.Outcome), detail, e.At)
	}
	if e.Result.Status == fleet.Failed {
		p.Metrics.Count(contract.MetricActionsFailed, string(e.Decision.Kind), detail, e.At)
	}
	if !e.Trigger.At.IsZero() && !route.Of(e.Trigger.Kind).Scheduled {
		p.Metrics.Duration(contract.MetricLatency, e.At.Sub(e.Trigger.At), e.At)
	}
	reasons := make([]string, 0, len(e.Decision.Reasons)+len(e.Verdict.Reasons))
	for _, r := range e.Why() {
		reasons = append(reasons, string(r.Name))
	}
	p.Log.InfoContext(ctx, "decided", "service", e.Ref.String(), "trigger", e.Trigger.Kind, "cause", e.Cause,
		"decision", e.Decision.Kind, "verdict", e.Verdict.Outcome, "reasons", reasons,
		"result", e.Result.Status, "episode", e.ID)
}

// gauge measures the outcome of an earlier rollback, and the remaining budget of
// the service.
func (p *Pipeline) gauge(e fleet.Episode, in decide.Input, memory fleet.Memory, outcome string) {
	detail := map[string]string{"Service": e.Ref.String(), "Episode": e.ID}
	if outcome != "" {
		p.Metrics.Count(contract.MetricRollbacks, outcome, detail, e.At)
	}
	if e.Decision.Action != nil {
		p.Metrics.Gauge(contract.MetricBudgetLeft, guard.BudgetLeft(memory, in.Policy, e.At), detail, e.At)
	}
}
