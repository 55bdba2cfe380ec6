package style

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// wordList finds words and phrases of the old dialect.
type wordList struct {
	exact  map[string][]phrase // by their first word
	prefix []phrase            // those whose first word ends in a star or has alternatives
}

// phrase is a line of words.txt.
type phrase struct {
	words  []word
	better string
}

// word is one word of a phrase.
type word struct {
	gap  string   // the characters between the word before and this one; white space is " "
	any  []string // the alternatives, lower-case
	star []bool   // whether an alternative stands for all words that begin with it
}

// match is an occurrence of a phrase.
type match struct {
	at            int
	found, better string
}

// piece is a word of a text.
type piece struct {
	from, to int
	lower    string
}

// parseWords reads words.txt: a phrase, a tab, the better word, and optionally
// a tab and a comment.
func parseWords(text string) (wordList, error) {
	list := wordList{exact: map[string][]phrase{}}
	for n, line := range dataLines(text) {
		pattern, better, ok := strings.Cut(line, "\t")
		better, _, _ = strings.Cut(better, "\t")
		if !ok || strings.TrimSpace(better) == "" {
			return list, fmt.Errorf("line %d: expected a phrase, a tab and a better word: %q", n, line)
		}
		p := phrase{words: parsePhrase(pattern), better: strings.TrimSpace(better)}
		if len(p.words) == 0 {
			return list, fmt.Errorf("line %d: no word in %q", n, pattern)
		}
		head := p.words[0]
		if len(head.any) == 1 && !head.star[0] {
			list.exact[head.any[0]] = append(list.exact[head.any[0]], p)
		} else {
			list.prefix = append(list.prefix, p)
		}
	}
	for _, phrases := range list.exact {
		slices.SortStableFunc(phrases, longerFirst)
	}
	slices.SortStableFunc(list.prefix, longerFirst)
	return list, nil
}

func longerFirst(a, b phrase) int { return len(b.words) - len(a.words) }

// parsePhrase splits a pattern such as "in|of vain" into words.
func parsePhrase(pattern string) []word {
	var out []word
	end := 0
	for _, t := range tokens(pattern, "|*") {
		w := word{gap: gap(pattern[end:t.from])}
		for alternative := range strings.SplitSeq(t.lower, "|") {
			stem, star := strings.CutSuffix(alternative, "*")
			w.any = append(w.any, stem)
			w.star = append(w.star, star)
		}
		out = append(out, w)
		end = t.to
	}
	return out
}

// gap returns the characters between two words, any white space as one blank.
func gap(between string) string {
	if between != "" && strings.TrimLeft(between, space) == "" {
		return " "
	}
	return between
}

// tokens splits a text into words of letters, digits, underscores and extra
// characters.
func tokens(text, extra string) []piece {
	var out []piece
	from := -1
	for at, r := range text {
		in := r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(extra, r)
		switch {
		case in && from < 0:
			from = at
		case !in && from >= 0:
			out = append(out, piece{from, at, strings.ToLower(text[from:at])})
			from = -1
		}
	}
	if from >= 0 {
		out = append(out, piece{from, len(text), strings.ToLower(text[from:])})
	}
	return out
}

// find returns all occurrences in a text, from left to right, the longest
// phrase first.
func (l wordList) find(text string) []match {
	var out []match
	all := tokens(text, "")
	for i := 0; i < len(all); {
		n, better := l.at(text, all[i:])
		if n == 0 {
			i++
			continue
		}
		from, to := all[i].from, all[i+n-1].to
		out = append(out, match{at: from, found: strings.Join(strings.Fields(text[from:to]), " "), better: better})
		i += n
	}
	return out
}

// at returns how many words the longest phrase at the beginning has.
func (l wordList) at(text string, all []piece) (n int, better string) {
	for _, phrases := range [][]phrase{l.exact[all[0].lower], l.prefix} {
		for _, p := range phrases {
			if len(p.words) > n && p.matches(text, all) {
				n, better = len(p.words), p.better
			}
		}
	}
	return n, better
}

func (p phrase) matches(text string, all []piece) bool {
	if len(p.words) > len(all) {
		return false
	}
	for i, w := range p.words {
		if i > 0 && gap(text[all[i-1].to:all[i].from]) != w.gap {
			return false
		}
		if !w.matches(all[i].lower) {
			return false
		}
	}
	return true
}

func (w word) matches(lower string) bool {
	for i, alternative := range w.any {
		if lower == alternative || (w.star[i] && strings.HasPrefix(lower, alternative)) {
			return true
		}
	}
	return false
}
