package scaling

import (
	"cmp"
	"math"
	"slices"
)

// Point is a pair of violations and cost.
type Point struct {
	Violating float64 `json:"violating_requests_pct"`
	CostRatio float64 `json:"cost_ratio"`
}

// Frontier returns the lower convex hull of the points, by rising violations and
// falling cost. A mixture of two points reaches the line between them.
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

// costAt returns the cost of the frontier at a percentage of violations. Beyond an
// end it returns the cost of that end.
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
