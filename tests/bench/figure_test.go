package bench

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFigures(t *testing.T) {
	for _, c := range []struct {
		name    string
		figure  Figure
		ratio   float64
		verdict string
		row     string
	}{
		{"more than the least is met", Figure{Name: "f", Value: 30_000, Unit: "×", Target: 20_000, AtLeast: true}, 1.5, "met", "f 30,000 × ≥ 20,000 1.5 met"},
		{"less than the least is missed", Figure{Name: "f", Value: 10_000, Unit: "×", Target: 20_000, AtLeast: true}, 0.5, "missed", "f 10,000 × ≥ 20,000 0.5 missed"},
		{"less than the most is met", Figure{Name: "f", Value: 6, Unit: "MB", Target: 12}, 2, "met", "f 6 MB ≤ 12 2 met"},
		{"more than the most is missed", Figure{Name: "f", Value: 24, Unit: "MB", Target: 12, Note: "arm64"}, 0.5, "missed", "f 24 MB ≤ 12 0.5 missed arm64"},
		{"exactly the target is met", Figure{Name: "f", Value: 12, Unit: "MB", Target: 12}, 1, "met", "f 12 MB ≤ 12 1 met"},
		{"no target is neither", Figure{Name: "f", Value: 1_234_567, Unit: "ms"}, 0, "-", "f 1,234,567 ms - - -"},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.InDelta(t, c.ratio, c.figure.Ratio(), 1e-9)
			assert.Equal(t, c.verdict, c.figure.Verdict())
			var table strings.Builder
			require.NoError(t, Print(&table, []Figure{c.figure}))
			lines := strings.Split(strings.TrimSpace(table.String()), "\n")
			require.Len(t, lines, 2)
			assert.Equal(t, c.row, strings.Join(strings.Fields(lines[1]), " "))
			raw, err := json.Marshal(c.figure)
			require.NoError(t, err)
			assert.Contains(t, string(raw), `"verdict":"`+c.verdict+`"`)
			assert.Contains(t, string(raw), `"name":"f"`)
		})
	}
}

func TestQuantilesOfColdStarts(t *testing.T) {
	var c ColdStart
	assert.Zero(t, c.Median())
	for i := 11; i > 0; i-- {
		c.Times = append(c.Times, time.Duration(i))
	}
	assert.EqualValues(t, 6, c.Median())
	assert.EqualValues(t, 10, c.P90())
}
