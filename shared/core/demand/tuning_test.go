package demand

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheNumbersOfATuningAreAllItsFields(t *testing.T) {
	tuning := Fitted()
	numbers := tuning.Numbers()
	fields := reflect.ValueOf(&tuning).Elem()
	require.Len(t, numbers, fields.NumField())
	for i, n := range numbers {
		assert.Equal(t, fields.Type().Field(i).Name, n.Name)
		assert.Same(t, fields.Field(i).Addr().Interface(), n.Value, n.Name)
		assert.Positive(t, *n.Value, n.Name)
		assert.LessOrEqual(t, *n.Value, n.Most, n.Name)
	}
}

func TestAnotherTuningGivesAnotherEstimate(t *testing.T) {
	estimates := func(tuning Tuning) (out []float64) {
		k, s := NewTuned(Usual(), tuning), &State{}
		for i := range 100 {
			now := time.Unix(int64(i)*10, 0)
			o := Observation{Now: now, Desired: 3, Ready: 3, Requests: []Point{{At: now, Period: 10 * time.Second, Value: float64(100 + 60*(i%7))}}}
			e, _ := k.Step(s, o, Settings{Min: 1, Max: 20, RequestsPerTask: 5, Tick: 10 * time.Second})
			out = append(out, float64(e.Tasks))
		}
		return out
	}
	fitted := estimates(Fitted())
	assert.Equal(t, fitted, estimates(Fitted()))
	other := Fitted()
	other.LeastGain, other.JumpSquare, other.LeastWatched = 1, 0, 10
	assert.NotEqual(t, fitted, estimates(other))
}

func TestTheLossesAreRelativeToTheBestStrategy(t *testing.T) {
	var s State
	_, ok := s.RelativeLosses()
	assert.False(t, ok, "nothing is learned")

	s.count = 1
	for i := range s.shadows {
		s.shadows[i].loss = 200
	}
	best := (hourly*margins+3)*delays + 2
	s.shadows[best].loss = 100
	table, ok := s.RelativeLosses()
	require.True(t, ok)
	require.Len(t, table, margins)
	for m, row := range table {
		require.Len(t, row, delays)
		for d, loss := range row {
			want := 1.0
			if m == 3 && d == 2 {
				want = 0.75 // one of four forecasters has no loss
			}
			assert.InDelta(t, want, loss, 1e-9)
		}
	}
}
