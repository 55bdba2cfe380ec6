//go:build measure

package bench

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheFiguresOfScalingExist(t *testing.T) {
	if testing.Short() {
		t.Skip("a small matrix takes some seconds")
	}
	figures, err := Scalings(t.Context())
	require.NoError(t, err)
	names := map[string]bool{}
	for _, f := range figures {
		names[f.Name] = true
		assert.False(t, math.IsNaN(f.Value), f.Name)
		assert.Positive(t, f.Value, f.Name)
		assert.True(t, strings.HasPrefix(f.Name, "scaling: "), f.Name)
		assert.NotZero(t, f.Target, f.Name)
	}
	assert.Len(t, names, 5+2+2, "five rivals, the frontier, the step, the decision and its state")
}
