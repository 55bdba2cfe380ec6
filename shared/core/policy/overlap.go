package policy

import (
	"errors"
	"fmt"
)

// Doubts are contradictions that hold for a service which two entries match,
// where each is sound by itself. It is not known whether there is such a service,
// so the policy is in force: there the later entry wins, and what still
// contradicts itself is held back.
func (p *Policy) Doubts() error {
	c := &checker{policy: p}
	for later := range p.Services {
		for earlier := range later {
			one, other := p.Services[earlier], p.Services[later]
			if one.Scale == nil || other.Scale == nil || !one.Match.overlaps(other.Match) {
				continue
			}
			c.where = fmt.Sprintf(" (for a service that also matches the entry of line %d; the later entry wins, so say both there)",
				c.policy.lines.Position(servicePrefix(earlier)+"match").Line)
			c.together(earlier, later)
		}
	}
	return errors.Join(c.faults...)
}

// overlaps reports whether a service may match both.
func (m Match) overlaps(other Match) bool {
	return share(orAny(m.Cluster), orAny(other.Cluster)) && share(orAny(m.Service), orAny(other.Service))
}

func orAny(pattern string) string {
	if pattern == "" {
		return "*"
	}
	return pattern
}

// share reports whether some name matches both patterns. A class of characters
// is taken for any one of them.
func share(a, b string) bool {
	x, y := pieces(a), pieces(b)
	// reach is whether the first pieces of both match the same beginning.
	reach := make([][]bool, len(x)+1)
	for i := range reach {
		reach[i] = make([]bool, len(y)+1)
	}
	reach[0][0] = true
	for i := range reach {
		for j := range reach[i] {
			if !reach[i][j] {
				continue
			}
			further, beyond := i < len(x), j < len(y)
			// A star is nothing, or takes what stands in the other.
			if further && x[i] == many || beyond && y[j] == many {
				if further {
					reach[i+1][j] = true
				}
				if beyond {
					reach[i][j+1] = true
				}
			}
			if further && beyond && alike(x[i], y[j]) {
				reach[i+1][j+1] = true
			}
		}
	}
	return reach[len(x)][len(y)]
}

func alike(x, y rune) bool { return x == y || x == one || y == one }

// What a piece of a pattern stands for, if not for itself.
const (
	many = -1 - iota
	one
)

// pieces are the characters of a pattern, one by one.
func pieces(pattern string) (out []rune) {
	class, quoted := false, false
	for _, r := range pattern {
		switch {
		case class:
			class = r != ']'
		case quoted:
			out, quoted = append(out, r), false
		case r == '\\':
			quoted = true
		case r == '[':
			out, class = append(out, one), true
		case r == '?':
			out = append(out, one)
		case r == '*':
			out = append(out, many)
		default:
			out = append(out, r)
		}
	}
	return out
}
