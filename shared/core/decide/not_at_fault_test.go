package decide

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"homeostat/shared/core/fleet"
)

func TestEachOriginNamesItsUnchangedParts(t *testing.T) {
	known := map[fleet.Cause]bool{}
	for _, o := range origins() {
		parts := o.changed()
		assert.NotEmpty(t, parts)
		last := len(parts) - 1
		assert.Equal(t, "revision changed no "+strings.Join(parts[:last], ", ")+" or "+parts[last], o.unchanged)
		assert.False(t, known[o.cause], "each cause once")
		known[o.cause] = true
	}
}
