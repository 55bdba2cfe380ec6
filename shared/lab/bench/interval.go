package bench

import (
	"math"
	"slices"
)

// Interval is a 95 % confidence interval.
type Interval [2]float64

// Wilson returns the interval of a share of k in n (Wilson, 1927). It is valid near
// 0 and 1 too.
func Wilson(k, n int) Interval {
	if n == 0 {
		return Interval{0, 1}
	}
	p, size, square := float64(k)/float64(n), float64(n), normal*normal
	middle := (p + square/(2*size)) / (1 + square/size)
	half := normal / (1 + square/size) * math.Sqrt(p*(1-p)/size+square/(4*size*size))
	return Interval{max(0, middle-half), min(1, middle+half)}
}

// Mean returns the mean of values and its interval by Student's t distribution.
func Mean(values []float64) (mean float64, i Interval) {
	n := float64(len(values))
	if n == 0 {
		return 0, Interval{}
	}
	for _, v := range values {
		mean += v / n
	}
	if n < 2 {
		return mean, Interval{mean, mean}
	}
	square := 0.0
	for _, v := range values {
		square += (v - mean) * (v - mean)
	}
	half := student(n-1) * math.Sqrt(square/(n-1)/n)
	return mean, Interval{mean - half, mean + half}
}

// student returns the 97.5 % quantile of Student's t distribution. It is exact for
// one and two degrees of freedom. From three on it is the Cornish-Fisher expansion
// around the normal quantile, with an error of at most 1 %.
func student(freedom float64) float64 {
	switch freedom {
	case 1:
		return student1
	case 2:
		return student2
	}
	z, v := normal, freedom
	cube, fifth, seventh := z*z*z, math.Pow(z, 5), math.Pow(z, 7)
	return z + (cube+z)/(4*v) + (5*fifth+16*cube+3*z)/(96*v*v) + (3*seventh+19*fifth+17*cube-15*z)/(384*v*v*v)
}

// Median returns the median of values and its interval by order statistics: the
// count of values below the true median is binomial for any distribution.
func Median(values []float64) (median float64, i Interval) {
	n := len(values)
	if n == 0 {
		return 0, Interval{}
	}
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	median = (sorted[(n-1)/2] + sorted[n/2]) / 2
	half := normal * math.Sqrt(float64(n)) / 2
	low := int(math.Floor(float64(n)/2-half)) - 1
	high := int(math.Ceil(float64(n)/2 + half))
	return median, Interval{sorted[max(low, 0)], sorted[min(high, n-1)]}
}
