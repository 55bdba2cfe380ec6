package event

import (
	"context"
	"slices"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
)

// diagnostics collects details of the latest new task failure that may be lost
// later. It returns nil without a failure, and never fails an evaluation.
func (p *Pipeline) diagnostics(ctx context.Context, in decide.Input, fresh []fleet.Evidence) *fleet.Diagnostics {
	var failure *fleet.Evidence
	for i := range fresh {
		if e := &fresh[i]; e.Trigger.Stop != nil && e.Family.BlamesRevision() {
			failure = e
		}
	}
	if failure == nil {
		return nil
	}
	out := &fleet.Diagnostics{Recent: decide.RecentChanges(in), Notes: failure.Notes}
	out.Notes = append(slices.Clip(out.Notes), decide.DefinitionOf(in.Snapshot, failure.Trigger.TaskDefinition).RestartNotes()...)
	out.Changes, _ = decide.ChangesOf(in.Snapshot)
	out.LogTail = p.logTail(ctx, in.Snapshot, *failure)
	return out
}

func (p *Pipeline) logTail(ctx context.Context, s fleet.Snapshot, e fleet.Evidence) *fleet.LogTail {
	t := e.Trigger
	tail := &fleet.LogTail{Task: t.Task, At: t.Stop.StoppedAt}
	failed := decide.Culprit(t.Stop, e.Container)
	tail.Container, tail.Image, tail.ExitCode = failed.Name, failed.Image, failed.ExitCode
	if p.Logs == nil {
		tail.Why = "reading logs is not permitted (the context logGroups)"
		return tail
	}
	definition := decide.DefinitionOf(s, t.TaskDefinition)
	if definition == nil {
		tail.Why = "its task definition was not read"
		return tail
	}
	lines, err := p.Logs.Tail(ctx, definition, failed.Name, t.Task, tailLines)
	tail.Lines = lines
	if err != nil {
		tail.Why = err.Error()
	}
	return tail
}
