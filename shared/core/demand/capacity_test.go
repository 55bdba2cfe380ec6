package demand

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func TestCapacityIsTheDemandAtWhichOneMoreTaskIsNeeded(t *testing.T) {
	k := NewController(Usual())
	rapid.Check(t, func(t *rapid.T) {
		tasks := rapid.IntRange(1, 300).Draw(t, "tasks")
		signal := rapid.SampledFrom(Signals()).Draw(t, "signal")
		c := Settings{
			Min: 1, Max: 1000, CPU: float64(rapid.IntRange(0, 100).Draw(t, "cpu")), Insist: rapid.Bool().Draw(t, "insist"),
			RequestsPerTask: rapid.SampledFrom([]float64{0, 10}).Draw(t, "requests"), LoadPerTask: 5,
		}
		capacity, sizing := k.Capacity(tasks, signal.Code(), c), signal.Sizing(c)
		assert.LessOrEqual(t, k.size(capacity*(1-1e-9), sizing, c), tasks)
		assert.Greater(t, k.size(capacity*(1+1e-6), sizing, c), tasks)
		assert.Greater(t, capacity, k.Capacity(tasks-1, signal.Code(), c))
	})
}
