package decide

import (
	"fmt"
	"time"

	"homeostat/shared/core/cause"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/judge"
	"homeostat/shared/core/reason"
)

// probe decides before a rollback, if no older task is left for a comparison. It runs
// one task of the rollback's target. If that task fails too, a rollback would not
// help. ok is false if the rollback may proceed.
func probe(in Input, primary fleet.Deployment, found judge.Finding, rollBack fleet.Decision) (fleet.Decision, []fleet.Reason, bool) {
	if !in.Policy.Probe || !found.Silent || found.Alarm != "" {
		return fleet.Decision{}, nil, false
	}
	target := rollBack.Action.TaskDefinition
	run := in.Memory.Probe
	if run == nil || run.For != primary.ID {
		return startProbe(in, primary, rollBack)
	}
	age := in.Now.Sub(run.At)
	stop := in.Snapshot.Probe
	verdict := findingOf(primary, found)
	switch failure := probeFailure(stop, DefinitionOf(in.Snapshot, target)); {
	case failure != "":
		d, why := commonCause(because(reason.CommonCause, "probe of %s fails too (%s): no rollback", target, failure).
			detail(verdict.full()).with(str("revision", primary.TaskDefinition), str("target", target), str("task", run.Task), str("cause", failure)),
			fmt.Sprintf("%s A probe of %s fails too (%s), so a rollback would not help.", verdict.sentence(), target, failure))
		return d, why, true
	case stop != nil && !stop.StartedAt.IsZero() && in.Now.Sub(stop.StartedAt) >= probeRuns:
		return fleet.Decision{}, nil, false // the probe passes, so the new revision is at fault
	case age > probeTimeout:
		d, why := because(reason.ProbeInconclusive, "probe of %s gave no result within %s: no rollback", target, fleet.DurationText(probeTimeout)).
			detail(verdict.full()).with(str("revision", primary.TaskDefinition), str("target", target), str("task", run.Task), at("since", run.At)).
			alert(fmt.Sprintf("%s A probe of %s gave no result within %s: decide on a rollback by hand.", verdict.sentence(), target, fleet.DurationText(probeTimeout)))
		return d, why, true
	}
	d, why := because(reason.Probing, "probe of %s was started %s ago", target, fleet.DurationText(age.Round(time.Second))).
		detail(verdict.full()).with(str("revision", primary.TaskDefinition), str("target", target), str("task", run.Task), at("since", run.At)).noOpFor(followUpIn)
	return d, why, true
}

func startProbe(in Input, primary fleet.Deployment, rollBack fleet.Decision) (fleet.Decision, []fleet.Reason, bool) {
	intent := "probe " + rollBack.Action.TaskDefinition + " for " + primary.ID
	for _, past := range in.Memory.Actions {
		if past.Intent == intent && past.Status != fleet.Done {
			return fleet.Decision{}, nil, false // the probe cannot be run
		}
	}
	target, ok := revisionNamed(in.Snapshot, rollBack.Action.TaskDefinition)
	if !ok {
		return fleet.Decision{}, nil, false
	}
	return fleet.Decision{
		Kind: fleet.Probe,
		Reasons: []fleet.Reason{
			rollBack.Main(),
			because(reason.Probe, "no older task to compare with: run one task of %s first", target.TaskDefinition).
				with(str("revision", primary.TaskDefinition), str("target", target.TaskDefinition)).reason(),
		},
		Action: &fleet.Action{
			Kind: fleet.RunProbe, Intent: intent, TaskDefinition: target.TaskDefinition, Images: pins(target),
			Expect: fleet.Expect{Deployment: primary.ID},
		},
		RequeueAfter: followUpIn,
	}, nil, true
}

// probeFailure returns the cause of the probe's failure. It is empty if the probe did
// not fail of a cause that counts against a revision. The essential containers decide
// if the definition was read.
func probeFailure(stop *fleet.Stop, d *fleet.Definition) fleet.Cause {
	if stop == nil || stop.LastStatus != "STOPPED" {
		return ""
	}
	found := cause.Within(fleet.Trigger{Kind: fleet.TaskStopped, At: stop.StoppedAt, Stop: stop}, d)
	if found.Cause.BlamesRevision() {
		return found.Cause
	}
	return ""
}

func revisionNamed(s fleet.Snapshot, definition string) (fleet.Revision, bool) {
	for _, r := range s.History {
		if r.Target.TaskDefinition == definition && r.Target.Pinned() {
			return r.Target, true
		}
	}
	return fleet.Revision{}, false
}
