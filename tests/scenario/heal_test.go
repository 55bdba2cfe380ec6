package scenario_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/rehearse"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The seeds with which each scenario of healing is played. CI plays further seeds.
var (
	firstSeed = flag.Uint64("first-seed", 1, "first seed of each scenario of healing")
	seeds     = flag.Uint64("seeds", 1, "number of seeds of each scenario of healing")
)

// leastHealScenarios is the least number of scenarios, so that a pattern without
// a match is no success.
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
			for seed := range *seeds {
				// A scenario is parsed for each run, so that none sees another's.
				s, err := rehearse.Parse(file, data)
				require.NoError(t, err)
				run, err := rehearse.New(s, rehearse.Options{Seed: *firstSeed + seed})
				require.NoError(t, err)
				require.NoError(t, run.Play(t.Context()))
				for _, i := range run.Result().Invariants {
					assert.True(t, i.Held, "seed %d: %s: %s", *firstSeed+seed, i.Name, i.Detail)
				}
			}
		})
	}
}

// The episode contains the last lines of a failed task and the changes of its
// revision. It contains no secret.
func TestATaskFailureLeavesDiagnostics(t *testing.T) {
	data, err := os.ReadFile("heal/bad-new-secret.yaml")
	require.NoError(t, err)
	secret := diagnostics(t, "heal/bad-new-secret.yaml", data)
	require.NotEmpty(t, secret)
	assert.Contains(t, secret[0].Changes, fleet.Change{What: fleet.ChangedSecret, Name: "app/PAYMENTS", To: secret[0].Changes[0].To})
	assert.NotEmpty(t, secret[0].Recent)

	data, err = os.ReadFile("heal/bad-dies-early.yaml")
	require.NoError(t, err)
	dead := diagnostics(t, "heal/bad-dies-early.yaml", data)
	require.NotEmpty(t, dead)
	words := dead[0].LogTail
	require.NotNil(t, words)
	assert.Empty(t, words.Why)
	assert.NotEmpty(t, words.Lines)
	assert.Equal(t, "app", words.Container)
	assert.Equal(t, 1, *words.ExitCode)
	text := strings.Join(words.Lines, "\n")
	assert.Contains(t, text, "panic: runtime error")
}

func diagnostics(t *testing.T, name string, data []byte) (out []*fleet.Diagnostics) {
	t.Helper()
	s, err := rehearse.Parse(name, data)
	require.NoError(t, err)
	run, err := rehearse.New(s, rehearse.Options{Seed: 1, Episode: func(e fleet.Episode) {
		if e.Diagnostics != nil {
			out = append(out, e.Diagnostics)
		}
	}})
	require.NoError(t, err)
	require.NoError(t, run.Play(t.Context()))
	return out
}
