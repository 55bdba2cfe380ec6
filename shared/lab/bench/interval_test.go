package bench_test

import (
	"math/rand/v2"
	"testing"

	"homeostat/shared/lab/bench"

	"github.com/stretchr/testify/assert"
)

func TestWilsonsIntervalOfAShare(t *testing.T) {
	for _, c := range []struct {
		name      string
		k, n      int
		low, high float64
	}{
		{"nothing of two hundred is not certainly nothing", 0, 200, 0, 0.0188},
		{"all of two hundred", 200, 200, 0.9812, 1},
		{"half of ten", 5, 10, 0.2366, 0.7634},
		{"one of ten", 1, 10, 0.0179, 0.4042},
		{"nothing was tried", 0, 0, 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := bench.Wilson(c.k, c.n)
			assert.InDelta(t, c.low, i[0], 5e-4)
			assert.InDelta(t, c.high, i[1], 5e-4)
		})
	}
}

func TestStudentsIntervalOfAMean(t *testing.T) {
	for _, c := range []struct {
		name       string
		values     []float64
		mean, half float64
	}{
		{"two values, t 12.706", []float64{0, 2}, 1, 12.706},
		{"three values, t 4.303", []float64{1, 2, 3}, 2, 2.484},
		{"five values, t 2.776", []float64{2, 4, 4, 4, 6}, 4, 1.756},
		{"ten values, t 2.262", []float64{1, 1, 1, 1, 1, 3, 3, 3, 3, 3}, 2, 0.754},
		{"values without a spread", []float64{7, 7, 7}, 7, 0},
		{"one value", []float64{7}, 7, 0},
		{"no value", nil, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			mean, i := bench.Mean(c.values)
			assert.InDelta(t, c.mean, mean, 1e-9)
			assert.InDelta(t, c.mean-c.half, i[0], 0.01)
			assert.InDelta(t, c.mean+c.half, i[1], 0.01)
		})
	}
}

func TestTheMediansIntervalHoldsAsOftenAsItSays(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	held := 0
	const trials = 2000
	for range trials {
		values := make([]float64, 100)
		for i := range values {
			values[i] = r.ExpFloat64()
		}
		median, i := bench.Median(values)
		assert.LessOrEqual(t, i[0], median)
		assert.GreaterOrEqual(t, i[1], median)
		if i[0] <= 0.6931 && 0.6931 <= i[1] {
			held++
		}
	}
	assert.Greater(t, float64(held)/trials, 0.94)
	assert.Less(t, float64(held)/trials, 0.985)
	median, _ := bench.Median([]float64{4, 1, 3, 2})
	assert.Equal(t, 2.5, median)
}
