package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"homeostat/shared/aws/record"
	"homeostat/shared/core/contract"
	"homeostat/shared/core/decide"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/guard"
	"homeostat/shared/core/route"
)

// record writes the episode, then the memory, and marks the evidence last: a
// crash in between makes the same look happen again, on the same evidence.
func (p *Pipeline) record(ctx context.Context, lease *record.Lease, in decide.Input, fresh []fleet.Evidence, e fleet.Episode) error {
	tell := decide.ShouldNotify(in.Memory, e, in.Now)
	keep := worthKeeping(in.Memory, e)
	memory := in.Memory
	outcome := decide.Aftermath(&memory, in, e)
	if keep {
		if err := p.Journal.Journal(ctx, e); err != nil {
			return err
		}
	}
	if keep || tell || outcome != "" || len(fresh) > 0 {
		decide.Remember(&memory, in, e)
		if err := p.Memories.SaveMemory(ctx, *lease, memory); err != nil {
			return err
		}
		if err := p.Evidence.Folded(ctx, lease.Ref, fresh, in.Now); err != nil {
			return err
		}
	}
	if err := p.requeue(ctx, lease, e); err != nil {
		return err
	}
	p.count(ctx, e, keep)
	p.gauge(e, in, memory, outcome)
	if p.OnEpisode != nil && keep {
		p.OnEpisode(e)
	}
	if tell {
		return p.Notifier.Notify(ctx, e)
	}
	return nil
}

// requeue sets the timer for the next look, unless one runs that is soon enough.
func (p *Pipeline) requeue(ctx context.Context, lease *record.Lease, e fleet.Episode) error {
	at := decide.RequeueAt(e, lease.RequeueAt, e.At)
	if at.IsZero() {
		return nil
	}
	lease.RequeueAt = at
	why := string(e.Decision.Kind)
	if e.Trigger.Timer == contract.TimerNew && e.Snapshot.Deploying() {
		why = contract.TimerNew // its image is compared when the first deployment has ended
	}
	return p.Timers.After(ctx, lease.Ref, at.Sub(e.At), why, e.ID, e.At)
}

// worthKeeping is false only for a scheduled look that did nothing and came to the
// same as the look before it: there are thousands of those.
func worthKeeping(m fleet.Memory, e fleet.Episode) bool {
	return !route.Of(e.Trigger.Kind).Scheduled || e.Result.Status != "" || m.LastDecisionKey != e.DecisionKey()
}

// count measures an evaluation. The reasons are counted of those that are recorded:
// an evaluation that repeats the last one has nothing new to say.
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

// gauge measures what the episode alone does not tell: what became of an
// earlier rollback, and what is left of the service's budget.
func (p *Pipeline) gauge(e fleet.Episode, in decide.Input, memory fleet.Memory, outcome string) {
	detail := map[string]string{"Service": e.Ref.String(), "Episode": e.ID}
	if outcome != "" {
		p.Metrics.Count(contract.MetricRollbacks, outcome, detail, e.At)
	}
	if e.Decision.Action != nil {
		p.Metrics.Gauge(contract.MetricBudgetLeft, guard.BudgetLeft(memory, in.Policy, e.At), detail, e.At)
	}
}

// denied counts an error that is AWS's refusal: a permission is missing, which
// only a person can give.
func (p *Pipeline) denied(err error, detail map[string]string) {
	if fault.CodeOf(err) == fault.Denied {
		p.Metrics.Count(contract.MetricDenied, "", detail, p.Now())
	}
}

// resolveError records what became of an event that met an error, and returns the
// error only where the event must be delivered again.
func (p *Pipeline) resolveError(ctx context.Context, t fleet.Trigger, err error) error {
	switch fault.ClassOf(err) {
	case fault.Drop:
		p.dropped(ctx, t, err)
		return nil
	case fault.Terminal:
		p.Metrics.Count(contract.MetricFailed, fault.CodeOf(err), map[string]string{"Event": t.ID}, p.Now())
		p.denied(err, map[string]string{"Event": t.ID})
		p.Log.ErrorContext(ctx, "giving an event up", "trigger", t.Kind, "event", t.ID, "error", err)
		return nil
	}
	return err
}

func (p *Pipeline) dropped(ctx context.Context, t fleet.Trigger, err error) {
	p.Metrics.Count(contract.MetricDropped, fault.CodeOf(err), map[string]string{"Event": t.ID}, p.Now())
	p.Log.WarnContext(ctx, "dropping an event", "trigger", t.Kind, "event", t.ID, "reason", err)
}

// episodeID is the same for the same look at the same service: the event, and
// how often the service was looked at before.
func episodeID(ref fleet.ServiceRef, t fleet.Trigger, version int64) string {
	sum := sha256.Sum256([]byte(ref.Key() + "\n" + t.ID + "\n" + strconv.FormatInt(version, 10)))
	return hex.EncodeToString(sum[:6])
}
