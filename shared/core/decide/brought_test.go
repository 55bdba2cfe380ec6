package decide

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"homeostat/shared/core/fleet"
)

func TestAnExcuseNamesEachChangeThatIsMissing(t *testing.T) {
	known := map[fleet.Cause]bool{}
	for _, b := range broughtAboutBy() {
		assert.Equal(t, "the revision changed no "+strings.Join(b.by(), " and no "), b.why)
		assert.NotEmpty(t, b.by())
		assert.False(t, known[b.cause], "each cause once")
		known[b.cause] = true
	}
}
