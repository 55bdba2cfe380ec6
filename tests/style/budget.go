package style

import (
	"fmt"
	"maps"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Budget holds how many findings each folder may have today, and how large
// each share may be. Whatever it does not name may be zero, or at the limit.
type Budget struct {
	counts map[place]int
	shares map[string]int // in whole percent, by the key of the share
}

// place is a folder and a kind of text.
type place struct {
	folder string
	kind   Kind
}

func (p place) String() string { return p.folder + " " + string(p.kind) }

// BudgetOf returns the budget that a report needs.
func BudgetOf(r *Report) Budget {
	b := Budget{counts: map[place]int{}, shares: map[string]int{}}
	for _, f := range r.Findings {
		b.counts[place{path.Dir(f.File), f.Kind}]++
	}
	for _, s := range shares() {
		if found := s.of(r.Sentences); found > s.limit {
			b.shares[s.key()] = int(math.Ceil(found))
		}
	}
	return b
}

// Empty reports whether nothing breaks a rule, so that no file is needed.
func (b Budget) Empty() bool { return len(b.counts) == 0 && len(b.shares) == 0 }

// ParseBudget reads budget.txt: a folder, a kind and a number in each line, or
// "share", a kind, a property and a percentage.
func ParseBudget(text string) (Budget, error) {
	b := Budget{counts: map[place]int{}, shares: map[string]int{}}
	for n, line := range dataLines(text) {
		fields := strings.Fields(line)
		number, err := strconv.Atoi(fields[len(fields)-1])
		switch {
		case err != nil || number <= 0:
			return b, fmt.Errorf("line %d: expected a number above zero at the end: %q", n, line)
		case len(fields) == 4 && fields[0] == "share" && knownShare(fields[1]+" "+fields[2]):
			b.shares[fields[1]+" "+fields[2]] = number
		case len(fields) == 3 && slices.Contains(Kinds(), Kind(fields[1])):
			b.counts[place{fields[0], Kind(fields[1])}] = number
		default:
			return b, fmt.Errorf("line %d: expected a folder, a kind and a number, or a share: %q", n, line)
		}
	}
	return b, nil
}

func knownShare(key string) bool {
	return slices.ContainsFunc(shares(), func(s share) bool { return s.key() == key })
}

// Format writes the budget as the text of budget.txt.
func (b Budget) Format() string {
	var out strings.Builder
	out.WriteString(`# The findings of the style check that each folder may have today, by kind.
# The check fails above a number, and below it until the number is lowered:
#   make style STYLE_FLAGS=-update
# The numbers can only shrink. When all are gone, the file is removed.
`)
	for _, s := range shares() {
		if percent, ok := b.shares[s.key()]; ok {
			fmt.Fprintf(&out, "share %s %d\n", s.key(), percent)
		}
	}
	for _, p := range sortedPlaces(b.counts) {
		fmt.Fprintf(&out, "%s %d\n", p, b.counts[p])
	}
	return out.String()
}

func sortedPlaces(counts map[place]int) []place {
	return slices.SortedFunc(maps.Keys(counts), func(a, b place) int { return strings.Compare(a.String(), b.String()) })
}

const lower = "lower it with make style STYLE_FLAGS=-update"

// Compare returns one line for each number that the tree does not keep, and
// the findings of the folders that are above their number.
func (b Budget) Compare(r *Report) []string {
	var out []string
	needed := BudgetOf(r)
	all := maps.Clone(b.counts)
	maps.Copy(all, needed.counts)
	for _, p := range sortedPlaces(all) {
		allowed, found := b.counts[p], needed.counts[p]
		if found < allowed {
			out = append(out, fmt.Sprintf("%s: %d findings, the budget is %d: %s", p, found, allowed, lower))
		}
		if found > allowed {
			out = append(out, r.lines(p)...)
			out = append(out, fmt.Sprintf("%s: %d findings, the budget is %d", p, found, allowed))
		}
	}
	for _, s := range shares() {
		out = append(out, b.compareShare(s, s.of(r.Sentences))...)
	}
	return out
}

func (b Budget) compareShare(s share, found float64) []string {
	limit := s.limit
	percent, ratcheted := b.shares[s.key()]
	if ratcheted {
		limit = float64(percent)
	}
	switch {
	case found > limit:
		return []string{fmt.Sprintf("%.1f %% of the sentences of %s %s, the limit is %g %%: make style STYLE_FLAGS='-list %s' shows them",
			found, s.kind, s.says, limit, s.name)}
	case ratcheted && (found <= s.limit || math.Ceil(found) < limit):
		return []string{fmt.Sprintf("%.1f %% of the sentences of %s %s, the budget is %g %%: %s", found, s.kind, s.says, limit, lower)}
	}
	return nil
}

// lines returns the findings of a place as text.
func (r *Report) lines(p place) []string {
	var out []string
	for _, f := range r.Findings {
		if path.Dir(f.File) == p.folder && f.Kind == p.kind {
			out = append(out, f.String())
		}
	}
	return out
}

// Grows returns one line for each total of a new budget that is above this
// budget. Findings may move between folders, as packages do.
func (b Budget) Grows(to Budget) []string {
	var out []string
	for _, kind := range Kinds() {
		if before, after := b.total(kind), to.total(kind); after > before {
			out = append(out, fmt.Sprintf("%s: %d findings, the budget is %d in all folders", kind, after, before))
		}
	}
	for _, s := range shares() {
		before, after := b.shares[s.key()], to.shares[s.key()]
		if after > before {
			out = append(out, fmt.Sprintf("%s: %d %%, the budget is %d %%", s.key(), after, before))
		}
	}
	return out
}

func (b Budget) total(kind Kind) int {
	sum := 0
	for p, n := range b.counts {
		if p.kind == kind {
			sum += n
		}
	}
	return sum
}
