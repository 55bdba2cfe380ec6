package state

import (
	"slices"

	"homeostat/shared/core/fleet"
)

// DefinitionToKeep returns the running task definition once its rollout is complete and
// all tasks run, and the older ones that give way. The name is empty if there is none to
// store.
func DefinitionToKeep(m fleet.Memory, s fleet.Snapshot) (name string, dropped []string) {
	primary, ok := s.Primary()
	running := ok && primary.RolloutState == "COMPLETED" && s.Desired > 0 && !s.Moving()
	if !running || primary.TaskDefinition == "" || slices.Contains(m.Definitions, primary.TaskDefinition) {
		return "", nil
	}
	excess := max(0, len(m.Definitions)+1-maxDefinitions)
	return primary.TaskDefinition, m.Definitions[:excess]
}

// KeepDefinition returns the memory with a stored task definition.
func KeepDefinition(m fleet.Memory, name string, dropped []string) fleet.Memory {
	m = m.Clone()
	m.Definitions = append(slices.DeleteFunc(m.Definitions, func(other string) bool {
		return other == name || slices.Contains(dropped, other)
	}), name)
	return m
}
