package scaling

import (
	"cmp"
	"math"
	"slices"
)

// Point is what can be had: so many violating requests at such a cost.
type Point struct {
	Violating float64 `json:"violating_requests_pct"`
	CostRatio float64 `json:"cost_ratio"`
}

// Frontier is the lower hull of points, by rising violations and falling cost:
// what one point or a mixture of two attains.
func Frontier(points []Point) []Point {
	sorted := slices.SortedFunc(slices.Values(points), func(a, b Point) int {
		return cmp.Or(cmp.Compare(a.Violating, b.Violating), cmp.Compare(a.CostRatio, b.CostRatio))
	})
	var hull []Point
	for _, p := range sorted {
		if len(hull) > 0 && p.CostRatio >= hull[len(hull)-1].CostRatio {
			continue
		}
		for len(hull) > 1 && !below(hull[len(hull)-2], hull[len(hull)-1], p) {
			hull = hull[:len(hull)-1]
		}
		hull = append(hull, p)
	}
	return hull
}

// below reports whether the middle point lies below the line between the others.
func below(a, middle, b Point) bool {
	return (middle.CostRatio-a.CostRatio)*(b.Violating-a.Violating) < (b.CostRatio-a.CostRatio)*(middle.Violating-a.Violating)
}

// costAt is the frontier's cost at so many violations. Beyond its ends it is that
// of the end: fewer violations cost it at least as much, and more spare nothing
// that was seen.
func costAt(frontier []Point, violating float64) float64 {
	for i, p := range frontier {
		switch {
		case violating > p.Violating && i+1 < len(frontier):
			continue
		case i == 0 || violating > p.Violating:
			return p.CostRatio
		}
		a := frontier[i-1]
		part := (violating - a.Violating) / (p.Violating - a.Violating)
		return a.CostRatio + part*(p.CostRatio-a.CostRatio)
	}
	return math.NaN()
}
