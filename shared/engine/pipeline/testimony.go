package pipeline

import (
	"context"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
)

// lastLines is how many log lines of a dead container are kept.
const lastLines = 20

// diagnostics gathers what may be gone later about the latest of the fresh
// deaths; nil where there is none. It never fails a look.
func (p *Pipeline) diagnostics(ctx context.Context, in decide.Input, fresh []fleet.Evidence) *fleet.Diagnostics {
	var death *fleet.Evidence
	for i := range fresh {
		if e := &fresh[i]; e.Trigger.Stop != nil && (e.Family == fleet.FamilyRuntime || e.Family == fleet.FamilyStart) {
			death = e
		}
	}
	if death == nil {
		return nil
	}
	out := &fleet.Diagnostics{Recent: decide.RecentChanges(in)}
	out.Changes, _ = decide.ChangesOf(in.Snapshot)
	out.LogTail = p.logTail(ctx, in.Snapshot, death.Trigger)
	return out
}

func (p *Pipeline) logTail(ctx context.Context, s fleet.Snapshot, t fleet.Trigger) *fleet.LogTail {
	words := &fleet.LogTail{Task: t.Task, At: t.Stop.StoppedAt}
	dead := decide.Culprit(t.Stop)
	words.Container, words.Image, words.ExitCode = dead.Name, dead.Image, dead.ExitCode
	if p.Logs == nil {
		words.Why = "reading logs is not permitted (the context logGroups)"
		return words
	}
	definition := decide.DefinitionOf(s, t.TaskDefinition)
	if definition == nil {
		words.Why = "its task definition was not read"
		return words
	}
	lines, err := p.Logs.Tail(ctx, definition, dead.Name, t.Task, lastLines)
	words.Lines = lines
	if err != nil {
		words.Why = err.Error()
	}
	return words
}
