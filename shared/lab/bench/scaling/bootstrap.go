package scaling

import (
	"math/rand/v2"
	"slices"
)

// Interval is a 95 % confidence interval.
type Interval [2]float64

// resamples is how often the bootstrap draws.
const resamples = 1000

// Bootstrap is the mean of values and its interval by the percentiles of
// resampled means (Efron, 1979). It draws the same each time.
func Bootstrap(values []float64) (mean float64, i Interval) {
	mean = meanOf(values)
	if len(values) < 2 {
		return mean, Interval{mean, mean}
	}
	r := rand.New(rand.NewPCG(uint64(len(values)), 1))
	means := make([]float64, resamples)
	for k := range means {
		for range values {
			means[k] += values[r.IntN(len(values))] / float64(len(values))
		}
	}
	slices.Sort(means)
	return mean, Interval{means[resamples/40], means[resamples-1-resamples/40]}
}

func meanOf(values []float64) (mean float64) {
	for _, v := range values {
		mean += v / float64(len(values))
	}
	return mean
}
