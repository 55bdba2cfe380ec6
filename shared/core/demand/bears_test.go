package demand

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func TestWhatTasksBearIsWhereOneMoreIsNeeded(t *testing.T) {
	k := NewController(Usual())
	rapid.Check(t, func(t *rapid.T) {
		tasks := rapid.IntRange(1, 300).Draw(t, "tasks")
		rung := rapid.SampledFrom([]Signal{CPU, Requests}).Draw(t, "rung")
		c := Settings{Min: 1, Max: 1000, CPU: float64(rapid.IntRange(0, 100).Draw(t, "cpu")), Insist: rapid.Bool().Draw(t, "insist")}
		bears := k.Capacity(tasks, rung, c)
		assert.LessOrEqual(t, k.size(bears*(1-1e-9), rung, c), tasks)
		assert.Greater(t, k.size(bears*(1+1e-6), rung, c), tasks)
		assert.Greater(t, bears, k.Capacity(tasks-1, rung, c))
	})
}
