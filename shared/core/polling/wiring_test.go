package polling_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"homeostat/shared/core/policy"
	"homeostat/shared/core/polling"
	"homeostat/shared/sim/simtest/fixture"
)

func TestEveryMetricOfASourceIsNamedByThePolicy(t *testing.T) {
	var p policy.Effective
	fixture.Fill(&p)
	// The sweep or the observer sets these: they depend on the service, not on its policy.
	ofTheService := []string{"HighResolution", "Steady", "CustomOnly", "Arms"}
	for _, name := range fixture.ZeroFields(polling.Sources(fixture.Web(), p)) {
		assert.True(t, slices.Contains(ofTheService, name), "Sources does not set Source.%s", name)
	}
}
