package event

import (
	"context"
	"slices"

	"homeostat/shared/core/cause"
	"homeostat/shared/core/fleet"
)

// evidenceOf classifies a trigger by itself.
func evidenceOf(t fleet.Trigger) fleet.Evidence {
	found := cause.Of(t)
	return fleet.Evidence{Trigger: t, Cause: found.Cause, Family: found.Family, Why: found.Why, Container: found.Container, Notes: found.Notes}
}

// classify returns the evidence with the causes that its task definitions give: an
// event does not say which containers are essential. If a definition cannot be read,
// the cause of the event alone stays, and a note says so.
func (p *Pipeline) classify(ctx context.Context, fresh []fleet.Evidence) []fleet.Evidence {
	type reading struct {
		definition *fleet.Definition
		err        error
	}
	known := map[string]reading{}
	out := make([]fleet.Evidence, len(fresh))
	for i, e := range fresh {
		out[i] = e
		name := e.Trigger.TaskDefinition
		if !needsDefinition(e) || name == "" {
			continue
		}
		read, ok := known[name]
		if !ok {
			read.definition, read.err = p.Observer.Definition(ctx, name)
			known[name] = read
		}
		if read.err != nil {
			out[i].Notes = append(slices.Clip(e.Notes), "the essential containers are unknown: "+read.err.Error())
			continue
		}
		found := cause.Within(e.Trigger, read.definition)
		out[i].Cause, out[i].Family, out[i].Why = found.Cause, found.Family, found.Why
		out[i].Container, out[i].Notes = found.Container, found.Notes
	}
	return out
}

// needsDefinition reports whether the containers of a stop can change its cause. An
// expected stop has its cause from ECS alone.
func needsDefinition(e fleet.Evidence) bool {
	return e.Trigger.Stop != nil && len(e.Trigger.Stop.Containers) > 1 && e.Cause != "" && e.Family != fleet.FamilyNormal
}
