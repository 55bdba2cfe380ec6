package state_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/state"
)

func TestTheRunningDefinitionIsKeptOnceItsRolloutIsComplete(t *testing.T) {
	complete := func(change func(*fleet.Snapshot)) fleet.Snapshot {
		s := running()
		s.Deployments[0].RolloutState = "COMPLETED"
		change(&s)
		return s
	}
	for name, c := range map[string]struct {
		known []string
		state fleet.Snapshot
		want  string
		drop  []string
	}{
		"the first one":                     {nil, complete(func(*fleet.Snapshot) {}), "web:7", nil},
		"beside others":                     {[]string{"web:5", "web:6"}, complete(func(*fleet.Snapshot) {}), "web:7", []string{}},
		"the oldest gives way":              {[]string{"web:4", "web:5", "web:6"}, complete(func(*fleet.Snapshot) {}), "web:7", []string{"web:4"}},
		"a known one is not stored again":   {[]string{"web:7"}, complete(func(*fleet.Snapshot) {}), "", nil},
		"not during a rollout":              {nil, complete(func(s *fleet.Snapshot) { s.Deployments[0].RolloutState = "IN_PROGRESS" }), "", nil},
		"not with a task too few":           {nil, complete(func(s *fleet.Snapshot) { s.Running = 2 }), "", nil},
		"not with zero tasks":               {nil, complete(func(s *fleet.Snapshot) { s.Desired, s.Running = 0, 0 }), "", nil},
		"not without a deployment":          {nil, fleet.Snapshot{Found: true, Desired: 1, Running: 1}, "", nil},
		"not for an unread task definition": {nil, complete(func(s *fleet.Snapshot) { s.Deployments[0].TaskDefinition = "" }), "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, dropped := state.DefinitionToKeep(fleet.Memory{ImageLog: fleet.ImageLog{Definitions: c.known}}, c.state)
			assert.Equal(t, c.want, got)
			assert.ElementsMatch(t, c.drop, dropped)
		})
	}
	m := state.KeepDefinition(fleet.Memory{ImageLog: fleet.ImageLog{Definitions: []string{"web:4", "web:5", "web:6"}}}, "web:7", []string{"web:4"})
	assert.Equal(t, []string{"web:5", "web:6", "web:7"}, m.Definitions)
}
