package scenario_test

import (
	"os"
	"path/filepath"
	"testing"

	"homeostat/shared/rehearse"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// healRuns is with how many seeds each scenario of healing is played here;
// `homeostat rehearse tests/scenario/heal/*.yaml --runs 20` plays more.
const healRuns = 2

// leastHealScenarios is how many there are at least, so that a pattern that
// matches nothing is no success.
const leastHealScenarios = 40

func TestHealing(t *testing.T) {
	files, err := filepath.Glob("heal/*.yaml")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), leastHealScenarios)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			for seed := range uint64(healRuns) {
				// A scenario is parsed for each run, so that none sees another's.
				s, err := rehearse.Parse(file, data)
				require.NoError(t, err)
				run, err := rehearse.New(s, rehearse.Options{Seed: seed + 1})
				require.NoError(t, err)
				require.NoError(t, run.Play(t.Context()))
				for _, i := range run.Result().Invariants {
					assert.True(t, i.Held, "seed %d: %s: %s", seed+1, i.Name, i.Detail)
				}
			}
		})
	}
}
