package policy

import (
	"errors"
	"fmt"
)

// OverlapConflicts returns conflicts between two entries that are each valid
// alone, for services that match both. Such a service may not exist, so the
// policy stays in force. For such a service the later entry wins, and the guard
// suppresses changes while its bounds conflict.
func (p *Policy) OverlapConflicts() error {
	c := &checker{policy: p}
	for later := range p.services {
		for earlier := range later {
			one, other := &p.services[earlier], &p.services[later]
			if !one.rules.hasSection("scale") || !other.rules.hasSection("scale") || !one.match.overlaps(other.match) {
				continue
			}
			c.scope = fmt.Sprintf(" (for a service that also matches the entry of line %d; the later entry wins, so set both values there)",
				p.lines.Position(servicePrefix(earlier)+"match").Line)
			c.checkCombination(earlier, later)
		}
	}
	return errors.Join(c.problems...)
}

// overlaps reports whether one service can match both.
func (m match) overlaps(other match) bool {
	return patternsOverlap(m.Cluster, other.Cluster) && patternsOverlap(m.Service, other.Service)
}

// patternsOverlap reports whether one name can match both patterns. An empty
// pattern matches all. A class of characters counts as any character, so the
// result may be true for patterns without a common name.
func patternsOverlap(a, b string) bool {
	x, y := symbols(a), symbols(b)
	// reachable[i][j] reports whether the first i and j symbols match a common prefix.
	reachable := make([][]bool, len(x)+1)
	for i := range reachable {
		reachable[i] = make([]bool, len(y)+1)
	}
	reachable[0][0] = true
	for i := range reachable {
		for j := range reachable[i] {
			if !reachable[i][j] {
				continue
			}
			moreX, moreY := i < len(x), j < len(y)
			// A star matches nothing, or the next symbol of the other pattern.
			if moreX && x[i] == anyString || moreY && y[j] == anyString {
				if moreX {
					reachable[i+1][j] = true
				}
				if moreY {
					reachable[i][j+1] = true
				}
			}
			if moreX && moreY && symbolsMatch(x[i], y[j]) {
				reachable[i+1][j+1] = true
			}
		}
	}
	return reachable[len(x)][len(y)]
}

func symbolsMatch(x, y rune) bool { return x == y || x == anyCharacter || y == anyCharacter }

// Symbols of a pattern other than a literal character.
const (
	anyString = -1 - iota
	anyCharacter
)

// symbols returns a pattern as literal characters and wildcards.
func symbols(pattern string) (out []rune) {
	if pattern == "" {
		return []rune{anyString}
	}
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
			out, class = append(out, anyCharacter), true
		case r == '?':
			out = append(out, anyCharacter)
		case r == '*':
			out = append(out, anyString)
		default:
			out = append(out, r)
		}
	}
	return out
}
