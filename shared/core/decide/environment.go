package decide

import (
	"fmt"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/judge"
	"homeostat/shared/core/reason"
)

// onEnvironment returns the decision about a revision whose older tasks run, while new
// starts fail. No rollback helps, and the older tasks are kept. If the policy permits a
// probe, the earlier revision is tried first: if it starts, the revision is at fault.
func onEnvironment(in Input, s subject, found judge.Finding) (fleet.Decision, []fleet.Reason) {
	verdict := findingOf(s.primary, found).with(str("revision", s.primary.TaskDefinition), num("older_running", found.OlderAlive),
		at("changed_after", found.ChangedAfter), at("changed_before", found.ChangedBefore), str("source", found.Source))
	if in.Policy.Probe && !found.Outdated {
		if d, why, ok := probeEnvironment(in, s, found, verdict); ok {
			return d, why
		}
	}
	d, _ := commonCause(verdict, environmentAlert(s, found))
	if found.InRollout || found.Outdated {
		return d, nil
	}
	until := in.Now.Add(environmentHold)
	d.Blocks = []fleet.Block{{Kind: fleet.ScaleIn, Until: until, Why: "only older tasks of the revision run, and new ones fail to start"}}
	low := max(found.OlderAlive, in.Policy.Min, 1)
	if !in.Policy.CapRestarts || in.Memory.RestartCap != nil || low >= in.Snapshot.Desired {
		return d, nil
	}
	capped := setDesired(in, fleet.ScaleIn, low, because(reason.RestartCap, "new starts fail: cap restarts for %s at the %d running tasks", fleet.DurationText(environmentRetry), low).
		with(num("failed", found.Failures), num("desired", in.Snapshot.Desired), num("cap", low)))
	capped.Reasons = append(d.Reasons, capped.Reasons...)
	capped.Effects = d.And(fleet.Effects{CapsRestarts: true, CapFor: environmentRetry})
	capped.Notify = d.Notify + fmt.Sprintf(" Desired count %d → %d for %s.", in.Snapshot.Desired, low, fleet.DurationText(environmentRetry))
	capped.Action.Intent = "cap restarts of " + s.primary.ID + " at " + in.Now.UTC().Format(time.RFC3339)
	return capped, nil
}

// environmentAlert returns the text for the operator.
func environmentAlert(s subject, found judge.Finding) string {
	begin := fmt.Sprintf("%s: %s. %s changed at %s, ", s.primary.TaskDefinition, found.Text, found.Source, found.ChangedAfter.UTC().Format(time.RFC3339))
	switch {
	case found.InRollout:
		return begin + fmt.Sprintf("and the earlier revision reads it too, so a rollback would not help. %d tasks of the earlier revision run.", s.olderRunning)
	case found.Outdated:
		return begin + fmt.Sprintf("and a task gets its values at its start, so a rollback would not help. %d running tasks hold the earlier value.", found.OlderAlive)
	}
	text := fmt.Sprintf("%s: %s. Something outside of the revision changed between %s and %s, so a rollback would not help.",
		s.primary.TaskDefinition, found.Text, found.ChangedAfter.UTC().Format(time.RFC3339), found.ChangedBefore.UTC().Format(time.RFC3339))
	if found.Source != "" {
		text += " " + found.Source + " changed in that time."
	}
	return text + " The older tasks are kept."
}

// probeEnvironment runs one task of the earlier revision. ok is false without such a
// revision.
func probeEnvironment(in Input, s subject, found judge.Finding, verdict draft) (fleet.Decision, []fleet.Reason, bool) {
	back, _ := rollback(in, s.primary, verdict)
	if back.Kind != fleet.RollBack {
		return fleet.Decision{}, nil, false
	}
	found.Silent = true // older tasks show nothing about the start of the earlier revision
	if d, why, ok := probe(in, s.primary, found, back); ok {
		return d, why, true
	}
	if run := in.Memory.Probe; run == nil || run.For != s.primary.ID {
		return fleet.Decision{}, nil, false // the probe cannot be run
	}
	return back, nil, true
}
