package bench

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheSensitivityHasARowForEachVariationAndACellForEachPolicy(t *testing.T) {
	var variants []Variant
	options := Options{Runs: 2, Seed: 1, Scenarios: []string{"bad-start-half-of-4"}, Policies: []string{"ecs-count-1", "none"}}
	require.NoError(t, Sensitivity(t.Context(), options, func(v Variant) error {
		variants = append(variants, v)
		return nil
	}))
	tables := sensitivityTables(variants)
	require.Len(t, tables, 1)
	assert.Equal(t, []string{"ecs-count-1", "none"}, tables[0].policies)
	names := map[string]bool{}
	for i, row := range tables[0].rows {
		assert.Equal(t, variations()[i].name, row.variant)
		assert.Len(t, row.cells, 2)
		names[row.variant] = true
	}
	assert.Len(t, names, len(variations()))

	page, err := SensitivityMarkdown([]byte("a\n"+beginSensitivity+"old\n"+endSensitivity+"z\n"), variants)
	require.NoError(t, err)
	assert.Contains(t, string(page), "| as in the benchmark | ")
	assert.NotContains(t, string(page), "old")
	_, err = SensitivityMarkdown([]byte("no marks"), variants)
	assert.ErrorContains(t, err, "has no marks")
}

// The two readings of the page of AWS differ in what the breaker counts.
func TestTheReadingOfTheBreakerChangesItsFigure(t *testing.T) {
	detected := map[string]float64{}
	options := Options{Runs: 10, Seed: 1, Scenarios: []string{"bad-start-half"}, Policies: []string{"ecs-count-3"}}
	for _, v := range variations()[:2] {
		options.variation = v
		results, err := Heal(t.Context(), options)
		require.NoError(t, err)
		detected[v.name] = *results[0].Detected
	}
	assert.Less(t, detected[unchanged], detected[variations()[1].name], "in two stages the breaker counts less")
}
