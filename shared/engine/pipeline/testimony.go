package pipeline

import (
	"context"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
)

// lastLines is how many log lines of a dead container are kept.
const lastLines = 20

// testimony gathers what may be gone later about the latest of the fresh
// deaths; nil where there is none. It never fails a look.
func (p *Pipeline) testimony(ctx context.Context, in decide.Input, fresh []fleet.Evidence) *fleet.Testimony {
	var death *fleet.Evidence
	for i := range fresh {
		if e := &fresh[i]; e.Trigger.Stop != nil && (e.Family == fleet.FamilyRuntime || e.Family == fleet.FamilyStart) {
			death = e
		}
	}
	if death == nil {
		return nil
	}
	out := &fleet.Testimony{Recent: decide.RecentChanges(in)}
	out.Changes, _ = decide.ChangesOf(in.Snapshot)
	out.LastWords = p.lastWords(ctx, in.Snapshot, death.Trigger)
	return out
}

func (p *Pipeline) lastWords(ctx context.Context, s fleet.Snapshot, t fleet.Trigger) *fleet.LastWords {
	words := &fleet.LastWords{Task: t.Task, At: t.Stop.StoppedAt}
	dead := decide.Culprit(t.Stop)
	words.Container, words.Image, words.ExitCode = dead.Name, dead.Image, dead.ExitCode
	if p.Words == nil {
		words.Why = "reading logs is not permitted (the context logGroups)"
		return words
	}
	definition := decide.DefinitionOf(s, t.TaskDefinition)
	if definition == nil {
		words.Why = "its task definition was not read"
		return words
	}
	lines, err := p.Words.LastLines(ctx, definition, dead.Name, t.Task, lastLines)
	words.Lines = lines
	if err != nil {
		words.Why = err.Error()
	}
	return words
}
