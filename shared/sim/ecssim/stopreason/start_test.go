package stopreason

import (
	"testing"

	"homeostat/shared/core/fleet"

	"github.com/stretchr/testify/assert"
)

func TestEveryStartFailureHasItsText(t *testing.T) {
	for _, cause := range fleet.Causes() {
		family := cause.Family()
		text := Start(cause, "registry/web:1")
		modelled := text != Start(fleet.UnknownCause, "")
		if family == fleet.FamilyStart || family == fleet.FamilyTransient {
			assert.True(t, modelled, "%s has no text", cause)
		} else {
			assert.False(t, modelled, "%s is no start failure", cause)
		}
	}
}
