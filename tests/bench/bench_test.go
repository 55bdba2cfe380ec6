//go:build measure

package bench

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReactionsKeepTheirInput(t *testing.T) {
	reactions, err := Reactions(t.Context())
	require.NoError(t, err)
	for _, r := range reactions {
		t.Run(r.Name, func(t *testing.T) {
			assert.NotEmpty(t, r.input.Memory.Cohorts, "a memory of some hours")
			first, _ := r.React()
			second, _ := r.React()
			assert.Equal(t, first, second, "a reaction leaves its input as it was")
		})
	}
}

// The number of allocations does not depend on the speed of the machine.
func TestAReactionStaysBelowItsAllocations(t *testing.T) {
	reactions, err := Reactions(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, reactions)
	for _, r := range reactions {
		t.Run(r.Name, func(t *testing.T) {
			assert.LessOrEqual(t, testing.AllocsPerRun(1000, func() { r.React() }), float64(targetAllocs))
		})
	}
}

func TestTheDayNeedsEveryReaction(t *testing.T) {
	if testing.Short() {
		t.Skip("a virtual day takes some seconds")
	}
	played, err := Play(t.Context(), 1)
	require.NoError(t, err)
	assert.Empty(t, played.Missing())
	assert.Empty(t, played.Broken)
}

func BenchmarkReaction(b *testing.B) {
	reactions, err := Reactions(b.Context())
	require.NoError(b, err)
	for _, r := range reactions {
		b.Run(r.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r.React()
			}
		})
	}
}

func BenchmarkDay(b *testing.B) {
	for b.Loop() {
		_, err := Play(b.Context(), 1)
		require.NoError(b, err)
	}
	b.ReportMetric(day.Seconds()*float64(b.N)/b.Elapsed().Seconds(), "virtual-s/s")
}

func BenchmarkBareDay(b *testing.B) {
	for b.Loop() {
		_, err := PlayBare(1)
		require.NoError(b, err)
	}
	b.ReportMetric(day.Seconds()*float64(b.N)/b.Elapsed().Seconds(), "virtual-s/s")
}

// BenchmarkColdStart starts each kind of function once per iteration.
func BenchmarkColdStart(b *testing.B) {
	ours, python, err := ColdStarts(b.Context(), max(1, b.N))
	b.ReportMetric(float64(ours.Median())/nsInMS, "ours-ms")
	if err != nil {
		b.Log(err)
		return
	}
	b.ReportMetric(float64(python.Median())/nsInMS, "python-ms")
}

// TestAColdStart starts each kind once and checks the answers, not the times.
func TestAColdStart(t *testing.T) {
	if testing.Short() {
		t.Skip("building the functions takes a while")
	}
	ours, python, err := ColdStarts(t.Context(), 1)
	if err != nil {
		require.ErrorIs(t, err, ErrNoPython)
	} else {
		assert.Len(t, python.Times, 1)
	}
	assert.Len(t, ours.Times, 1)
}
