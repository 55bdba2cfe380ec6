package fleet_test

import (
	"testing"

	"homeostat/shared/core/fleet"

	"github.com/stretchr/testify/assert"
)

func TestADefinitionTellsOfRestartsWithoutAnEvent(t *testing.T) {
	var none *fleet.Definition
	assert.Empty(t, none.RestartNotes())
	assert.Empty(t, (&fleet.Definition{Containers: []fleet.ContainerDefinition{{Name: "app"}}}).RestartNotes())
	assert.Equal(t, []string{`container "app" has a restart policy: ECS restarts it within the task and sends no event`},
		(&fleet.Definition{Containers: []fleet.ContainerDefinition{{Name: "side"}, {Name: "app", Restarts: true}}}).RestartNotes())
}
