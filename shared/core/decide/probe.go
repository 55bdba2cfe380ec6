package decide

import (
	"fmt"
	"time"

	"homeostat/shared/core/cause"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/judge"
	"homeostat/shared/core/reason"
)

const (
	// probeLives is how long a probe must run to have lived, at least.
	probeLives = 2 * time.Minute
	// probePatience is how long a probe may take to tell anything.
	probePatience = 10 * time.Minute
)

// probe is asked before a rollback where nothing old is left to compare with:
// one task of the revision to go back to is run. If it dies as well, the
// rollback would be in vain. ok is false where the rollback may go on.
func probe(in Input, primary fleet.Deployment, found judge.Finding, way fleet.Decision) (fleet.Decision, []fleet.Reason, bool) {
	if !in.Policy.Probe || !found.Silent || found.Alarm != "" {
		return fleet.Decision{}, nil, false
	}
	target := way.Action.TaskDefinition
	run := in.Memory.Probe
	if run == nil || run.For != primary.ID {
		return startProbe(in, primary, way)
	}
	age := in.Now.Sub(run.At)
	seen := in.Snapshot.Probe
	switch died := probeFailed(in, seen); {
	case died != "":
		text := fmt.Sprintf("%s: %s; a probe of %s died too (%s): what both need fails, a rollback would not help",
			primary.TaskDefinition, found.Full(), target, died)
		d, why := commonCause(text)
		return d, why, true
	case seen != nil && !seen.StartedAt.IsZero() && in.Now.Sub(seen.StartedAt) >= probeLives:
		return fleet.Decision{}, nil, false // it lives: the new revision is at fault
	case age > probePatience:
		d, why := notify(reason.ProbeInconclusive, fmt.Sprintf("%s: %s, but a probe of %s told nothing in %s: a person decides",
			primary.TaskDefinition, found.Full(), target, probePatience))
		return d, why, true
	}
	return fleet.Decision{RequeueAfter: time.Minute}, []fleet.Reason{{
		Name: reason.Probing, Text: fmt.Sprintf("%s: %s; a probe of %s runs since %s", primary.TaskDefinition, found.Full(), target, age.Round(time.Second)),
	}}, true
}

func startProbe(in Input, primary fleet.Deployment, way fleet.Decision) (fleet.Decision, []fleet.Reason, bool) {
	intent := "probe " + way.Action.TaskDefinition + " for " + primary.ID
	for _, past := range in.Memory.Actions {
		if past.Intent == intent && past.Status != fleet.Done {
			return fleet.Decision{}, nil, false // it could not be run: without it, as if there were none
		}
	}
	target, ok := revisionNamed(in.Snapshot, way.Action.TaskDefinition)
	if !ok {
		return fleet.Decision{}, nil, false
	}
	return fleet.Decision{
		Kind: fleet.Probe,
		Reasons: []fleet.Reason{way.Main(), {
			Name: reason.Probe, Text: "nothing old is left to compare with: one task of " + target.TaskDefinition + " is run first",
		}},
		Action: &fleet.Action{
			Kind: fleet.RunProbe, Intent: intent, TaskDefinition: target.TaskDefinition, Images: pins(target),
			Expect: fleet.Expect{Deployment: primary.ID},
		},
		RequeueAfter: time.Minute,
	}, nil, true
}

// probeFailed is the cause of the probe's death; empty where it did not die of
// one that a service's own tasks could die of.
func probeFailed(in Input, seen *fleet.Stop) fleet.Cause {
	if seen == nil || seen.LastStatus != "STOPPED" {
		return ""
	}
	found := cause.Of(fleet.Trigger{Kind: fleet.TaskStopped, At: seen.StoppedAt, Stop: seen})
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
