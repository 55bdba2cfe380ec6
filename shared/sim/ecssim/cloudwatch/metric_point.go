package cloudwatch

import (
	"math"
	"strconv"
	"strings"
)

// Point is a statistic set: N values from At on. At is in Unix seconds.
type Point struct {
	At               int64
	N, Sum, Min, Max float64
}

// Add merges another point into this one. At stays.
func (p *Point) Add(q Point) {
	if p.N == 0 {
		*p = q
		return
	}
	p.N, p.Sum = p.N+q.N, p.Sum+q.Sum
	p.Min, p.Max = min(p.Min, q.Min), max(p.Max, q.Max)
}

// Single returns a point of one value.
func Single(v float64) Point { return Point{N: 1, Sum: v, Min: v, Max: v} }

// Total returns a count. CloudWatch's Sum is the count, and its samples are 1
// each.
func Total(v float64) Point { return Point{N: math.Max(1, math.Round(v)), Sum: v, Min: 1, Max: 1} }

// statistic returns one number of a point. Only response times have percentiles.
// The model assumes an exponential distribution for them.
func (s *Series) statistic(p Point, name string) (float64, bool) {
	switch name {
	case "Average":
		return p.Sum / p.N, true
	case "Sum":
		return p.Sum, true
	case "Minimum":
		return p.Min, true
	case "Maximum":
		return p.Max, true
	case "SampleCount":
		return p.N, true
	}
	share, err := strconv.ParseFloat(strings.TrimPrefix(name, "p"), 64)
	if err != nil || !s.exponential || share <= 0 || share >= 100 {
		return 0, false
	}
	return p.Sum / p.N * exponentialQuantile(share/100), true
}

// exponentialQuantile is the quantile of the exponential distribution with mean
// 1.
func exponentialQuantile(q float64) float64 { return -math.Log(1 - q) }
